"""Items of evidence: what one is, how the team came by it, what it bears on, whether it is authentic (FORMATS §19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vault.errors import Invalid
from vault.rules import assessments
from vault.rules.custody import LONGEST_NOTE, Event, File, line_or_blank
from vault.rules.fields import Fields
from vault.rules.opinions import LONGEST_REASONS, Claim, claim, claim_to_json
from vault.rules.vocabulary import Vocabulary

LONGEST_TITLE = 200
LONGEST_ORIGIN = 300
MOST_EVENTS = 50
MOST_CLAIMS = 100
_CODE = 80
_BOX = 2_000


class Kind(StrEnum):
    """What an item of evidence is."""

    VIDEO = "video"
    PHOTO = "photo"
    SATELLITE_IMAGE = "satellite_image"
    AUDIO = "audio"
    DOCUMENT = "document"
    REMNANT = "remnant"
    FLIGHT_RECORD = "flight_record"
    OPEN_SOURCE = "open_source"
    OTHER = "other"


class How(StrEnum):
    """How the team came by it."""

    GIVEN = "given"
    SENT = "sent"
    FOUND = "found"
    TAKEN = "taken"


class Bears(StrEnum):
    """What it says of a claim."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    DOES_NOT_BEAR = "does_not_bear"


class Grade(StrEnum):
    """Whether it is what it is said to be."""

    AUTHENTIC = "authentic"
    PROBABLY_AUTHENTIC = "probably_authentic"
    CANNOT_SAY = "cannot_say"
    PROBABLY_NOT = "probably_not"
    NOT_AUTHENTIC = "not_authentic"


class Check(StrEnum):
    """What was looked at to tell."""

    ORIGIN = "origin"
    METADATA = "metadata"
    PLACE = "place"
    TIME = "time"
    OTHER_COPIES = "other_copies"
    EDITING = "editing"
    SHADOWS_WEATHER = "shadows_weather"


@dataclass(frozen=True)
class Origin:
    """How it came, from whom or where, and who held it until then; both blank where nobody said."""

    how: How
    source: str
    held: str

    @classmethod
    def from_json(cls, raw: object) -> "Origin":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "The origin", ("how", "from", "held"))
        source, held = (line_or_blank(fields, name, LONGEST_ORIGIN) for name in ("from", "held"))
        return cls(fields.choice("how", How), source, held)

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"how": str(self.how), "from": self.source, "held": self.held}


@dataclass(frozen=True)
class Bearing:
    """What an item says of one claim, and why."""

    about: Claim
    how: Bears
    why: str

    @classmethod
    def from_json(cls, raw: object, vocabulary: Vocabulary) -> "Bearing":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "What an item bears on", ("subject", "value", "how", "why"))
        about = {"subject": fields.value("subject"), "value": fields.value("value")}
        return cls(claim(about, vocabulary), fields.choice("how", Bears), fields.text("why", LONGEST_NOTE))

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {**claim_to_json(self.about), "how": str(self.how), "why": self.why}


@dataclass(frozen=True)
class Bearings:
    """All that an item bears on, each claim once."""

    bears: tuple[Bearing, ...]

    @classmethod
    def from_json(cls, raw: object, vocabulary: Vocabulary) -> "Bearings":
        """Reads the JSON form; raises Invalid."""
        return cls(_bearings(Fields(raw, "What an item bears on", ("bears",)), vocabulary))

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"bears": [one.to_json() for one in self.bears]}


@dataclass(frozen=True)
class Authenticity:
    """Whether somebody takes an item for what it is said to be, what they looked at, and why."""

    grade: Grade
    checks: frozenset[Check]
    reasons: str

    @classmethod
    def from_json(cls, raw: object) -> "Authenticity":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "An assessment", ("grade", "checks", "reasons"))
        reasons = assessments.reason(fields.text("reasons", LONGEST_REASONS))
        return cls(fields.choice("grade", Grade), fields.choices("checks", Check), reasons)

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"grade": str(self.grade), "checks": sorted(map(str, self.checks)), "reasons": self.reasons}


