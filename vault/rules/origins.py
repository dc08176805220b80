"""From whom accounts stem, in a packed case: where that makes witnesses one on single claims, as `Moves`.

`independence` says what such a link does; here it is followed for the few claims that have one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from vault.rules.accounts import Decisions
from vault.rules.claims import Claims
from vault.rules.leaders import Everywhere, Flags, Moves
from vault.rules.packed import HALF, LOW, Packed, Wide

Sources = dict[int, dict[int, set[int]]]  # by subject, by witness
Direct = Mapping[tuple[int, int], set[int]]  # by incident and subject, who knows directly
Edges = list[tuple[int, int]]
Leader = Callable[[int], int]


@dataclass(frozen=True)
class Told:
    """By incident and subject, from whom each witness's account stems."""

    by_incident: Mapping[int, Sources]
    bearing: Wide  # incident · subject, of all subjects on which such a link bears

    @classmethod
    def of(
        cls, packed: Packed, stands: Flags, claims: Claims, decided: tuple[Decisions, Everywhere]
    ) -> "Told":
        """What deposits that stand say of it, and what was decided."""
        cell, deposit, origin = packed.told.reshape(-1, 3)[stands[packed.told[1::3]]].T
        about = packed.cells[cell]
        columns = (about >> HALF, claims.subject[about & LOW], packed.witness[deposit], origin)
        told = set(zip(*(column.tolist() for column in columns), strict=True))
        holds, held_not = _settled(packed, claims, *decided)
        found: dict[int, Sources] = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
        for incident, subject, witness, source in (told - held_not) | holds:
            found[incident][subject][witness].add(source)
        bearing = {
            (incident << 32) | subject
            for incident, sources in found.items()
            for told_of in sources
            for subject in claims.bearing[told_of]
        }
        return cls(found, np.array(sorted(bearing), np.uint64))

    def listeners(self) -> list[int]:
        """Everybody whose account stems from somebody."""
        return sorted({one for by in self.by_incident.values() for told in by.values() for one in told})


def _settled(
    packed: Packed, claims: Claims, decisions: Decisions, everywhere: Everywhere
) -> tuple[set[tuple[int, ...]], set[tuple[int, ...]]]:
    """The links that a decision says hold, and those it says do not and none says do."""
    found: dict[bool, set[tuple[int, ...]]] = {True: set(), False: set()}
    incidents = packed.read("incidents") if decisions.settled else []
    subjects = {
        (name, subject): int(number)
        for (name, subject, _), number in zip(claims.names, claims.subject, strict=True)
    }
    number = everywhere.numbering
    for one in decisions.settled:
        if one.about is None or one.about[0] not in incidents:
            continue
        for (_, subject), place in subjects.items():
            if subject == one.about[1]:
                incident = incidents.index(one.about[0])
                found[one.dependent].add((incident, place, number[one.one], number[one.other]))
    return found[True], found[False] - found[True]


@dataclass(frozen=True)
class Local:
    """Subjects on which somebody's account stems from somebody: who counts as one there besides, by their place."""

    direct: Moves
    lower: Moves
    others: Moves

    @classmethod
    def of(cls, told: Told, subjects: Iterable[int], claims: Claims, rest: "Rest") -> "Local":
        """For these (incident · subject), each scope being its place among them."""
        found: tuple[dict[int, Edges], dict[int, Edges], dict[int, Edges]] = ({}, {}, {})
        for scope, about in enumerate(subjects):
            incident, subject = about >> 32, about & 0xFFFFFFFF
            sources, lineage = told.by_incident[incident], claims.lineages[subject]
            direct: set[tuple[int, int]] = set()
            for place, one in enumerate(lineage):  # a link on a claim holds on every claim that entails it
                direct |= _upstream(rest.direct.get((incident, one), ()), _joined(sources, lineage[place:]))
            every = {(one, by) for one, all_by in _joined(sources, lineage).items() for by in all_by}
            strong, weak = rest.leaders(incident)
            found[0][scope] = [(strong(one), strong(other)) for one, other in direct]
            found[1][scope] = [(weak(one), weak(other)) for one, other in direct]
            found[2][scope] = [(strong(one), strong(other)) for one, other in every]
        return cls(*(Moves.of(edges) for edges in found))


@dataclass(frozen=True)
class Rest:
    """What the links of single claims come on top of."""

    direct: Direct
    everywhere: Everywhere
    strong: Moves
    weak: Moves

    def leaders(self, incident: int) -> tuple[Leader, Leader]:
        """Who leads a witness on an incident, over strong links and over all."""
        everywhere = self.everywhere

        def strong(witness: int) -> int:
            return self.strong.one(incident, int(everywhere.strong[witness]))

        def weak(witness: int) -> int:
            return self.weak.one(incident, int(everywhere.weak[witness]))

        return strong, weak


def _joined(sources: Sources, lineage: Iterable[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for subject in lineage:
        for witness, origins in sources.get(subject, {}).items():
            found[witness] |= origins
    return found


def _upstream(starts: Iterable[int], sources: Mapping[int, set[int]]) -> set[tuple[int, int]]:
    found, seen, waiting = set[tuple[int, int]](), set[int](), list(starts)
    while waiting:
        witness = waiting.pop()
        if witness not in seen:
            seen.add(witness)
            origins = sources.get(witness, ())
            found |= {(witness, origin) for origin in origins}
            waiting += origins
    return found
