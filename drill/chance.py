"""What positions may say by chance: the order of a list, and how well two lists of positions match."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

SIGMAS = 5
Costs = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Places = np.ndarray[tuple[int], np.dtype[np.intp]]


def kendall(order: Sequence[int]) -> float:
    """Kendall's tau between the positions of a list and what stands there."""
    signs = [math.copysign(1, later - earlier) for earlier, later in combinations(order, 2)]
    return sum(signs) / len(signs)


def sigma(count: int) -> float:
    """Tau's standard deviation over random orders."""
    return math.sqrt(2 * (2 * count + 5) / (9 * count * (count - 1)))


def follows(order: Sequence[int]) -> bool:
    """Whether a list is nearer to an order than chance would have it; what is the same everywhere has none."""
    return len(order) > 9 and len(set(order)) > 1 and abs(kendall(order)) > SIGMAS * sigma(len(order))


def ranks(positions: Sequence[int]) -> list[int]:
    """The place of each position among all of them."""
    place = {position: rank for rank, position in enumerate(sorted(positions))}
    return [place[position] for position in positions]


def matching(cost: Costs) -> Places:
    """The column of each row in the cheapest one-to-one matching (the Hungarian method, with potentials)."""
    count = len(cost)
    of_row, of_column = np.zeros(count + 1), np.zeros(count + 1)
    owner, reached = np.zeros(count + 1, np.intp), np.zeros(count + 1, np.intp)
    whole = np.full((count + 1, count + 1), np.inf)  # rows and columns from 1; column 0 is the way in
    whole[1:, 1:] = cost
    for row in range(1, count + 1):
        owner[0], column = row, 0
        unseen, least = np.ones(count + 1, bool), np.full(count + 1, np.inf)
        unseen[0] = False
        while owner[column]:
            slack = whole[owner[column]] - of_row[owner[column]] - of_column
            nearer = unseen & (slack < least)
            least[nearer], reached[nearer] = slack[nearer], column
            nearest = int(np.where(unseen, least, np.inf).argmin())
            step, seen = least[nearest], ~unseen
            of_row[owner[seen]] += step
            of_column[seen] -= step
            least[unseen] -= step
            unseen[nearest] = False
            column = nearest
        while column:
            owner[column] = owner[reached[column]]
            column = int(reached[column])
    return owner[1:].argsort()
