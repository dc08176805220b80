"""The form of a rebuttal sheet: what was said, point by point, and what may stand under a point (FORMATS 22).

No answer has room for a number of witnesses: a line of a published statement is named, never repeated.
"""

import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any

from vault.errors import N_, Invalid
from vault.rules import evidence, findings, opinions, points, responses
from vault.rules.fields import Fields

FORMAT = "witness-vault/v1/rebuttal"
LONGEST_TEXT = 600
MOST_POINTS, MOST_ANSWERS = 20, 20
_NAME = 43
_WRITTEN = ("about", "who", "where", "words", "text", "proposition")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
Document = Mapping[str, Any]


class Kind(StrEnum):
    """What answers a point."""

    STATEMENT = "statement"
    EVIDENCE = "evidence"
    OPINION = "opinion"
    RESPONSE = "response"
    REPLY = "reply"
    FINDING = "finding"


def check(raw: Any) -> Document:
    """The sheet, when it has the form of FORMATS 22; raises Invalid."""
    fields = Fields(
        raw, "A rebuttal sheet", ("format", "vault", "roster", "month", "about", "response", "points")
    )
    said = Fields(fields.value("response"), "What is answered", ("who", "said", "where"))
    if fields.value("format") != FORMAT or fields.whole("roster") < 1:
        raise fields.fault("format", "that of a rebuttal sheet of this version")
    fields.text("vault", _NAME)
    _matches(fields, "month", _MONTH, N_("a month such as 2026-11"))
    fields.lines("about", LONGEST_TEXT)
    _spoken(said)
    answered = fields.items("points", MOST_POINTS)
    if not answered:
        raise fields.fault("points", "at least one point")
    for point in answered:
        _check_point(point)
    return dict(raw)


def worded(sheet: Document) -> tuple[tuple[str, str], ...]:
    """All that people wrote in a sheet, each with its language, blank where none is said: for whoever signs it."""
    answers = [answer for point in sheet["points"] for answer in point["answers"]]
    places = [sheet, sheet["response"], *sheet["points"], *answers]
    told = [one[name] for one in places for name in _WRITTEN if name in one]
    pairs = [pair for one in told for pair in (one.items() if isinstance(one, Mapping) else [("", one)])]
    return tuple(dict.fromkeys(pairs))


def has_number(words: str, numbers: Collection[str]) -> bool:
    """Whether there is a numeral of any script in it, or one of these words; it knows no other words."""
    written = any(sign.isnumeric() for sign in words)
    return written or any(word in numbers for word in re.findall(r"\w+", words.casefold()))


def _check_point(raw: object) -> None:
    fields = Fields(raw, "A point", ("words", "kind", "answers"))
    fields.lines("words", points.LONGEST_WORDS)
    kind, answers = fields.choice("kind", points.Kind), fields.items("answers", MOST_ANSWERS)
    # A demand, such as for the names of witnesses, is answered by what every sheet says: that they are sealed.
    if not answers and kind is not points.Kind.DEMANDS:
        raise Invalid("Choose what answers each point, or leave the point out.", "points")
    for answer in answers:
        _check_answer(answer)


def _check_answer(raw: object) -> None:
    members = set(raw) if isinstance(raw, Mapping) else set()
    fields = Fields(raw, "An answer", members)
    checks = _ANSWERS[fields.choice("kind", Kind)]
    if members != {"kind", *checks}:
        raise fields.fault("kind", "with the members of its kind")
    for name, checked in checks.items():
        checked(fields, name)


def _coded(codes: type[StrEnum]) -> Callable[[Fields, str], object]:
    return lambda fields, name: fields.choice(name, codes)


def _text(fields: Fields, name: str) -> None:
    fields.lines(name, LONGEST_TEXT)


def _line(fields: Fields, name: str) -> None:
    fields.line(name, points.LONGEST_LINE)


def _digest(fields: Fields, name: str) -> None:
    _matches(fields, name, _DIGEST, N_("a digest"))


def _maybe_digest(fields: Fields, name: str) -> None:
    if fields.value(name) is not None:
        _digest(fields, name)


def _index(fields: Fields, name: str) -> None:
    if not 0 <= fields.whole(name) < 100:
        raise fields.fault(name, "the place of a line")


def _when(fields: Fields, name: str) -> None:
    if not _MONTH.fullmatch(fields.text(name, 10)):
        fields.day(name)


def _came(fields: Fields, name: str) -> None:
    if fields.value(name) is not None:
        fields.choice(name, responses.Came)


_ANSWERS: Mapping[Kind, Mapping[str, Callable[[Fields, str], object]]] = {
    Kind.STATEMENT: {"statement": _digest, "line": _index},
    Kind.EVIDENCE: {
        "evidence": _coded(evidence.Kind),
        "text": _text,
        "sha256": _maybe_digest,
        "picture": _maybe_digest,
    },
    Kind.OPINION: {"field": _coded(opinions.Field), "answer": _coded(opinions.Answer), "text": _text},
    Kind.RESPONSE: {
        "who": _line,
        "said": _when,
        "where": _line,
        "words": _text,
        "as": _coded(points.Kind),
    },
    Kind.REPLY: {"day": lambda fields, name: fields.day(name), "how": _coded(responses.How), "came": _came},
    Kind.FINDING: {"proposition": _text, "likelihood": _coded(findings.Likelihood)},
}


def _spoken(fields: Fields) -> None:
    _line(fields, "who")
    _when(fields, "said")
    _line(fields, "where")


def _matches(fields: Fields, name: str, pattern: re.Pattern[str], rule: str) -> None:
    if not pattern.fullmatch(fields.text(name, _NAME)):
        raise fields.fault(name, rule)
