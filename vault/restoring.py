"""A vault put back from an archive and a snapshot, into databases that hold nothing (docs/FORMATS.md §25).

Each database is written in one transaction. Whatever interrupts it, the same command given again ends it: what has rows
is whole. Keys that a journal of withdrawals names are left out before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from vault import audit, journal, shredding
from vault import roster as rosters
from vault.errors import Busy, Refused, Tampered
from vault.sealing import archives
from vault.sealing.archives import Header
from vault.sealing.digests import parse_object, unb64
from vault.sealing.keypairs import SealingKey
from vault.store import dumps
from vault.store.identities import IdentitySlotRow
from vault.store.testimony import SlotRow
from vault.store.unit_of_work import DATABASES, Store

Tick = Callable[[int], None]
_BATCH = 64


@dataclass(frozen=True)
class Backup:
    """One file, its verified header and the key that opens it."""

    file: BinaryIO
    header: Header
    key: SealingKey = field(repr=False)

    def records(self) -> Iterator[dict[str, Any]]:
        """What lies in it. Raises Tampered, if need be at the very end."""
        return map(parse_object, archives.records(self.file, self.header, self.key))


@dataclass(frozen=True)
class Found:
    """What a first reading of both files found: all of it opens, and the numbers agree."""

    keys: dict[bytes, bytes] = field(repr=False)
    rows: int  # of the shreds, free ones included
    counts: dict[str, int]
    lines: tuple[str, ...] = field(repr=False)  # of the journal, as it was in the archive


@dataclass(frozen=True)
class Withdrawn:
    """What the journals say was destroyed, and how many of their lines are of newer backup keys than the snapshot."""

    names: frozenset[bytes] = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    unread: int


def read_through(archive: Backup, snapshot: Backup, tick: Tick) -> Found:
    """Open every record of both, and write nothing. Raises Tampered."""
    counts, lines, end = dict[str, int](), list[str](), None
    for record in archive.records():
        tick(1)
        if "row" in record:
            counts[record["table"]] = counts.get(record["table"], 0) + 1
        elif "journal" in record:
            lines.append(record["journal"])
        else:
            end = record["end"]
    if end is None or {**dict.fromkeys(end, 0), **counts, "journal": len(lines)} != end:
        raise Tampered("The archive does not hold what it says: take another copy of it.")
    keys, rows = dict[bytes, bytes](), None
    for record in snapshot.records():
        if "end" in record:
            rows = record["end"]
        else:
            keys[unb64(record["name"], 32)] = unb64(record["key"], 32)
    if rows is None or rows["keys"] != len(keys):
        raise Tampered("The snapshot does not hold what it says: take another copy of it.")
    return Found(keys, rows["rows"], end, tuple(lines))


def withdrawn(snapshot: Backup, lines: Collection[str]) -> Withdrawn:
    """What these lines say to be destroyed. Raises Tampered for a line that was damaged."""
    version, names, unread = snapshot.header.keys.version, set[bytes](), 0
    each = tuple(dict.fromkeys(lines))
    for line in each:
        named = journal.version_of(line)
        unread += named > version
        if named == version:  # older ones were destroyed before the snapshot was made
            names.update(journal.names_in(line, snapshot.header.vault, snapshot.key))
    return Withdrawn(frozenset(names), each, unread)


def with_rows(store: Store) -> list[str]:
    """Which of the databases hold something."""
    found = []
    for name in DATABASES:
        with suppress(Busy), store.read() as uow:  # one that is not there yet does not answer
            if not dumps.is_empty(getattr(uow, name)):
                found.append(name)
    return found


def write_shreds(store: Store, found: Found, gone: Withdrawn) -> None:
    """Put back the shred keys that were not withdrawn, unless there are some; then destroy what was withdrawn since."""
    written = "shreds" in with_rows(store)
    with store.work("shreds") as uow:
        if not written:
            kept = {name: key for name, key in found.keys.items() if name not in gone.names}
            shredding.put_back(uow, kept, found.rows)
        left = [name for name in gone.names if written and shredding.find(uow, name) is not None]
        for name in left:
            shredding.destroy(uow, name)
        uow.commit()
    if left:
        shredding.renew(store)


def write_rows(store: Store, archive: Backup, found: Found, tick: Tick) -> None:
    """Put back the rows of the databases that have none, each database as one transaction. Raises Tampered."""
    written = with_rows(store)
    with store.work(*dumps.ARCHIVED) as uow:
        where = {
            table.name: (getattr(uow, name), table)
            for name in dumps.ARCHIVED
            for table in dumps.tables(getattr(uow, name))
            if name not in written
        }
        _write(archive, where, tick)
        if any(dumps.size(*place) != found.counts.get(name, 0) for name, place in where.items()):
            raise Tampered("The databases do not hold what the archive does: begin anew with empty ones.")
        uow.commit()


def conclude(store: Store, header: Header, today: date) -> int:
    """Have it in the audit chain; how many records have no key. Raises Tampered where another vault lies here."""
    with store.work() as uow:
        if rosters.current(uow).digest != header.roster.digest:
            raise Tampered("These databases are not those of this archive: begin anew with empty ones.")
        about = {"archive": header.day, "roster": header.roster.version}
        audit.record(uow, "operator", "vault restored", about, today)
        uow.commit()
        records = [*uow.testimony.scalars(select(SlotRow.record).where(SlotRow.taken))]
        records += uow.identities.scalars(select(IdentitySlotRow.record).where(IdentitySlotRow.taken))
        return len(records) - len(shredding.layers(uow, records))


def require_empty(store: Store) -> None:
    """Raises Refused where the databases hold something: a vault is restored beside another, never over it."""
    full = with_rows(store)
    if full:
        raise Refused(
            "The databases that the configuration names hold something already: name empty ones, in another place."
        )


def _write(archive: Backup, where: Mapping[str, tuple[Session, Table]], tick: Tick) -> None:
    batch, last = list[dict[str, Any]](), ""
    for record in archive.records():
        tick(1)
        if "row" not in record or record["table"] not in where:
            continue
        if record["table"] != last or len(batch) == _BATCH:
            _put(where, last, batch)
            batch, last = [], record["table"]
        batch.append(record["row"])
    _put(where, last, batch)


def _put(where: Mapping[str, tuple[Session, Table]], name: str, batch: list[dict[str, Any]]) -> None:
    if batch:
        session, table = where[name]
        dumps.put(session, table, [_decoded(table, row) for row in batch])


def _decoded(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: unb64(value) if value is not None and dumps.is_bytes(table.c[name]) else value
        for name, value in row.items()
    }
