"""One transaction per use case and database: all of it after `commit`, nothing of it otherwise."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import InternalError
from sqlalchemy.orm import Session

from tests import places
from vault.errors import Conflict, Refused
from vault.store.identities import IdentitySlotRow
from vault.store.shreds import ShredRow
from vault.store.testimony import CaseRow, RosterRow
from vault.store.unit_of_work import DATABASES, Store, UnitOfWork, changed

pytestmark = pytest.mark.both

ID = b"\x07" * 16
CANARY = b"a canary in the bytes of a record"


def write(uow: UnitOfWork) -> None:
    """A row into each of the three."""
    uow.testimony.add(CaseRow(id=ID))
    uow.identities.add(IdentitySlotRow(record=ID, taken=True, content=CANARY))
    uow.shreds.add(ShredRow(id=ID * 2, taken=True, key=ID * 2))
    for session in (uow.testimony, uow.identities, uow.shreds):
        session.flush()


def write_and_commit(uow: UnitOfWork) -> None:
    write(uow)
    uow.commit()


def counts(store: Store) -> tuple[int, ...]:
    """How many rows there are in testimony, identities and shreds."""

    def count(session: Session, row: type[Any]) -> int:
        return session.scalar(select(func.count()).select_from(row)) or 0

    with store.read() as uow:
        return (
            count(uow.testimony, CaseRow),
            count(uow.identities, IdentitySlotRow),
            count(uow.shreds, ShredRow),
        )


def hurry(store: Store) -> None:
    """Wait for nobody."""

    def set_it(connection: Any, _: Any) -> None:
        on_sqlite = isinstance(connection, sqlite3.Connection)
        connection.execute("PRAGMA busy_timeout=1" if on_sqlite else "SET lock_timeout = 1")
        connection.commit()

    for engine in store.engines.values():
        event.listen(engine, "connect", set_it)


class UnexpectedError(Exception):
    """Something that no use case expects."""


def test_what_was_committed_is_there(store: Store) -> None:
    with store.work() as uow:
        write_and_commit(uow)
    assert counts(store) == (1, 1, 1)


def test_what_was_not_committed_is_not(store: Store) -> None:
    with store.work() as uow:
        write(uow)
    assert counts(store) == (0, 0, 0)


@pytest.mark.parametrize(
    "error", [Refused("No."), UnexpectedError(), KeyboardInterrupt()], ids=lambda error: type(error).__name__
)
def test_a_use_case_that_fails_leaves_nothing(store: Store, error: BaseException) -> None:
    def use_case() -> None:
        with store.work() as uow:
            write(uow)
            raise error

    with pytest.raises(type(error)):
        use_case()
    assert counts(store) == (0, 0, 0)


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((Conflict, InternalError)), store.read() as uow:
        write(uow)
    assert counts(store) == (0, 0, 0)


def test_commits_follow_one_another_from_shreds_to_testimony(store: Store) -> None:
    order: list[str] = []
    for name, engine in store.engines.items():
        event.listen(engine, "commit", lambda _, name=name: order.append(name))
    with store.work() as uow:
        write_and_commit(uow)
    assert order == ["shreds", "identities", "testimony"]


@pytest.mark.parametrize(
    ("name", "kept"), [("shreds", (0, 0, 0)), ("identities", (0, 0, 1)), ("testimony", (0, 1, 1))]
)
def test_an_interruption_between_commits_leaves_no_more_than_orphans(
    store: Store, name: str, kept: tuple[int, ...]
) -> None:
    """A receipt rests on the last commit: without it, there may be a key or a locked identity, but no deposit."""

    def interrupt(_: Any) -> None:
        raise UnexpectedError

    event.listen(store.engines[name], "commit", interrupt)
    with pytest.raises(UnexpectedError), store.work() as uow:
        write_and_commit(uow)
    event.remove(store.engines[name], "commit", interrupt)
    assert counts(store) == kept


def test_a_unit_of_work_reaches_only_the_databases_that_it_named(store: Store) -> None:
    with store.work("shreds") as uow:
        uow.shreds.add(ShredRow(id=ID * 2, taken=True, key=ID * 2))
        with pytest.raises(KeyError):
            _ = uow.testimony
        uow.commit()
    assert counts(store) == (0, 0, 1)


def test_a_row_that_is_there_already_is_a_conflict_that_repeats_nothing(store: Store) -> None:
    with store.work() as uow:
        write_and_commit(uow)
    with pytest.raises(Conflict) as raised, store.work() as uow:
        write(uow)
    assert raised.value.__suppress_context__
    assert CANARY.decode() not in raised.value.message
    assert counts(store) == (1, 1, 1)


def test_errors_of_the_database_do_not_show_what_was_written(store: Store) -> None:
    with store.work() as uow:
        uow.testimony.add(RosterRow(version=1, signed="a roster"))
        uow.testimony.flush()
        uow.testimony.expunge_all()
        uow.testimony.add(RosterRow(version=1, signed=CANARY.decode()))
        with pytest.raises(Exception, match=r"(?i)unique") as raised:
            uow.testimony.flush()
    assert "canary" not in str(raised.value)


@pytest.mark.parametrize("name", DATABASES)
def test_a_second_writer_who_has_waited_long_enough_is_told_to_try_again(store: Store, name: str) -> None:
    hurry(store)
    with store.work(name), pytest.raises(Conflict, match="Try again"), store.work():
        pytest.fail("two writers at once")
    with store.work() as uow:
        write_and_commit(uow)
    assert counts(store) == (1, 1, 1)


@pytest.mark.sqlite
def test_a_commit_that_failed_leaves_nothing_and_keeps_nobody_out(store: Store) -> None:
    """A reader in the way of a commit, or a full disk: the connection goes back to the pool without its lock."""
    hurry(store)
    with store.read() as reader:
        reader.shreds.scalar(select(func.count()).select_from(ShredRow))
        with pytest.raises(Conflict, match="Try again"), store.work() as uow:
            write_and_commit(uow)
    assert counts(store) == (0, 0, 0)
    with store.work() as uow:
        write_and_commit(uow)
    assert counts(store) == (1, 1, 1)


def test_a_reader_waits_for_no_writer_and_sees_what_was_committed_before(store: Store) -> None:
    hurry(store)
    with store.work() as uow:
        write(uow)
        assert counts(store) == (0, 0, 0)
        uow.commit()
    assert counts(store) == (1, 1, 1)


@pytest.mark.sqlite
def test_a_database_that_does_not_answer_is_a_conflict(store: Store) -> None:
    with store.engines["testimony"].begin() as connection:
        connection.execute(text("DROP TABLE rosters"))
    with pytest.raises(Conflict), store.work() as uow:
        uow.testimony.execute(text("SELECT * FROM rosters"))


@pytest.mark.parametrize("name", DATABASES)
@pytest.mark.sqlite
def test_a_database_that_is_missing_is_a_conflict_and_never_an_empty_one(databases: Path, name: str) -> None:
    """Where a volume is not mounted, an empty file would pass for a vault that was never founded."""
    missing = databases / f"{name}.db"
    missing.unlink()
    opened = places.store(databases)
    with pytest.raises(Conflict), opened.work(name):
        pytest.fail("there is nothing to write to")
    with pytest.raises(Conflict), opened.read() as uow:
        getattr(uow, name).execute(text("SELECT 1"))
    opened.dispose()
    assert not missing.exists()


@pytest.mark.sqlite
def test_a_database_may_lie_in_a_folder_of_any_name(databases: Path, tmp_path: Path) -> None:
    """What a URI would read as something else: its path must be quoted."""
    folder = tmp_path / "a vault?mode=memory&x=#1, 100%41"
    databases.rename(folder)
    opened = Store({name: f"sqlite:///{quote(str(folder / name))}.db" for name in DATABASES})
    with opened.work() as uow:
        write_and_commit(uow)
    assert counts(opened) == (1, 1, 1)
    opened.dispose()


def test_an_update_says_how_many_rows_it_changed(store: Store) -> None:
    with store.work() as uow:
        write(uow)
        assert changed(uow.shreds, text("UPDATE shreds SET taken = false")) == 1
        assert changed(uow.testimony, text("DELETE FROM members")) == 0


@pytest.mark.sqlite
@pytest.mark.parametrize("name", DATABASES)
@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "delete"),
        ("synchronous", 3),
        ("secure_delete", 1),
        ("foreign_keys", 1),
        ("temp_store", 2),
        ("trusted_schema", 0),
    ],
)
def test_every_connection_is_set_so_that_nothing_deleted_survives(
    store: Store, name: str, pragma: str, value: object
) -> None:
    for engine in (store.engines[name], store.reading[name]):
        with engine.connect() as connection:
            assert connection.scalar(text(f"PRAGMA {pragma}")) == value


@pytest.mark.sqlite
@pytest.mark.parametrize("name", DATABASES)
def test_no_connection_is_turned_from_reading_to_writing_or_back(store: Store, name: str) -> None:
    """SQLite would compile whatever is run on it anew, each time."""
    turned = text("PRAGMA query_only")
    for _ in range(2):
        with store.read() as uow:
            assert getattr(uow, name).scalar(turned) == 1
        with store.work() as uow:
            assert getattr(uow, name).scalar(turned) == 0


@pytest.mark.sqlite
def test_no_journal_or_other_copy_remains_after_a_commit_or_a_rollback(store: Store, databases: Path) -> None:
    expected = {*(f"{name}.db" for name in DATABASES), "shreds.key"}
    for commit in (True, False):
        with store.work() as uow:
            write(uow)
            assert {path.name for path in databases.iterdir()} > expected
            if commit:
                uow.commit()
                assert {path.name for path in databases.iterdir()} == expected
                changed(uow.testimony, text("DELETE FROM cases"))
                changed(uow.identities, text("DELETE FROM identity_slots"))
                changed(uow.shreds, text("DELETE FROM shreds"))
                uow.commit()
        assert {path.name for path in databases.iterdir()} == expected


@pytest.mark.sqlite
def test_deleted_rows_are_gone_from_the_file(store: Store, databases: Path) -> None:
    with store.work() as uow:
        write_and_commit(uow)
    assert CANARY in (databases / "identities.db").read_bytes()
    with store.work() as uow:
        changed(uow.identities, text("DELETE FROM identity_slots"))
        uow.commit()
    assert CANARY not in (databases / "identities.db").read_bytes()
