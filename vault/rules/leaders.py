"""Who counts as one with whom, for all witnesses of a packed case at once.

Everybody is called by a number, and a group by that of one of its members. What holds everywhere is one column of
leaders; what holds on one incident or one claim alone are `Moves`: a few leaders who have another leader there.
`dependence` and `independence` say which links there are; these are ways to follow many of them quickly.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vault.rules.accounts import Decisions
from vault.rules.dependence import STRONG, LinkKind, Tie, Ties
from vault.rules.packed import HALF, KINDS, NAMED, Packed, Wide, distinct, unlink

Flags = NDArray[np.bool_]
Pairs = Iterable[tuple[int, int]]


class Numbering:
    """The number of each witness; those whom only a decision names come after the others."""

    def __init__(self, packed: Packed, more: Iterable[str]) -> None:
        named = sorted(set(more))
        self._known = packed.read("witnesses") if named else []
        self._fresh: dict[str, int] = {}
        first = packed.witnesses
        for tag in named:
            if self.known(tag) is None:
                self._fresh[tag] = first + len(self._fresh)
        self.total = first + len(self._fresh)

    def known(self, tag: str) -> int | None:
        place = bisect_left(self._known, tag)
        return place if self._known[place : place + 1] == [tag] else None

    def __getitem__(self, tag: str) -> int:
        known = self.known(tag)
        return self._fresh[tag] if known is None else known


def components(total: int, one: Wide, other: Wide) -> Wide:
    """For each of so many, the least number with which it hangs together by these pairs."""
    leader = np.arange(total, dtype=np.uint64)
    while len(one):
        first, second = leader[one], leader[other]
        apart = first != second
        if not apart.any():
            break
        low, high = np.minimum(first, second)[apart], np.maximum(first, second)[apart]
        np.minimum.at(leader, high, low)
        one, other = one[apart], other[apart]
        while True:
            above = leader[leader]
            if (above == leader).all():
                break
            leader = above
    return leader


@dataclass(frozen=True)
class Moves:
    """Leaders who have another leader in some scope: keys, scope · leader, in ascending order, and to whom."""

    found: Mapping[int, int]
    keys: Wide
    to: Wide

    @classmethod
    def of(cls, edges: Mapping[int, Pairs]) -> "Moves":
        """By scope, which leaders hang together there."""
        found: dict[int, int] = {}
        for scope, pairs in edges.items():
            above: dict[int, int] = {}
            for one, other in pairs:
                above[_top(above, one)] = _top(above, other)
            found |= {(scope << 32) | leader: _top(above, leader) for leader in above}
        keys = np.array(sorted(found), np.uint64)
        return cls(found, keys, np.array([found[key] for key in keys.tolist()], np.uint64))

    def lead(self, scopes: Wide, leaders: Wide) -> Wide:
        """The leader in each scope of who leads elsewhere."""
        if not len(self.keys):
            return leaders
        wanted = (scopes << HALF) | leaders
        place = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
        return np.where(self.keys[place] == wanted, self.to[place], leaders)

    def one(self, scope: int, leader: int) -> int:
        """The same for one."""
        return self.found.get((scope << 32) | leader, leader)


def _top(above: dict[int, int], leader: int) -> int:
    while above.setdefault(leader, leader) != leader:
        leader = above[leader]
    return leader


class Everywhere:
    """Who counts as one wherever they speak, over strong links and over all; and on single incidents besides."""

    def __init__(self, packed: Packed, stands: Flags, decisions: Decisions) -> None:
        tags = {tag for tie in decisions.same for tag in tie.witnesses}
        tags |= {tag for settled in decisions.settled for tag in (settled.one, settled.other)}
        self.numbering = Numbering(packed, tags)
        groups, split = _groups(packed, stands), frozenset[Tie]()
        if decisions.settled:
            groups, split = self._split(groups, packed, decisions)
        self._decided = Ties(decisions.same | split, settled=decisions.settled)
        self._tags, everyone = tags | {tag for tie in split for tag in tie.witnesses}, self.numbering.total
        strong, weak = _pairs(groups[:NAMED]), _pairs(groups[NAMED:])
        self.strong = components(everyone, *_with(strong, self._edges(STRONG, "")))
        every = np.concatenate((strong, weak), axis=1)
        self.weak = components(everyone, *_with(every, self._edges(frozenset(LinkKind), "")))

    def on(self, incidents: Mapping[str, int], wanted: frozenset[LinkKind]) -> Moves:
        """Who else counts as one on single incidents, over links of these kinds."""
        leader = self.strong if wanted == STRONG else self.weak
        own = {tie.incident for tie in self._decided.groups} & incidents.keys()
        return Moves.of(
            {
                incidents[name]: [
                    (int(leader[one]), int(leader[other])) for one, other in self._edges(wanted, name)
                ]
                for name in own
                if name is not None
            }
        )

    def _edges(self, wanted: frozenset[LinkKind], incident: str) -> list[tuple[int, int]]:
        edges = self._decided.among(self._tags, wanted, incident)
        return [(self.numbering[one], self.numbering[other]) for _, one, other in edges]

    def _split(
        self, groups: list[Wide], packed: Packed, decisions: Decisions
    ) -> tuple[list[Wide], frozenset[Tie]]:
        """The groups without those in which a decision sets two apart, and these as ties, for `dependence`."""
        apart: dict[LinkKind, set[tuple[int, int]]] = defaultdict(set)
        for one in decisions.settled:
            if not one.dependent and one.about is None:
                apart[one.kind].add((self.numbering[one.one], self.numbering[one.other]))
        tags, split, kept = packed.read("witnesses"), set(), []
        for kind, group in zip(KINDS, groups, strict=True):
            names, whom = group
            torn = np.zeros(0, np.uint64)
            for pair in apart.get(kind, ()):
                both = (names[whom == number] for number in pair)
                torn = np.union1d(torn, np.intersect1d(*both))
            for name in torn.tolist():
                split.add(Tie(kind, frozenset(tags[number] for number in whom[names == name].tolist())))
            kept.append(group[:, ~np.isin(names, torn)])
        return kept, frozenset(split)


def _groups(packed: Packed, stands: Flags) -> list[Wide]:
    """For each kind of link, the names of groups and who is in them, as two rows: groups of one are among them."""
    deposits, kinds, whom = unlink(packed.links[stands[packed.links >> np.uint64(40)]])
    witness = packed.witness.astype(np.uint64)
    found = []
    for number in range(len(KINDS)):
        of_kind = kinds == number
        deposit, named = deposits[of_kind], whom[of_kind]
        if number < NAMED:
            speakers = distinct(deposit)
            both = np.concatenate((speakers, deposit)), np.concatenate((witness[speakers], named))
            found.append(np.stack(both))
        else:
            interviewer = packed.depositor[deposit].astype(np.uint64) << HALF
            name = named | interviewer if KINDS[number] is LinkKind.INTERVIEWER else named
            found.append(np.stack((name, witness[deposit])))
    return found


def _pairs(groups: Sequence[Wide]) -> Wide:
    """Each member of a group beside its first one, as two rows."""
    found = [np.zeros((2, 0), np.uint64)]
    for names, whom in groups:
        order = np.argsort(names, kind="stable")
        ordered, members = names[order], whom[order]
        found.append(np.stack((members[np.searchsorted(ordered, ordered)], members)))
    return np.concatenate(found, axis=1)


def _with(pairs: Wide, more: list[tuple[int, int]]) -> Wide:
    return np.concatenate((pairs, np.array(more, np.uint64).reshape(-1, 2).T), axis=1)
