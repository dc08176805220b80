"""vault.files: whoever holds the key reads a file; whatever was done to it on the disk is refused, and named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cast import R1, V1, V2
from tests.sending import exchange, film, keep, kept, on_disk, opened, send
from tests.stage import Scene, actor
from vault import cases, files
from vault.errors import NotFound, Refused, Tampered
from vault.sealing.digests import unb64
from vault.sealing.pieces import PIECE, SEALED
from vault.shredding import layers
from vault.store.evidence import FileRow

FILM = film(9 * PIECE + 7)  # ten pieces


def _change(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


HARMED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a changed byte": (lambda path: _change(path, 3 * SEALED + 1000), "Piece 4 of this file is damaged"),
    "two exchanged pieces": (lambda path: exchange(path, (6, 7)), "Piece 7 of this file is damaged"),
    "a cut end": (lambda path: path.write_bytes(path.read_bytes()[:-1]), "Piece 10 of this file is damaged"),
    "more behind the end": (_append, "More lies in this file"),
    "no file at all": (Path.unlink, "Piece 1 of this file is damaged"),
}


@pytest.mark.parametrize("what", HARMED)
def test_whatever_is_done_to_a_file_is_refused_and_named(scene: Scene, what: str) -> None:
    harm, sentence = HARMED[what]
    stored = opened(scene, kept(scene, FILM))
    harm(on_disk(scene, stored))
    with pytest.raises(Tampered, match=sentence):
        stored.digest(len(FILM))


def test_a_file_in_the_place_of_another_is_refused(scene: Scene) -> None:
    one, other = (opened(scene, kept(scene, film(size))) for size in (1000, 2000))
    on_disk(scene, one).write_bytes(on_disk(scene, other).read_bytes())
    with pytest.raises(Tampered, match="Piece 1 "):
        one.digest(1000)


@pytest.mark.parametrize("change", [{"pieces": 9}, {"pieces": 12}, {"key": bytes(2000)}])
def test_a_changed_row_opens_nothing(scene: Scene, change: dict[str, object]) -> None:
    name = kept(scene, FILM)
    with scene.writing() as uow:
        for column, value in change.items():
            setattr(uow.testimony.get_one(FileRow, unb64(name)), column, value)
    with pytest.raises(Tampered):
        opened(scene, name).digest(len(FILM))


def test_what_somebody_sealed_anew_in_the_place_of_a_file_is_refused_before_a_piece_is_read(
    scene: Scene,
) -> None:
    """Whoever writes to disk and database can seal anything to the case's public key, and lacks only the file's."""
    name = kept(scene, FILM)
    real = opened(scene, name)
    forged = replace(real, key=replace(real.key, key=bytes(32)))
    forged.write(0, memoryview(film(10 * PIECE)))
    with scene.writing() as uow:
        row = uow.testimony.get_one(FileRow, unb64(name))
        box = forged.key.boxed(cases.find(uow, scene.case).keys["evidence"])
        row.key = layers(uow, [unb64(name)])[unb64(name)].lock(box)
    with pytest.raises(Tampered, match="was exchanged"):
        opened(scene, name)


def test_a_smaller_size_than_its_own_is_told_from_filler(scene: Scene) -> None:
    with pytest.raises(Tampered, match="Piece 10 of this file is not filled up"):
        opened(scene, kept(scene, FILM)).digest(len(FILM) - 1)


def test_only_who_holds_the_evidence_key_reads_a_file(scene: Scene) -> None:
    name = kept(scene, FILM)
    for nobody in (R1, V2):
        with pytest.raises(Refused):
            opened(scene, name, nobody)
    with pytest.raises(NotFound):
        opened(scene, "A" * 22)
    with pytest.raises(NotFound):
        opened(scene, "not a name")


def test_a_file_is_kept_once_with_its_preview(scene: Scene) -> None:
    upload = send(scene, FILM)
    keep(scene, upload, b"small picture")
    keep_again = (upload.stored, b"another")
    with scene.writing() as uow:
        files.keep(uow, cases.find(uow, scene.case), *keep_again)
    with scene.reading() as uow:
        assert files.preview(scene.vault, uow, actor(V1), scene.case, upload.id) == b"small picture"


def test_progress_is_told_up_to_the_last_byte(scene: Scene) -> None:
    told: list[int] = []
    stored = opened(scene, kept(scene, FILM))
    assert stored.digest(len(FILM), told.append) == hashlib.sha256(FILM).digest()
    assert told == sorted(told)
    assert told[-1] == len(FILM)
