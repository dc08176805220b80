"""Slots: order, size and growth of the tables say nothing of what was deposited when."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select, text

from drill.chance import kendall, sigma
from tests import places
from vault.sealing.deposits import SLOT_SIZE
from vault.store import slots
from vault.store.identities import IdentitySlotRow
from vault.store.shreds import ShredRow
from vault.store.slots import BLOCK
from vault.store.testimony import CaseRow, SlotRow
from vault.store.unit_of_work import Store, UnitOfWork

pytestmark = pytest.mark.both

CASE, OTHER_CASE = b"\x01" * 16, b"\x02" * 16
SIZE = 1000


@pytest.fixture(autouse=True)
def _cases(store: Store) -> None:
    with store.work() as uow:
        uow.testimony.add_all([CaseRow(id=CASE), CaseRow(id=OTHER_CASE)])
        uow.commit()


def new() -> bytes:
    return secrets.token_bytes(16)


def deposit(uow: UnitOfWork, record: bytes, content: bytes = bytes(SIZE), case: bytes = CASE) -> None:
    slots.fill_slot(uow.testimony, case, "testimony", record, content, b"\x03" * 32)


def keep_identity(uow: UnitOfWork, record: bytes) -> None:
    slots.fill_identity_slot(uow.identities, record, bytes(SIZE))


def keep_key(uow: UnitOfWork, record: bytes) -> None:
    slots.claim_shreds(uow.shreds, {record * 2: secrets.token_bytes(60)})


@dataclass(frozen=True)
class Table:
    """One of the tables of slots, and how a record gets into it."""

    database: str
    name: str
    id: str
    put: Callable[[UnitOfWork, bytes], None]

    def lies(self, uow: UnitOfWork, *, taken: bool) -> dict[bytes, int]:
        """Where its rows lie in the file, by record."""
        session = getattr(uow, self.database)
        place = "rowid" if session.get_bind().dialect.name == "sqlite" else "ctid::text"
        query = text(f"SELECT {self.id}, {place} FROM {self.name} WHERE taken = :taken")
        return {row[0][:16]: row[1] for row in session.execute(query, {"taken": taken})}


SLOTS = Table("testimony", "slots", "record", deposit)
IDENTITIES = Table("identities", "identity_slots", "record", keep_identity)
SHREDS = Table("shreds", "shreds", "id", keep_key)
each = pytest.mark.parametrize("table", [SLOTS, IDENTITIES, SHREDS], ids=lambda table: table.name)


@pytest.mark.sqlite
@each
def test_a_row_is_overwritten_in_place_and_the_table_does_not_grow(
    store: Store, databases: Path, table: Table
) -> None:
    file = databases / f"{table.database}.db"
    with store.work() as uow:
        table.put(uow, new())
        uow.commit()
    size = file.stat().st_size
    with store.work() as uow:
        before = table.lies(uow, taken=False) | table.lies(uow, taken=True)
        records = [new() for _ in range(BLOCK - 1)]
        for record in records:
            table.put(uow, record)
        uow.commit()
        after = table.lies(uow, taken=True)
    assert set(records) <= after.keys()
    assert sorted(after.values()) == sorted(before.values())
    assert len(before) == BLOCK
    assert file.stat().st_size == size


@pytest.mark.sqlite
@each
def test_the_order_of_taken_rows_does_not_follow_the_order_of_deposits(store: Store, table: Table) -> None:
    """A random order exceeds six sigma once in half a thousand million runs; insertion order stands at 11.7."""
    records = [new() for _ in range(BLOCK)]
    for record in records:
        with store.work() as uow:
            table.put(uow, record)
            uow.commit()
    with store.read() as uow:
        lies = table.lies(uow, taken=True)
    assert abs(kendall([lies[record] for record in records])) < 6 * sigma(BLOCK)
    assert kendall(sorted(lies.values())) > 11 * sigma(BLOCK)


@pytest.mark.sqlite
def test_nor_does_the_order_of_their_pages_in_the_file(store: Store, databases: Path) -> None:
    """A slot of true size fills pages of its own; where they lie must say no more than where its row lies."""
    marks = [secrets.token_bytes(32) for _ in range(BLOCK)]
    for mark in marks:
        with store.work() as uow:
            deposit(uow, new(), secrets.token_bytes(8000) + mark + secrets.token_bytes(SLOT_SIZE - 8032))
            uow.commit()
    file = (databases / "testimony.db").read_bytes()
    assert all(file.count(mark) == 1 for mark in marks)
    assert abs(kendall([file.index(mark) for mark in marks])) < 6 * sigma(BLOCK)


@each
def test_a_full_partition_doubles(store: Store, table: Table) -> None:
    with store.work() as uow:
        for count in range(1, 2 * BLOCK + 2):
            table.put(uow, new())
            size = BLOCK if count <= BLOCK else 2 * BLOCK if count <= 2 * BLOCK else 4 * BLOCK
            assert len(table.lies(uow, taken=True)) == count
            assert len(table.lies(uow, taken=False)) == size - count


def test_taken_and_free_rows_are_of_one_size_and_look_alike(store: Store) -> None:
    with store.work() as uow:
        for _ in range(5):
            deposit(uow, new(), secrets.token_bytes(SIZE))
            keep_identity(uow, new())
        sizes = set(uow.testimony.scalars(select(func.length(SlotRow.content))))
        assert sizes == set(uow.identities.scalars(select(func.length(IdentitySlotRow.content)))) == {SIZE}
        columns = (SlotRow.record, SlotRow.receipt, SlotRow.half)
        assert {tuple(map(len, row)) for row in uow.testimony.execute(select(*columns))} == {
            (16, 32, len("testimony"))
        }
        free = uow.testimony.scalars(select(SlotRow.content).where(SlotRow.taken.is_(False))).all()
        assert len(set(free)) == len(free) == BLOCK - 5


def test_what_was_deposited_is_read_back_under_its_record(store: Store) -> None:
    record, content = new(), secrets.token_bytes(SIZE)
    with store.work() as uow:
        deposit(uow, record, content)
        uow.commit()
    with store.read() as uow:
        row = uow.testimony.get_one(SlotRow, record)
    assert (row.case, row.half, row.taken, row.content, row.receipt) == (
        CASE,
        "testimony",
        True,
        content,
        b"\x03" * 32,
    )


def test_a_second_attempt_keeps_the_frame_and_takes_the_identity_anew(store: Store) -> None:
    """The identity is sealed anew at each attempt, and the deposit names the one that came with it."""
    record, content = new(), secrets.token_bytes(SIZE)
    for attempt in (content, bytes(SIZE)):
        with store.work() as uow:
            deposit(uow, record, attempt)
            slots.fill_identity_slot(uow.identities, record, attempt)
            uow.commit()
    with store.read() as uow:
        assert uow.testimony.get_one(SlotRow, record).content == content
        assert uow.identities.get_one(IdentitySlotRow, record).content == bytes(SIZE)
        assert len(SLOTS.lies(uow, taken=True)) == 1


def test_cases_and_halves_have_blocks_of_their_own(store: Store) -> None:
    with store.work() as uow:
        deposit(uow, new())
        deposit(uow, new(), case=OTHER_CASE)
        slots.fill_slot(uow.testimony, CASE, "observations", new(), bytes(SIZE), bytes(32))
        of = select(SlotRow.case, SlotRow.half, func.count()).group_by(SlotRow.case, SlotRow.half)
        assert {tuple(row) for row in uow.testimony.execute(of)} == {
            (CASE, "testimony", BLOCK),
            (OTHER_CASE, "testimony", BLOCK),
            (CASE, "observations", BLOCK),
        }


def claim(uow: UnitOfWork, shred: bytes) -> bytes:
    return slots.claim_shreds(uow.shreds, {shred: secrets.token_bytes(60)})[shred]


def wrapped(uow: UnitOfWork, shred: bytes) -> bytes | None:
    return slots.wrapped_keys(uow.shreds, (shred,)).get(shred)


class TestShredKeys:
    def test_a_record_keeps_the_key_that_it_was_given(self, store: Store) -> None:
        shred = secrets.token_bytes(32)
        with store.work() as uow:
            key = claim(uow, shred)
            assert claim(uow, shred) == key
            uow.commit()
        with store.work() as uow:
            assert claim(uow, shred) == key
            assert wrapped(uow, shred) == key
            assert claim(uow, secrets.token_bytes(32)) != key

    def test_keys_that_are_given_together_are_as_if_each_were_given_alone(self, store: Store) -> None:
        """Also where some have theirs already, and where fewer rows are free than are needed."""
        names = [secrets.token_bytes(32) for _ in range(BLOCK + 2)]
        fresh = {name: secrets.token_bytes(60) for name in names}
        with store.work() as uow:
            before = {name: claim(uow, name) for name in names[::20]}
            for _ in range(2):
                assert slots.claim_shreds(uow.shreds, fresh) == fresh | before
                assert slots.wrapped_keys(uow.shreds, names) == fresh | before
            assert len(SHREDS.lies(uow, taken=True)) == len(names)
            assert len(SHREDS.lies(uow, taken=False)) == 2 * BLOCK - len(names)

    @pytest.mark.sqlite
    def test_keys_that_are_given_together_do_not_lie_in_the_order_of_their_names(self, store: Store) -> None:
        names = [secrets.token_bytes(32) for _ in range(BLOCK)]
        with store.work() as uow:
            slots.claim_shreds(uow.shreds, {name: secrets.token_bytes(60) for name in names})
            lies = SHREDS.lies(uow, taken=True)
        assert abs(kendall([lies[name[:16]] for name in names])) < 6 * sigma(BLOCK)

    def test_whoever_has_none_gets_none(self, store: Store) -> None:
        with store.work() as uow:
            claim(uow, secrets.token_bytes(32))
            free = uow.shreds.scalars(select(ShredRow.id).where(ShredRow.taken.is_(False))).first()
            assert free is not None
            assert wrapped(uow, free) is None
            assert wrapped(uow, bytes(32)) is None

    @pytest.mark.sqlite
    def test_a_destroyed_key_is_nowhere_in_the_file(self, store: Store, databases: Path) -> None:
        file, shred = databases / "shreds.db", secrets.token_bytes(32)
        with store.work() as uow:
            key = claim(uow, shred)
            uow.commit()
        assert key in file.read_bytes()
        assert shred in file.read_bytes()
        with store.work() as uow:
            slots.destroy_shred(uow.shreds, shred, secrets.token_bytes(60))
            uow.commit()
        assert key not in file.read_bytes()
        assert shred not in file.read_bytes()
        assert {path.name for path in databases.glob("shreds*")} == {"shreds.db", "shreds.key"}

    def test_destroying_leaves_as_many_rows_as_before_and_one_more_free(self, store: Store) -> None:
        shred = secrets.token_bytes(32)
        with store.work() as uow:
            claim(uow, shred)
            slots.destroy_shred(uow.shreds, shred, secrets.token_bytes(60))
            assert wrapped(uow, shred) is None
            assert len(SHREDS.lies(uow, taken=False)) == BLOCK

    def test_what_was_destroyed_never_comes_back_with_the_key_of_a_free_row(self, store: Store) -> None:
        """Even within the unit of work that destroyed it: a free row's key belongs to whoever claims that row."""
        shred = secrets.token_bytes(32)
        with store.work() as uow:
            old = claim(uow, shred)
            held = uow.shreds.get_one(ShredRow, shred)
            assert held.key == old
            slots.destroy_shred(uow.shreds, shred, secrets.token_bytes(60))
            again = claim(uow, shred)
            assert again != old
            assert wrapped(uow, shred) == again
            free = uow.shreds.scalars(select(ShredRow.key).where(ShredRow.taken.is_(False))).all()
            assert again not in free


def test_deposits_at_once_never_share_a_slot_and_lose_none_when_the_tables_grow(databases: Path) -> None:
    each_, workers = BLOCK // 4 + 1, 4
    start = Barrier(workers)

    def work(number: int) -> list[bytes]:
        own = places.store(databases)
        records = [bytes([number, position]) * 8 for position in range(each_)]
        start.wait()
        for record in records:
            with own.work() as uow:
                keep_key(uow, record)
                keep_identity(uow, record)
                deposit(uow, record, record + bytes(SIZE - 16))
                uow.commit()
        own.dispose()
        return records

    with ThreadPoolExecutor(workers) as pool:
        records = [record for made in pool.map(work, range(workers)) for record in made]
    store = places.store(databases)
    with store.read() as uow:
        kept = {
            row.record: row.content[:16]
            for row in uow.testimony.scalars(select(SlotRow).where(SlotRow.taken))
        }
        assert kept == {record: record for record in records}
        assert len(IDENTITIES.lies(uow, taken=True)) == each_ * workers
        keys = {wrapped(uow, record * 2) for record in records}
        assert len(keys - {None}) == each_ * workers
        assert uow.testimony.scalar(select(func.count()).select_from(SlotRow)) == 2 * BLOCK
    store.dispose()
