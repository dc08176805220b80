"""Tidying moves every slot and keeps all that was deposited, whatever interrupts it."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from tests import places
from tests.cast import R1
from tests.readers import gathered
from tests.stage import Scene, opened
from vault import shredding
from vault.tidying import tidy

pytestmark = pytest.mark.both
PROCESSES = get_context("forkserver")  # its children have one thread, and are made quickly
PROCESSES.set_forkserver_preload(["tests.readers"])


def _order(scene: Scene) -> list[bytes]:
    with scene.reading() as uow:
        return list(uow.testimony.scalars(text("SELECT record FROM slots")))


def test_tidying_moves_the_slots_and_changes_nothing_of_what_they_hold(scene: Scene) -> None:
    for _ in range(3):
        scene.deposit(R1, scene.said("heard"))
    before, order, keks = gathered(scene).resolved, _order(scene), scene.vault.store.keks.read()
    said = list(tidy(scene.vault.store))
    assert said[-1].startswith("Shreds: ")
    assert gathered(scene).resolved == before
    assert sorted(_order(scene)) == sorted(order)
    assert _order(scene) != order
    assert set(keks).isdisjoint(scene.vault.store.keks.read())
    scene.deposit(R1, scene.said("saw"))


@pytest.mark.parametrize("database", ["identities", "testimony", "shreds"])
def test_tidying_that_breaks_off_loses_nothing_and_can_be_begun_anew(scene: Scene, database: str) -> None:
    scene.deposit(R1, scene.said("heard"))
    before, engine = gathered(scene).resolved, scene.vault.store.engines[database]

    def stop(_connection: object) -> None:
        raise KeyboardInterrupt

    event.listen(engine, "commit", stop)
    with pytest.raises(KeyboardInterrupt):
        list(tidy(scene.vault.store))
    event.remove(engine, "commit", stop)
    assert gathered(scene).resolved == before
    list(tidy(scene.vault.store))
    assert gathered(scene).resolved == before


def _tidy_until(folder: Path, steps: int) -> None:
    """Tidy, and be killed at the n-th transaction, or table that is written anew."""
    left = iter(range(steps))

    def step() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", lambda _connection: step())
    event.listen(Engine, "before_cursor_execute", lambda *about: step() if "VACUUM" in about[2] else None)
    for _ in tidy(opened(folder).vault.store):
        pass


def test_tidying_that_is_killed_loses_nothing_and_can_be_begun_anew(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    before = gathered(scene).resolved
    killed = 0
    for steps in (1, 3, 6):  # deposits; the shreds' fresh key; what was deleted
        process = PROCESSES.Process(target=_tidy_until, args=(scene.folder, steps))
        process.start()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        assert gathered(scene).resolved == before
    in_parts = places.on_postgresql(scene.folder)  # SQLite takes a file's deleted rows away in one step
    assert killed == (3 if in_parts else 2)
    list(tidy(scene.vault.store))
    assert gathered(scene).resolved == before
    assert not shredding.is_due(scene.vault.store)


def test_what_arrives_meanwhile_is_kept(scene: Scene) -> None:
    with ThreadPoolExecutor(5) as pool:
        arriving = [pool.submit(scene.deposit, R1, scene.said("heard")) for _ in range(5)]
        list(tidy(scene.vault.store))
        assert len({one.result().pseudonym for one in arriving}) == 5
    assert len(gathered(scene).resolved.accounts[scene.hospital]) == 5
