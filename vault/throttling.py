"""Throttling of sign-ins: who failed too often waits, before anything is derived from what they typed.

Failures are counted by lane, a hash of a code and the device key that came with it: it says nothing at rest. Whoever
guesses without the device key makes ever new lanes, and all of these together get so many failures a minute. A lane by
which somebody once signed in is known, and not held up by the others: so no stranger keeps a member out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import BoundedSemaphore

from sqlalchemy import delete, select, update

from vault.errors import Busy, Throttled
from vault.sealing.digests import digest
from vault.store.shreds import LaneRow
from vault.store.unit_of_work import UnitOfWork

FREE = 5  # failures of one lane before it waits
LONGEST_WAIT = 15  # minutes
MOST_UNKNOWN = 30  # failures a minute, of all lanes that are not known
REMEMBERED = timedelta(hours=1)
AT_ONCE = 2  # derivations in each process: each takes 64 MiB and all the cores that it gets
PATIENCE = 15.0  # seconds
_UNKNOWN = digest("lane", b"")  # where the failures of all unknown lanes are counted: no lane has this name
_TURNS = BoundedSemaphore(AT_ONCE)


def lane(code: str, device_key: bytes) -> bytes:
    """Where attempts with this code and device key are counted."""
    return digest("lane", code.encode() + b"\0" + device_key)


@contextmanager
def turn() -> Iterator[None]:
    """A turn to derive from a passphrase: few at once, so that many cannot exhaust the memory. Raises Busy."""
    if not _TURNS.acquire(timeout=PATIENCE):
        raise Busy("Too many people sign in at this moment; nothing was changed. Try again.")
    try:
        yield
    finally:
        _TURNS.release()


def check(uow: UnitOfWork, lane: bytes, now: datetime) -> None:
    """Raises Throttled, which says for how long, unless this lane may try now."""
    found = uow.shreds.scalars(select(LaneRow).where(LaneRow.id.in_((lane, _UNKNOWN))))
    rows = {row.id: row for row in found}
    one, others, minute = rows.get(lane), rows.get(_UNKNOWN), _minute(now)
    wait = 0 if one is None else _left(one, minute)
    if (one is None or not one.known) and others is not None:
        too_many = others.failed >= MOST_UNKNOWN and others.minute == minute
        wait = max(wait, int(too_many))
    if wait:
        raise Throttled("Too many attempts were made: wait %(minutes)d min, then try again.", minutes=wait)


def failed(uow: UnitOfWork, lane: bytes, now: datetime) -> None:
    """Count a failure."""
    sweep(uow, now)
    minute, one = _minute(now), _row(uow, lane)
    one.failed, one.minute = one.failed + 1, minute
    if not one.known:
        others = _row(uow, _UNKNOWN)
        others.failed = others.failed + 1 if others.minute == minute else 1
        others.minute = minute


def opened(uow: UnitOfWork, lane: bytes) -> None:
    """This lane is known from now on, and its failures are forgotten."""
    one = uow.shreds.get(LaneRow, lane)
    if (
        one is None or not one.known or one.failed
    ):  # else nothing is written: no row betrays that it was today
        one = _row(uow, lane)
        one.known, one.failed, one.minute = True, 0, 0


def sweep(uow: UnitOfWork, now: datetime) -> None:
    """Forget failures that are an hour old, and lanes of which nothing else is known."""
    over = LaneRow.failed > 0, LaneRow.minute <= _minute(now - REMEMBERED)
    uow.shreds.execute(delete(LaneRow).where(*over, LaneRow.known.is_(False)))
    uow.shreds.execute(update(LaneRow).where(*over).values(failed=0, minute=0))


def _row(uow: UnitOfWork, name: bytes) -> LaneRow:
    """The row of this name, held until the end of the transaction; a new one where there is none."""
    row = uow.shreds.get(LaneRow, name)
    if row is None:
        row = LaneRow(id=name, known=False, failed=0, minute=0)
        uow.shreds.add(row)
    return row


def _left(row: LaneRow, minute: int) -> int:
    """How many minutes it still waits. A clock that was set back keeps nobody waiting."""
    if row.failed < FREE:
        return 0
    wait = min(2 ** min(row.failed - FREE, LONGEST_WAIT), LONGEST_WAIT)
    return wait - (minute - row.minute) if 0 <= minute - row.minute < wait else 0


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
