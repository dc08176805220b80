"""What breaks: each fault, what must hold, and what came of it when it was tried. `make test` tries every one, too."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import places, stage
from tests.faults import away, clocks, crowd, twice
from tests.faults.acts import DEPOSIT, OPENING, READERS, WITHDRAWAL
from tests.faults.breaking import Act, killed_anywhere, on_a_full_disk, prepared
from tests.faults.works import BACKUP, EDITION, UPLOAD
from tests.stage import Scene

_HEAD = """
## Faults

What breaks by itself is tried as well, on a small vault: processes are ended by SIGKILL before each thing that they
write, disks are full, clocks go wrong, databases go away, and everything comes twice. Always: nothing is lost that a
receipt was given for, nothing is half there, the next attempt ends as if nothing had happened, and whoever is refused
is told so in a sentence.

| fault | what holds | tried |
|---|---|---|
"""
_ELSEWHERE = """
Tried by `make test` alone: a change of team, a sharing for a new epoch and a restoring that are killed; answers that
are lost on the line; a second tab. And on PostgreSQL all but the full disks: the acts killed before each commit and
each change to a file, the clocks, what comes twice, the forty at once, and a server that is away.
"""


@dataclass(frozen=True)
class Fault:
    """One fault: `attempt` is given a founded vault to copy and an empty folder, says what it tried, and raises
    AssertionError where something does not hold."""

    what: str
    holds: str
    attempt: Callable[[Path, Path], str]


@dataclass(frozen=True)
class Tried:
    """What came of a fault."""

    fault: Fault
    said: str
    held: bool


def attempt(staged: Path, folder: Path) -> Iterator[Tried]:
    """Every fault, each in a folder of its own."""
    for number, fault in enumerate(FAULTS):
        place = folder / str(number)
        place.mkdir(parents=True)
        try:
            yield Tried(fault, fault.attempt(staged, place), held=True)
        except AssertionError:
            yield Tried(fault, "**FALLS**", held=False)
        shutil.rmtree(place)


def founded(folder: Path) -> Path:
    """A vault to try them on."""
    folder.mkdir()
    stage.found_once(places.migrated(folder, "sqlite"))
    return folder


def section(tried: Sequence[Tried]) -> str:
    """The report's section, as Markdown."""
    rows = "".join(f"| {one.fault.what} | {one.fault.holds} | {one.said} |\n" for one in tried)
    return f"{_HEAD}{rows}{_ELSEWHERE}"


def _breaking_off(act: Act) -> Fault:
    def attempt(staged: Path, folder: Path) -> str:
        with prepared(act, staged, folder) as again:
            places_, sizes = killed_anywhere(act, again), on_a_full_disk(act, again)
        return f"killed at {places_} places; refused on {sizes} full disks"

    return Fault(f"{act.name} is killed, or meets a full disk".capitalize(), act.holds, attempt)


def _at_once(what: str, holds: str, act: Callable[[Scene], int], said: str) -> Fault:
    def attempt(staged: Path, folder: Path) -> str:
        scene = stage.copied(staged, folder / "vault")
        try:
            return f"{act(scene)} {said}"
        finally:
            scene.close()

    return Fault(what, holds, attempt)


ACTS = (DEPOSIT, UPLOAD, EDITION, OPENING, WITHDRAWAL, READERS, BACKUP)
# What is tried alike wherever the databases lie.
ANYWHERE = (
    _at_once(
        "The clock is set back by a day or a year, or forward by a year and then right",
        "no session lives longer, nothing is opened or cut early, every deposit, edition, file and backup stays",
        clocks.nothing_moves,
        "kinds of days",
    ),
    _at_once(
        "A package is handed in twice",
        "it is there once, and the second answer is the first one's or a refusal",
        twice.there_once,
        "kinds of packages",
    ),
    _at_once(
        "Forty deposit at once, each twice; and others while a worker of the server is killed",
        "nobody is turned away; whoever tries again has one receipt of one deposit",
        crowd.forty_at_once,
        "receipts",
    ),
)
FAULTS = (
    *map(_breaking_off, ACTS),
    _at_once(
        "A database or the key file of the shreds is away for a while, and it or a copy of it comes back",
        "everything comes back without a restart, and whoever was signed in still is",
        away.sentences_while_away,
        "answers meanwhile",
    ),
    *ANYWHERE,
)
