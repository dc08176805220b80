"""Slots: fixed-size rows allocated ahead as random bytes, so that order, size and growth of a table say nothing.

A deposit overwrites a randomly chosen free row in place. A row that an interrupted deposit left behind is just
another dummy and is never swept.
"""

from __future__ import annotations

import secrets
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from vault.store.identities import IdentitySlotRow
from vault.store.shreds import ShredRow
from vault.store.testimony import SlotRow

BLOCK = 64


def claim_shred(shreds: Session, shred: bytes) -> bytes:
    """The shred key of the record whose id hashes to `shred`: the one it has, or a fresh one in a random free row."""
    row = shreds.get(ShredRow, shred)
    if row is not None:
        return row.key
    key = secrets.token_bytes(32)
    while True:
        free = _any(shreds, select(ShredRow.id).where(ShredRow.taken.is_(False)))
        if free is None:
            shreds.add_all(ShredRow(id=secrets.token_bytes(32), taken=False, key=secrets.token_bytes(32)) for _ in range(BLOCK))
            shreds.flush()
        elif _overwrite(shreds, update(ShredRow).where(ShredRow.id == free), ShredRow.taken, {"id": shred, "key": key}):
            return key


def shred_key(shreds: Session, shred: bytes) -> bytes | None:
    """The shred key of a record, or None where there is none (any more)."""
    row = shreds.get(ShredRow, shred)
    return None if row is None or not row.taken else row.key


def destroy_shred(shreds: Session, shred: bytes) -> None:
    """Turn a record's shred row into a free one: what was locked under it is noise from now on."""
    fresh = {"id": secrets.token_bytes(32), "key": secrets.token_bytes(32), "taken": False}
    shreds.execute(update(ShredRow).where(ShredRow.id == shred).values(**fresh))


def fill_slot(testimony: Session, case: bytes, half: str, record: bytes, content: bytes, receipt: bytes) -> None:
    """Put a sealed frame into a random free slot of the case, unless it is there already."""
    if testimony.get(SlotRow, record) is not None:
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
    testimony.add_all(
        SlotRow(
            record=secrets.token_bytes(16),
            case=case,
            half=half,
            taken=False,
            receipt=secrets.token_bytes(32),
            content=secrets.token_bytes(size),
        )
        for _ in range(BLOCK)
    )
    testimony.flush()


def fill_identity_slot(identities: Session, record: bytes, content: bytes) -> None:
    """Put a locked identity into a random free slot, unless it is there already."""
    if identities.get(IdentitySlotRow, record) is not None:
        return
    values = {"record": record, "content": content}
    while True:
        free = _any(identities, select(IdentitySlotRow.record).where(IdentitySlotRow.taken.is_(False)))
        if free is None:
            allocate_identities(identities, len(content))
        elif _overwrite(
            identities, update(IdentitySlotRow).where(IdentitySlotRow.record == free), IdentitySlotRow.taken, values
        ):
            return


def allocate_identities(identities: Session, size: int) -> None:
    """A block of free identity slots."""
    identities.add_all(
        IdentitySlotRow(record=secrets.token_bytes(16), taken=False, content=secrets.token_bytes(size)) for _ in range(BLOCK)
    )
    identities.flush()


def _any(session: Session, query: Select[tuple[bytes]]) -> bytes | None:
    free = session.scalars(query).all()
    return secrets.choice(free) if free else None


def _overwrite(session: Session, statement: Any, taken: Any, values: dict[str, object]) -> bool:
    """Whether the row was still free and is now taken: two deposits never get the same one."""
    return bool(session.execute(statement.where(taken.is_(False)).values(**values, taken=True)).rowcount)
