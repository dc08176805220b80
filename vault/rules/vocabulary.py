"""What an account can say: perceptions, modalities, and the claims of a vocabulary with their values.

A vocabulary is a file: versioned, append-only, keyed by code, so that an observation sealed years ago still
means what it meant. A child claim entails its parents: whoever saw two aircraft perceived aircraft.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeAlias, TypeGuard

from vault.errors import Invalid, Message
from vault.rules import descriptors
from vault.rules.descriptors import Descriptors
from vault.rules.fields import Fields, is_whole

DEEPEST_CHAIN = 3  # claims above a claim: a table stays readable, and so does what a claim entails
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class Perception(StrEnum):
    """How a witness knows what they say; several may hold at once (heard *and* did not see)."""

    SAW = "saw"
    HEARD = "heard"
    FELT = "felt"
    SMELLED = "smelled"
    ATTENDED = "attended"
    SAW_AFTERMATH = "saw_aftermath"
    SAW_ON_RECORDING = "saw_on_recording"
    LEARNT_FROM_OTHERS = "learnt_from_others"
    INFERRED = "inferred"
    DID_NOT_SEE = "did_not_see"
    DID_NOT_HEAR = "did_not_hear"
    DID_NOT_PERCEIVE = "did_not_perceive"
    UNKNOWN = "unknown"


DIRECT = frozenset(
    {Perception.SAW, Perception.HEARD, Perception.FELT, Perception.SMELLED, Perception.ATTENDED}
)
NOT_PERCEIVED = frozenset({Perception.DID_NOT_SEE, Perception.DID_NOT_HEAR, Perception.DID_NOT_PERCEIVE})


class Modality(StrEnum):
    """What the witness does with the claim. A denial stands here, never in a false value."""

    AFFIRMED = "affirmed"
    DENIED = "denied"
    UNCERTAIN = "uncertain"
    NOT_ASKED = "not_asked"
    NOT_ABLE_TO_SAY = "not_able_to_say"


class Placed(StrEnum):
    """Whether the witness was where the thing could be perceived."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ChainKind(StrEnum):
    """From what kind of person or source a witness learnt something."""

    NEIGHBOUR = "neighbour"
    RELATIVE = "relative"
    MEDIC = "medic"
    CIVIL_DEFENCE = "civil_defence"
    SPOTTER = "spotter"
    ARMED_GROUP_MEMBER = "armed_group_member"
    PERSON_CLOSE_TO_ARMED_GROUP = "person_close_to_armed_group"
    OFFICIAL = "official"
    JOURNALIST = "journalist"
    SOCIAL_MEDIA = "social_media"
    UNKNOWN = "unknown"


@dataclass(frozen=True, order=True)
class Range:
    """A number known only within bounds, both included: "2 or 3"."""

    min: int
    max: int


Value: TypeAlias = Literal["yes"] | str | int | Range


def value_to_json(value: Value) -> str | int | dict[str, int]:
    """A value as it stands in JSON: a code, a number, or an object with min and max."""
    return {"min": value.min, "max": value.max} if isinstance(value, Range) else value


class ValueKind(StrEnum):
    """What values a claim takes: only "yes", numbers and ranges, one of its codes, or one step of a scale.

    A band takes no range: its steps are unequal, so no rule may reckon with them as with numbers. Whoever
    wavers between two steps is coded under each, as uncertain.
    """

    YES = "yes"
    NUMBER = "number"
    CODE = "code"
    BAND = "band"


@dataclass(frozen=True)
class Subject:
    """One thing that a claim can be about, with the values that it permits and the claim that it entails."""

    code: str
    label: str
    group: str
    kind: ValueKind
    minimum: int
    maximum: int
    codes: Mapping[str, str]
    parent: str | None

    def permits(self) -> Message:
        """What a value must be, in words."""
        if self.kind is ValueKind.NUMBER:
            return Message(
                "give a whole number from %(least)d to %(most)s, or a range within it",
                least=self.minimum,
                most=f"{self.maximum:,}",
            )
        if self.codes:
            return Message("choose one of: %(codes)s", codes=", ".join(self.codes))
        return Message('the only value is "yes"; say by the modality whether it was affirmed or denied')


