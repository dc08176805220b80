"""The adversary: who has the register, lists of who was there, and has seen everybody whom the team met.

They know the rules of every system, how often people speak, and all that was published. They do not know who spoke.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from bench.bayes import Number, Step, Way, posterior
from bench.releases import LiveCount, Release
from bench.villages import USES, Incident, Told, World, chances
from vault.rules.consent import Use
from vault.rules.editions import BATCH

Posterior = Mapping[int, float]  # of each person whom the team met and who was there


class _Counts(NamedTuple):
    """Whom a number counts: from a level on, who spoke after one day until another; or only who allows sums."""

    level: int
    after: int
    until: int
    everybody: bool = True

    def counts(self, told: Told) -> bool:
        allowed = self.everybody or Use.AGGREGATE in told.uses
        return allowed and told.level >= self.level and self.after < told.day <= self.until


def prior(world: World, incident: Incident) -> Posterior:
    """What the adversary thinks before anything is published."""
    return {who: 1 - (1 - world.speaks) ** len(days) for who, days in world.meetings(incident).items()}


def from_releases(
    world: World, incident: Incident, releases: Sequence[Release], known: Iterable[Told] = ()
) -> Posterior:
    """What follows from figures; `known`: what somebody knows of other witnesses, to the last detail."""
    counts, numbers = _numbers(releases)
    known = tuple(known)
    others = {told.person for told in known}
    meetings = {who: days for who, days in world.meetings(incident).items() if who not in others}
    candidates = [_ways(world, incident, who, days, counts) for who, days in meetings.items()]
    steps = [_step(told, counts) for told in known]
    return dict(zip(meetings, posterior(candidates, numbers, steps), strict=True))


def _numbers(releases: Sequence[Release]) -> tuple[list[_Counts], list[Number]]:
    """What is known of which numbers; where exact ones follow each other, of their growth."""
    counts, numbers = [], []
    exact = dict.fromkeys(range(3), (0, 0))
    for release in releases:
        for level, (least, most) in release.bounds.items():
            since, base = exact[level] if release.everybody else (0, 0)
            counts.append(_Counts(level, since, release.cut, release.everybody))
            numbers.append(Number(least - base, most - base))
            if release.everybody and least == most:
                exact[level] = (release.cut, least)
        counts.append(_Counts(0, release.since, release.before))
        numbers.append(Number(0, BATCH - 1))
    return counts, numbers


def _step(told: Told, counts: Sequence[_Counts]) -> Step:
    return tuple(place for place, one in enumerate(counts) if one.counts(told))


def _ways(
    world: World, incident: Incident, person: int, days: Sequence[int], counts: Sequence[_Counts]
) -> list[Way]:
    odds: dict[Step, float] = defaultdict(float)
    allows = USES[Use.AGGREGATE]
    for day, spoke in zip(days, _when(world.speaks, len(days)), strict=True):
        for level, share in enumerate(chances(person in incident.sight)):
            for uses, often in ((frozenset({Use.AGGREGATE}), allows), (frozenset[Use](), 1 - allows)):
                odds[_step(Told(person, day, level, uses), counts)] += spoke * share * often
    return [Way(step, found) for step, found in odds.items() if found]


def _when(speaks: float, times: int) -> list[float]:
    """The odds of having spoken at each meeting, against having spoken at none."""
    return [speaks * (1 - speaks) ** (before - times) for before in range(times)]


def from_live_count(
    system: LiveCount, number: int, cells: Iterable[int], known: Iterable[Told] = ()
) -> Posterior:
    """What follows for the people of some cells of the register from asking for each cell after every visit."""
    world, known = system.world, tuple(known)
    meetings = world.meetings(world.incidents[number])
    found: dict[int, float] = {}
    for cell in set(cells):
        alike = {who: days for who, days in meetings.items() if world.cell_of[who] == cell}
        others = [told for told in known if world.cell_of[told.person] == cell]
        found |= _in_cell(world, alike, _grown(system, number, cell), others)
    return found


def _in_cell(
    world: World, meetings: Mapping[int, list[int]], grown: Mapping[_Counts, int], known: Sequence[Told]
) -> Posterior:
    counts = list(grown)
    others = {told.person for told in known}
    unknown = {who: days for who, days in meetings.items() if who not in others}
    candidates = []
    for who, days in unknown.items():
        odds: dict[Step, float] = defaultdict(float)
        for day, spoke in zip(days, _when(world.speaks, len(days)), strict=True):
            odds[_step(Told(who, day, 0, frozenset()), counts)] += spoke
        candidates.append([Way(*way) for way in odds.items()])
    numbers = [Number(many, many) for many in grown.values()]
    steps = [_step(told, counts) for told in known]
    return dict(zip(unknown, posterior(candidates, numbers, steps), strict=True))


def _grown(system: LiveCount, number: int, cell: int) -> dict[_Counts, int]:
    """By how many the witnesses of a cell grew, from each day on which an answer can be had to the next."""
    world, incident = system.world, system.world.incidents[number]
    found, last, before = {}, incident.day, 0
    for day in sorted(world.visits[incident.village]):
        count = _answer(system, number, cell, day) if day > incident.day else None
        if count is not None:
            found[_Counts(0, last, day)] = count - before
            last, before = day, count
    return found


def _answer(system: LiveCount, number: int, cell: int, day: int) -> int | None:
    """The count of a cell: as it is said, or else by a tracker (Denning), asking with another incident and without."""
    count = system.ask([(number, cell)], day)
    for other in range(len(system.world.incidents)) if count is None else ():
        alone = system.ask([(other, None)], day) if other != number else None
        both = None if alone is None else system.ask([(other, None), (number, cell)], day)
        if alone is not None and both is not None:
            return both - alone
    return count