@dataclass(frozen=True)
class Facts:
    """What is said of an item when it arrives."""

    kind: Kind
    title: str
    incident: str
    origin: Origin
    events: tuple[Event, ...]
    bears: tuple[Bearing, ...]

    @classmethod
    def read(cls, fields: Fields, known: Mapping[str, Vocabulary]) -> "Facts":
        """Those among the members of a larger object; raises Invalid."""
        incident = fields.text("incident", _CODE)
        if incident not in known:
            raise fields.fault("incident", "one of the case's incidents")
        return cls(
            kind=fields.choice("kind", Kind),
            title=fields.line("title", LONGEST_TITLE),
            incident=incident,
            origin=Origin.from_json(fields.value("origin")),
            events=tuple(map(Event.typed, fields.items("events", MOST_EVENTS))),
            bears=_bearings(fields, known[incident]),
        )

    def to_json(self) -> dict[str, object]:
        """Their JSON form."""
        return {
            "kind": str(self.kind),
            "title": self.title,
            "incident": self.incident,
            "origin": self.origin.to_json(),
            "events": [one.to_json() for one in self.events],
            "bears": [one.to_json() for one in self.bears],
        }


_FACTS = ("kind", "title", "incident", "origin", "events", "bears")


@dataclass(frozen=True)
class Draft:
    """What somebody hands in: the item's id, which they choose; the facts; the pseudonym of a witness who gave it; the
    uploads that become its original and its working copy."""

    item: str
    facts: Facts
    giver: str | None = field(default=None, repr=False)
    original: str | None = None
    working: str | None = None

    @classmethod
    def parse(cls, raw: object, known: Mapping[str, Vocabulary]) -> "Draft":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "An item of evidence", ("item", *_FACTS, "giver", "original", "working"))
        item, facts = fields.text("item", _CODE), Facts.read(fields, known)
        named = [_optional(fields, name) for name in ("giver", "original", "working")]
        if named[0] is not None and facts.origin.source:
            raise Invalid("A witness is named by the pseudonym alone: leave blank from whom it came.", "from")
        if named[0] is not None and facts.origin.how not in (How.GIVEN, How.SENT):
            raise Invalid("What a witness gave was given or sent.", "how")
        if named[1] is None and named[2] is not None:
            raise Invalid("A working copy is made of an original: hand that in too.", "working")
        if not {event.file for event in facts.events} <= {None, *named[1:]}:
            raise Invalid("An event names a file that is not handed in with this item.", "events")
        return cls(item, facts, *named)


@dataclass(frozen=True)
class Giver:
    """A witness who gave an item: pseudonym and tag, each sealed to a key of the case that few hold."""

    pseudonym: str = field(repr=False)
    tag: str = field(repr=False)

    @classmethod
    def from_json(cls, raw: object) -> "Giver":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "Who gave an item", ("pseudonym", "tag"))
        return cls(fields.text("pseudonym", _BOX), fields.text("tag", _BOX))

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"pseudonym": self.pseudonym, "tag": self.tag}


@dataclass(frozen=True)
class Arrival:
    """The first entry of an item's chain."""

    facts: Facts
    giver: Giver | None = None
    original: File | None = None
    working: File | None = None

    @classmethod
    def parse(cls, raw: object, known: Mapping[str, Vocabulary]) -> "Arrival":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "An arrival", (*_FACTS, "giver", "original", "working"))
        giver, original, working = (fields.value(name) for name in ("giver", "original", "working"))
        return cls(
            facts=Facts.read(fields, known),
            giver=None if giver is None else Giver.from_json(giver),
            original=None if original is None else File.from_json(original),
            working=None if working is None else File.from_json(working),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form (FORMATS 19)."""
        beside = {"giver": self.giver, "original": self.original, "working": self.working}
        said = {name: value and value.to_json() for name, value in beside.items()}
        return {**self.facts.to_json(), **said}


def _bearings(fields: Fields, vocabulary: Vocabulary) -> tuple[Bearing, ...]:
    found = tuple(Bearing.from_json(one, vocabulary) for one in fields.items("bears", MOST_CLAIMS))
    if len({one.about for one in found}) < len(found):
        raise Invalid("Say of each claim once what the item says of it.", "bears")
    return found


def _optional(fields: Fields, name: str) -> str | None:
    return None if fields.value(name) is None else fields.text(name, _CODE)
