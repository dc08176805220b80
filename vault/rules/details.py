"""What stands beside a claim's figures: hearsay by its depth, what is merely compatible, why accounts were merged.

The figures here are as close to single persons as those of the table, and move only when those do.

**Hearsay.** The persons of the column by how many mouths it came through at the fewest, and by whether it is known
from which witness it came.

**Compatible.** Persons who are not direct on the claim, but perceived directly something that leaves it possible:
"2 or 3" is compatible with 2 and with 3. It supports neither.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vault.rules.codings import TwiceCoded, disputes
from vault.rules.dependence import Ties
from vault.rules.independence import Account, Standing, standings
from vault.rules.merged import Group, Why
from vault.rules.observations import Observation
from vault.rules.vocabulary import Modality, Perception, Range, Value, Vocabulary, value_to_json

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Detail:
    """What stands beside the figures of one claim; `disputed` witnesses were coded differently by two coders."""

    subject: str
    value: Value
    compatible: int
    depth: Mapping[str, int]
    origin: Mapping[str, int]
    disputed: int
    merged: tuple[Group, ...]

    def to_json(self) -> dict[str, object]:
        """The detail as FORMATS 8 has it: what says nothing is left out."""
        found: dict[str, object] = {
            "compatible": self.compatible,
            "depth": dict(sorted(self.depth.items())),
            "origin": dict(sorted(self.origin.items())),
            "disputed": self.disputed,
            "merged": [group.to_json() for group in self.merged],
        }
        claim = {"subject": self.subject, "value": value_to_json(self.value)}
        return {**claim, **{name: value for name, value in found.items() if value}}

    @property
    def says_something(self) -> bool:
        """Whether there is anything beside the figures."""
        return len(self.to_json()) > 2


def details(
    accounts: Iterable[Account], ties: Ties, vocabulary: Vocabulary, twice: Iterable[TwiceCoded] = ()
) -> tuple[Detail, ...]:
    """What stands beside the rows of one incident, in the vocabulary's order; claims without anything are left out.

    A claim that only a second coder sees has a detail and no row.
    """
    known = tuple(accounts)
    disputed = disputes(twice, vocabulary)
    said: dict[str, dict[str, set[Observation]]] = defaultdict(lambda: defaultdict(set))
    for account in known:
        for observation in account.observations:
            said[observation.subject][account.witness].add(observation)
    incident = next((one.incident for account in known for one in account.observations), "")
    why = Why(ties, incident)
    found = [
        _detail(standing, said[standing.subject], why, disputed.pop((standing.subject, standing.value), 0))
        for standing in standings(known, ties, vocabulary)
    ]
    found += [Detail(subject, value, 0, {}, {}, many, ()) for (subject, value), many in disputed.items()]
    ordered = sorted(found, key=lambda one: vocabulary.order(one.subject, one.value))
    return tuple(one for one in ordered if one.says_something)


def _detail(standing: Standing, said: Mapping[str, set[Observation]], why: Why, disputed: int) -> Detail:
    depth, origin = _hearsay(standing, said)
    return Detail(
        subject=standing.subject,
        value=standing.value,
        compatible=_compatible(standing, said),
        depth=depth,
        origin=origin,
        disputed=disputed,
        merged=why.merged(standing),
    )


def _compatible(standing: Standing, said: Mapping[str, set[Observation]]) -> int:
    leader = standing.merging.direct.leader
    overlapping = {
        leader(witness)
        for witness, observations in said.items()
        if any(one.direct_senses and _overlaps(standing.value, one.value) for one in observations)
    }
    return len(overlapping - standing.persons("direct"))


def _overlaps(one: Value, other: Value) -> bool:
    if one == other or isinstance(one, str) or isinstance(other, str):
        return one == other
    first, second = _bounds(one), _bounds(other)
    return first[0] <= second[1] and second[0] <= first[1]


def _bounds(value: int | Range) -> tuple[int, int]:
    return (value.min, value.max) if isinstance(value, Range) else (value, value)


def _hearsay(
    standing: Standing, said: Mapping[str, set[Observation]]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The persons of the hearsay column by depth, and by whether a witness is known as the origin."""
    leader, persons = standing.merging.others.leader, standing.persons("hearsay")
    depths: dict[str, list[int]] = {person: [] for person in persons}
    known: set[str] = set()
    for witness, observations in said.items():
        person = leader(witness)
        for one in observations if person in persons else ():
            if _is_hearsay(one) and Vocabulary.contains(standing.value, one.value):
                depths[person] += [] if one.depth is None else [one.depth]
                known |= {person} if one.chain and one.chain[-1].origin is not None else set()
    by_depth = Counter(str(min(found)) if found else UNKNOWN for found in depths.values())
    return by_depth, Counter("known" if person in known else UNKNOWN for person in persons)


def _is_hearsay(said: Observation) -> bool:
    return said.modality is Modality.AFFIRMED and Perception.LEARNT_FROM_OTHERS in said.perception
