"""What counts. This is the whole definition of a figure, and the only one.

**Persons.** A witness counts once, however many interviews they gave. Witnesses who were interviewed
together count as one person, and so do all who hang together in this way, even through somebody who said
nothing on the claim or nothing at all: whoever listened to each other is not independent. Hearsay ties
nobody together.

**Directly perceived.** A person counts as direct when they *affirm* the claim *and* saw, heard, felt,
smelled it, or attended (gave aid or rescue at the scene). They stand under each sense that they name.
Having seen the aftermath, or a recording, is not direct; each has a column of its own.

**Not perceived.** A person with no direct sense on the claim who says that they did not see, hear or
perceive it. This never contradicts: someone indoors who heard no aircraft is no witness that there was
none.

**Denied.** A person who denies the claim and was placed to perceive it. Only this contradicts.

**Hearsay and inference.** Persons who affirm the claim because others told them, or by reasoning, and have
no direct sense on it. They have columns of their own and never add to the direct ones.

**Claims.** Each coded subject and value has a row, and so has every claim that it entails (two aircraft
entail aircraft). Only what was affirmed by a direct sense climbs to the entailed claim. Where values are
numbers, whoever affirms "2", or "2 or 3", affirms "2 to 3"; whoever denies or did not perceive "2 to 3"
says so of "2" as well, and not the other way about. What nobody coded counts as nothing.

**The range.** `direct_min` is published. It differs from `direct_max` where persons may depend on each
other more weakly than above; as only strong dependence is known here, the two are equal.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vault.rules.observations import Observation
from vault.rules.vocabulary import (
    NOT_PERCEIVED,
    Modality,
    Perception,
    Placed,
    Value,
    Vocabulary,
    value_to_json,
)

Person = tuple[Observation, ...]  # all that one person, or several who count as one, said on the incident


@dataclass(frozen=True)
class Account:
    """What one witness says on one incident; consent and corrections are already applied."""

    witness: str
    observations: tuple[Observation, ...]


@dataclass(frozen=True)
class Row:
    """One claim and how many independent persons stand in each column."""

    subject: str
    value: Value
    direct_min: int
    direct_max: int
    saw: int
    heard: int
    felt: int
    smelled: int
    attended: int
    aftermath: int
    recording: int
    not_perceived: int
    denied: int
    hearsay: int
    inferred: int

    def to_json(self) -> dict[str, object]:
        """The row as FORMATS 8.1 has it."""
        return {
            "subject": self.subject,
            "value": value_to_json(self.value),
            "direct": {"min": self.direct_min, "max": self.direct_max},
            **{column: getattr(self, column) for column in COLUMNS},
        }


COLUMNS = (
    "saw",
    "heard",
    "felt",
    "smelled",
    "attended",
    "aftermath",
    "recording",
    "not_perceived",
    "denied",
    "hearsay",
    "inferred",
)
_OWN_COLUMN = {Perception.SAW_AFTERMATH: "aftermath", Perception.SAW_ON_RECORDING: "recording"}
_UNLESS_DIRECT = {Perception.LEARNT_FROM_OTHERS: "hearsay", Perception.INFERRED: "inferred"}


def count(
    accounts: Iterable[Account], links: Iterable[tuple[str, str]], vocabulary: Vocabulary
) -> tuple[Row, ...]:
    """The rows of one incident, in the vocabulary's order; `links` pairs witnesses who were interviewed
    together.

    Neither the order of accounts nor that of links matters. Raises Invalid for a claim unknown to the
    vocabulary.
    """
    persons = _persons(accounts, links)
    claims = {claim for person in persons for said in person for claim in _claims(said, vocabulary)}
    return tuple(
        _row(subject, value, persons, vocabulary)
        for subject, value in sorted(claims, key=lambda claim: vocabulary.order(*claim))
    )


def _persons(accounts: Iterable[Account], links: Iterable[tuple[str, str]]) -> list[Person]:
    """What each independent person says: accounts joined over all that ties their witnesses together."""
    leader: dict[str, str] = {}

    def leader_of(witness: str) -> str:
        while leader.setdefault(witness, witness) != witness:
            leader[witness] = leader[leader[witness]]
            witness = leader[witness]
        return witness

    for one, other in links:
        leader[leader_of(one)] = leader_of(other)
    joined: Mapping[str, list[Observation]] = defaultdict(list)
    for account in accounts:
        joined[leader_of(account.witness)].extend(account.observations)
    return [tuple(said) for said in joined.values()]


def _claims(said: Observation, vocabulary: Vocabulary) -> list[tuple[str, Value]]:
    """The claim that an observation codes, and those that it entails."""
    entailed: list[tuple[str, Value]] = [(subject, "yes") for subject in vocabulary.ancestors(said.subject)]
    return [(said.subject, said.value), *entailed]


def _row(subject: str, value: Value, persons: list[Person], vocabulary: Vocabulary) -> Row:
    totals = Counter(column for person in persons for column in _columns(person, subject, value, vocabulary))
    return Row(subject, value, totals["direct"], totals["direct"], *(totals[column] for column in COLUMNS))


def _columns(person: Person, subject: str, value: Value, vocabulary: Vocabulary) -> set[str]:
    """The columns of one claim in which a person stands, each once."""
    on_claim = [said for said in person if said.subject == subject]
    below = [said for said in person if subject in vocabulary.ancestors(said.subject)]
    affirming = [
        said
        for said in on_claim
        if said.modality is Modality.AFFIRMED and vocabulary.contains(value, said.value)
    ]
    # Denying or not perceiving runs the other way: who denies "2 to 3" denies 2, who denies 2 may affirm 3.
    wider = [said for said in on_claim if vocabulary.contains(said.value, value)]

    senses = frozenset().union(*(said.direct_senses for said in (*affirming, *below)))
    known_by = frozenset().union(*(said.perception for said in affirming))
    columns = {str(sense) for sense in senses}
    columns |= {column for perception, column in _OWN_COLUMN.items() if perception in known_by}
    columns |= {"denied" for said in wider if said.modality is Modality.DENIED and said.placed is Placed.YES}
    if senses:
        return columns | {"direct"}
    columns |= {column for perception, column in _UNLESS_DIRECT.items() if perception in known_by}
    columns |= {"not_perceived" for said in wider if said.perception & NOT_PERCEIVED}
    return columns
