"""Timing two things in turn, so that a drifting machine slows both alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def in_turn(
    ours: Callable[[], object],
    baseline: Callable[[], object],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """The median seconds of each by a clock, run A B A B … after one uncounted round."""
    taken: tuple[list[float], list[float]] = ([], [])
    for counted in range(rounds + 1):
        for run, times in zip((ours, baseline), taken, strict=True):
            start = clock()
            run()
            if counted:
                times.append(clock() - start)
    return statistics.median(taken[0]), statistics.median(taken[1])


def line(what: str, ours: float, against: str, baseline: float) -> str:
    """One printed measurement, in milliseconds."""
    return f"{what}: {ours * 1e3:.2f} ms; {against}: {baseline * 1e3:.2f} ms; ratio {ours / baseline:.2f}"
