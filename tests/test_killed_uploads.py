"""A file on its way, whose process ends by SIGKILL at each thing that it writes and commits; and a full disk."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.cast import R1, V1
from tests.sending import begin, film, keep, on_disk, opened, send
from tests.stage import DAY, Scene, actor
from tests.stage import opened as reopened
from vault import sweeping, uploads
from vault.errors import Busy, NotFound
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE, SEALED
from vault.store.evidence import FileRow

PROCESSES = get_context("forkserver")  # its children have one thread, and are made quickly
PROCESSES.set_forkserver_preload(["tests.sending"])


def _send_until(folder: Path, places: int, content: bytes) -> None:
    """Send a file and let it belong to the case, and be killed at the n-th place."""
    left = iter(range(places))

    def place(*_: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    def before(what: Any) -> Any:
        def do(*arguments: Any) -> Any:
            place()
            return what(*arguments)

        return do

    event.listen(Engine, "commit", place)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("pwrite", "fsync", "fdatasync", "unlink"):
            patch.setattr(os, name, before(getattr(os, name)))
        patch.setattr(uploads, "MOST_AT_ONCE", 2)
        scene = reopened(folder)
        keep(scene, send(scene, content))


def _killed(scene: Scene, places: int, content: bytes) -> bool:
    process = PROCESSES.Process(target=_send_until, args=(scene.folder, places, content))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def files(scene: Scene) -> list[str]:
    """The files of the case."""
    with scene.reading() as uow:
        return [b64(row.id) for row in uow.testimony.query(FileRow)]


def test_an_upload_that_is_killed_anywhere_goes_on_and_is_the_same_file(scene: Scene) -> None:
    killed = 0
    while True:
        content, before = film(3 * PIECE + killed), set(files(scene))
        if not _killed(scene, killed, content):
            break
        killed += 1
        for one in uploads.waiting(scene.vault, actor(R1), scene.case):
            for _ in one.stored.part(0, one.received * PIECE):  # what was acknowledged is there
                pass
        if set(files(scene)) == before:
            keep(scene, send(scene, content))
        else:
            for one in uploads.waiting(scene.vault, actor(R1), scene.case):
                uploads.forget(scene.vault, actor(R1), one.id)
        (name,) = set(files(scene)) - before
        assert opened(scene, name, V1).digest(len(content)) == hashlib.sha256(content).digest()
        sweeping.sweep(scene.vault, DAY)
        assert len(list(scene.vault.files.iterdir())) == len(files(scene))
    assert killed > 12


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """A disk on which no file grows beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_nothing_that_had_arrived_is_lost(scene: Scene) -> None:
    content = film(30 * PIECE)
    upload = begin(scene, content)

    def receive(place: int) -> uploads.Upload:
        part = content[place * PIECE : (place + 10) * PIECE]
        return uploads.receive(scene.vault, actor(R1), upload.id, (place, part), DAY)

    receive(0), receive(10)
    with full_after(25 * SEALED), pytest.raises(Busy, match="what had arrived before is kept"):
        receive(20)
    assert uploads.find(scene.vault, actor(R1), upload.id).received == 20
    with full_after(25 * SEALED), pytest.raises(Busy):
        receive(20)
    receive(20)
    facts = uploads.check(scene.vault, actor(R1), upload.id, DAY)
    assert facts["sha256"] == b64(hashlib.sha256(content).digest())


def test_two_who_write_at_once_do_not_mix_their_pieces(scene: Scene) -> None:
    """A client that lost patience sends again while its first request is still being written."""
    upload = begin(scene, film(PIECE))
    with (
        upload.stored.folder.alone(upload.stored.name),
        pytest.raises(Busy, match="being written to already"),
    ):
        uploads.receive(scene.vault, actor(R1), upload.id, (0, film(PIECE)), DAY)
    uploads.receive(scene.vault, actor(R1), upload.id, (0, film(PIECE)), DAY)


def test_what_is_given_up_while_it_is_written_stays_given_up(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, write = begin(scene, film(PIECE)), os.pwrite

    def give_up(*arguments: Any) -> int:
        uploads.forget(scene.vault, actor(R1), upload.id)
        return write(*arguments)

    monkeypatch.setattr(os, "pwrite", give_up)
    with pytest.raises(NotFound):
        uploads.receive(scene.vault, actor(R1), upload.id, (0, film(PIECE)), DAY)
    assert not on_disk(scene, upload.stored).exists()
