"""A cut as a process of its own, ended by SIGKILL at each thing that it unseals, writes and commits."""

from __future__ import annotations

import os
import shutil
import signal
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.cast import R1, V1
from tests.readers import cut, gathered, shred
from tests.stage import Scene, actor, later, opened
from vault import corroboration
from vault.sealing import locks, segments
from vault.sealing.deposits import Unsealing

PROCESSES = get_context("forkserver")  # its children have one thread, and are made quickly
PROCESSES.set_forkserver_preload(["tests.readers"])
SMALL = 512  # bytes of a segment: so that an index has many


def _small_segments(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(segments, "SEGMENT_SIZE", SMALL)
    patch.setattr(segments, "CAPACITY", SMALL - locks.OVERHEAD)


def _cut_until(folder: Path, places: int) -> None:
    """Cut, and be killed at the n-th place."""
    left, take = iter(range(places)), Unsealing.take

    def place(*_: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    def writing(*about: Any) -> None:
        if about[2].startswith(("INSERT", "UPDATE", "DELETE")):
            place()

    def taking(self: Unsealing, record: bytes, box: bytes) -> object:
        place()
        return take(self, record, box)

    event.listen(Engine, "before_cursor_execute", writing)
    event.listen(Engine, "commit", place)
    with pytest.MonkeyPatch.context() as patch:
        _small_segments(patch)
        patch.setattr(Unsealing, "take", taking)
        scene = opened(folder)
        with scene.writing() as uow:
            corroboration.cut(scene.vault, uow, actor(V1), scene.case, later(30))


def _killed(scene: Scene, places: int) -> bool:
    process = PROCESSES.Process(target=_cut_until, args=(scene.folder, places))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


@pytest.fixture
def due(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A vault with an index, of which something is gone and to which something is to be added."""
    _small_segments(monkeypatch)
    receipts = [scene.deposit(R1, scene.said("heard")) for _ in range(4)]
    cut(scene)
    shred(scene, receipts[0])
    for _ in range(3):
        scene.deposit(R1, scene.said("saw"))
    return scene


def test_a_cut_that_is_killed_anywhere_loses_nothing_and_the_next_one_gives_the_same(
    due: Scene, tmp_path: Path
) -> None:
    shutil.copytree(due.folder, tmp_path / "undisturbed")
    undisturbed = opened(tmp_path / "undisturbed")
    claims = cut(undisturbed, 30).incident(due.hospital)["claims"]
    resolved = gathered(undisturbed).resolved
    undisturbed.close()
    killed = 0
    while _killed(due, killed):
        killed += 1
        assert gathered(due).resolved == resolved
    assert killed > 15
    after = cut(due, 60).incident(due.hospital)
    assert (after["status"], after["claims"]) == ("carried", claims)
