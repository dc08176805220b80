"""What counts. This is the whole definition of a figure, and the only one.

**Persons.** A witness counts once, however many interviews they gave. Witnesses who depend on each other strongly
count as one person, and so do all who hang together in this way, even through somebody who said nothing on the claim
or nothing at all: whoever listened to each other is not independent. `dependence` says which links there are.

**Directly perceived.** A person counts as direct when they *affirm* the claim *and* saw, heard, felt, smelled it, or
attended (gave aid or rescue at the scene). They stand under each sense that they name. Having seen the aftermath, or
a recording, is not direct; each has a column of its own.

**Not perceived.** A person with no direct sense on the claim who says that they did not see, hear or perceive it.
This never contradicts: someone indoors who heard no aircraft is no witness that there was none.

**Denied.** A person who denies the claim and was placed to perceive it. Only this contradicts.

**Hearsay and inference.** Persons who affirm the claim because others told them, or by reasoning, and have no direct
sense on it. They have columns of their own and never add to the direct ones. Whoever had it from a witness of ours
counts as one with that witness, so hearsay of somebody who saw it adds nothing. To have listened to two witnesses
makes nobody of those two depend on the other: hearsay never makes fewer of the direct witnesses. Only where a direct
witness was also told of it by another are they one for that claim.

**Claims.** Each coded subject and value has a row, and so has every claim that it entails (two aircraft entail
aircraft). Only what was affirmed by a direct sense climbs to the entailed claim. Where values are numbers, whoever
affirms "2", or "2 or 3", affirms "2 to 3"; whoever denies or did not perceive "2 to 3" says so of "2" as well, and
not the other way about. What nobody coded counts as nothing.

**The range.** `direct_max` counts persons as above. `direct_min` counts those as one, too, who may depend on each
other by weak links; it is the figure that is published. All other columns count persons as above.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from vault.rules.dependence import Edge, LinkKind, Partition, Ties, Told, upstream
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

Saying = Mapping[str, dict[str, set[Observation]]]  # by subject, by witness


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


DIRECT_COLUMNS = ("saw", "heard", "felt", "smelled", "attended")
UNLESS_DIRECT = ("not_perceived", "hearsay", "inferred")
COLUMNS = (*DIRECT_COLUMNS, "aftermath", "recording", "not_perceived", "denied", "hearsay", "inferred")
_OF_AFFIRMING = {
    Perception.SAW_AFTERMATH: "aftermath",
    Perception.SAW_ON_RECORDING: "recording",
    Perception.LEARNT_FROM_OTHERS: "hearsay",
    Perception.INFERRED: "inferred",
}


@dataclass(frozen=True)
class Merging:
    """Who counts as one person on a claim: `direct` for what was perceived directly, `lower` for its lower bound,
    `others` for every other column; and the links from accounts to their origins behind each."""

    direct: Partition
    lower: Partition
    others: Partition
    direct_edges: frozenset[Edge]
    other_edges: frozenset[Edge]


@dataclass(frozen=True)
class Standing:
    """One claim: in which columns each witness would stand if there were nobody else, and who counts as one."""

    subject: str
    value: Value
    columns: Mapping[str, frozenset[str]]
    merging: Merging

    def persons(self, column: str) -> set[str]:
        """Who stands in a column, each person by the name of one witness."""
        if column in ("direct", *DIRECT_COLUMNS):
            return self._merged(column, self.merging.direct)
        found = self._merged(column, self.merging.others)
        return found - self._merged("direct", self.merging.others) if column in UNLESS_DIRECT else found

    def row(self) -> Row:
        """The claim's figures."""
        counts = [len(self.persons(column)) for column in ("direct", *COLUMNS)]
        return Row(self.subject, self.value, len(self._merged("direct", self.merging.lower)), *counts)

    def _merged(self, column: str, partition: Partition) -> set[str]:
        return {partition.leader(witness) for witness, columns in self.columns.items() if column in columns}


def count(accounts: Iterable[Account], ties: Ties, vocabulary: Vocabulary) -> tuple[Row, ...]:
    """The rows of one incident, in the vocabulary's order.

    The order of accounts does not matter. Raises Invalid for a claim unknown to the vocabulary.
    """
    return tuple(standing.row() for standing in standings(accounts, ties, vocabulary))


