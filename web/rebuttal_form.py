"""The form of a rebuttal sheet: what each point can be answered by, and what was chosen of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from vault.answering import Answer, Answering, Material, answering, each
from vault.errors import N_, Invalid
from vault.installation import Installation
from vault.rebuttals import Offers
from vault.rebutting import Readable
from vault.rules.answers import Document, has_number, worded
from vault.rules.points import MOST_POINTS, Kind, Response
from vault.rules.rebuttals import Source, source_to_json
from vault.rules.vocabulary import Vocabulary
from vault.rules.wording import Wording
from web.locales import language
from web.responded import KINDS

Form = MultiDict[str, str]
LANGUAGES = {"en": N_("In English"), "ar": N_("In Arabic, if you want")}
SPOKEN = {
    "en": N_("English"),
    "ar": N_("Arabic"),
    "fr": N_("French"),
    "es": N_("Spanish"),
    "ru": N_("Russian"),
    "uk": N_("Ukrainian"),
}


def printed(vault: Installation, found: Readable, language: str) -> Answering:
    """A sheet in a language; English where there is no such. A draft unless it was given out."""
    wording = _wordings().get(language, _wordings()["en"])
    made = Material.of(found.statements, found.pictures, _known(vault, wording))
    return answering(found.sheet, made, wording, found.published is None)


def _known(vault: Installation, wording: Wording) -> dict[str, Vocabulary]:
    """The vocabularies in the words of a language."""
    labels = current_app.extensions["labels"].get(wording.language)
    return {name: labels.of(one) if labels else one for name, one in vault.vocabularies.items()}


def written(sheet: Document) -> list[tuple[str, str, bool]]:
    """All that people wrote in a sheet: language, words, whether a number is in them; those with one first."""
    numbers = {number for one in _wordings().values() for number in one.numbers}
    found = [(language, words, has_number(words, numbers)) for language, words in worded(sheet)]
    return sorted(found, key=lambda one: not one[2])


def rows(
    vault: Installation,
    response: Response,
    offers: Offers,
    typed: Form,
) -> list[dict[str, Any]]:
    """Each point of a response, and what it can be answered by in the reader's language, as boxes to tick."""
    wording, found = _wordings()[language()], []
    material = Material.of(offers.statements, {}, _known(vault, wording))
    for place, (point, offered) in enumerate(zip(response.points, offers.points, strict=True)):
        said = each([answer for _, answer in offered], material, wording)
        values = [_value(source) for source, _ in offered]
        chosen = typed.getlist(f"answer-{place}")
        boxes = [_box(value, one, value in chosen) for value, one in zip(values, said, strict=True)]
        demands = point.kind is Kind.DEMANDS
        taken = str(place) in typed.getlist("point")
        about = {
            "place": place,
            "words": sorted(point.words.items(), key=lambda one: one[0] != "en"),
            "kind": gettext(KINDS[point.kind]),
        }
        found.append({**about, "boxes": boxes, "demands": demands, "taken": taken})
    return found


def read_choice(form: Form, response: str) -> dict[str, Any]:
    """What a form chose: points with an answer, demands that were ticked, and what the sheet is about."""
    points = []
    for place in range(MOST_POINTS):
        raw = form.getlist(f"answer-{place}")
        if raw or str(place) in form.getlist("point"):
            points.append({"point": place, "answers": [_source(one) for one in raw]})
    if not points:
        raise Invalid("Choose at least one answer to one point.", "points")
    about = {code: text for code in LANGUAGES if (text := " ".join(form.get(f"about-{code}", "").split()))}
    if not about:
        raise Invalid("Say what the sheet is about, in one line.", "about-en")
    return {"response": response, "points": points, "about": about}


def _box(value: str, one: Answer, chosen: bool) -> dict[str, Any]:
    return {
        "value": value,
        "label": one.label,
        "said": one.said,
        "reference": one.reference,
        "chosen": chosen,
    }


def _value(source: Source) -> str:
    return json.dumps(source_to_json(source), separators=(",", ":"), sort_keys=True)


def _source(raw: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise Invalid("Choose answers from the list.", "points") from None


def _wordings() -> Mapping[str, Wording]:
    found: Mapping[str, Wording] = current_app.extensions["wordings"]
    return found
