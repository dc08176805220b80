"""What is broken off that takes its time: a backup, a file on its way, an edition; and what must hold of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from tests.backing import PAIRS, give_keys
from tests.cast import R1, V1
from tests.faults.breaking import Act
from tests.readers import cut, gathered, shred
from tests.sending import film, keep, send
from tests.sending import opened as file_opened
from tests.stage import DAY, Scene, actor, copied, later
from vault import backups, corroboration, editions, sweeping, uploads
from vault.backups import Source
from vault.errors import Refused
from vault.restoring import Backup
from vault.sealing import archives, locks, segments
from vault.sealing.digests import Json, b64, digest, unb64
from vault.sealing.pieces import PIECE
from vault.store.evidence import FileRow

# --- a backup -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Saved:
    """Where, in a vault's folder, archives and the snapshot lie; and the digest of what was deposited since."""

    archives: str = "archives"
    snapshot: str = "shreds"

    def save(self, scene: Scene, days: int) -> None:
        """An archive and a snapshot of this day."""
        source = Source(scene.vault.store, scene.vault.journal)
        keep, place = timedelta(days=90), scene.folder
        backups.archive(source, place / self.archives, later(days), keep, lambda _: None)
        backups.snapshot(source, place / self.snapshot, later(days))

    def files(self, scene: Scene) -> tuple[list[Path], Path]:
        """The archives, and the snapshot."""
        found = sorted((scene.folder / self.archives).glob("*.archive"))
        return found, scene.folder / self.snapshot / "shreds.snapshot"


def _saved(scene: Scene) -> Saved:
    give_keys(scene)
    scene.deposit(R1, scene.said("saw"))
    Saved().save(scene, 0)
    scene.deposit(R1, scene.said("heard"))
    return Saved()


def _back_up(scene: Scene, one: Saved) -> None:
    one.save(scene, 1)


def _every_backup_is_whole(scene: Scene, one: Saved) -> list[tuple[int, int]]:
    """Whatever has a name of ours opens. Of each archive: interviews, and those that the snapshot has no key of."""
    older, snapshot = one.files(scene)
    found = [_interviews(archive, snapshot) for archive in older]
    assert (1, 0) in found  # what was saved before
    return found


def _interviews(archive: Path, snapshot: Path) -> tuple[int, int]:
    return _read(archive.read_bytes(), snapshot.read_bytes())


@cache  # the same files lie there after each attempt
def _read(archive: bytes, snapshot: bytes) -> tuple[int, int]:
    rows, keys = _records(archive, "archive"), _records(snapshot, "snapshot")
    taken = [one["row"]["record"] for one in rows if one.get("table") == "slots" and one["row"]["taken"]]
    names = {digest("shred", unb64(record)) for record in taken}
    found = {unb64(one["name"]) for one in keys if "name" in one}
    return len(names) // 2, len(names - found) // 2


def _records(text: bytes, kind: str) -> list[dict[str, Any]]:
    with BytesIO(text) as file:
        found = list(Backup(file, archives.read_header(file), PAIRS[kind]).records())
    assert "end" in found[-1]
    return found


def newest_archive(scene: Scene) -> tuple[int, int]:
    """Of the archive that was written last: its interviews, and those that the snapshot has no key of."""
    older, snapshot = Saved().files(scene)
    return _interviews(max(older, key=lambda path: path.stat().st_mtime_ns), snapshot)


def _saved_again(scene: Scene, one: Saved) -> None:
    """The newest archive has everything, and beside it lies nothing that broke off."""
    assert (2, 0) in _every_backup_is_whole(scene, one)
    older, snapshot = one.files(scene)
    assert [path.suffix for path in (scene.folder / one.archives).iterdir()] == [".archive"] * len(older)
    assert list(snapshot.parent.iterdir()) == [snapshot]


BACKUP = Act(
    "a backup",
    "the former archive and snapshot open, whole, until the next ones do",
    _saved,
    _back_up,
    _every_backup_is_whole,
    _saved_again,
)

