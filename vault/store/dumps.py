"""Whole tables of a database, row by row in random order: how rows are taken out for an archive and put back.

Tables are read as they lie there, not as this program would make them: what is older keeps its columns.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    LargeBinary,
    MetaData,
    Select,
    Table,
    func,
    insert,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Session

ARCHIVED = ("testimony", "identities")  # a deposit commits identities first: what testimony has, is there
CACHES = ("segments", "registers")  # made of the rest, and made again
_VERSION = "alembic_version"
_BATCH = 64
_random = secrets.SystemRandom()


def tables(session: Session) -> list[Table]:
    """The tables that hold something, each after those to which its rows point."""
    found = MetaData()
    found.reflect(session.connection())
    return [table for table in found.sorted_tables if table.name not in (_VERSION, *CACHES)]


def revision(session: Session) -> str:
    """Which version of its migrations the database has."""
    return str(session.scalar(select(literal_column("version_num")).select_from(text(_VERSION))))


def size(session: Session, table: Table) -> int:
    """How many rows a table has."""
    return session.scalar(select(func.count()).select_from(table)) or 0


def is_empty(session: Session) -> bool:
    """Whether no table has a row."""
    return all(session.execute(select(table).limit(1)).first() is None for table in tables(session))


def rows(session: Session, table: Table) -> Iterator[Mapping[str, Any]]:
    """Every row, in an order that says nothing of where or when it was written."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    place: Column[Any] = literal_column("rowid" if sqlite else "ctid")  # type: ignore[assignment]
    places = list(session.scalars(select(place).select_from(table)))
    _random.shuffle(places)
    for first in range(0, len(places), _BATCH):
        some = list(session.execute(_at(table, places[first : first + _BATCH], sqlite)).mappings())
        _random.shuffle(some)
        yield from (dict(row) for row in some)


def put(session: Session, table: Table, found: Iterable[Mapping[str, Any]]) -> None:
    """Write rows, in their order."""
    batch = list(found)
    if batch:
        session.execute(insert(table), batch)


def is_bytes(column: Column[Any]) -> bool:
    """Whether a column holds bytes."""
    return isinstance(column.type, LargeBinary)


def _at(table: Table, places: Sequence[Any], sqlite: bool) -> Select[Any]:
    if sqlite:
        return select(table).where(literal_column("rowid").in_(places))
    return select(table).where(text("ctid = ANY(CAST(:places AS tid[]))").bindparams(places=list(places)))
