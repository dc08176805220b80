"""What a finding rests on: named factors, each one thing that can be looked up.

A cell of an edition's figures, an item of evidence as far as its chain went, an expert's opinion, or a point of what
the accused said. Each weighs for a proposition or against it.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar

from vault.errors import Invalid, Message
from vault.rules.fields import Fields
from vault.rules.independence import COLUMNS
from vault.rules.vocabulary import Value, Vocabulary, value_to_json

LONGEST_WHY = 1_000
CELLS = ("direct", *COLUMNS)
_ID = 80


class Weight(StrEnum):
    """Which way a factor weighs."""

    FOR = "for"
    AGAINST = "against"


class Source(StrEnum):
    """Kinds of sources, never added to one another."""

    CLAIM = "claim"
    EVIDENCE = "evidence"
    OPINION = "opinion"
    RESPONSE = "response"


@dataclass(frozen=True)
class Counted:
    """A cell of the figures that an edition has of the incident."""

    source: ClassVar = Source.CLAIM
    edition: int
    subject: str
    value: Value
    column: str


@dataclass(frozen=True)
class Item:
    """An item of evidence, up to the entry of its chain that was weighed last."""

    source: ClassVar = Source.EVIDENCE
    item: str
    at: str


@dataclass(frozen=True)
class Opinion:
    """An expert's opinion on an item."""

    source: ClassVar = Source.OPINION
    item: str
    opinion: str


@dataclass(frozen=True)
class Point:
    """A point, counted from 0, of what the accused said."""

    source: ClassVar = Source.RESPONSE
    response: str
    point: int


About = Counted | Item | Opinion | Point


@dataclass(frozen=True)
class Factor:
    """What one source says for or against a proposition, and why it does."""

    about: About
    weight: Weight
    why: str

    @classmethod
    def from_json(cls, raw: object, vocabulary: Vocabulary) -> "Factor":
        """Reads the JSON form; raises Invalid."""
        known = {field.name: None for kind in (Counted, Item, Opinion, Point) for field in fields(kind)}
        read = Fields(raw, "A factor", ("kind", *known, "weight", "why"))
        about = _about(read, vocabulary)
        if {field.name for field in fields(about)} != {name for name in known if name in read}:
            raise Invalid("A factor has the members of its kind alone, a weight, and why.", "factors")
        return cls(about, read.choice("weight", Weight), read.text("why", LONGEST_WHY))

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 21)."""
        said = {field.name: value_to_json(getattr(self.about, field.name)) for field in fields(self.about)}
        return {"kind": str(self.about.source), **said, "weight": str(self.weight), "why": self.why}


def _about(read: Fields, vocabulary: Vocabulary) -> About:
    match read.choice("kind", Source):
        case Source.CLAIM:
            subject, column = read.text("subject", _ID), read.text("column", _ID)
            value = vocabulary.check_value(subject, read.value("value"))
            if column not in CELLS:
                raise read.fault("column", Message("one of %(codes)s", codes=", ".join(CELLS)))
            return Counted(read.whole("edition"), subject, value, column)
        case Source.EVIDENCE:
            return Item(read.text("item", _ID), read.text("at", _ID))
        case Source.OPINION:
            return Opinion(read.text("item", _ID), read.text("opinion", _ID))
    return Point(read.text("response", _ID), read.whole("point"))
