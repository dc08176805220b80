"""Matching by where things lie: the best of many ways to match, and what chance alone would match."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from drill.attack import Finding
from drill.chance import matching

PAIRS = (("identity", "testimony"), ("testimony", "observations"), ("identity", "observations"))
_RARELY = 1e-7  # how often chance alone may exceed a bound
Ranks = np.ndarray[tuple[int], np.dtype[np.intp]]
DICE = np.random.default_rng(1)
Places = dict[
    str, list[int]
]  # by what was looked at: a number for each witness, in the order in which they came


def lying(data: bytes, wanted: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Which of these numbers of eight bytes lie in the data, and where, each as often as it does."""
    sought = np.array(sorted(wanted), dtype="<u8")
    few = np.zeros(1 << 16, dtype=bool)
    few[sought & np.uint64(0xFFFF)] = True
    for shift in range(min(8, len(data))):
        words = np.frombuffer(data, dtype="<u8", offset=shift, count=(len(data) - shift) // 8)
        maybe = np.flatnonzero(few[words & np.uint64(0xFFFF)])
        for place in maybe[np.isin(words[maybe], sought)]:
            yield int(words[place]), shift + 8 * int(place)


def best(one: Places, other: Places) -> tuple[int, int]:
    """How many are matched rightly by the best of all ways to match, and how many ways there are.

    Each thing seen of the one is laid beside each thing seen of the other, both sorted, forwards and backwards; and the
    cheapest matching of all that is seen of both is taken.
    """
    mine, theirs = _sorted(one), _sorted(other)
    ways = [
        int((left == right).sum())
        for left, right in product(mine, (*theirs, *(len(mine[0]) - 1 - found for found in theirs)))
    ]
    ways.append(_cheapest(mine, theirs))
    return max(ways), len(ways)


def _sorted(seen: Places) -> list[Ranks]:
    """The rank of each witness in all that is seen; equals are sorted by dice."""
    return [np.lexsort((DICE.random(len(one)), np.array(one))).argsort() for one in seen.values()]


def _cheapest(mine: list[Ranks], theirs: list[Ranks]) -> int:
    cost = np.zeros((len(mine[0]), len(mine[0])))
    for one, other in zip(mine, theirs, strict=True):
        cost += (one[:, None] - other[None, :]) ** 2.0
    return int((matching(cost) == np.arange(len(mine[0]))).sum())


def most_by_chance(ways: int) -> int:
    """How many matches are right in the best of so many random matchings, but for one drill in ten million.

    Right matches of a random one are distributed as Poisson's, with a mean and a variance of one.
    """
    bound, tail = 0, 1 - math.exp(-1)
    while ways * tail > _RARELY:
        bound += 1
        tail -= math.exp(-1) / math.factorial(bound)
    return bound


def linked(pairs: Mapping[str, tuple[Places, Places]]) -> Finding:
    """Whether any of these pairs is matched better than by chance."""
    caught, all_ways = [], 0
    for name, (one, other) in pairs.items():
        right, ways = best(one, other)
        all_ways += ways
        if right > most_by_chance(ways * len(pairs)):
            caught.append(name)
    if caught:
        return Finding(f"linked better than chance: {', '.join(caught)}", False)
    return Finding(f"no better than chance in any of {all_ways} ways to match", True)
