"""A file on its way: a full disk, two who write at once, and what is given up meanwhile."""

from __future__ import annotations

import hashlib
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.cast import R1
from tests.sending import begin, film, on_disk
from tests.stage import DAY, Scene, actor
from vault import uploads
from vault.errors import Busy, NotFound
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE, SEALED


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