@dataclass(frozen=True)
class Vocabulary:
    """The claims that can be made about one kind of incident, in the order in which tables show them, and how a
    witness may be called who is quoted."""

    name: str
    version: int
    groups: Mapping[str, str]
    subjects: tuple[Subject, ...]
    descriptors: Descriptors

    @classmethod
    def parse(cls, text: str) -> "Vocabulary":
        """The vocabulary in a TOML text; raises Invalid unless it is complete and its chains lead upwards."""
        try:
            known = ("name", "version", "groups", "descriptors", "subjects")
            fields = Fields(tomllib.loads(text), "The vocabulary", known)
        except (ValueError, RecursionError):  # no TOML, a number without end, nested without end
            raise Invalid("The vocabulary is not a TOML text.") from None
        tables = fields.value("subjects")
        if not isinstance(tables, dict) or not tables:
            raise fields.fault("subjects", "a table of claims")
        groups = fields.value("groups")
        if not _is_labelled(groups):
            raise fields.fault("groups", "a table of codes and labels")
        subjects = tuple(_subject(code, table, groups) for code, table in tables.items())
        _check_chains(subjects)
        return cls(
            fields.text("name", 40),
            fields.whole("version"),
            MappingProxyType(groups),
            subjects,
            descriptors.parse(fields.value("descriptors", {})),
        )

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return MappingProxyType({subject.code: place for place, subject in enumerate(self.subjects)})

    def subject(self, code: str) -> Subject:
        """The subject of a code; raises Invalid when the vocabulary has none."""
        if code not in self._places:
            raise Invalid(
                'There is no such claim in the vocabulary "%(vocabulary)s" version %(version)d.',
                vocabulary=self.name,
                version=self.version,
            )
        return self.subjects[self._places[code]]

    def check_value(self, subject: str, raw: object) -> Value:
        """The value that JSON says, in its one form; raises Invalid, naming the claim and what it takes."""
        about = self.subject(subject)
        value = _read_value(about, raw)
        if value is None:
            raise Invalid('For "%(claim)s", %(fault)s.', claim=about.label, fault=about.permits())
        return value

    def value_label(self, subject: str, value: Value) -> str:
        """A value in words: "yes", "2", "2 to 3", "Unusually high"."""
        if isinstance(value, Range):
            return f"{value.min:,} to {value.max:,}"
        return self.subject(subject).codes.get(str(value), str(value))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The claims that a claim entails, nearest first."""
        parent = self.subject(code).parent
        return () if parent is None else (parent, *self.ancestors(parent))

    def order(self, subject: str, value: Value) -> tuple[int, int, int]:
        """The sort key of a row: the vocabulary's order, then numbers by their bounds or codes as listed."""
        about = self.subject(subject)
        place = [*about.codes, value].index(value)
        low, high = _bounds(value) or (place, 0)
        return self._places[subject], low, high

    @staticmethod
    def contains(claim: Value, observed: Value) -> bool:
        """Whether affirming the observed value affirms the claim's: 2, and "2 or 3", lie within 2 to 3."""
        outer, inner = _bounds(claim), _bounds(observed)
        if outer is None or inner is None:
            return claim == observed
        return outer[0] <= inner[0] and inner[1] <= outer[1]


def _subject(code: str, table: object, groups: Mapping[str, str]) -> Subject:
    known = ("label", "group", "kind", "minimum", "maximum", "codes", "parent")
    fields = Fields(table, Message("The claim %(claim)s", claim=code), known)
    group = fields.text("group", 40)
    if not _CODE.fullmatch(code) or group not in groups:
        raise fields.fault("group", "one of the vocabulary's groups, and its own code in small letters")
    kind = fields.choice("kind", ValueKind, ValueKind.YES)
    codes = fields.value("codes", {})
    if not _is_labelled(codes) or bool(codes) != (kind in (ValueKind.CODE, ValueKind.BAND)):
        raise fields.fault("codes", "a table of codes and labels, for the kinds code and band and no other")
    minimum, maximum = fields.whole("minimum", 0), fields.whole("maximum", 0)
    if (minimum < maximum) != (kind is ValueKind.NUMBER):
        raise fields.fault("maximum", "above the minimum, for the kind number and no other")
    parent = fields.text("parent", 60) if "parent" in fields else None
    return Subject(
        code=code,
        label=fields.text("label", 80),
        group=groups[group],
        kind=kind,
        minimum=minimum,
        maximum=maximum,
        codes=MappingProxyType(codes),
        parent=parent,
    )


def _is_labelled(codes: object) -> TypeGuard[dict[str, str]]:
    return isinstance(codes, dict) and all(
        _CODE.fullmatch(code) and isinstance(label, str) and label for code, label in codes.items()
    )


def _check_chains(subjects: tuple[Subject, ...]) -> None:
    # A parent stands before its children: so there is no cycle, and a table can indent the children under it.
    # Only a claim of the kind yes can be entailed: "two aircraft" says that there were some, not how many more.
    entailable: dict[str | None, int] = {None: -1}  # how many claims stand above it
    for subject in subjects:
        if subject.parent not in entailable:
            raise Invalid(
                "The parent of %(claim)s must stand before it, and be of the kind yes.", claim=subject.code
            )
        depth = entailable[subject.parent] + 1
        if depth > DEEPEST_CHAIN:
            raise Invalid(
                "The chain above %(claim)s has more than %(most)d claims.",
                claim=subject.code,
                most=DEEPEST_CHAIN,
            )
        if subject.kind is ValueKind.YES:
            entailable[subject.code] = depth


def _read_value(about: Subject, raw: object) -> Value | None:
    if about.kind is ValueKind.NUMBER:
        return _read_number(about, raw)
    permitted = about.codes or ("yes",)
    return raw if isinstance(raw, str) and raw in permitted else None


def _read_number(about: Subject, raw: object) -> int | Range | None:
    if isinstance(raw, dict) and set(raw) == {"min", "max"}:
        low, high = raw["min"], raw["max"]
    else:
        low = high = raw
    if not (is_whole(low) and is_whole(high) and about.minimum <= low <= high <= about.maximum):
        return None
    return low if low == high else Range(low, high)


def _bounds(value: Value) -> tuple[int, int] | None:
    if isinstance(value, Range):
        return value.min, value.max
    return (value, value) if isinstance(value, int) else None
