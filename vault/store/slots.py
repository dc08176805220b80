"""Slots: fixed-size rows allocated ahead as random bytes, so that order, size and growth say nothing.

A deposit overwrites a randomly chosen free row in place. A row that an interrupted deposit left behind is
just another dummy and is never swept.

Rows come in partitions: a half of a case, all identities, all shred keys. A full one doubles, and its rows, old and
new, are written anew in one random order: those filled before would otherwise lie apart from those filled after.

Nothing that a deposit changes is indexed. An index keeps its entries sorted, but within a page their bytes lie in the
order in which they came: that of the deposits.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import cast

from sqlalchemy import ColumnElement, Select, Table, Update, delete, insert, select, update
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

from vault.store.identities import IdentitySlotRow
from vault.store.shreds import ShredRow
from vault.store.testimony import SlotRow
from vault.store.unit_of_work import changed

BLOCK = 64
_FEW = 1_000  # a database takes only so many parameters
_random = secrets.SystemRandom()


def claim_shred(shreds: Session, shred: bytes) -> bytes:
    """The shred key of the record whose id hashes to `shred`: its own, or a fresh one in a free row."""
    known = shred_key(shreds, shred)
    if known is not None:
        return known
    key = secrets.token_bytes(32)
    values = {"id": shred, "key": key}
    while True:
        free = _any(shreds, select(ShredRow.id).where(ShredRow.taken.is_(False)))
        if free is None:
            _grow(shreds, ShredRow, {}, {"id": 32, "key": 32})
        elif _overwrite(shreds, update(ShredRow).where(ShredRow.id == free), ShredRow.taken, values):
            return key


def shred_key(shreds: Session, shred: bytes) -> bytes | None:
    """The shred key of a record, or None where there is none (any more)."""
    return shreds.scalar(select(ShredRow.key).where(ShredRow.id == shred, ShredRow.taken))


def shred_keys(shreds: Session, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """The shred keys of these records that there are, found in one reading of the partition."""
    query = select(ShredRow.id, ShredRow.key).where(ShredRow.taken)
    if len(wanted) <= _FEW:
        query = query.where(ShredRow.id.in_(wanted))
    return {row.id: row.key for row in shreds.execute(query) if row.id in wanted}


def destroy_shred(shreds: Session, shred: bytes) -> None:
    """Turn a record's shred row into a free one: what was locked under it is noise from now on."""
    fresh = {"id": secrets.token_bytes(32), "key": secrets.token_bytes(32), "taken": False}
    shreds.execute(update(ShredRow).where(ShredRow.id == shred).values(**fresh))


def fill_slot(  # noqa: PLR0913, PLR0917 - the columns of one row
    testimony: Session, case: bytes, half: str, record: bytes, content: bytes, receipt: bytes | None = None
) -> None:
    """Put a sealed frame into a random free slot of the case, unless it is there already.

    Without a `receipt` the row gets a random one. Two rows must never get the same: it would tie them together.
    """
    of_case = (SlotRow.case == case, SlotRow.half == half)
    if _any(testimony, select(SlotRow.record).where(*of_case, SlotRow.record == record)):
        return
    values = {"record": record, "content": content, "receipt": receipt or secrets.token_bytes(32)}
    while True:
        free = _any(testimony, select(SlotRow.record).where(*of_case, SlotRow.taken.is_(False)))
        if free is None:
            allocate(testimony, case, half, len(content))
            continue
        chosen = update(SlotRow).where(*of_case, SlotRow.record == free)
        if _overwrite(testimony, chosen, SlotRow.taken, values):
            return


def receipt_of(testimony: Session, case: bytes, record: bytes) -> bytes | None:
    """The receipt value beside a deposit's first observations record, or None where there is no such deposit."""
    of_case = (SlotRow.case == case, SlotRow.half == "observations")
    return testimony.scalar(select(SlotRow.receipt).where(*of_case, SlotRow.record == record, SlotRow.taken))


def allocate(testimony: Session, case: bytes, half: str, size: int) -> None:
    """The first block of free slots of a half of a case, each a random row of `size` bytes; or as many as it has."""
    sizes = {"record": 16, "receipt": 32, "content": size}
    _grow(testimony, SlotRow, {"case": case, "half": half}, sizes)


def fill_identity_slot(identities: Session, record: bytes, content: bytes) -> None:
    """Put a locked identity into a random free slot, or into the one that a broken-off attempt has taken for it."""
    slot = IdentitySlotRow
    if changed(identities, update(slot).where(slot.record == record).values(content=content)):
        return
    values = {"record": record, "content": content}
    while True:
        free = _any(identities, select(slot.record).where(slot.taken.is_(False)))
        if free is None:
            allocate_identities(identities, len(content))
        elif _overwrite(identities, update(slot).where(slot.record == free), slot.taken, values):
            return


def allocate_identities(identities: Session, size: int) -> None:
    """The first block of free identity slots, or as many as there are."""
    _grow(identities, IdentitySlotRow, {}, {"record": 16, "content": size})


def _grow(
    session: Session,
    rows_of: type[DeclarativeBase],
    partition: Mapping[str, object],
    sizes: Mapping[str, int],
) -> None:
    """Double a partition, or begin it; afterwards the place of a row says nothing of when it was filled."""
    table = cast(Table, rows_of.__table__)
    of_partition: list[ColumnElement[bool]] = [table.c[name] == value for name, value in partition.items()]
    # locked, where a database knows locks of rows: whoever grows it at the same time must not write a row twice
    held = session.execute(select(table).where(*of_partition).with_for_update()).mappings()
    rows = [dict(row) for row in held]
    for _ in range(len(rows) or BLOCK):
        noise = {column: secrets.token_bytes(size) for column, size in sizes.items()}
        rows.append({**partition, "taken": False, **noise})
    _random.shuffle(rows)
    session.execute(delete(table).where(*of_partition))
    session.execute(insert(table), rows)


def _any(session: Session, query: Select[bytes]) -> bytes | None:
    found = session.scalars(query).all()
    return secrets.choice(found) if found else None


def _overwrite(
    session: Session, row: Update, taken: InstrumentedAttribute[bool], values: Mapping[str, bytes]
) -> bool:
    """Whether the row was still free and is now taken: two deposits never get the same one."""
    chosen = row.where(taken.is_(False)).values(**values, taken=True).returning(taken)
    return session.scalar(chosen) is not None
