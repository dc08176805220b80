"""Who stands where behind an incident's figures, without names: what a statement is tried on.

A sheet calls witnesses by their place in a random order. Of each claim, and of each way of perceiving it directly, it
has the groups that count as one in the lower bound, which is what may be published, and how many they are in the upper
bound. So it can be seen whether the persons of one claim are among those of another, and what each of them allows,
without seeing whose account it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from vault.errors import Message
from vault.rules.dependence import Ties
from vault.rules.fields import Fields, is_whole
from vault.rules.independence import DIRECT_COLUMNS, Account, standings
from vault.rules.vocabulary import Value, Vocabulary, value_to_json

COLUMNS = ("direct", *DIRECT_COLUMNS)
_MOST = 1_000_000
_WORD = 80


class Cell(NamedTuple):
    """What can be said in a line: a claim, and how it was perceived; `direct`: in any way."""

    subject: str
    value: Value
    column: str


@dataclass(frozen=True)
class Person:
    """What a witness allows, and the records of what they handed in: the proof rests on these."""

    uses: frozenset[str]
    records: tuple[str, ...]
    embargo: date | None = None  # a sheet is of one day: what it keeps no longer needs this

    def on(self, today: date) -> "Person":
        """What they allow on a day: under an embargo, nothing that is said outside."""
        embargoed = self.embargo is not None and today < self.embargo
        return Person(frozenset() if embargoed else self.uses, self.records)


@dataclass(frozen=True)
class Figure:
    """One cell: the witnesses who count as one in the lower bound, group by group, and the upper bound."""

    groups: tuple[frozenset[int], ...] = ()
    upper: int = 0

    @property
    def witnesses(self) -> frozenset[int]:
        """Everyone who is counted."""
        return frozenset().union(*self.groups)


@dataclass(frozen=True)
class Sheet:
    """The cells of one incident in the table's order, and its witnesses, each called by their place here."""

    witnesses: tuple[Person, ...]
    figures: Mapping[Cell, Figure]

    def figure(self, cell: Cell) -> Figure:
        """A cell; nobody stands in one that nobody coded."""
        return self.figures.get(cell, Figure())

    def to_json(self) -> dict[str, object]:
        """The sheet as FORMATS 15 has it."""
        rows = [
            {"subject": cell.subject, "value": value_to_json(cell.value), "column": cell.column}
            | {"groups": [sorted(group) for group in figure.groups], "upper": figure.upper}
            for cell, figure in self.figures.items()
        ]
        persons = [{"uses": sorted(one.uses), "records": list(one.records)} for one in self.witnesses]
        return {"witnesses": persons, "rows": rows}

    @classmethod
    def from_json(cls, raw: object, vocabulary: Vocabulary) -> "Sheet":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A sheet", ("witnesses", "rows"))
        witnesses = tuple(_person(one) for one in fields.items("witnesses", _MOST))
        rows = (_row(row, vocabulary, len(witnesses)) for row in fields.items("rows", _MOST))
        return cls(witnesses, dict(rows))


def sheet(
    accounts: Iterable[Account], ties: Ties, vocabulary: Vocabulary, persons: Mapping[str, Person]
) -> Sheet:
    """The sheet of one incident; `persons` has its witnesses, in the order in which the sheet shall have them."""
    place = {witness: number for number, witness in enumerate(persons)}
    figures = {}
    for standing in standings(accounts, ties, vocabulary):
        for column in COLUMNS:
            groups: dict[str, set[int]] = defaultdict(set)
            for witness, columns in standing.columns.items():
                if column in columns:
                    groups[standing.merging.lower.leader(witness)].add(place[witness])
            if groups:
                cell = Cell(standing.subject, standing.value, column)
                in_order = sorted(map(frozenset, groups.values()), key=sorted)
                figures[cell] = Figure(tuple(in_order), len(standing.persons(column)))
    return Sheet(tuple(persons.values()), figures)


def _person(raw: object) -> Person:
    fields = Fields(raw, "A witness of a sheet", ("uses", "records"))
    return Person(frozenset(fields.distinct("uses", _MOST)), tuple(fields.distinct("records", _MOST)))


def _row(raw: object, vocabulary: Vocabulary, witnesses: int) -> tuple[Cell, Figure]:
    fields = Fields(raw, "A row of a sheet", ("subject", "value", "column", "groups", "upper"))
    subject, column = fields.text("subject", _WORD), fields.text("column", _WORD)
    if column not in COLUMNS:
        raise fields.fault("column", Message("one of %(codes)s", codes=", ".join(COLUMNS)))
    groups = tuple(_group(fields, group, witnesses) for group in fields.items("groups", _MOST))
    value = vocabulary.check_value(subject, fields.value("value"))
    return Cell(subject, value, column), Figure(groups, fields.whole("upper"))


def _group(fields: Fields, raw: object, witnesses: int) -> frozenset[int]:
    places = raw if isinstance(raw, list) else []
    found = frozenset(place for place in places if is_whole(place) and 0 <= place < witnesses)
    if not found or len(found) != len(places):
        raise fields.fault("groups", "lists of places of witnesses")
    return found
