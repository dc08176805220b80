"""Attack 16: whom an adversary finds out by statistics, from what is published."""

from __future__ import annotations

from functools import cache

from bench.attack import Found, attack, systems
from bench.villages import Size, make
from drill.attack import Attack, Finding, Leak
from drill.world import World

_SMALL = Size(villages=11, incidents=40, interviews=180)
_MANY = 100  # from so many witnesses on, the drill takes its time


@cache
def _found(large: bool, name: str) -> Found:
    world = make(Size() if large else _SMALL, 1)
    return attack(world, systems(world)[name])


def _tried(world: World, name: str) -> Finding:
    """Holds where nobody is found out, and next to nobody made likely."""
    large = len(world.truth.witnesses) >= _MANY
    found, nothing = _found(large, name), _found(large, "nothing")
    holds = found.sure == 0 and found.likely <= nothing.likely + 0.01 and found.insider_sure <= 0.005
    if holds:
        return Finding("nobody is found, nor by whoever knows all the others", True)
    return Finding(f"{'nine of ten' if found.sure >= 0.9 else 'some'} witnesses are found", False)


def _statements(world: World) -> Finding:
    return _tried(world, "RP-1")


def _live_count(world: World) -> Finding:
    return _tried(world, "live count")


ATTACKS = (
    Attack(
        16,
        "Reckon by statistics who spoke, from statements, the register and whom the team met",
        "nobody with 90 % certainty; at 50 % at most one in a hundred more than without statements",
        "nobody",
        _statements,
        _live_count,
        (
            Leak(
                "a count that answers any question, but nothing below 3",
                lambda world: _tried(world, "live count, none below 3"),
            ),
        ),
    ),
)
