"""What somebody said, point by point: of each point the words, what it does, and with which claims."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeVar

from vault.errors import Invalid
from vault.rules.fields import Fields
from vault.rules.vocabulary import Value, Vocabulary, value_to_json

LONGEST_LINE = 300
LONGEST_SOURCE = 500
LONGEST_WORDS = 600
LONGEST_WHY = 1_000
MOST_POINTS = 20
MOST_CLAIMS = 20
LONGEST_NAME = 43
_CODE = 80
_ITEM = re.compile(r"[A-Za-z0-9_-]{22}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
T = TypeVar("T")
Known = Mapping[str, Vocabulary]  # by incident


class Kind(StrEnum):
    """What a point does with the claims that it is about."""

    ACKNOWLEDGES = "acknowledges"
    DENIES = "denies"
    ACKNOWLEDGES_DENIES_RESPONSIBILITY = "acknowledges_denies_responsibility"
    OTHER_EXPLANATION = "other_explanation"
    ACCEPTS = "accepts"
    DOES_NOT_DISPUTE = "does_not_dispute"
    DEMANDS = "demands"


class Shown(StrEnum):
    """Whether a picture that they showed is what they showed it as."""

    IS = "is_what_it_is_shown_as"
    IS_NOT = "is_not"
    CANNOT_SAY = "cannot_say"


class Claim(NamedTuple):
    """A claim of an incident."""

    incident: str
    subject: str
    value: Value

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"incident": self.incident, "subject": self.subject, "value": value_to_json(self.value)}


@dataclass(frozen=True)
class Point:
    """One thing that was said: the words by language, what they do, and with which claims."""

    words: Mapping[str, str]
    kind: Kind
    about: tuple[Claim, ...]

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        about = [claim.to_json() for claim in self.about]
        return {"words": dict(self.words), "kind": str(self.kind), "about": about}


@dataclass(frozen=True)
class Image:
    """A picture that was shown, as what, and what became of that; `item` is the evidence of the case that it is."""

    item: str | None
    shown_as: str
    finding: Shown
    why: str

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        facts = {"item": self.item, "shown_as": self.shown_as}
        return {**facts, "finding": str(self.finding), "why": self.why}


@dataclass(frozen=True)
class Response:
    """What was said on a day, or in a month, by whom, where; `replaces` names the entry in whose place it stands."""

    said: str
    who: str
    where: str
    source: str
    points: tuple[Point, ...]
    imagery: tuple[Image, ...]
    replaces: str | None

    @classmethod
    def from_json(cls, raw: object, known: Known) -> "Response":
        """Reads the JSON form, with claims of the incidents' vocabularies; raises Invalid, about `points/0/words`."""
        members = ("said", "who", "where", "source", "points", "imagery", "replaces")
        fields = Fields(raw, "A response", members)
        found = cls(
            said=_day_or_month(fields),
            who=fields.line("who", LONGEST_LINE),
            where=fields.line("where", LONGEST_LINE),
            source=fields.text("source", LONGEST_SOURCE, ""),
            points=_each(fields, "points", MOST_POINTS, lambda one: _point(one, known)),
            imagery=_each(fields, "imagery", MOST_POINTS, _image),
            replaces=optional_name(fields, "replaces"),
        )
        if not found.points:
            raise Invalid("Write down at least one thing that was said.", "points")
        return found

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 20)."""
        facts = {"said": self.said, "who": self.who, "where": self.where, "source": self.source}
        points = [point.to_json() for point in self.points]
        imagery = [image.to_json() for image in self.imagery]
        return {**facts, "points": points, "imagery": imagery, "replaces": self.replaces}


def optional_name(fields: Fields, name: str) -> str | None:
    """By what an entry is called, or null. Raises Invalid."""
    return None if fields.value(name) is None else fields.text(name, LONGEST_NAME)


def _point(raw: object, known: Known) -> Point:
    fields = Fields(raw, "A point", ("words", "kind", "about"))
    about = tuple(_claim(one, known) for one in fields.items("about", MOST_CLAIMS))
    point = Point(fields.lines("words", LONGEST_WORDS), fields.choice("kind", Kind), about)
    if len(set(about)) < len(about):
        raise Invalid("Name each claim that a point is about once.", "about")
    if point.kind is Kind.DEMANDS and about:
        raise Invalid(
            "A demand is about no claim: write down what is said of one as a point of its own.", "about"
        )
    return point


def _claim(raw: object, known: Known) -> Claim:
    fields = Fields(raw, "A claim", ("incident", "subject", "value"))
    incident, subject = fields.text("incident", LONGEST_NAME), fields.text("subject", _CODE)
    if incident not in known:
        raise Invalid("A point is about claims of incidents of this case.", "about")
    with _within("about"):
        return Claim(incident, subject, known[incident].check_value(subject, fields.value("value")))


def _image(raw: object) -> Image:
    fields = Fields(raw, "A picture that they showed", ("item", "shown_as", "finding", "why"))
    item = fields.value("item")
    if item is not None and not _ITEM.fullmatch(fields.text("item", LONGEST_NAME)):
        raise fields.fault("item", "the id of an item of evidence, or null")
    return Image(
        item if item is None else str(item),
        fields.line("shown_as", LONGEST_LINE),
        fields.choice("finding", Shown),
        fields.text("why", LONGEST_WHY, ""),
    )


def _each(fields: Fields, name: str, most: int, read: Callable[[object], T]) -> tuple[T, ...]:
    found = []
    for place, raw in enumerate(fields.items(name, most)):
        with _within(f"{name}/{place}"):
            found.append(read(raw))
    return tuple(found)


@contextmanager
def _within(member: str) -> Iterator[None]:
    """Whatever is found wrong is about something in this member."""
    try:
        yield
    except Invalid as fault:
        raise Invalid(fault.message, "/".join(filter(None, (member, fault.about)))) from None


def _day_or_month(fields: Fields) -> str:
    said = fields.value("said")
    month = isinstance(said, str) and _MONTH.fullmatch(said) is not None
    try:
        day = Fields({"said": f"{said}-01" if month else said}, "A response", ("said",)).day("said")
    except Invalid:
        raise fields.fault("said", "a day such as 2015-12-23, or a month such as 2015-10") from None
    return f"{day:%Y-%m}" if month else day.isoformat()
