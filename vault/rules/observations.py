"""One witness on one claim: what they say of it and how they know. Codes only, so that it may lie apart.

The basis belongs to the observation, never to the witness: the same person saw one thing and was told
another.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from vault.errors import N_, Invalid, Message
from vault.rules.fields import Fields
from vault.rules.vocabulary import (
    DIRECT,
    NOT_PERCEIVED,
    ChainKind,
    Modality,
    Perception,
    Placed,
    Value,
    Vocabulary,
    value_to_json,
)

MOST_LINKS = 10
_CODE = 80  # characters: longer than any id or code
_MEMBERS = (
    *("incident", "subject", "value", "perception", "modality", "placed", "chain"),
    *("why_not", "certainty", "distance"),
)
E = TypeVar("E", bound=StrEnum)
_PERCEPTIONS = tuple(map(str, Perception))
_OPPOSED = (
    (
        {Perception.SAW},
        {Perception.DID_NOT_SEE},
        N_("a witness cannot have said that they saw it and did not see it; choose one"),
    ),
    (
        {Perception.HEARD},
        {Perception.DID_NOT_HEAR},
        N_("a witness cannot have said that they heard it and did not hear it; choose one"),
    ),
    (
        DIRECT,
        {Perception.DID_NOT_PERCEIVE},
        N_("a witness cannot have said that they perceived it and did not perceive it; choose one"),
    ),
)


class WhyNot(StrEnum):
    """Why a witness did not perceive a thing."""

    INDOORS = "indoors"
    ASLEEP = "asleep"
    UNCONSCIOUS = "unconscious"
    DISTANCE = "distance"
    NIGHT = "night"
    NOISE = "noise"
    VIEW_BLOCKED = "view_blocked"
    SMOKE_OR_DUST = "smoke_or_dust"
    TOOK_COVER = "took_cover"
    ARRIVED_LATER = "arrived_later"
    LEFT_EARLIER = "left_earlier"
    LOOKED_ELSEWHERE = "looked_elsewhere"
    OTHER = "other"


class Certainty(StrEnum):
    """How sure the witness says they are: their own word, never the researcher's opinion."""

    CERTAIN = "certain"
    FAIRLY = "fairly"
    UNSURE = "unsure"


class Distance(StrEnum):
    """How far the witness was from the thing, in bands: a distance in metres would say where they stood."""

    AT_THE_PLACE = "at_the_place"
    UNDER_100_M = "under_100_m"
    UNDER_500_M = "under_500_m"
    UNDER_2_KM = "under_2_km"
    UNDER_10_KM = "under_10_km"
    OVER_10_KM = "over_10_km"


