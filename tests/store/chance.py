"""What positions may say by chance: the order of a list, and how well two lists of positions match."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations


def kendall(order: Sequence[int]) -> float:
    """Kendall's tau between the positions of a list and what stands there."""
    signs = [math.copysign(1, later - earlier) for earlier, later in combinations(order, 2)]
    return sum(signs) / len(signs)


def sigma(count: int) -> float:
    """Tau's standard deviation over random orders."""
    return math.sqrt(2 * (2 * count + 5) / (9 * count * (count - 1)))


def ranks(positions: Sequence[int]) -> list[int]:
    """The place of each position among all of them."""
    place = {position: rank for rank, position in enumerate(sorted(positions))}
    return [place[position] for position in positions]


def matching(cost: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row in the cheapest one-to-one matching (the Hungarian method, with potentials)."""
    count = len(cost)
    of_row, of_column = [0.0] * (count + 1), [0.0] * (count + 1)
    owner, reached = [0] * (count + 1), [0] * (count + 1)  # rows and columns from 1; column 0 is the way in
    for row in range(1, count + 1):
        owner[0], column = row, 0
        seen, unseen = [0], set(range(1, count + 1))
        least = [math.inf] * (count + 1)
        while owner[column]:
            here = owner[column]
            for other in unseen:
                slack = cost[here - 1][other - 1] - of_row[here] - of_column[other]
                if slack < least[other]:
                    least[other], reached[other] = slack, column
            nearest = min(unseen, key=least.__getitem__)
            step = least[nearest]
            for other in seen:
                of_row[owner[other]] += step
                of_column[other] -= step
            for other in unseen:
                least[other] -= step
            unseen.remove(nearest)
            seen.append(nearest)
            column = nearest
        while column:
            owner[column] = owner[reached[column]]
            column = reached[column]
    return [column - 1 for _, column in sorted(zip(owner[1:], range(1, count + 1), strict=True))]
