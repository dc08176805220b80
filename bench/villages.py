"""A world to attack: villages, what happened there, whom a team met, and who of them spoke of what.

It is made by the very chances with which the adversary reckons, so nobody can reckon better from what is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from vault.rules.consent import Use

DAYS, LAST_INCIDENT = 1095, 900
MOST = 8  # after so many witnesses of an incident the team asks no more
CELLS = 2 * 8 * 8  # sex, age in eight bands, eight occupations
HEARD, SAW = 0.65, 0.5  # an aircraft; how many, among those who heard and had it in sight
USES = {Use.AGGREGATE: 0.95, Use.COUNT_EXACT: 0.9, Use.DETAIL: 0.9}


@dataclass(frozen=True)
class Size:
    """How large the world is; `met`: how many people the team meets on a visit."""

    villages: int = 40
    incidents: int = 150
    interviews: int = 700  # expected, if the team never stopped
    visits: int = 12
    met: int = 12


@dataclass(frozen=True)
class Incident:
    """When and where; who was there, and who of them had it in sight."""

    day: int
    village: int
    present: frozenset[int]
    sight: frozenset[int]


@dataclass(frozen=True)
class Told:
    """One witness's account: on which day, what it holds (0: the strike; 1: an aircraft, too; 2: saw two), and what
    they allow."""

    person: int
    day: int
    level: int
    uses: frozenset[str]


@dataclass(frozen=True)
class World:
    """`told` is secret; all else the adversary knows, how often people speak included."""

    cell_of: dict[int, int]
    visits: dict[int, dict[int, frozenset[int]]]  # village, day: whom the team met
    incidents: tuple[Incident, ...]
    speaks: float  # how likely somebody who was there speaks of an incident when met
    told: tuple[tuple[Told, ...], ...]

    def meetings(self, incident: Incident) -> dict[int, list[int]]:
        """On which days the team met each person who was there, after it happened."""
        found: dict[int, list[int]] = {}
        for day, met in self.visits[incident.village].items():
            for person in met & incident.present if day > incident.day else ():
                found.setdefault(person, []).append(day)
        return found


def chances(has_sight: bool) -> tuple[float, float, float]:
    """How likely an account is of each level."""
    saw = HEARD * SAW if has_sight else 0.0
    return 1 - HEARD, HEARD - saw, saw


def make(size: Size, seed: int) -> World:
    """One world of that size."""
    random = Random(seed)
    people: list[range] = []
    cell_of: dict[int, int] = {}
    visits: dict[int, dict[int, frozenset[int]]] = {}
    for village in range(size.villages):
        first = len(cell_of)
        people.append(range(first, first + random.randint(100, 320)))
        cell_of |= {person: random.randrange(CELLS) for person in people[village]}
        days = sorted(random.sample(range(1, DAYS), size.visits))
        visits[village] = {day: frozenset(random.sample(people[village], size.met)) for day in days}
    incidents = tuple(_incident(people, random) for _ in range(size.incidents))
    silent = World(cell_of, visits, incidents, 0.0, ())
    speaks = _rate(silent, size.interviews)
    told = tuple(tuple(_told(silent, incident, speaks, random)) for incident in incidents)
    return World(cell_of, visits, incidents, speaks, told)


def _incident(people: list[range], random: Random) -> Incident:
    village = random.randrange(len(people))
    there = random.sample(people[village], int(len(people[village]) * random.uniform(0.2, 0.6)))
    sight = there[: int(len(there) * random.uniform(0.1, 0.6))]
    return Incident(random.randrange(LAST_INCIDENT), village, frozenset(there), frozenset(sight))


def _rate(world: World, interviews: int) -> float:
    """How likely somebody must speak, that so many interviews are expected."""
    often = [len(days) for incident in world.incidents for days in world.meetings(incident).values()]
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        expected = sum(1 - (1 - middle) ** times for times in often)
        low, high = (middle, high) if expected < interviews else (low, middle)
    return low


def _told(world: World, incident: Incident, speaks: float, random: Random) -> list[Told]:
    found = []
    for person, days in sorted(world.meetings(incident).items()):
        for day in days:
            if random.random() < speaks:
                level = random.choices(range(3), chances(person in incident.sight))[0]
                uses = frozenset(use for use, share in USES.items() if random.random() < share)
                found.append(Told(person, day, level, uses))
                break
    return sorted(found, key=lambda told: (told.day, told.person))[:MOST]
