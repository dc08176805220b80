"""Counting within one day; nothing is remembered of the days before."""

from __future__ import annotations

from sqlalchemy.orm import Session

from vault.store.shreds import DailyRow


def again(shreds: Session, what: str, day: str) -> int:
    """Count one more; how often it has happened on this day."""
    row = shreds.get(DailyRow, what)
    if row is None:
        row = DailyRow(what=what, day=day, count=0)
        shreds.add(row)
    if row.day != day:
        row.day, row.count = day, 0
    row.count += 1
    shreds.flush()
    return row.count


def forget(shreds: Session, what: str) -> None:
    """As if it had not happened on any day."""
    row = shreds.get(DailyRow, what)
    if row is not None:
        shreds.delete(row)
        shreds.flush()
