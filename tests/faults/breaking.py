"""One engine for what breaks off: an act in a process of its own, killed at each of its places, or on a full disk."""

from __future__ import annotations

import os
import resource
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests import places
from tests.stage import Scene, copied
from vault.errors import Busy

_FILES = ("fdatasync", "fsync", "link", "pwrite", "rename", "replace", "unlink", "write")
_WRITES = ("INSERT", "UPDATE", "DELETE")
_DONE, _REFUSED, _FAULT = 0, 3, 4
_SIZES = (0, 1 << 12, 1 << 16, 1 << 18)  # of the largest file that the full disk lets anybody write


Again = Callable[[], tuple[Scene, Any]]


@dataclass(frozen=True)
class Act:
    """What somebody does in a vault, and what must hold of it, in words and as it is checked.

    `prepare` gives what `do` is called with; `once` is what holds wherever `do` broke off, and `after` what holds when
    it was done once more. `do` may be done again and again.
    """

    name: str
    holds: str
    prepare: Callable[[Scene], Any]
    do: Callable[[Scene, Any], object]
    once: Callable[[Scene, Any], object]
    after: Callable[[Scene, Any], object]
    statements: bool = True  # killed before each row that it writes too, not before each commit alone


def killed_anywhere(act: Act, again: Again) -> int:
    """Ended by SIGKILL before each row that is written, each commit, each change to a file, and before its answer: each
    time on the same vault, as it was. At how many places."""
    place = 0
    while True:
        place += 1
        scene, given = again()
        ended = _ended(act, scene, given, partial(_killed_at, place, act.statements))
        assert ended in (_DONE, -signal.SIGKILL), f"{act.name}, place {place}: it ended with {ended}"
        _must_hold(act, scene, given)
        if ended == _DONE:
            return place - 1


def on_a_full_disk(act: Act, again: Again) -> int:
    """On a disk that takes no file beyond some size: it is refused in a sentence, or done. How often it was refused."""
    refused = 0
    for size in _SIZES:
        scene, given = again()
        ended = _ended(act, scene, given, partial(_limited, size))
        assert ended in (_DONE, _REFUSED), f"{act.name}, {size} bytes: it ended with {ended}"
        refused += ended == _REFUSED
        _must_hold(act, scene, given)
    assert refused
    return refused


def _must_hold(act: Act, scene: Scene, given: Any) -> None:
    act.once(scene, given)
    act.do(scene, given)
    act.after(scene, given)


@contextmanager
def prepared(act: Act, staged: Path, folder: Path) -> Iterator[Again]:
    """Gives the vault as it is before the act, again and again, and what the act is done with."""
    before, now = folder / "before", folder / "now"
    scene = copied(staged, before)
    given = act.prepare(scene)
    scene.close()
    scene = copied(before, now)

    def again() -> tuple[Scene, Any]:
        scene.vault.store.dispose()
        places.copy_again(before, now)
        return scene, given

    yield again
    scene.close()


def _ended(act: Act, scene: Scene, given: Any, how: Callable[[], Callable[[], None]]) -> int:
    """How a process of its own ended in which this was done: as `how` prepares it, which gives what comes before the
    answer. It begins as we are now, without a connection: what is built once is not built in each."""
    scene.vault.store.dispose()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # none of our threads runs, or is needed there
        child = os.fork()
    if not child:
        try:
            answer = how()
            act.do(scene, given)
            answer()
        except Busy:
            os._exit(_REFUSED)
        except BaseException as error:
            os.write(2, f"{type(error).__name__} {error}\n".encode())
            os._exit(_FAULT)
        os._exit(_DONE)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _killed_at(last: int, statements: bool) -> Callable[[], None]:
    """From now on this process ends by its own hand at its last place."""
    come = 0

    def place(*_: object) -> None:
        nonlocal come
        come += 1
        if come == last:
            os.kill(os.getpid(), signal.SIGKILL)

    _stop_at_each(place, statements)
    return place


def _limited(size: int) -> Callable[[], None]:
    """From now on this process writes no larger file."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return lambda: None


def _stop_at_each(place: Callable[..., None], statements: bool) -> None:
    def statement(*about: Any) -> None:
        if statements and about[2].startswith(_WRITES):
            place()

    def before(what: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:
            place()
            return what(*arguments, **named)

        return do

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", place)
    for name in _FILES:
        setattr(os, name, before(getattr(os, name)))
