"""Slots: fixed-size rows allocated ahead as random bytes, so that order, size and growth say nothing.

A deposit overwrites a randomly chosen free row in place. A row that an interrupted deposit left behind is
just another dummy and is never swept.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from sqlalchemy import Select, Update, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from vault.store.identities import IdentitySlotRow
from vault.store.shreds import ShredRow
from vault.store.testimony import SlotRow
from vault.store.unit_of_work import changed

BLOCK = 64


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
            _allocate_shreds(shreds)
        elif _overwrite(shreds, update(ShredRow).where(ShredRow.id == free), ShredRow.taken, values):
            return key


def shred_key(shreds: Session, shred: bytes) -> bytes | None:
    """The shred key of a record, or None where there is none (any more)."""
    return shreds.scalar(select(ShredRow.key).where(ShredRow.id == shred, ShredRow.taken))


def destroy_shred(shreds: Session, shred: bytes) -> None:
    """Turn a record's shred row into a free one: what was locked under it is noise from now on."""
    fresh = {"id": secrets.token_bytes(32), "key": secrets.token_bytes(32), "taken": False}
    shreds.execute(update(ShredRow).where(ShredRow.id == shred).values(**fresh))


def fill_slot(  # noqa: PLR0913, PLR0917 - the columns of one row
    testimony: Session, case: bytes, half: str, record: bytes, content: bytes, receipt: bytes
) -> None:
    """Put a sealed frame into a random free slot of the case, unless it is there already."""
    if _any(testimony, select(SlotRow.record).where(SlotRow.record == record)):
        return
    of_case = (SlotRow.case == case, SlotRow.half == half, SlotRow.taken.is_(False))
    values = {"record": record, "content": content, "receipt": receipt}
    while True:
        free = _any(testimony, select(SlotRow.record).where(*of_case))
        if free is None:
            allocate(testimony, case, half, len(content))
        elif _overwrite(testimony, update(SlotRow).where(SlotRow.record == free), SlotRow.taken, values):
            return


def allocate(testimony: Session, case: bytes, half: str, size: int) -> None:
    """A block of free slots for a case, each a random row of `size` bytes."""
    row = {"case": case, "half": half, "taken": False}
    rows = [{**row, **_random(record=16, receipt=32, content=size)} for _ in range(BLOCK)]
    testimony.execute(insert(SlotRow), rows)


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
    """A block of free identity slots."""
    rows = [{"taken": False, **_random(record=16, content=size)} for _ in range(BLOCK)]
    identities.execute(insert(IdentitySlotRow), rows)


def _allocate_shreds(shreds: Session) -> None:
    shreds.execute(insert(ShredRow), [{"taken": False, **_random(id=32, key=32)} for _ in range(BLOCK)])


def _random(**sizes: int) -> dict[str, bytes]:
    return {column: secrets.token_bytes(size) for column, size in sizes.items()}


def _any(session: Session, query: Select[bytes]) -> bytes | None:
    found = session.scalars(query).all()
    return secrets.choice(found) if found else None


def _overwrite(
    session: Session, row: Update, taken: InstrumentedAttribute[bool], values: Mapping[str, bytes]
) -> bool:
    """Whether the row was still free and is now taken: two deposits never get the same one."""
    chosen = row.where(taken.is_(False)).values(**values, taken=True).returning(taken)
    return session.scalar(chosen) is not None
