"""Backups: everything that can be archived, sealed to the custodians; and apart from it the keys that can be destroyed.

An archive has testimony and identities, and opens nothing without the shred keys: so what is withdrawn dies in all of
them. These lie in the snapshot, one file that each new one overwrites. Who makes either holds no key that opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from vault import backup_folder, backup_keys, journal, shredding
from vault import roster as rosters
from vault.backup_keys import Kept
from vault.errors import N_, Busy
from vault.sealing import archives
from vault.sealing.archives import Header, Writer
from vault.sealing.digests import Document, b64, canonical, digest
from vault.store import dumps
from vault.store.shreds import DraftRow, ShredRow, UploadRow
from vault.store.unit_of_work import Store, UnitOfWork
from vault.sweeping import record

LIFE = timedelta(days=7)  # of a snapshot
Tick = Callable[[int], None]
_UNWRITTEN = N_(
    "The backup could not be written: nothing that was there is lost. See whether the disk is full."
)


@dataclass(frozen=True)
class Source:
    """What is backed up: the databases, and the journal of withdrawals."""

    store: Store
    journal: Path


@dataclass(frozen=True)
class Made:
    """A backup, whole and on the disk; `removed`: older files that went for it."""

    path: Path
    checksum: bytes
    removed: int


def size(source: Source) -> int:
    """About how many records an archive will have."""
    with source.store.read() as uow:
        return sum(
            dumps.size(session, table) for session in _sessions(uow) for table in dumps.tables(session)
        )


def archive(source: Source, folder: Path, today: date, keep: timedelta, tick: Tick) -> Made:
    """Write an archive, and remove those that are older than `keep`. Raises Refused, Busy, Tampered."""
    with _writing(folder, "archive") as place, source.store.read() as uow:
        kept = backup_keys.present(uow)
        path = place.named(today)
        with place.new(path) as out:
            writer = Writer(out, _about(uow, kept, "archive", today), kept.keys.publics["archive"])
            counts = _dump(uow, journal.lines_of(source.journal), writer, tick)
            writer.add(canonical({"end": counts}))
            made = writer.end()
        return Made(path, made, place.remove_archives(today - keep))


def snapshot(source: Source, folder: Path, today: date) -> Made:
    """Write the snapshot of the shred keys over the one before. Raises Refused, Busy, Tampered."""
    with _writing(folder, "snapshot") as place, source.store.read() as uow:
        kept = backup_keys.present(uow)
        path = place.rolling
        with place.new(path) as out:
            writer = Writer(out, _about(uow, kept, "snapshot", today), kept.keys.publics["snapshot"])
            found = shredding.every(uow)
            passing = _passing(uow)
            lasting = {name: key for name, key in found.items() if name not in passing}
            for name, key in lasting.items():
                writer.add(canonical({"key": b64(key), "name": b64(name)}))
            rows = uow.shreds.scalar(select(func.count()).select_from(ShredRow))
            writer.add(canonical({"end": {"keys": len(lasting), "rows": rows}}))
            made = writer.end()
        return Made(path, made, place.remove_snapshots(today - LIFE))


def check(path: Path) -> tuple[Header, bytes]:
    """What a backup says of itself, and its checksum, once both hold. It opens nothing. Raises Tampered or Invalid."""
    with backup_folder.reading(path) as file:
        header = archives.read_header(file)
        return header, archives.checksum(file)


@contextmanager
def _writing(folder: Path, kind: str) -> Iterator[backup_folder.Place]:
    try:
        with backup_folder.opened(folder, kind) as place:
            yield place
    except OSError:
        raise Busy(_UNWRITTEN) from None


def _about(uow: UnitOfWork, kept: Kept, kind: str, today: date) -> Document:
    revisions = {name: dumps.revision(getattr(uow, name)) for name in dumps.ARCHIVED}
    return {
        "kind": kind,
        "vault": kept.keys.vault,
        "day": today.isoformat(),
        "rosters": rosters.chain(uow),
        "keys": kept.signed,
        "escrow": kept.escrow(kind),
        "revisions": revisions,
    }


def _dump(uow: UnitOfWork, lines: list[str], writer: Writer, tick: Tick) -> dict[str, int]:
    counts = {"journal": len(lines)}
    for session in _sessions(uow):
        for table in dumps.tables(session):
            counts[table.name] = 0
            for row in dumps.rows(session, table):
                writer.add(canonical({"row": _encoded(table, row), "table": table.name}))
                counts[table.name] += 1
                tick(1)
        session.close()  # whoever deposits into a SQLite vault waits no longer than for one database
    for line in lines:
        writer.add(canonical({"journal": line}))
    return counts


def _passing(uow: UnitOfWork) -> set[bytes]:
    """The names of the keys of drafts and uploads, which no backup takes."""
    records = [
        *uow.shreds.scalars(select(DraftRow.id)),
        *map(record, uow.shreds.scalars(select(UploadRow.id))),
    ]
    return {digest("shred", one) for one in records}


def _encoded(table: Table, row: Any) -> dict[str, Any]:
    return {
        name: b64(value) if value is not None and dumps.is_bytes(table.c[name]) else value
        for name, value in row.items()
    }


def _sessions(uow: UnitOfWork) -> tuple[Session, ...]:
    return uow.testimony, uow.identities
