"""Whether each of some persons is a witness, given numbers that count them: Bayes' rule, exactly.

Each candidate, apart from the others, is a witness in one of several **ways**, or in none. A way counts in some of the
**numbers**. What was published says which values of each number fit. The chance of each candidate then follows from all
worlds that fit, weighed by how likely they were: summed forward over the candidates before, backward over those after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Table = npt.NDArray[np.float64]
Step = tuple[int, ...]  # the places of the numbers in which a way counts


class Number(NamedTuple):
    """What is known of a number."""

    least: int
    most: int


class Way(NamedTuple):
    """One way to be a witness: in which numbers it counts, and how likely it is, for each time that none is."""

    step: Step
    odds: float


def posterior(
    candidates: Sequence[Sequence[Way]], numbers: Sequence[Number], known: Iterable[Step] = ()
) -> list[float]:
    """How likely each candidate is a witness; `known`: the ways of witnesses whom somebody knows already.

    Raises ValueError when no world fits.
    """
    numbers = _without(numbers, known)
    after = [_fits(numbers)]
    for ways in reversed(candidates):
        table = after[-1].copy()
        for way in ways:
            new, old = _slices(way.step, numbers)
            table[old] += way.odds * after[-1][new]
        after.append(table)
    before = np.zeros_like(after[0])
    before[(0,) * len(numbers)] = 1.0
    whole = float(np.vdot(before, after.pop()))
    if not whole > 0:
        raise ValueError("No world fits what was published.")
    found = []
    for ways in candidates:
        witness = np.zeros_like(before)
        for way in ways:
            new, old = _slices(way.step, numbers)
            witness[new] += way.odds * before[old]
        found.append(float(np.vdot(witness, after.pop())) / whole)
        before += witness
    return found


def _without(numbers: Sequence[Number], known: Iterable[Step]) -> list[Number]:
    """The numbers of everybody else."""
    many = Counter(place for step in known for place in step)
    return [
        Number(max(0, least - many[place]), most - many[place]) for place, (least, most) in enumerate(numbers)
    ]


def _fits(numbers: Sequence[Number]) -> Table:
    table = np.zeros(tuple(number.most + 1 for number in numbers))
    table[tuple(slice(number.least, None) for number in numbers)] = 1.0
    return table


def _slices(step: Step, numbers: Sequence[Number]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Where all worlds with one more witness stand in a table, and where they stood without."""
    places = range(len(numbers))
    new = tuple(slice(1, None) if place in step else slice(None) for place in places)
    return new, tuple(slice(None, -1) if place in step else slice(None) for place in places)
