"""What an attack is: tried on the vault, on the naive build, and on the vault with a leak planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from drill.world import World


class Finding(NamedTuple):
    """What an attack got, in words that no machine, day or luck changes; and whether the vault holds against it."""

    text: str
    holds: bool


@dataclass(frozen=True)
class Leak:
    """A fault put into a copy of the world, and the same attack on that copy: it must not hold."""

    what: str
    run: Callable[[World], Finding]


@dataclass(frozen=True)
class Attack:
    """One attack: `naive` tries it on the naive build, which must fall to it (none: it has nothing of the kind)."""

    number: int
    title: str
    passes_when: str
    chance: str
    run: Callable[[World], Finding]
    naive: Callable[[World], Finding] | None
    leaks: tuple[Leak, ...]


def spoilt(what: str, run: Callable[[World], Finding], spoil: Callable[[World], object]) -> Leak:
    """The leak that `spoil` makes in a copy of the world."""

    def attack(world: World) -> Finding:
        with world.copy() as copy:
            spoil(copy)
            return run(copy)

    return Leak(what, attack)


@dataclass(frozen=True)
class Result:
    """What became of an attack."""

    attack: Attack
    ours: Finding
    naive: Finding | None
    planted: tuple[tuple[str, Finding], ...]

    @property
    def passed(self) -> bool:
        """The vault holds, the naive build falls, and every leak was caught."""
        falls = self.naive is None or not self.naive.holds
        return self.ours.holds and falls and not any(found.holds for _, found in self.planted)


def attempt(attack: Attack, world: World) -> Result:
    """Try it on all three."""
    planted = tuple((leak.what, leak.run(world)) for leak in attack.leaks)
    return Result(attack, attack.run(world), attack.naive(world) if attack.naive else None, planted)
