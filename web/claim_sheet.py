"""The claims of a vocabulary as rows of a form: which stand on the page, under which numbers, and what is open in them.

A row's fields are named obs-N-…: N is the claim's place in the vocabulary, and behind those stand the rows for further
values of a claim. What is rarely needed of a row is on the page only where it was asked for, or is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, count, groupby, zip_longest
from typing import Any

from vault.rules.vocabulary import Subject, ValueKind, Vocabulary

ACT = re.compile(
    r"(more|again|show)(?: ([0-9]{1,3}))?"
)  # buttons that change what the page shows, and keep nothing
_FIELD = re.compile(r"obs-([0-9]{1,4})-([a-z_]+)")
_LAST = 9999  # of the numbers: a new row comes behind all others
_FOLDED = ("modality", "placed", "certainty", "distance", "why_not", "time", "anchor", "words")
_ON_THE_LINE = {"saw", "heard", "felt", "did_not_see", "did_not_hear", "did_not_perceive"}
LINK = ("chain_kind", "chain_named", "chain_origin", "chain_witness")


@dataclass(frozen=True)
class Row:
    """A line of the form: a claim, or with `again` another value of the claim above it; and what was typed in it.

    `came` is the number under which it was sent.
    """

    number: int
    came: int
    subject: Subject
    again: bool
    asked: bool
    typed: Mapping[str, Any]

    @property
    def ticked(self) -> list[str]:
        """How the witness knows."""
        return listed(self.typed.get("perception"))

    @property
    def opened(self) -> bool:
        """Whether everything about it is on the page: it was asked for, or something of it is filled in."""
        filled = any(self.typed.get(name, "") not in ("", "unknown", []) for name in _FOLDED)
        return filled or "more" in self.typed or not _ON_THE_LINE.issuperset(self.ticked)

    @property
    def touched(self) -> bool:
        """Whether something stands in it."""
        return bool(self.ticked or self.typed.get("value")) or self.again or self.opened

    @property
    def takes_values(self) -> bool:
        """Whether there can be another value."""
        return self.subject.kind is not ValueKind.YES

    @property
    def links(self) -> list[dict[str, str]]:
        """The chain of who told it, and one more link to fill in."""
        return [*(read_links(self.typed) or [{}]), {}]


@dataclass(frozen=True)
class Sheet:
    """The rows by group, in the vocabulary's order; before them those of the claims in question."""

    question: tuple[Row, ...]
    groups: tuple[tuple[str, tuple[Row, ...]], ...]

    @classmethod
    def of(
        cls, vocabulary: Vocabulary, form: Mapping[str, Any], act: str = "", question: Iterable[str] = ()
    ) -> Sheet:
        """The rows for what was typed, also under an older vocabulary, once the button `act` was pressed."""
        typed = _typed(form)
        asked = _press(typed, act)
        free = count(len(vocabulary.subjects))
        rows = []
        for place, subject in enumerate(vocabulary.subjects):
            of_claim = [number for number in sorted(typed) if typed[number].get("subject") == subject.code]
            for came in of_claim[:1] or [_LAST + 1]:
                rows.append(Row(place, came, subject, False, came == asked, typed.get(came, {})))
            for came in of_claim[1:]:
                if any(typed[came].get(name) for name in ("perception", "value", "again")):
                    rows.append(Row(next(free), came, subject, True, came == asked, typed[came]))
        first = frozenset(question)
        rest = groupby((row for row in rows if row.subject.code not in first), lambda row: row.subject.group)
        groups = tuple((group, tuple(of)) for group, of in rest)
        return cls(tuple(row for row in rows if row.subject.code in first), groups)

    def now(self, field: str | None) -> str | None:
        """The id that a field has on this page: a row may have come under another number."""
        rows = chain(self.question, *(rows for _, rows in self.groups))
        return next((f"obs-{row.number}" for row in rows if field == f"obs-{row.came}"), field)


def listed(typed: Any) -> list[str]:
    """What was typed in a field that may stand several times."""
    return [typed] if isinstance(typed, str) else list(typed or [])


def read_links(typed: Mapping[str, Any]) -> list[dict[str, str]]:
    """The links of a row's chain for which it was said who told it, nearest mouth first."""
    columns = [listed(typed.get(name)) for name in LINK]
    links = [dict(zip(LINK, link, strict=True)) for link in zip_longest(*columns, fillvalue="")]
    return [link for link in links if link["chain_kind"]]


def _typed(form: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    for name in form:
        if field := _FIELD.fullmatch(name):
            rows.setdefault(int(field[1]), {})[field[2]] = form[name]
    return rows


def _press(typed: dict[int, dict[str, Any]], act: str) -> int | None:
    """Opens the row that was asked for, or adds one for another value of its claim; says which."""
    pressed = ACT.fullmatch(act)
    if not pressed or not pressed[2] or int(pressed[2]) not in typed:
        return None
    number = int(pressed[2])
    if pressed[1] == "more":
        typed[number]["more"] = "yes"
        return number
    typed[_LAST] = {"subject": typed[number].get("subject"), "again": "yes"}
    return _LAST
