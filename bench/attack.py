"""Whom an adversary finds out from what each of several systems lets out, and what each lets the world know.

The adversary has the register, lists of who was there, and has seen everybody whom the team met. They reckon exactly
(`bayes`), by the true chances. An insider knows all witnesses of an incident but one, and looks for that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Protocol

from bench import adversary, releases
from bench.adversary import Posterior
from bench.releases import LEVELS, LiveCount, Practice, Release
from bench.villages import Size, Told, World, make
from vault.rules.disclosure import Line

SEEDS = (1, 2, 3)
SIZES = {"12 people met on a visit": Size(), "42 people met on a visit": Size(met=42)}


class System(Protocol):
    """What lets something out."""

    def posterior(self, number: int, sought: Sequence[Told], known: Sequence[Told] = ()) -> Posterior:
        """What an adversary concludes on one incident, at least for those sought."""

    def claims(self, number: int) -> int:
        """How many of an incident's claims somebody can read a number of, who reads everything."""


@dataclass(frozen=True)
class Nothing:
    """What the adversary thinks of everybody before anything is said."""

    world: World

    def posterior(self, number: int, sought: Sequence[Told], known: Sequence[Told] = ()) -> Posterior:  # noqa: ARG002
        """The prior."""
        return adversary.prior(self.world, self.world.incidents[number])

    def claims(self, number: int) -> int:  # noqa: ARG002
        """None."""
        return 0


@dataclass(frozen=True)
class Live:
    """A count that can be asked at any time, with any predicate."""

    count: LiveCount

    def posterior(self, number: int, sought: Sequence[Told], known: Sequence[Told] = ()) -> Posterior:
        """Asked about the cells of the register."""
        cells = (self.count.world.cell_of[told.person] for told in sought)
        return adversary.from_live_count(self.count, number, cells, known)

    def claims(self, number: int) -> int:
        """All that enough witnesses speak of."""
        least, told = max(1, self.count.least), self.count.world.told[number]
        return sum(sum(one.level >= level for one in told) >= least for level in range(len(LEVELS)))


@dataclass(frozen=True)
class Editions:
    """The exact tables that a reviewer reads."""

    world: World

    def posterior(self, number: int, sought: Sequence[Told], known: Sequence[Told] = ()) -> Posterior:  # noqa: ARG002
        """From all editions."""
        read = releases.edited(self.world.told[number])
        return adversary.from_releases(self.world, self.world.incidents[number], read, known)

    def claims(self, number: int) -> int:
        """All that the last table has."""
        last = [release.bounds for release in releases.edited(self.world.told[number]) if release.bounds][-1:]
        return sum(most > 0 for bounds in last for _, most in bounds.values())


@dataclass(frozen=True)
class Statements:
    """What is published under RP-1; `dated`: the adversary reckons with when an edition counts an incident."""

    world: World
    practice: Practice
    dated: bool = True

    @cached_property
    def _said(self) -> list[list[tuple[Release, tuple[Line, ...]]]]:
        return [releases.stated(self.world, number, self.practice) for number in range(len(self.world.told))]

    def posterior(self, number: int, sought: Sequence[Told], known: Sequence[Told] = ()) -> Posterior:  # noqa: ARG002
        """From all statements on the incident."""
        read = [release for release, _ in self._said[number]]
        if not self.dated:
            read = [replace(release, before=release.since) for release in read]  # a time in which nobody came
        return adversary.from_releases(self.world, self.world.incidents[number], read, known)

    def claims(self, number: int) -> int:
        """All that the last statement says."""
        return sum(len(lines) for _, lines in self._said[number][-1:])


def systems(world: World) -> dict[str, System]:
    """The systems side by side, and RP-1 changed in one thing: the reader, one gate less, whom the tally counts."""
    there = releases.who_was_there
    return {
        "nothing": Nothing(world),
        "live count": Live(LiveCount(world)),
        "live count, none below 3": Live(LiveCount(world, 3)),
        "reviewer's editions": Editions(world),
        "RP-1": Statements(world, Practice(there)),
        "RP-1, reader without the batch rule": Statements(world, Practice(there), dated=False),
        "RP-1, no cover since the edition before": Statements(world, Practice(there, lately=False)),
        "RP-1, tally of everybody met": Statements(world, Practice(releases.everybody_met)),
    }


class Found(NamedTuple):
    """What one system lets out, as shares of all witnesses; and of the incidents with three witnesses or more, on how
    many it lets something be known, with how many of their claims."""

    sure: float  # posterior of 0.9 or more
    likely: float  # 0.5 or more
    mean: float
    prior: float
    insider_sure: float
    insider_likely: float
    incidents: float
    claims: float


def attack(world: World, system: System) -> Found:
    """Every witness is looked for, by the adversary and by each insider."""
    after, before, inside = [], [], []
    for number, told in enumerate(world.told):
        first = adversary.prior(world, world.incidents[number])
        found = system.posterior(number, told) if told else {}
        for one in told:
            after.append(found[one.person])
            before.append(first[one.person])
            others = [other for other in told if other is not one]
            inside.append(system.posterior(number, [one], others)[one.person])
    large = [number for number, told in enumerate(world.told) if len(told) >= 3]
    says = [system.claims(number) for number in large]
    whole = sum(Live(LiveCount(world)).claims(number) for number in large)
    shares = (_share(after, 0.9), _share(after, 0.5), sum(after) / len(after), sum(before) / len(before))
    insider = (_share(inside, 0.9), _share(inside, 0.5))
    return Found(*shares, *insider, sum(map(bool, says)) / len(large), sum(says) / whole)


def _share(chances: Sequence[float], least: float) -> float:
    return sum(chance >= least for chance in chances) / len(chances)


def measure() -> Iterator[str]:
    """Two ways of working of the team, each in three worlds: the mean of these, and for posteriors the worst."""
    for practice, size in SIZES.items():
        found: dict[str, list[Found]] = {}
        witnesses = []
        for seed in SEEDS:
            world = make(size, seed)
            witnesses.append(sum(map(len, world.told)))
            for name, system in systems(world).items():
                found.setdefault(name, []).append(attack(world, system))
        yield f"Attack on {min(witnesses)} to {max(witnesses)} witnesses of {size.incidents} incidents, {practice}:"
        for name, runs in found.items():
            yield f"  {name}: {_line(runs)}"


def _line(runs: Sequence[Found]) -> str:
    mean = Found(*(sum(column) / len(runs) for column in zip(*runs, strict=True)))
    return (
        f"at 0.9 {mean.sure:.1%} (worst {max(run.sure for run in runs):.1%}), "
        f"at 0.5 {mean.likely:.1%} (worst {max(run.likely for run in runs):.1%}), "
        f"mean {mean.mean:.3f}, prior {mean.prior:.3f}; insider at 0.9 {mean.insider_sure:.1%}, "
        f"at 0.5 {mean.insider_likely:.1%}; says something of {mean.incidents:.0%} of incidents, "
        f"{mean.claims:.0%} of claims"
    )
