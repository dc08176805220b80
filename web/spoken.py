"""Statements in words: the sentences, which gates are open or shut and why, what somebody could reckon out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext

from vault.errors import N_, Invalid
from vault.preparing import Choice, Considered
from vault.rules.descriptors import called
from vault.rules.disclosure import Form, Gate
from vault.rules.history import Guess, Inference
from vault.rules.quotes import Proposed
from vault.rules.sheets import COLUMNS, Cell
from vault.rules.vocabulary import Value, Vocabulary, value_to_json
from vault.rules.wording import sentences
from web.languages import languages
from web.locales import language, said
from web.sentences import listed, number

GATES = {
    Gate.FORM: (
        N_("Form"),
        N_("The numbers are true, and each line is about some of the people of another."),
    ),
    Gate.NOW: (N_("Now"), N_("The newest edition has these figures, and they may be said.")),
    Gate.POOL: (N_("Pool"), N_("Enough people could have perceived it, so that it points at none of them.")),
    Gate.COVER: (N_("Cover"), N_("The team met enough people, so that whoever watched it learns nothing.")),
    Gate.HISTORY: (N_("History"), N_("With all that was published before, it pins down nobody.")),
    Gate.REVISION: (N_("Revision"), N_("It is not too soon after the last revision.")),
}
HOW = {
    "direct": N_("perceived directly"),
    "saw": N_("seen"),
    "heard": N_("heard"),
    "felt": N_("felt"),
    "smelled": N_("smelled"),
    "attended": N_("gave help"),
}
RIGHT_TO_LEFT = ("ar",)
_CHOOSE = N_("Choose rows of this table, and the ladder or the exact form.")


def cells(vocabulary: Vocabulary, raw: object, form: object) -> tuple[tuple[Cell, ...], Form]:
    """The rows and the form that were chosen. Raises Invalid."""
    try:
        if isinstance(raw, list):
            return tuple(_cell(vocabulary, *one) for one in raw), Form(str(form))
    except (TypeError, ValueError):
        pass
    raise Invalid(_CHOOSE)


def choice(vocabulary: Vocabulary, incident: str, typed: Any) -> Choice:
    """What a form chose. Raises Invalid."""
    try:
        raw = [json.loads(one) for one in typed.getlist("cell")]
    except (ValueError, RecursionError):
        raise Invalid(_CHOOSE) from None
    return Choice(incident, *cells(vocabulary, raw, typed.get("form", "")), tuple(typed.getlist("quote")))


def offered(claims: Iterable[Mapping[str, Any]], vocabulary: Vocabulary, chosen: Sequence[str]) -> list[Any]:
    """The rows of a table as boxes to tick: a claim, and of each way of perceiving it how many."""
    rows = []
    for claim in claims:
        counts = {"direct": claim["direct"]["min"], **{name: claim[name] for name in COLUMNS[1:]}}
        value = vocabulary.check_value(claim["subject"], claim["value"])
        boxes = [
            (_box(claim["subject"], value, column), said(HOW[column]), count)
            for column, count in counts.items()
            if count or column == "direct"
        ]
        label = claimed(vocabulary, claim["subject"], value)
        rows.append({"label": label, "boxes": [(*box, box[0] in chosen) for box in boxes]})
    return rows


def quotable(
    known: Iterable[Proposed], vocabulary: Vocabulary, chosen: Sequence[str]
) -> list[dict[str, Any]]:
    """The quotes to choose from: by their name, the words, what the witness is called, what they assert."""
    return [
        {
            "name": one.name,
            "words": one.quote.words,
            "called": called(vocabulary.descriptors, one.quote.descriptor),
            "claims": [claimed(vocabulary, *claim) for claim in one.quote.claims],
            "chosen": one.name in chosen,
        }
        for one in known
    ]


def claimed(vocabulary: Vocabulary, subject: str, value: Value) -> str:
    """A claim with its value, of a vocabulary in the reader's words."""
    return languages().claim(vocabulary, subject, value)