@dataclass(frozen=True)
class ChainLink:
    """One step of hearsay: who told it, whether they were named to us, whether its origin knew directly.

    `origin` says which witness of this case it was: by pseudonym in a draft, by tag on the coded side; None where
    that is not known.
    """

    kind: ChainKind
    named: bool
    origin_direct: Placed
    origin: str | None = None

    @classmethod
    def from_json(cls, raw: object) -> "ChainLink":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A link of a chain", ("kind", "named", "origin_direct", "origin"))
        return cls(
            kind=fields.choice("kind", ChainKind),
            named=fields.flag("named"),
            origin_direct=fields.choice("origin_direct", Placed, Placed.UNKNOWN),
            origin=None if fields.value("origin") is None else fields.text("origin", _CODE),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form; an origin that is not known is left out."""
        known = {} if self.origin is None else {"origin": self.origin}
        return {
            "kind": str(self.kind),
            "named": self.named,
            "origin_direct": str(self.origin_direct),
            **known,
        }


@dataclass(frozen=True)
class Observation:
    """What one witness says on one claim of one incident, and how they know it."""

    incident: str
    subject: str
    value: Value
    perception: frozenset[Perception]
    modality: Modality = Modality.AFFIRMED
    placed: Placed = Placed.UNKNOWN
    chain: tuple[ChainLink, ...] = ()
    why_not: frozenset[WhyNot] = frozenset()
    certainty: Certainty | None = None
    distance: Distance | None = None

    @classmethod
    def from_json(cls, raw: object, vocabulary_of: Mapping[str, Vocabulary]) -> "Observation":
        """Reads the JSON form against the incidents' vocabularies; raises Invalid, naming the claim."""
        fields = Fields(raw, "An observation", _MEMBERS)
        incident = fields.text("incident", _CODE)
        if incident not in vocabulary_of:
            raise Invalid("An observation is about an incident that this case does not have.")
        vocabulary = vocabulary_of[incident]
        subject = vocabulary.subject(fields.text("subject", _CODE))
        fields = Fields(raw, Message('For "%(claim)s"', claim=subject.label), _MEMBERS)
        perception = fields.choices("perception", Perception)
        # Whoever only failed to perceive a thing can hardly affirm it: "did not see" must take one click.
        usual = Modality.NOT_ABLE_TO_SAY if perception <= NOT_PERCEIVED else Modality.AFFIRMED
        observation = cls(
            incident=incident,
            subject=subject.code,
            value=vocabulary.check_value(subject.code, fields.value("value", "yes")),
            perception=perception,
            modality=fields.choice("modality", Modality, usual),
            placed=fields.choice("placed", Placed, Placed.UNKNOWN),
            chain=tuple(ChainLink.from_json(link) for link in fields.items("chain", MOST_LINKS)),
            why_not=fields.choices("why_not", WhyNot),
            certainty=_known(fields, "certainty", Certainty),
            distance=_known(fields, "distance", Distance),
        )
        _check_sense(observation, subject.label)
        return observation

    def to_json(self) -> dict[str, object]:
        """The canonical JSON form: codes in the order in which they are defined; what is not known is left out."""
        known: dict[str, object] = {}
        if self.why_not:
            known["why_not"] = [str(reason) for reason in WhyNot if reason in self.why_not]
        if self.certainty is not None:
            known["certainty"] = str(self.certainty)
        if self.distance is not None:
            known["distance"] = str(self.distance)
        return {
            "incident": self.incident,
            "subject": self.subject,
            "value": value_to_json(self.value),
            "perception": sorted(map(str, self.perception), key=_PERCEPTIONS.index),
            "modality": str(self.modality),
            "placed": str(self.placed),
            "chain": [link.to_json() for link in self.chain],
            **known,
        }

    @property
    def direct_senses(self) -> frozenset[Perception]:
        """The direct senses by which the witness affirms the claim; none when they do not affirm it."""
        return self.perception & DIRECT if self.modality is Modality.AFFIRMED else frozenset()

    @property
    def origins(self) -> tuple[str, ...]:
        """The witnesses of this case whom the chain names, nearest first."""
        return tuple(link.origin for link in self.chain if link.origin is not None)

    @property
    def depth(self) -> int | None:
        """Through how many mouths it came; None where no chain is known."""
        return len(self.chain) or None

    def naming(self, name: Callable[[str], str]) -> "Observation":
        """The same, with the origins called otherwise: by their tags."""
        chain = (
            link if link.origin is None else replace(link, origin=name(link.origin)) for link in self.chain
        )
        return replace(self, chain=tuple(chain))


def _known(fields: Fields, name: str, options: type[E]) -> E | None:
    return None if fields.value(name) is None else fields.choice(name, options)


def _check_sense(observation: Observation, label: str) -> None:
    """Raises Invalid when an observation contradicts itself."""
    fault = _contradiction(observation.perception) or _misfit(observation)
    if fault:
        raise Invalid('For "%(claim)s", %(fault)s.', claim=label, fault=fault)


def _contradiction(perception: frozenset[Perception]) -> str | None:
    if not perception:
        return N_("say how the witness knows, or leave the claim out")
    if Perception.UNKNOWN in perception and len(perception) > 1:
        return N_("how the witness knows cannot be unknown and known at once")
    for one, other, words in _OPPOSED:
        if perception & one and perception & other:
            return words
    return None


def _misfit(observation: Observation) -> str | None:
    perception, modality = observation.perception, observation.modality
    if perception & DIRECT and modality is Modality.NOT_ASKED:
        return N_("a witness who perceived it was asked; choose affirmed, denied or uncertain")
    if perception <= NOT_PERCEIVED and modality is Modality.AFFIRMED:
        return N_(
            "a witness who only did not perceive it cannot affirm it; choose not able to say, or denied"
        )
    if observation.chain and Perception.LEARNT_FROM_OTHERS not in perception:
        return N_("a chain of people who told it needs the perception learnt from others")
    if observation.why_not and not perception & NOT_PERCEIVED:
        return N_("why it was not perceived needs did not see, did not hear or did not perceive")
    return None
