"""The claims of a packed case, and which of them entail, contain or lie within which, as columns of numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vault.rules.packed import LOW, Wide
from vault.rules.vocabulary import Range, Value, Vocabulary

Claim = tuple[str, str, Value]  # vocabulary, subject, value
Bounds = NDArray[np.int64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Claims:
    """Claims by number: those that are coded, then those that they entail.

    `above` are pairs of numbers, a claim and one that it entails, in two rows; `subject` is the number of a claim's
    subject, `bounds` the least and most of a number, and 0 and -1 of what is none.
    """

    names: tuple[Claim, ...]
    above: Wide
    subject: Wide
    bounds: Bounds
    lineages: tuple[tuple[int, ...], ...]  # by subject: it and what it entails, nearest first
    bearing: tuple[tuple[int, ...], ...]  # by subject: it and what entails it

    @classmethod
    def of(cls, coded: Iterable[Claim], known: Iterable[Vocabulary]) -> "Claims":
        """All claims of these, and above them, by the vocabularies of these names."""
        vocabularies = {vocabulary.name: vocabulary for vocabulary in known}
        places = {claim: number for number, claim in enumerate(coded)}
        above = []
        for (name, subject, _), number in list(places.items()):
            for entailed in vocabularies[name].ancestors(subject):
                above.append((number, places.setdefault((name, entailed, "yes"), len(places))))
        subjects: dict[tuple[str, str], int] = {}
        numbers = [subjects.setdefault((name, subject), len(subjects)) for name, subject, _ in places]
        lineages = tuple(
            (number, *(subjects[name, one] for one in vocabularies[name].ancestors(subject)))
            for (name, subject), number in subjects.items()
        )
        bearing = tuple(
            tuple(other for other, lineage in enumerate(lineages) if number in lineage)
            for number in range(len(subjects))
        )
        return cls(
            names=tuple(places),
            above=np.array(above, np.uint64).reshape(-1, 2).T,
            subject=np.array(numbers, np.uint64),
            bounds=np.array([_bounds(value) for _, _, value in places], np.int64).reshape(-1, 2),
            lineages=lineages,
            bearing=bearing,
        )

    def entailed(self, cells: Wide) -> tuple[Places, Wide]:
        """The place of each cell (incident · claim) that entails another one, and that one, nearest or not."""
        order = np.argsort(self.above[0], kind="stable")
        claim, entails = self.above[:, order]
        first, last = (np.searchsorted(claim, cells & LOW, side) for side in ("left", "right"))
        source, offset = spread(last - first)
        return source, (cells[source] & ~LOW) | entails[first[source] + offset]

    def containing(self, cells: Wide) -> tuple[Places, Places]:
        """Places of two cells, of the same subject on the same incident, of which the second holds the first."""
        low, high = self.bounds[cells & LOW].T
        numeric = np.flatnonzero(low <= high)
        about = (cells[numeric] & ~LOW) | self.subject[cells[numeric] & LOW]
        order = np.argsort(about, kind="stable")
        about, numeric = about[order], numeric[order]
        first, last = (np.searchsorted(about, about, side) for side in ("left", "right"))
        source, offset = spread(last - first)
        inner, outer = numeric[source], numeric[first[source] + offset]
        within = (low[outer] <= low[inner]) & (high[inner] <= high[outer]) & (inner != outer)
        return inner[within], outer[within]


def spread(counts: Places) -> tuple[Places, Places]:
    """Of so many things each: whose each one is, and the how manieth of them."""
    whose = np.repeat(np.arange(len(counts)), counts)
    start = np.cumsum(counts) - counts
    return whose, np.arange(len(whose)) - np.repeat(start, counts)


def _bounds(value: Value) -> tuple[int, int]:
    if isinstance(value, Range):
        return value.min, value.max
    return (value, value) if isinstance(value, int) else (0, -1)
