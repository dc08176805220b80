"""Growth: three hundred deposits, over several doublings, lie as if they had been made at once.

Each deposit comes with a draft, whose shred key is destroyed afterwards; some drafts stay. Records are made as
interviews.py makes them, of true size.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import event, func, select

from drill.chance import kendall, matching, ranks, sigma
from drill.matching import lying
from tests import places
from vault.sealing.deposits import IDENTITY_SLOT_SIZE, SLOT_SIZE
from vault.store import slots
from vault.store.shreds import ShredRow
from vault.store.slots import BLOCK
from vault.store.testimony import CaseRow, SlotRow
from vault.store.unit_of_work import Store, UnitOfWork

pytestmark = pytest.mark.sqlite
DEPOSITS = 300
CASE, OTHER_CASE = b"\x01" * 16, b"\x02" * 16
HALVES = ("testimony", "observations")
MARK_AT = 9000  # far behind what of a row lies in its table's own pages


@dataclass(frozen=True)
class Deposit:
    """The records of a deposit, and what marks the middle of their contents."""

    testimony: bytes
    observations: bytes
    identity: bytes

    @property
    def records(self) -> tuple[bytes, bytes, bytes]:
        return self.testimony, self.observations, self.identity


@dataclass(frozen=True)
class Filled:
    """A folder with the three files after all deposits, in the order in which they were made."""

    folder: Path
    deposits: list[Deposit]

    def places(self, database: str, table: str, name: str, ids: list[bytes]) -> list[int]:
        """Where the rows of these ids lie in their table."""
        with closing(sqlite3.connect(self.folder / f"{database}.db")) as connection:
            lies = dict(connection.execute(f"SELECT {name}, rowid FROM {table}"))
        return [lies[one] for one in ids]

    def found(self, database: str, wanted: list[bytes]) -> dict[bytes, list[int]]:
        """Where in a file each of these lies."""
        data = (self.folder / f"{database}.db").read_bytes()
        begins = {int.from_bytes(one[:8], "little"): one for one in wanted}
        places: dict[bytes, list[int]] = {one: [] for one in wanted}
        for number, place in lying(data, list(begins)):
            if data.startswith(begins[number], place):
                places[begins[number]].append(place)
        return places

    def columns(self) -> dict[str, list[int]]:
        """For everything that a deposit writes: where it lies, deposit by deposit."""
        testimony = [one.testimony for one in self.deposits]
        observations = [one.observations for one in self.deposits]
        identity = [one.identity for one in self.deposits]
        of = {"testimony": testimony, "observations": observations, "identity": identity}
        return {
            "testimony": self.places("testimony", "slots", "record", testimony),
            "observations": self.places("testimony", "slots", "record", observations),
            "identity": self.places("identities", "identity_slots", "record", identity),
            **{
                f"key of {name}": self.places("shreds", "shreds", "id", [_shred(one) for one in records])
                for name, records in of.items()
            },
        }


def _shred(record: bytes) -> bytes:
    return record * 2


def _content(record: bytes, size: int) -> bytes:
    """Noise of `size` bytes with the record's mark in the middle."""
    return (
        secrets.token_bytes(MARK_AT)
        + _mark(record)
        + secrets.token_bytes(size - MARK_AT - len(_mark(record)))
    )


def _mark(record: bytes) -> bytes:
    return record[::-1] * 2


def _deposit(uow: UnitOfWork, case: bytes, made: Deposit) -> None:
    for record in (made.identity, made.testimony, made.observations):
        slots.claim_shreds(uow.shreds, {_shred(record): secrets.token_bytes(60)})
    slots.fill_identity_slot(uow.identities, made.identity, _content(made.identity, IDENTITY_SLOT_SIZE))
    for half, record in zip(HALVES, made.records, strict=False):
        slots.fill_slot(uow.testimony, case, half, record, _content(record, SLOT_SIZE))


def _fill(store: Store) -> Iterator[Deposit]:
    """A deposit in every unit of work; now and then one of another case, and a draft that stays."""
    for number in range(DEPOSITS):
        made = Deposit(*(secrets.token_bytes(16) for _ in range(3)))
        draft = secrets.token_bytes(32)
        with store.work() as uow:
            slots.claim_shreds(uow.shreds, {draft: secrets.token_bytes(60)})
            _deposit(uow, CASE, made)
            if number % 3:
                slots.destroy_shred(uow.shreds, draft, secrets.token_bytes(60))
            if not number % 4:
                slots.fill_slot(
                    uow.testimony, OTHER_CASE, "testimony", secrets.token_bytes(16), bytes(SLOT_SIZE)
                )
            uow.commit()
        yield made