def standings(accounts: Iterable[Account], ties: Ties, vocabulary: Vocabulary) -> Iterator[Standing]:
    """Every claim coded or entailed on one incident, in the vocabulary's order. Raises Invalid like `count`."""
    said: dict[str, dict[str, set[Observation]]] = defaultdict(lambda: defaultdict(set))
    climbed: dict[str, dict[str, set[Observation]]] = defaultdict(lambda: defaultdict(set))
    named: dict[str, dict[Value, set[str]]] = defaultdict(lambda: defaultdict(set))
    claims: set[tuple[str, Value]] = set()
    incident = ""
    for account in accounts:
        for observation in account.observations:
            incident, above = observation.incident, vocabulary.ancestors(observation.subject)
            claims |= {(observation.subject, observation.value), *((subject, "yes") for subject in above)}
            said[observation.subject][account.witness].add(observation)
            named[observation.subject][observation.value].add(account.witness)
            for subject in above if observation.direct_senses else ():
                climbed[subject][account.witness].add(observation)
    mergings = _Mergings(ties, incident, vocabulary, (said, climbed))
    for subject, value in sorted(claims, key=lambda claim: vocabulary.order(*claim)):
        own, below = said.get(subject, {}), climbed.get(subject, {})
        speak = below.keys() | _who(value, named.get(subject, {}))
        columns = {
            witness: _columns(value, own.get(witness, set()), below.get(witness, set())) for witness in speak
        }
        yield Standing(subject, value, columns, mergings.of(subject))


def _who(value: Value, named: Mapping[Value, set[str]]) -> set[str]:
    """Who says anything that bears on a value: of it, of one that contains it, or of one within it."""
    near = (
        witnesses
        for other, witnesses in named.items()
        if Vocabulary.contains(value, other) or Vocabulary.contains(other, value)
    )
    return set().union(*near)


def _columns(value: Value, own: set[Observation], below: set[Observation]) -> frozenset[str]:
    """The columns of a claim in which a witness stands by what they say of it, and below it."""
    contains = Vocabulary.contains
    affirming = [said for said in own if said.modality is Modality.AFFIRMED and contains(value, said.value)]
    # Denying or not perceiving runs the other way: who denies "2 to 3" denies 2, who denies 2 may affirm 3.
    wider = [said for said in own if contains(said.value, value)]
    senses = {str(sense) for said in (*affirming, *below) for sense in said.direct_senses}
    known_by = {perception for said in affirming for perception in said.perception}
    found = senses | {column for perception, column in _OF_AFFIRMING.items() if perception in known_by}
    if senses:
        found.add("direct")
    if any(said.modality is Modality.DENIED and said.placed is Placed.YES for said in wider):
        found.add("denied")
    if any(said.perception & NOT_PERCEIVED for said in wider):
        found.add("not_perceived")
    return frozenset(found)


class _Mergings:
    """Who counts as one, subject by subject; most subjects have no account with a known origin, and share one."""

    def __init__(
        self, ties: Ties, incident: str, vocabulary: Vocabulary, saying: tuple[Saying, Saying]
    ) -> None:
        self._strong, self._weak = ties.strong(incident), ties.weak(incident)
        self._vocabulary, (self._said, self._climbed) = vocabulary, saying
        self._sources = ties.sources(incident, _told(self._said))
        self._plain = Merging(self._strong, self._weak, self._strong, frozenset(), frozenset())

    def of(self, subject: str) -> Merging:
        """For a claim about a subject."""
        lineage = (subject, *self._vocabulary.ancestors(subject))
        if not any(one in self._sources for one in lineage):
            return self._plain
        direct: set[Edge] = set()
        for place, one in enumerate(lineage):
            # A link on a claim holds on every claim that entails it: else a child could exceed its parent.
            direct |= upstream(self._direct(one), self._sources_of(lineage[place:]))
        sources = self._sources_of(lineage)
        every = {(LinkKind.ORIGIN, told, origin) for told, origins in sources.items() for origin in origins}
        return Merging(
            direct=Partition(direct, self._strong),
            lower=Partition(direct, self._weak),
            others=Partition(every, self._strong),
            direct_edges=frozenset(direct),
            other_edges=frozenset(every),
        )

    def _direct(self, subject: str) -> set[str]:
        own = self._said.get(subject, {})
        perceived = {witness for witness, found in own.items() if any(one.direct_senses for one in found)}
        return perceived | self._climbed.get(subject, {}).keys()

    def _sources_of(self, lineage: Iterable[str]) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for subject in lineage:
            for witness, origins in self._sources.get(subject, {}).items():
                found[witness] |= origins
        return found


def _told(said: Saying) -> Iterator[Told]:
    for subject, by in said.items():
        for witness, observations in by.items():
            for one in observations:
                yield from (Told(one.incident, subject, witness, origin) for origin in one.origins)
