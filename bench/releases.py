"""What four systems let out about a world: a live count, one with a threshold, exact editions, statements under RP-1.

Editions follow the vault's own batch rule, statements its own gates and its own audit of the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from bench.villages import DAYS, Incident, Told, World
from vault.rules import history
from vault.rules.circumstances import Band, Circumstances
from vault.rules.disclosure import Form, Line, Policy, lines, refusals
from vault.rules.editions import IncidentState, Present, Status, decide, must_have_come
from vault.rules.sheets import Cell, Figure, Person, Sheet
from vault.rules.vocabulary import Vocabulary

EVERY, FIRST_DAY, POLICY = 30, date(2023, 1, 1), Policy()
EDITIONS = range(EVERY, DAYS + 1, EVERY)
LEVELS = (
    Cell("strike.took_place", "yes", "direct"),
    Cell("aircraft.present", "yes", "direct"),
    Cell("aircraft.number", 2, "saw"),
)
VOCABULARY = Vocabulary.parse(
    (Path(__file__).parents[1] / "config/vocabulary/air-strike.toml").read_text("utf-8")
)
Asked = tuple[int, int | None]  # an incident; people of one cell of the register, or everybody


@dataclass(frozen=True)
class Practice:
    """Whom the tally of contacts counts, from one day to another; and whether those who came since the edition before
    must be covered, too, as RP-1 asks."""

    tally: Callable[[World, Incident, int, int], int]
    lately: bool = True


@dataclass(frozen=True)
class LiveCount:
    """Answers at any time how many witnesses fit any predicate, unless they are fewer than `least`."""

    world: World
    least: int = 0

    def ask(self, asked: Iterable[Asked], day: int) -> int | None:
        """How many had spoken by that day, of all that is asked together; None: too few to say."""
        count = sum(
            told.day <= day and cell in (None, self.world.cell_of[told.person])
            for incident, cell in asked
            for told in self.world.told[incident]
        )
        return count if count >= self.least else None


@dataclass(frozen=True)
class Release:
    """What the adversary knows of an incident's figures when they come out: on which days the edition was cut in which
    they were counted, the one before, and the last that had counted the incident (from that up to the one before, fewer
    than three came); the least and the most of each level; whether these are of everybody, or of those who allow sums.
    """

    cut: int
    before: int
    since: int
    bounds: Mapping[int, tuple[int, int]]
    everybody: bool = True


def counted(told: Sequence[Told]) -> Iterator[tuple[int, tuple[Told, ...]]]:
    """On which days an edition counts an incident anew, and whom: the vault's batch rule."""
    state: IncidentState | None = None
    for number, day in enumerate(EDITIONS):
        present = tuple(one for one in told if one.day <= day)
        state = decide(state, Present({str(one.person): "said" for one in present}), number)
        if state.status is Status.COUNTED:
            yield day, present


def edited(told: Sequence[Told]) -> list[Release]:
    """What a reviewer reads of an incident, edition after edition, and that fewer than three came after the last."""
    found, since = [], 0
    for day, present in counted(told):
        numbers = (sum(one.level >= level for one in present) for level in range(len(LEVELS)))
        found.append(
            Release(day, day - EVERY, since, {level: (many, many) for level, many in enumerate(numbers)})
        )
        since = day
    return [*found, Release(EDITIONS[-1], EDITIONS[-1], since, {})]


def who_was_there(world: World, incident: Incident, after: int, until: int) -> int:
    """How many of those who could have perceived the incident the team met in that time."""
    return len(_met(world, incident, after, until) & incident.present)


def everybody_met(world: World, incident: Incident, after: int, until: int) -> int:
    """How many people the team met in the village in that time, whether they were there or not."""
    return len(_met(world, incident, after, until))


def _met(world: World, incident: Incident, after: int, until: int) -> frozenset[int]:
    days = world.visits[incident.village]
    return frozenset[int]().union(*(met for day, met in days.items() if after < day <= until))


def stated(world: World, number: int, practice: Practice) -> list[tuple[Release, tuple[Line, ...]]]:
    """What is published of an incident under RP-1, as early and as much as its gates allow.

    A statement says the month of its figures. So the adversary knows from which edition they are.
    """
    incident, figures = world.incidents[number], dict(counted(world.told[number]))
    found: list[tuple[Release, tuple[Line, ...]]] = []
    said: list[history.Said] = []
    days: list[date] = []
    for day in EDITIONS:
        cut = max((one for one in figures if one <= day), default=None)
        if cut is None or (said and said[-1].figures == str(cut)):
            continue
        since = max((one for one in figures if one < cut), default=0)
        came = must_have_come(len(figures.get(since, ())), len(figures[cut])) if practice.lately else 0
        lately = practice.tally(world, incident, cut - EVERY, cut)
        last = max((release.cut for release, _ in found), default=incident.day)
        published = {line.cell: line.number for one in said for line in one.lines}
        contacts = practice.tally(world, incident, last, cut)
        around = Circumstances(_pools(incident), contacts, lately, came, published, tuple(days))
        chosen = _publishable(figures[cut], around, said, str(cut), FIRST_DAY + timedelta(days=day))
        if chosen:
            found.append((Release(cut, cut - EVERY, since, _bounds(chosen), chosen[0].exactly), chosen))
            said.append(history.Said(str(cut), chosen))
            days.append(FIRST_DAY + timedelta(days=day))
    return found


def _publishable(
    told: Sequence[Told], around: Circumstances, said: Sequence[history.Said], figures: str, today: date
) -> tuple[Line, ...]:
    """The fullest statement that passes every gate: exact before ladder, more claims before fewer."""
    found = _sheet(told)
    filled = [cell for cell in LEVELS if found.figure(cell).groups]
    for form in (Form.EXACT, Form.LADDER):
        for many in range(len(filled), 0, -1):
            nested = [(cell, place - 1 if place else None) for place, cell in enumerate(filled[:many])]
            chosen = tuple(line for line in lines(found, nested, form, POLICY) if line.number)
            proposed = history.Said(figures, chosen)
            if (
                chosen
                and not refusals(found, chosen, around, POLICY, today)
                and not history.refusals(said, proposed, VOCABULARY, POLICY)
            ):
                return chosen
    return ()


def _sheet(told: Sequence[Told]) -> Sheet:
    figures = {}
    for level, cell in enumerate(LEVELS):
        groups = tuple(frozenset({place}) for place, one in enumerate(told) if one.level >= level)
        figures[cell] = Figure(groups, len(groups))
    return Sheet(tuple(Person(one.uses, ()) for one in told), figures)


def _pools(incident: Incident) -> dict[str, Band]:
    sizes = zip(LEVELS, map(len, (incident.present, incident.present, incident.sight)), strict=True)
    return {
        cell.subject: max((band for band in Band if band.least <= size), key=lambda band: band.least)
        for cell, size in sizes
    }


def _bounds(said: Sequence[Line]) -> dict[int, tuple[int, int]]:
    """The least and the most that each line can mean."""
    next_step = {step: above - 1 for step, above in pairwise(POLICY.ladder)}
    return {
        LEVELS.index(line.cell): (line.number, line.number if line.exactly else next_step[line.number])
        for line in said
    }
