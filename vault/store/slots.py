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
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from vault.store.decoys import Decoys
from vault.store.identities import IdentitySlotRow
from vault.store.places import Place
from vault.store.shreds import ShredRow
from vault.store.testimony import SlotRow
from vault.store.unit_of_work import changed, run, run_each

BLOCK = 64
_FEW = 1_000  # a database takes only so many parameters
_TOGETHER = 200  # keys that are destroyed at once
_random = secrets.SystemRandom()


@dataclass(frozen=True)
class _Slots:
    """A table of slots. Its statements are built once: that costs more than running them."""

    table: Table
    name: str
    look: Select[int, int]  # how many rows of a partition are free, and how many are taken under some names
    take: Update  # the free row before which so many free ones lie
    decoys: Decoys

    @classmethod
    def of(cls, rows_of: type[DeclarativeBase], name: str, *partition: str, beside: int = 8) -> _Slots:
        """By which column a row is known, which ones say to what partition it belongs, how many rows go with it."""
        table = cast(Table, rows_of.__table__)
        columns, other, place = table.c, table.alias(), Place()
        free, within = columns.taken.is_(False), _within(columns, partition)
        known = and_(columns.taken.is_(True), columns[name].in_(bindparam("names", expanding=True)))
        chosen = (
            select(place).select_from(other).where(*_within(other.c, partition), other.c.taken.is_(False))
        )
        the_one = chosen.limit(1).offset(bindparam("before")).scalar_subquery()
        others = [column.name for column in columns if column.name not in (*partition, "taken")]
        filled: dict[str, Any] = {name: bindparam(f"to_{name}") for name in others}
        return cls(
            table,
            name,
            select(func.count().filter(free).label("free"), func.count().filter(known).label("known")).where(
                *within
            ),
            update(table).where(*within, place == the_one, free).values(**filled, taken=True),
            Decoys.of(table, name, within, beside),
        )


def _within(
    columns: ReadOnlyColumnCollection[str, Column[Any]], partition: Collection[str]
) -> list[ColumnElement[bool]]:
    return [columns[name] == bindparam(f"of_{name}") for name in partition]


_SHREDS = _Slots.of(ShredRow, "id", beside=0)  # those beside are chosen with their records (`rewrite_keys`)
_IDENTITIES = _Slots.of(IdentitySlotRow, "record")
_HALVES = _Slots.of(SlotRow, "record", "case", "half")
_TAKEN_SHREDS = select(_SHREDS.table.c.id, _SHREDS.table.c.key).where(_SHREDS.table.c.taken)
_WANTED_SHREDS = _TAKEN_SHREDS.where(_SHREDS.table.c.id.in_(bindparam("wanted", expanding=True)))
_DESTROYED = (
    update(_SHREDS.table)
    .where(_SHREDS.table.c.id == bindparam("name"))
    .values(id=bindparam("to_id"), key=bindparam("to_key"), taken=False)
)
_SLOT = _HALVES.table.c
_RECEIPT = select(_SLOT.receipt).where(
    *_within(_SLOT, ("case", "half")), _SLOT.record == bindparam("name"), _SLOT.taken
)


