"""One witness on one claim: what they say of it and how they know. Codes only, so that it may lie apart.

The basis belongs to the observation, never to the witness: the same person saw one thing and was told
another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vault.errors import Invalid
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
_MEMBERS = ("incident", "subject", "value", "perception", "modality", "placed", "chain")
_OPPOSED = (
    ({Perception.SAW}, {Perception.DID_NOT_SEE}, "saw it and did not see it"),
    ({Perception.HEARD}, {Perception.DID_NOT_HEAR}, "heard it and did not hear it"),
    (DIRECT, {Perception.DID_NOT_PERCEIVE}, "perceived it and did not perceive it"),
)


@dataclass(frozen=True)
class ChainLink:
    """One step of hearsay: who told it, whether they were named to us, whether its origin knew directly."""

    kind: ChainKind
    named: bool
    origin_direct: Placed

    @classmethod
    def from_json(cls, raw: object) -> "ChainLink":
        """Reads the JSON form; raises Invalid."""
        fields = Fields(raw, "A link of a chain", ("kind", "named", "origin_direct"))
        return cls(
            kind=fields.choice("kind", ChainKind),
            named=fields.flag("named"),
            origin_direct=fields.choice("origin_direct", Placed, Placed.UNKNOWN),
        )

    def to_json(self) -> dict[str, object]:
        """The JSON form."""
        return {"kind": str(self.kind), "named": self.named, "origin_direct": str(self.origin_direct)}


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

    @classmethod
    def from_json(cls, raw: object, vocabulary_of: Mapping[str, Vocabulary]) -> "Observation":
        """Reads the JSON form against the incidents' vocabularies; raises Invalid, naming the claim."""
        fields = Fields(raw, "An observation", _MEMBERS)
        incident = fields.text("incident", _CODE)
        if incident not in vocabulary_of:
            raise Invalid("An observation is about an incident that this case does not have.")
        vocabulary = vocabulary_of[incident]
        subject = vocabulary.subject(fields.text("subject", _CODE))
        fields = Fields(raw, f'For "{subject.label}"', _MEMBERS)
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
        )
        _check_sense(observation, subject.label)
        return observation

    def to_json(self) -> dict[str, object]:
        """The canonical JSON form: perceptions in the order in which they are defined."""
        return {
            "incident": self.incident,
            "subject": self.subject,
            "value": value_to_json(self.value),
            "perception": [str(perception) for perception in Perception if perception in self.perception],
            "modality": str(self.modality),
            "placed": str(self.placed),
            "chain": [link.to_json() for link in self.chain],
        }

    @property
    def direct_senses(self) -> frozenset[Perception]:
        """The direct senses by which the witness affirms the claim; none when they do not affirm it."""
        return self.perception & DIRECT if self.modality is Modality.AFFIRMED else frozenset()


def _check_sense(observation: Observation, label: str) -> None:
    """Raises Invalid when an observation contradicts itself."""
    fault = _contradiction(observation.perception) or _misfit(observation)
    if fault:
        raise Invalid(f'For "{label}", {fault}.')


def _contradiction(perception: frozenset[Perception]) -> str | None:
    if not perception:
        return "say how the witness knows, or leave the claim out"
    if Perception.UNKNOWN in perception and len(perception) > 1:
        return "how the witness knows cannot be unknown and known at once"
    for one, other, words in _OPPOSED:
        if perception & one and perception & other:
            return f"a witness cannot have said that they {words}; choose one"
    return None


def _misfit(observation: Observation) -> str | None:
    perception, modality = observation.perception, observation.modality
    if perception & DIRECT and modality is Modality.NOT_ASKED:
        return "a witness who perceived it was asked; choose affirmed, denied or uncertain"
    if perception <= NOT_PERCEIVED and modality is Modality.AFFIRMED:
        return "a witness who only did not perceive it cannot affirm it; choose not able to say, or denied"
    if observation.chain and Perception.LEARNT_FROM_OTHERS not in perception:
        return "a chain of people who told it needs the perception learnt from others"
    return None
