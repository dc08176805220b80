"""The form of what the accused said, as the log's JSON (docs/FORMATS.md §20); `Response.from_json` judges it.

A point's fields are named point-N-…, a picture's image-N-…; words and claims of a point stand several times each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from vault.errors import N_, Invalid, VaultError
from vault.rules.points import MOST_POINTS, Response
from vault.rules.vocabulary import value_to_json
from web import claim_choice
from web.locales import said

BLANK_POINTS = 2
ACT = re.compile(
    r"point|image|claim ([1-9][0-9]?)"
)  # buttons that change what the page shows, and keep nothing
_ROW = re.compile(r"(point|image)-([1-9][0-9]?)-[a-z_]+")
_WORDS, _CLAIM = ("lang", "words"), ("incident", "claim", "number")
_IMAGE = ("item", "shown_as", "finding", "why")
_FACTS = ("said", "who", "where", "source")
_ENDINGS = {"kind": "kind", "about": "claim-1"}
_SENTENCES = {
    "kind": N_("Choose what they do with it: deny it, explain it otherwise, or another of the list."),
    "finding": N_("Choose whether the picture is what it was shown as."),
}
_LANGUAGES = N_("Write each point down in English, and once in every other language, with its code: ar, ru.")
Form = MultiDict[str, str]
Errors = list[tuple[str | None, str]]


@dataclass(frozen=True)
class Row:
    """A point on the page, under its number: a blank line behind its words, and behind its claims where asked for."""

    number: int
    kind: str
    words: list[dict[str, str]]
    claims: list[dict[str, str]]


def points(form: Form, act: str = "") -> list[Row]:
    """The rows of points for what was typed, once the button `act` was pressed."""
    shown = max(BLANK_POINTS, *_numbers(form, "point"), 0) + (act == "point")
    return [_row(form, number, act == f"claim {number}") for number in range(1, min(shown, MOST_POINTS) + 1)]


def images(form: Form, act: str = "") -> list[int]:
    """The numbers of the rows of pictures."""
    shown = max(1, *_numbers(form, "image"), 0) + (act == "image")
    return list(range(1, min(shown, MOST_POINTS) + 1))


def read_response(form: Form, replaces: str | None) -> dict[str, Any]:
    """The response as JSON. A row in which nothing was typed says nothing. Raises Invalid for words in no language."""
    facts = {name: _one_line(form.get(name, "")) for name in _FACTS}
    told = [_point(form, number, place) for place, number in enumerate(_filled(form, "point"))]
    shown = [_image(form, number) for number in _filled(form, "image")]
    return {**facts, "points": told, "imagery": shown, "replaces": replaces}


def refill(response: Response) -> Form:
    """A response as the form would have sent it."""
    form: Form = MultiDict((name, getattr(response, name)) for name in _FACTS)
    for number, point in enumerate(response.points, 1):
        at = f"point-{number}-"
        form[f"{at}kind"] = str(point.kind)
        for language, words in point.words.items():
            form.add(f"{at}lang", language)
            form.add(f"{at}words", words)
        for claim in point.about:
            chosen, typed = claim_choice.shown(claim.subject, value_to_json(claim.value))
            form.add(f"{at}incident", claim.incident)
            form.add(f"{at}claim", chosen)
            form.add(f"{at}number", typed)
    for number, image in enumerate(response.imagery, 1):
        said = {"item": image.item or "", "shown_as": image.shown_as, "why": image.why}
        form.update({f"image-{number}-{name}": text for name, text in said.items()})
        form[f"image-{number}-finding"] = str(image.finding)
    return form


def errors_of(error: VaultError, form: Form) -> Errors:
    """An error, with the id of the field that it is about: of the response, or in the row of a point or picture."""
    member, _, rest = (error.about or "").partition("/")
    place, _, name = rest.partition("/")
    kind = {"points": "point", "imagery": "image"}.get(member)
    if kind is None:
        return [(member if member in _FACTS else None, said(error))]
    row = _filled(form, kind)[int(place)] if place else 1
    ending = _ENDINGS.get(name, name if name in _IMAGE else "words-1")
    return [(f"{kind}-{row}-{ending}", gettext(_SENTENCES[name]) if name in _SENTENCES else said(error))]


def _numbers(form: Form, kind: str) -> list[int]:
    return sorted({int(found[2]) for found in map(_ROW.fullmatch, form) if found and found[1] == kind})


def _filled(form: Form, kind: str) -> list[int]:
    """The numbers of the rows in which something was typed or chosen."""
    names = ("kind", "words", "claim", "number") if kind == "point" else _IMAGE
    return [
        number
        for number in _numbers(form, kind)
        if any(text.strip() for name in names for text in form.getlist(f"{kind}-{number}-{name}"))
    ]


def _row(form: Form, number: int, more: bool) -> Row:
    at = f"point-{number}-"
    words = [one for one in _columns(form, at, _WORDS) if one["words"].strip()]
    if not any(one["lang"] == "en" for one in words):
        words.append({"lang": "en", "words": ""})
    words.sort(key=lambda one: one["lang"] != "en")
    claims = [one for one in _columns(form, at, _CLAIM) if one["claim"] or one["number"]]
    blank = {"incident": claims[-1]["incident"] if claims else "", "claim": "", "number": ""}
    if more or not claims:
        claims.append(blank)
    return Row(number, form.get(f"{at}kind", ""), [*words, {"lang": "", "words": ""}], claims)


def _columns(form: Form, at: str, names: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """The lines of a row: what its repeated fields have side by side."""
    columns = [form.getlist(at + name) for name in names]
    for line in zip(*columns, strict=False):
        yield dict(zip(names, line, strict=True))


def _point(form: Form, number: int, place: int) -> dict[str, Any]:
    at = f"point-{number}-"
    said = [(one["lang"].strip(), _one_line(one["words"])) for one in _columns(form, at, _WORDS)]
    written = [(language, words) for language, words in said if words]
    words = dict(written)
    if "en" not in words or "" in words or len(words) < len(written):
        raise Invalid(_LANGUAGES, f"points/{place}/words")
    about = [_claim(one) for one in _columns(form, at, _CLAIM) if one["claim"] or one["number"].strip()]
    return {"words": words, "kind": form.get(f"{at}kind", ""), "about": about}


def _claim(line: dict[str, str]) -> dict[str, Any]:
    return {"incident": line["incident"], **claim_choice.read(line["claim"], line["number"])}


def _image(form: Form, number: int) -> dict[str, Any]:
    said = {name: form.get(f"image-{number}-{name}", "").strip() for name in _IMAGE}
    return {**said, "item": said["item"] or None, "shown_as": _one_line(said["shown_as"])}


def _one_line(text: str) -> str:
    return " ".join(text.split())
