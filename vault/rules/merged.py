"""Why accounts were merged: groups that count as one, with the kinds of link that make it so, and nobody's name.

`direct` groups accounts of what was perceived directly; `direct.min` those that are one only in the lower bound;
`others` a group in which somebody stands in another column.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vault.rules.dependence import ANY, STRONG, Edge, Partition, Ties
from vault.rules.independence import COLUMNS, DIRECT_COLUMNS, UNLESS_DIRECT, Standing

_OTHERS = frozenset(COLUMNS) - frozenset(DIRECT_COLUMNS)


@dataclass(frozen=True, order=True)
class Group:
    """So many accounts that count as one, in which figures, and by which kinds of link."""

    of: str
    accounts: int
    because: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The group as FORMATS 8 has it."""
        return {"of": self.of, "accounts": self.accounts, "because": list(self.because)}


@dataclass(frozen=True)
class Why:
    """The links of one incident, asked why they make accounts one."""

    ties: Ties
    incident: str

    def merged(self, standing: Standing) -> tuple[Group, ...]:
        """The groups of a claim, in one order whoever they are."""
        return tuple(sorted(self._groups(standing)))

    def _groups(self, standing: Standing) -> Iterator[Group]:
        merging = standing.merging
        direct = {witness for witness, columns in standing.columns.items() if "direct" in columns}
        others = {witness for witness, columns in standing.columns.items() if _stands_elsewhere(columns)}
        for members in _together(direct, merging.direct):
            because = self._because(members, merging.direct, merging.direct_edges, weak=False)
            yield Group("direct", len(members), because)
        for members in _together(direct, merging.lower):
            if len({merging.direct.leader(witness) for witness in members}) > 1:
                because = self._because(members, merging.lower, merging.direct_edges, weak=True)
                yield Group("direct.min", len(members), because)
        for members in _together(direct | others, merging.others):
            if members & others:
                because = self._because(members, merging.others, merging.other_edges, weak=False)
                yield Group("others", len(members), because)

    def _because(
        self, members: set[str], partition: Partition, told: frozenset[Edge], *, weak: bool
    ) -> tuple[str, ...]:
        """The kinds of link between the members; only where these alone do not join them, those through others."""
        between = self.ties.among(members, ANY if weak else STRONG, self.incident)
        edges = [*between, *(edge for edge in told if members.issuperset(edge[1:]))]
        joined = Partition(edges)
        if len({joined.leader(witness) for witness in members}) > 1:
            leader = partition.leader(next(iter(members)))
            here = [edge for edge in (*told, *self._own(weak)) if partition.leader(edge[1]) == leader]
            ends = members.union(*(edge[1:] for edge in here))
            edges = _on_the_way(members, {*here, *self.ties.ways(ends, weak)})
        return tuple(sorted({str(kind) for kind, _, _ in edges}))

    def _own(self, weak: bool) -> list[Edge]:
        return self.ties.own(ANY if weak else STRONG, self.incident)


def _stands_elsewhere(columns: frozenset[str]) -> bool:
    """Whether a witness stands in a column beside the direct ones: who perceived it is not counted as told."""
    own = columns - frozenset(UNLESS_DIRECT) if "direct" in columns else columns
    return bool(own & _OTHERS)


def _together(witnesses: set[str], partition: Partition) -> Iterator[set[str]]:
    """Those of the witnesses who count as one, group by group, where it is more than one."""
    groups: dict[str, set[str]] = defaultdict(set)
    for witness in witnesses:
        groups[partition.leader(witness)].add(witness)
    return (members for members in groups.values() if len(members) > 1)


def _on_the_way(members: set[str], edges: Iterable[Edge]) -> list[Edge]:
    """The links on the ways between members: whoever leads to one other witness alone is on no such way."""
    left = list(edges)
    while True:
        beside: dict[str, set[str]] = defaultdict(set)
        for _, one, other in left:
            beside[one].add(other)
            beside[other].add(one)
        ends = {witness for witness, near in beside.items() if len(near) == 1} - members
        if not ends:
            return left
        left = [edge for edge in left if ends.isdisjoint(edge[1:])]