def claim_shreds(shreds: Session, fresh: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The wrapped keys of the records whose ids hash to these names: their own, or the fresh ones, now in free rows."""
    if _take(shreds, _SHREDS, {}, [{"id": name, "key": key} for name, key in fresh.items()]) is not None:
        return dict(fresh)
    known = wrapped_keys(shreds, fresh)
    rest = {name: key for name, key in fresh.items() if name not in known}
    return known | (claim_shreds(shreds, rest) if rest else {})


def rewrite_keys(shreds: Session, names: Collection[bytes]) -> None:
    """Write these wrapped keys anew, as they are, in random order, where a database keeps who wrote what together."""
    _SHREDS.decoys.rewrite(shreds, names)


def wrapped_keys(shreds: Session, wanted: Collection[bytes]) -> dict[bytes, bytes]:
    """The wrapped keys of these records that there are, found in one reading of the partition."""
    few = len(wanted) <= _FEW
    rows = run(shreds, _WANTED_SHREDS, wanted=list(wanted)) if few else run(shreds, _TAKEN_SHREDS)
    return {row.id: row.key for row in rows if row.id in wanted}


def shred_names(shreds: Session) -> list[bytes]:
    """The names of all shreds that there are."""
    return list(shreds.scalars(select(ShredRow.id).where(ShredRow.taken)))


def put_shreds(shreds: Session, wrapped: Mapping[bytes, bytes], rows: int, size: int) -> None:
    """Fill an empty partition: these in random places among free rows, `rows` in all, or as many as it takes."""
    total = BLOCK
    while total < max(rows, len(wrapped)):
        total *= 2
    noise = [(secrets.token_bytes(32), secrets.token_bytes(size), False) for _ in range(total - len(wrapped))]
    placed = [*((name, key, True) for name, key in wrapped.items()), *noise]
    made = [{"id": name, "key": key, "taken": taken} for name, key, taken in placed]
    _write_anew(shreds, cast(Table, ShredRow.__table__), [], made)


def destroy_shred(shreds: Session, shred: bytes, noise: bytes) -> None:
    """Turn a record's shred row into a free one: what was locked under it is noise from now on."""
    run(shreds, _DESTROYED, name=shred, to_id=secrets.token_bytes(32), to_key=noise)


def destroy_shreds(shreds: Session, noise: Mapping[bytes, bytes]) -> None:
    """The same for many at once, each with its noise: there is no index, and one at a time reads all rows for each."""
    slot, names = _SHREDS.table, list(noise)
    for first in range(0, len(names), _TOGETHER):
        some = {name: noise[name] for name in names[first : first + _TOGETHER]}
        fresh = {name: secrets.token_bytes(32) for name in some}
        freed = {"id": case(fresh, value=slot.c.id), "key": case(some, value=slot.c.id), "taken": False}
        shreds.execute(update(slot).where(slot.c.id.in_(some)).values(freed))


def rewrite_shreds(shreds: Session, anew: Callable[[bytes, bytes], bytes]) -> None:
    """Write all shred rows in one random order, the wrapped key of each as `anew` makes it of its id and the former."""
    table = _SHREDS.table
    rows = [dict(row) for row in shreds.execute(select(table)).mappings()]
    for row in rows:
        row["key"] = anew(row["id"], row["key"])
    _write_anew(shreds, table, [], rows)


def fill_slot(  # noqa: PLR0913, PLR0917 - the columns of one row
    testimony: Session, case: bytes, half: str, record: bytes, content: bytes, receipt: bytes | None = None
) -> list[bytes]:
    """Put a sealed frame into a random free slot of the case, unless it is there already.

    Gives the records of the others that were written anew.

    Without a `receipt` the row gets a random one. Two rows must never get the same: it would tie them together.
    """
    values = {"record": record, "content": content, "receipt": receipt or secrets.token_bytes(32)}
    return _take(testimony, _HALVES, {"case": case, "half": half}, [values]) or []


def receipt_of(testimony: Session, case: bytes, record: bytes) -> bytes | None:
    """The receipt value beside a deposit's first observations record, or None where there is no such deposit."""
    found: bytes | None = run(testimony, _RECEIPT, of_case=case, of_half="observations", name=record).scalar()
    return found


def allocate(testimony: Session, case: bytes, half: str, size: int) -> None:
    """The first block of free slots of a half of a case, each a random row of `size` bytes; or as many as it has."""
    sizes = {"record": 16, "receipt": 32, "content": size}
    _grow(testimony, _HALVES.table, {"case": case, "half": half}, sizes)


def fill_identity_slot(identities: Session, record: bytes, content: bytes) -> list[bytes]:
    """Put a locked identity into a random free slot, or into the one that a broken-off attempt has taken for it.

    Gives the records of the others that were written anew.
    """
    others = _take(identities, _IDENTITIES, {}, [{"record": record, "content": content}])
    if others is None:
        slot = _IDENTITIES.table
        anew = update(slot).where(slot.c.record == record).values(content=content)
        others = _IDENTITIES.decoys.around(identities, {}, partial(changed, identities, anew))
    return others or []


def halves(testimony: Session) -> list[tuple[bytes, str]]:
    """The partitions of the testimony database: cases and their halves."""
    slot = _HALVES.table.c
    return [tuple(row) for row in testimony.execute(select(slot.case, slot.half).distinct())]


def rewrite_half(testimony: Session, case: bytes, half: str) -> None:
    """Write all slots of a half of a case anew, in one random order."""
    _rewrite(testimony, _HALVES.table, {"case": case, "half": half})


def rewrite_identities(identities: Session) -> None:
    """Write all identity slots anew, in one random order."""
    _rewrite(identities, _IDENTITIES.table, {})


def allocate_identities(identities: Session, size: int) -> None:
    """The first block of free identity slots, or as many as there are."""
    _grow(identities, _IDENTITIES.table, {}, {"record": 16, "content": size})


def _take(
    session: Session, slots: _Slots, partition: Mapping[str, object], rows: Sequence[Mapping[str, bytes]]
) -> list[bytes] | None:
    """Write these values into as many random free rows, unless one is taken under a name of theirs already (None).

    Gives the names of the rows that were written anew beside them.
    """
    within = {f"of_{column}": value for column, value in partition.items()}
    named = [within | {f"to_{column}": value for column, value in row.items()} for row in rows]
    while True:
        found = run(session, slots.look, **within, names=[row[slots.name] for row in rows]).one()
        if found.known:
            return None
        if found.free < len(rows):
            _grow(session, slots.table, partition, {column: len(value) for column, value in rows[0].items()})
            continue
        for row, free in zip(named, range(found.free, 0, -1), strict=False):
            row["before"] = secrets.randbelow(free)  # of those that the rows before it leave
        others = slots.decoys.around(session, within, partial(run_each, session, slots.take, named))
        if others is not None:
            return others  # they were still free: two deposits never get the same one


def _grow(session: Session, table: Table, partition: Mapping[str, object], sizes: Mapping[str, int]) -> None:
    """Double a partition, or begin it; afterwards the place of a row says nothing of when it was filled."""

    def free(rows: int) -> Iterator[dict[str, object]]:
        for _ in range(rows or BLOCK):
            noise = {column: secrets.token_bytes(size) for column, size in sizes.items()}
            yield {**partition, "taken": False, **noise}

    _rewrite(session, table, partition, free)


def _rewrite(
    session: Session,
    table: Table,
    partition: Mapping[str, object],
    further: Callable[[int], Iterable[dict[str, object]]] = lambda _rows: (),
) -> None:
    of_partition: list[ColumnElement[bool]] = [table.c[name] == value for name, value in partition.items()]
    rows = [dict(row) for row in session.execute(select(table).where(*of_partition)).mappings()]
    rows.extend(further(len(rows)))
    _write_anew(session, table, of_partition, rows)


def _write_anew(
    session: Session, table: Table, partition: list[ColumnElement[bool]], rows: list[dict[str, object]]
) -> None:
    _random.shuffle(rows)
    session.execute(delete(table).where(*partition))
    if rows:
        session.execute(insert(table), rows)