def spoken(document: Mapping[str, Any], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The sentences of a statement in each language, the interface's first, and its quotes as they were said."""
    wordings = current_app.extensions["wordings"]
    found = []
    for code, wording in sorted(
        wordings.items(), key=lambda one: (one[0] != language(), one[0] != "en", one[0])
    ):
        known = _labelled(vocabulary, code)
        direction = "rtl" if code in RIGHT_TO_LEFT else "ltr"
        quotes = [
            (one["words"], called(known.descriptors, one["descriptor"])) for one in document.get("quotes", ())
        ]
        spoken_in = {"language": code, "direction": direction, "reviewed": wording.reviewed}
        found.append({**spoken_in, "sentences": sentences(document, known, wording), "quotes": quotes})
    return found


def tried(
    considered: Considered, document: Mapping[str, Any], vocabulary: Vocabulary
) -> list[dict[str, Any]]:
    """Each gate: open, shut with what would open it, or not yet tried."""
    shut: dict[Gate, list[str]] = {}
    wordings = current_app.extensions["wordings"]
    code = language() if language() in wordings else "en"
    lines = sentences(document, _labelled(vocabulary, code), wordings[code])
    for one in considered.refusals:
        about = "" if one.line is None else f"“{lines[one.line]}” "
        shut.setdefault(one.gate, []).append(f"{about}{said(one.cure)}")
    waits = Gate.FORM in shut or not considered.lines
    return [
        {
            "name": said(name),
            "meaning": said(meaning),
            "state": "shut" if gate in shut else "waits" if waits and gate is not Gate.FORM else "open",
            "cures": list(dict.fromkeys(shut.get(gate, ()))),
        }
        for gate, (name, meaning) in GATES.items()
    ]


def reckoned(found: Iterable[Inference], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """What somebody could reckon out from all that is published, in words."""
    rows = []
    for one in found:
        cell = _named(vocabulary, one.cell)
        match one.guess:
            case Guess.COUNT:
                what = gettext("%(cell)s: %(many)s", cell=cell, many=_between(one))
            case Guess.LEFT_OUT if one.other is not None:
                other = _named(vocabulary, one.other)
                what = gettext(
                    "Of “%(other)s”, not also “%(cell)s”: %(many)s",
                    other=other,
                    cell=cell,
                    many=_between(one),
                )
            case _:
                what = gettext("%(cell)s, by how many it changed: %(many)s", cell=cell, many=_between(one))
        rows.append({"words": what, "agreed": one.agreed})
    return list({row["words"]: row for row in rows}.values())


def _labelled(vocabulary: Vocabulary, code: str) -> Vocabulary:
    labels = current_app.extensions["labels"]
    return labels[code].of(vocabulary) if code in labels else vocabulary


def _between(one: Inference) -> str:
    if one.least is not None and one.least == one.most:
        return str(gettext("exactly %(number)s", number=_count(one.least)))
    least = None if one.least is None or (one.least <= 0 and one.guess is not Guess.CHANGE) else one.least
    if least is None:
        return _most(one)
    if one.most is None:
        return str(gettext("at least %(number)s", number=_count(least)))
    return str(gettext("%(least)s to %(most)s", least=_count(least), most=_count(one.most)))


def _most(one: Inference) -> str:
    if one.most is None:
        return str(gettext("any number"))
    return str(gettext("at most %(number)s", number=_count(one.most)))


def _count(count: int) -> str:
    return number(count) if count >= 0 else str(gettext("%(number)s fewer", number=number(-count)))


def _named(vocabulary: Vocabulary, cell: Cell) -> str:
    return listed([claimed(vocabulary, cell.subject, cell.value), said(HOW[cell.column])])


def _cell(vocabulary: Vocabulary, subject: object, value: object, column: object) -> Cell:
    if not isinstance(subject, str) or column not in COLUMNS:
        raise Invalid(_CHOOSE)
    return Cell(subject, vocabulary.check_value(subject, value), str(column))


def _box(subject: str, value: Value, column: str) -> str:
    return json.dumps([subject, value_to_json(value), column], separators=(",", ":"), sort_keys=True)