# --- a file on its way --------------------------------------------------------------------------------------------

CONTENT = film(3 * PIECE + 5)


def _nothing_yet(_scene: Scene) -> None:
    return None


def _send(scene: Scene, _: None) -> None:
    """Send a file and let it belong to the case, unless it does; in parts, as from afar."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uploads, "MOST_AT_ONCE", 2)
        if not _files(scene):
            keep(scene, send(scene, CONTENT))
    for one in uploads.waiting(scene.vault, actor(R1), scene.case):
        uploads.forget(scene.vault, actor(R1), one.id)


def _files(scene: Scene) -> list[str]:
    with scene.reading() as uow:
        return [b64(row.id) for row in uow.testimony.query(FileRow)]


def _what_arrived_is_there(scene: Scene, _: None) -> None:
    """Every piece that was acknowledged is on the disk, and a file of the case is whole."""
    for one in uploads.waiting(scene.vault, actor(R1), scene.case):
        for _part in one.stored.part(0, one.received * PIECE):
            pass
    for name in _files(scene):
        assert file_opened(scene, name).digest(len(CONTENT)) == hashlib.sha256(CONTENT).digest()


def _one_file(scene: Scene, _: None) -> None:
    """The file is there once, and a sweep leaves nothing else on the disk."""
    _what_arrived_is_there(scene, None)
    sweeping.sweep(scene.vault, DAY)
    assert len(_files(scene)) == len(list(scene.vault.files.iterdir())) == 1


UPLOAD = Act(
    "a file on its way",
    "what was acknowledged is on the disk; it goes on there, and is one file",
    _nothing_yet,
    _send,
    _what_arrived_is_there,
    _one_file,
)

# --- an edition ---------------------------------------------------------------------------------------------------

SMALL = 512  # bytes of a segment: so that an index has many


@dataclass(frozen=True)
class Due:
    """What an undisturbed cut counts: of which persons, and its claims."""

    persons: int
    claims: Json


def _due(scene: Scene) -> Due:
    """An index, of which something is gone and to which something is to be added."""
    with _small_segments():
        receipts = [scene.deposit(R1, scene.said("heard")) for _ in range(4)]
        cut(scene)
        shred(scene, receipts[0])
        for _ in range(3):
            scene.deposit(R1, scene.said("saw"))
        other = copied(scene.folder, scene.folder.with_name("undisturbed"))
        claims = cut(other, 30).incident(scene.hospital)["claims"]
        other.close()
    return Due(len(gathered(scene).resolved.persons(scene.hospital)), claims)


def _cut(scene: Scene, _: Due) -> None:
    cut_already = suppress(Refused)  # the next cutting day is to come
    with _small_segments(), cut_already, scene.writing() as uow:
        corroboration.cut(scene.vault, uow, actor(V1), scene.case, later(30))


@contextmanager
def _small_segments() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SEGMENT_SIZE", SMALL)
        patch.setattr(segments, "CAPACITY", SMALL - locks.OVERHEAD)
        yield


def _nobody_is_lost(scene: Scene, one: Due) -> None:
    """The same would be counted; and an edition is signed and whole, or not there."""
    with _small_segments():
        assert len(gathered(scene).resolved.persons(scene.hospital)) == one.persons
    with scene.reading() as uow:
        found = editions.shelf(scene.vault, uow, actor(V1), scene.case, later(30)).editions
    assert len(found) in (1, 2)
    assert len(found) == 1 or found[0].incident(scene.hospital)["claims"] == one.claims


def _same_figures(scene: Scene, one: Due) -> None:
    with _small_segments():
        after = cut(scene, 60).incident(scene.hospital)
    assert (after["status"], after["claims"]) == ("carried", one.claims)


EDITION = Act(
    "an edition",
    "an edition is signed and whole, or not there; the next one has the same figures",
    _due,
    _cut,
    _nobody_is_lost,
    _same_figures,
)
