"""The figures of all incidents of a case at once, from packed deposits.

`independence.count` is the definition of every figure; this is a fast way to the same ones, and is held to it by tests
on random worlds. It looks at nothing but numbers: for each observation that counts, the cells in which it stands (its
own claim, those entailed, those that contain it or lie within it), the person, and the columns. Sorted, what one person
says on one claim lies side by side.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from vault.rules.accounts import Decisions
from vault.rules.claims import Claims, Places, spread
from vault.rules.dependence import STRONG, LinkKind
from vault.rules.independence import COLUMNS, DIRECT_COLUMNS, UNLESS_DIRECT, Row
from vault.rules.leaders import Everywhere, Flags
from vault.rules.origins import Local, Rest, Told
from vault.rules.packed import CELL, COLUMN_BITS, DEPOSIT, DEPOSIT_BITS, HALF, LOW, Packed, Wide, distinct
from vault.rules.standing import standing
from vault.rules.vocabulary import Vocabulary

FIGURES = ("direct_min", "direct_max", *COLUMNS)
BLOCK = 1 << 16  # observations that are looked at together, at least: as many as a processor holds near
Counts = NDArray[np.uint32]
Entries = tuple[Places, Wide, Wide]  # the place of a cell, a person, and the columns


def _bits(*columns: str) -> int:
    return sum(1 << place for place, name in enumerate(COLUMNS) if name in columns)


_SENSES = np.uint64(_bits(*DIRECT_COLUMNS))
_WIDER = np.uint64(_bits("denied", "not_perceived"))  # who says it of "2 to 3" says it of 2
_AFFIRMING = COLUMN_BITS ^ _WIDER  # who says it of 2 says it of "2 to 3"
_PERSON = np.uint64(12)
_FIELD = 21  # bits of a counter: three of them fit into one number, and no case has two million persons
_PER_NUMBER = 3


def _counters() -> Wide:
    """For what one person says of a claim, what is to be counted: direct, then the columns, three in a number."""
    found = np.zeros((4, 1 << len(COLUMNS)), np.uint64)
    for said in range(1 << len(COLUMNS)):
        direct = bool(said & int(_SENSES))
        kept = said & ~_bits(*UNLESS_DIRECT) if direct else said
        for place, counted in enumerate([direct, *(kept >> column & 1 for column in range(len(COLUMNS)))]):
            found[place // _PER_NUMBER, said] += np.uint64(int(counted) << _FIELD * (place % _PER_NUMBER))
    return found


_COUNTERS = _counters()


@dataclass(frozen=True)
class Table:
    """The figures of each cell (incident · claim), in the order of `FIGURES`."""

    incidents: tuple[str, ...]
    claims: Claims
    vocabularies: Mapping[str, Vocabulary]
    cells: Wide
    figures: Counts

    def rows(self, incident: str) -> tuple[Row, ...]:
        """The rows of one incident, as `independence.count` has them."""
        if incident not in self._number:
            return ()
        number, vocabulary = self._number[incident], self.vocabularies[incident]
        of_incident = slice(*np.searchsorted(self.cells >> HALF, [number, number + 1]).tolist())
        named = [self.claims.names[claim] for claim in (self.cells[of_incident] & LOW).tolist()]
        found = zip(named, self.figures[of_incident].tolist(), strict=True)
        rows = (Row(subject, value, *figures) for (_, subject, value), figures in found)
        return tuple(sorted(rows, key=lambda row: vocabulary.order(row.subject, row.value)))

    @cached_property
    def _number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.incidents)}


def tabulate(
    packed: Packed, vocabularies: Mapping[str, Vocabulary], decisions: Decisions | None = None
) -> Table:
    """The figures of all incidents: for each those that `count` finds of the accounts that `resolve` finds."""
    case = _Case(packed, vocabularies, decisions or Decisions())
    blocks = [(np.zeros(0, np.uint64), np.zeros((0, len(FIGURES)), np.uint32))]
    blocks += [_Block(case, *bounds).figures() for bounds in _blocks(packed)]
    cells, figures = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return Table(case.incidents, case.claims, vocabularies, cells, figures)


def _blocks(packed: Packed) -> Iterator[tuple[int, int]]:
    """Where to divide the observations: between incidents."""
    begins = np.flatnonzero(np.diff(packed.cells >> HALF, prepend=np.uint64(0xFFFFFFFF))).astype(np.uint64)
    starts = [*np.searchsorted(packed.keys, begins << CELL).tolist(), len(packed.keys)]
    first = 0
    for start in starts[1:]:
        if start - first >= BLOCK or start == starts[-1]:
            yield first, start
            first = start


class _Case:
    """What holds for all blocks."""

    def __init__(self, packed: Packed, vocabularies: Mapping[str, Vocabulary], decisions: Decisions) -> None:
        self.packed, self.incidents = packed, tuple(packed.read("incidents"))
        numbers = {name: number for number, name in enumerate(self.incidents)}
        self.claims = Claims.of(packed.claims, vocabularies.values())
        stands, self.counts = standing(packed)
        self.everywhere = Everywhere(packed, stands, decisions)
        self.strong = self.everywhere.on(numbers, STRONG)
        self.weak = self.everywhere.on(numbers, frozenset(LinkKind))
        self.told = Told.of(packed, stands, self.claims, (decisions, self.everywhere))
        listeners = np.zeros(self.everywhere.numbering.total, bool)
        listeners[self.told.listeners()] = True
        self.listens: Flags = listeners
        self.excluded = self._excluded(decisions, numbers)

    def _excluded(self, decisions: Decisions, numbers: Mapping[str, int]) -> Wide:
        """Incident · witness, of whoever is set aside there."""
        known = self.packed.read("witnesses") if decisions.ratings else []
        found = [
            (numbers[one.incident] << 32) | known.index(one.witness)
            for one in decisions.ratings
            if one.excluded and one.incident in numbers and one.witness in known
        ]
        return np.array(found, np.uint64)


class _Block:
    """The observations of some incidents."""

    def __init__(self, case: _Case, start: int, end: int) -> None:
        self.case, packed = case, case.packed
        keys = packed.keys[start:end]
        keys = keys[case.counts[(keys >> DEPOSIT) & DEPOSIT_BITS]]
        self.witness = packed.witness[(keys >> DEPOSIT) & DEPOSIT_BITS]
        if len(case.excluded):
            speaker = (packed.cells[keys >> CELL] & ~LOW) | self.witness
            kept = ~np.isin(speaker, case.excluded)
            keys, self.witness = keys[kept], self.witness[kept]
        self.bits = keys & COLUMN_BITS
        first = np.flatnonzero(np.diff(keys >> CELL, prepend=np.uint64(0xFFFFFFFFFFFFFFFF)))
        self.coded = packed.cells[keys[first] >> CELL]
        self.first = np.append(first, len(keys))  # of each coded cell, its first observation
        self.entailing, entailed = case.claims.entailed(self.coded)
        self.cells = distinct(np.concatenate((self.coded, entailed)))
        self.entailed = np.searchsorted(self.cells, entailed)

    def figures(self) -> tuple[Wide, Counts]:
        """All cells, and their figures."""
        place, observation, bits = self._standings()
        incident = self.cells[place] >> HALF
        person = self.case.strong.lead(incident, self.case.everywhere.strong[self.witness[observation]])
        local, scope = self._local()
        if not (scope >= 0).any():
            return self.cells, _count(len(self.cells), (place, person, bits), self._lower)
        many = len(self.cells)
        plain = scope[place] < 0
        own = ~plain
        at, where, who, said = scope[place][own].astype(np.uint64), place[own], person[own], bits[own]
        entries = (
            np.concatenate((place[plain], where, where + many)),  # directly perceived; and all else, apart
            np.concatenate((person[plain], local.direct.lead(at, who), local.others.lead(at, who))),
            np.concatenate((bits[plain], said & _SENSES, said)),
        )

        def lower(place: Places, person: Wide) -> Wide:
            there = np.append(scope, scope)[place]
            led = self._lower(np.where(place < many, place, place - many), person)
            return np.where(there < 0, led, local.lower.lead(np.maximum(there, 0).astype(np.uint64), led))

        both = _count(2 * len(self.cells), entries, lower)
        found, others = both[: len(self.cells)], both[len(self.cells) :]
        apart = [FIGURES.index(name) for name in COLUMNS if name not in DIRECT_COLUMNS]
        for column in apart:
            found[scope >= 0, column] = others[scope >= 0, column]
        return self.cells, found

    def _lower(self, place: Places, person: Wide) -> Wide:
        return self.case.weak.lead(self.cells[place] >> HALF, self.case.everywhere.weak[person])

    def _standings(self) -> tuple[Places, Places, Wide]:
        """The place of a cell, the observation that stands there, and the columns that it has there."""
        at = np.searchsorted(self.cells, self.coded)  # of each coded cell among all
        inner, outer = self.case.claims.containing(self.coded)
        sources = (np.arange(len(at)), self.entailing, inner, outer)
        target = np.concatenate((at, self.entailed, at[outer], at[inner]))
        masks = np.array((COLUMN_BITS, _SENSES, _AFFIRMING, _WIDER))  # what passes from source to target
        source, mask = np.concatenate(sources), np.repeat(masks, [len(one) for one in sources])
        which, offset = spread(np.diff(self.first)[source])
        observation = self.first[source][which] + offset
        bits = self.bits[observation] & mask[which]
        says = np.flatnonzero(bits)
        return target[which[says]], observation[says], bits[says]

    def _local(self) -> tuple[Local, Counts]:
        """The links of single claims on these incidents; and of each cell the scope of its links, or -1."""
        case = self.case
        about = (self.cells & ~LOW) | case.claims.subject[self.cells & LOW]
        has = np.isin(about, case.told.bearing)
        subjects = distinct(about[has])
        rest = Rest(self._direct() if len(subjects) else {}, case.everywhere, case.strong, case.weak)
        local = Local.of(case.told, subjects.tolist(), case.claims, rest)
        return local, np.where(has, np.searchsorted(subjects, about), -1)

    def _direct(self) -> Mapping[tuple[int, int], set[int]]:
        """Who of those whose account stems from somebody knows directly, by incident and subject."""
        claims, found = self.case.claims, defaultdict[tuple[int, int], set[int]](set)
        known = np.flatnonzero(self.case.listens[self.witness] & (self.bits & _SENSES > 0))
        cell = np.repeat(self.coded, np.diff(self.first))[known]
        columns = (cell >> HALF, claims.subject[cell & LOW], self.witness[known])
        for incident, subject, witness in zip(*(column.tolist() for column in columns), strict=True):
            for one in claims.lineages[subject]:
                found[incident, one].add(witness)
        return found


def _count(cells: int, entries: Entries, lower: Callable[[Places, Wide], Wide]) -> Counts:
    """The figures of so many cells: entries are a cell's place, a person, and the columns; `lower` leads persons."""
    place, person, bits = entries
    packed = (place.astype(np.uint64) << CELL) | (person << _PERSON) | bits
    packed.sort(kind="stable")  # in order but for the persons of a cell: merged, not sorted from nothing
    whom = packed >> _PERSON
    first = np.flatnonzero(np.diff(whom, prepend=np.uint64(0xFFFFFFFFFFFFFFFF)))
    said = np.bitwise_or.reduceat(packed & COLUMN_BITS, first) if len(first) else first.astype(np.uint64)
    whom = whom[first]
    at = (whom >> (CELL - _PERSON)).astype(np.intp)
    found = np.zeros((len(FIGURES), cells), np.uint32)
    ends = np.append(0, np.cumsum(np.bincount(at, minlength=cells)))
    for number, counters in enumerate(_COUNTERS):
        totals = _sums(counters[said], ends)
        for place_, column in enumerate(range(1 + number * _PER_NUMBER, 4 + number * _PER_NUMBER)):
            found[column] = (totals >> np.uint64(_FIELD * place_)) & np.uint64((1 << _FIELD) - 1)
    direct = np.flatnonzero(said & _SENSES)
    led = lower(at[direct], whom[direct] & DEPOSIT_BITS)
    apart = distinct((at[direct].astype(np.uint64) << HALF) | led)
    found[0] = np.bincount((apart >> HALF).astype(np.intp), minlength=cells)
    return found.T


def _sums(values: Wide, ends: Places) -> Wide:
    """The sum of each stretch of values."""
    sums = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=sums[1:])
    found: Wide = sums[ends[1:]] - sums[ends[:-1]]  # what overflows in between cancels out
    return found
