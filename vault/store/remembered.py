"""What was read once in a transaction: all that is asked in it sees the same rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from sqlalchemy.orm import Session

_T = TypeVar("_T")


def once(session: Session, name: str, read: Callable[[], _T]) -> _T:
    """What `read` gives, or gave in this very transaction under this name."""
    transaction, found = session.info.get(name, (None, None))
    if transaction is None or transaction is not session.get_transaction():
        found = read()  # it may begin the transaction
        session.info[name] = session.get_transaction(), found
    return cast(_T, found)


def forget(session: Session, name: str) -> None:
    """Read anew what has just been changed."""
    session.info.pop(name, None)