@pytest.fixture(scope="module")
def filled(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    folder = places.copy(migrated, tmp_path_factory.mktemp("growth") / "databases")
    store = places.store(folder)
    for (
        engine
    ) in store.engines.values():  # what is tested is where bytes lie, not that they outlive a power cut
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    with store.work() as uow:
        uow.testimony.add_all([CaseRow(id=CASE), CaseRow(id=OTHER_CASE)])
        uow.commit()
    deposits = list(_fill(store))
    with store.read() as uow:
        of = select(func.count()).where(SlotRow.case == CASE, SlotRow.half == "testimony")
        assert uow.testimony.scalar(of) == 8 * BLOCK  # three growths
        assert (uow.shreds.scalar(select(func.count()).select_from(ShredRow)) or 0) >= 16 * BLOCK
    store.dispose()
    return Filled(folder, deposits)


WRITTEN = [
    "testimony",
    "observations",
    "identity",
    "key of testimony",
    "key of observations",
    "key of identity",
]


@pytest.mark.parametrize("what", WRITTEN)
def test_the_order_of_rows_does_not_follow_the_order_of_deposits(filled: Filled, what: str) -> None:
    """No random order exceeds seven sigma in a lifetime; blocks that fill one after another stand at twenty."""
    assert abs(kendall(filled.columns()[what])) <= 7 * sigma(DEPOSITS)


@pytest.mark.parametrize(
    ("database", "half"),
    [("testimony", "testimony"), ("testimony", "observations"), ("identities", "identity")],
)
def test_nor_does_the_order_of_their_pages_in_the_file(filled: Filled, database: str, half: str) -> None:
    """Pages that a growth frees and takes again must not come back in the order in which they were first filled."""
    marks = [_mark(getattr(made, half)) for made in filled.deposits]
    found = filled.found(database, marks)
    assert [len(found[mark]) for mark in marks] == [1] * DEPOSITS
    assert abs(kendall([found[mark][0] for mark in marks])) <= 7 * sigma(DEPOSITS)


@pytest.mark.parametrize(("one", "other"), [("identity", "testimony"), ("testimony", "observations")])
def test_the_best_matching_of_places_links_records_no_better_than_chance(
    filled: Filled, one: str, other: str
) -> None:
    """A random matching is right once on average, with a deviation of one; never twelve times in a lifetime."""
    lies = {name: ranks(places) for name, places in filled.columns().items()}
    cost = [
        [
            ((lies[f"key of {one}"][left] - lies[f"key of {other}"][right]) / 20) ** 2
            + ((lies[one][left] - lies[other][right]) / BLOCK) ** 2
            for right in range(DEPOSITS)
        ]
        for left in range(DEPOSITS)
    ]
    linked = sum(left == right for left, right in enumerate(matching(np.array(cost))))
    assert linked <= 11


@pytest.mark.parametrize(
    ("database", "name"),
    [
        ("testimony", "testimony"),
        ("testimony", "observations"),
        ("identities", "identity"),
        ("shreds", "identity"),
    ],
)
def test_an_id_stands_once_in_its_file_and_in_no_index(filled: Filled, database: str, name: str) -> None:
    """The entries of an index come to lie in its pages in the order of deposits."""
    ids = [getattr(made, name) for made in filled.deposits]
    wanted = [_shred(one) if database == "shreds" else one for one in ids]
    found = filled.found(database, wanted)
    assert [len(found[one]) for one in wanted] == [1] * DEPOSITS


def test_what_was_deposited_before_a_growth_is_read_back_after_it(filled: Filled) -> None:
    store = places.store(filled.folder)
    with store.read() as uow:
        rows = uow.testimony.scalars(select(SlotRow).where(SlotRow.case == CASE, SlotRow.taken))
        kept = {(row.half, row.record, row.content[MARK_AT : MARK_AT + 32]) for row in rows}
        names = [_shred(one) for made in filled.deposits for one in made.records]
        keys = set(slots.wrapped_keys(uow.shreds, names).values())
    store.dispose()
    made = {
        (half, one, _mark(one)) for d in filled.deposits for half, one in zip(HALVES, d.records, strict=False)
    }
    assert kept == made
    assert len(keys - {None}) == 3 * DEPOSITS
