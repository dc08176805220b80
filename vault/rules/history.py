"""What everything that was ever published on an incident says together: the most that somebody can reckon from it.

**What is known.** A published number is exact, or lies from one step of the ladder up to the next. Whoever perceived
the narrower claim perceived the wider one, and whoever saw it perceived it. Statements that rest on the same figures
(they name the same root) speak of the same numbers; figures of another month may have grown or fallen. A statement
that was pulled still counts: what was read cannot be unread.

**What must stay unknown.** How many stand in a cell, how many of a wider claim are not in a narrower one, and by how
many a number changed. Nothing of this may be one or two with less doubt than the policy's `width`, unless all
concerned agreed to the exact numbers. Whether it *is* one or two does not matter, only whether it could be: a refusal
that depended on the truth would tell the truth.

**How.** Every fact is a bound on a number or on the difference of two. So the largest difference that is possible is
the shortest way through the graph of these bounds. This solves the integer program exactly: its matrix is totally
unimodular (Cormen et al., Introduction to Algorithms, "Difference constraints and shortest paths").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, permutations
from typing import NamedTuple

from vault.errors import N_, Invalid
from vault.rules.disclosure import Gate, Line, Policy, Refusal
from vault.rules.sheets import Cell
from vault.rules.vocabulary import Vocabulary

PROTECTED = (1, 2)
CURE = N_(
    "Together with what was published before, this would point at one or two persons: leave this claim out."
)


@dataclass(frozen=True)
class Said:
    """What one statement said, and which figures it rests on."""

    figures: str
    lines: tuple[Line, ...]


class Guess(StrEnum):
    """What somebody may reckon out."""

    COUNT = "count"  # how many stand in a cell
    LEFT_OUT = "left_out"  # how many of the other, wider cell are not in this one
    CHANGE = "change"  # by how many a cell grew


@dataclass(frozen=True)
class Inference:
    """What follows of a cell of certain figures: the least and the most that is possible (None: no bound), and whether
    all concerned agreed to it."""

    guess: Guess
    figures: str
    cell: Cell
    other: Cell | None
    least: int | None
    most: int | None
    agreed: bool

    def points_at_someone(self, width: int) -> bool:
        """Whether it could be one or two persons with less doubt than `width`."""
        if self.agreed or self.least is None or self.most is None or self.most - self.least >= width:
            return False
        return any(self.least <= sign * few <= self.most for few in PROTECTED for sign in (1, -1))


def refusals(
    earlier: Sequence[Said], proposed: Said, vocabulary: Vocabulary, policy: Policy
) -> tuple[Refusal, ...]:
    """The lines that may not be said after the earlier statements (None: the statement as it is).

    Raises Invalid for statements that contradict each other.
    """
    before, after = (
        {one for one in inferences(said, vocabulary, policy) if one.points_at_someone(policy.width)}
        for said in (earlier, [*earlier, proposed])
    )
    found: list[int | None] = []
    for inference in sorted(after - before, key=repr):
        cells = (inference.cell, inference.other)
        found += [number for number, line in enumerate(proposed.lines) if line.cell in cells] or [None]
    return tuple(Refusal(Gate.HISTORY, line, CURE) for line in dict.fromkeys(found))


def inferences(said: Sequence[Said], vocabulary: Vocabulary, policy: Policy) -> tuple[Inference, ...]:
    """All that can be reckoned from these statements. Raises Invalid when they contradict each other."""
    return tuple(_Reckoning(said, vocabulary, policy).inferences())


class _Number(NamedTuple):
    """An unknown number: how many stand in a cell of certain figures; all of them, or those who allow sums."""

    cell: Cell
    figures: str
    all: bool


_NOBODY = None  # the number that is known to be 0
_Any = _Number | None


class _Reckoning:
    """How much one number can exceed another, for every two of them."""

    def __init__(self, said: Sequence[Said], vocabulary: Vocabulary, policy: Policy) -> None:
        self._vocabulary = vocabulary
        stated = (_Number(line.cell, one.figures, line.exactly) for one in said for line in one.lines)
        self._numbers = tuple(dict.fromkeys(stated))
        self._agreed = {
            (_Number(inner.cell, one.figures, True), _Number(outer.cell, one.figures, True))
            for one in said
            for inner, outer in permutations(one.lines, 2)
            if inner.exactly and outer.exactly
        }
        self._within = {
            (_Number(line.cell, one.figures, True), _Number(one.lines[line.within].cell, one.figures, True))
            for one in said
            for line in one.lines
            if line.within is not None
        }
        self._excess: dict[tuple[_Any, _Any], int] = {}
        for one in said:
            for line in one.lines:
                self._state(_Number(line.cell, one.figures, line.exactly), line, policy)
        for inner, outer in self._among():
            self._limit(inner, outer, 0)
        self._conclude()

    def inferences(self) -> Iterator[Inference]:
        """Every count, everyone left out, every change."""
        for one in self._numbers:
            yield Inference(Guess.COUNT, one.figures, one.cell, None, *self._range(one, _NOBODY), one.all)
        for inner, outer in self._among():
            bounds, agreed = self._range(outer, inner), (inner, outer) in self._agreed
            yield Inference(Guess.LEFT_OUT, inner.figures, inner.cell, outer.cell, *bounds, agreed)
        for before, after in combinations(self._numbers, 2):
            if before.cell == after.cell and before.figures != after.figures:
                bounds = self._range(after, before)
                # Who is no longer counted has agreed to nothing: two exact numbers may not tell that one left.
                agreed = before.all and after.all and (bounds[0] or 0) >= 0
                yield Inference(Guess.CHANGE, after.figures, after.cell, None, *bounds, agreed)

    def _range(self, more: _Any, less: _Any) -> tuple[int | None, int | None]:
        fewest = self._excess.get((less, more))
        return None if fewest is None else -fewest, self._excess.get((more, less))

    def _among(self) -> Iterator[tuple[_Number, _Number]]:
        """Numbers of which every person of the first is among those of the second."""
        for inner, outer in permutations(self._numbers, 2):
            if inner.figures == outer.figures and inner.all <= outer.all:
                wider = self._is_wider(outer.cell, inner.cell) or (inner, outer) in self._within
                if wider or inner.cell == outer.cell:
                    yield inner, outer

    def _is_wider(self, outer: Cell, inner: Cell) -> bool:
        if outer == inner or outer.column not in ("direct", inner.column):
            return False
        if outer.subject == inner.subject:
            return Vocabulary.contains(outer.value, inner.value)
        return outer.value == "yes" and outer.subject in self._vocabulary.ancestors(inner.subject)

    def _state(self, number: _Number, line: Line, policy: Policy) -> None:
        self._limit(_NOBODY, number, -line.number)
        above = [line.number] if line.exactly else [step - 1 for step in policy.ladder if step > line.number]
        for most in above[:1]:
            self._limit(number, _NOBODY, most)

    def _limit(self, more: _Any, less: _Any, most: int) -> None:
        self._excess[more, less] = min(most, self._excess.get((more, less), most))

    def _conclude(self) -> None:
        """What follows through a number in between (Floyd and Warshall)."""
        every = (_NOBODY, *self._numbers)
        for between in every:
            for more in every:
                first = self._excess.get((more, between))
                if first is not None:
                    for less in every:
                        second = self._excess.get((between, less))
                        if second is not None:
                            self._limit(more, less, first + second)
        if any(self._excess.get((one, one), 0) < 0 for one in every):
            raise Invalid(
                "The statements on this incident contradict each other: pull the one that is wrong."
            )
