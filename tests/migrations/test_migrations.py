"""Every migration goes up and down with rows in it, and the models are what it leads to."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import migrations
from tests import places
from vault.errors import Unreachable
from vault.sealing.keywraps import Kek
from vault.store.keks import Keks
from vault.store.unit_of_work import DATABASES, connect

pytestmark = pytest.mark.both

SCRIPTS = sorted(Path(migrations.__file__).parent.glob("*/*.py"))
Move = Callable[..., None]
VALUES: dict[type[object], object] = {bytes: b"\x07" * 16, str: "a text", int: 7, bool: True}

each = pytest.mark.parametrize("database", DATABASES)


def models(database: str) -> sa.MetaData:
    found: sa.MetaData = import_module(f"vault.store.{database}").Base.metadata
    return found


@pytest.fixture
def made(backend: str, tmp_path: Path) -> Path:
    """A folder in which the databases will lie."""
    return places.empty(tmp_path, backend)


@pytest.fixture
def empty(database: str, made: Path) -> str:
    return places.url(made, database)


@pytest.fixture
def engine(empty: str) -> Iterator[sa.Engine]:
    engine = connect(empty, create=True)
    yield engine
    engine.dispose()


def tables(engine: sa.Engine) -> set[str]:
    return set(sa.inspect(engine).get_table_names()) - {"alembic_version"}


def fill(engine: sa.Engine, metadata: sa.MetaData) -> None:
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            row = {column.name: VALUES[column.type.python_type] for column in table.columns}
            connection.execute(table.insert(), row)


def counts(engine: sa.Engine, metadata: sa.MetaData) -> set[int]:
    with engine.connect() as connection:
        count = sa.func.count()
        return {
            connection.scalar(sa.select(count).select_from(table)) or 0 for table in metadata.sorted_tables
        }


@pytest.fixture
def up(made: Path) -> Move:
    return partial(migrations.upgrade, shreds_key=made / "shreds.key")


@pytest.fixture
def down(made: Path) -> Move:
    return partial(migrations.downgrade, shreds_key=made / "shreds.key")


@each
def test_a_database_with_rows_in_every_table_goes_down_to_nothing_and_up_again(
    database: str, empty: str, engine: sa.Engine, up: Move, down: Move
) -> None:
    metadata = models(database)
    up(database, empty)
    fill(engine, metadata)
    assert counts(engine, metadata) == {1}
    down(database, empty, "base")
    assert tables(engine) == set()
    up(database, empty)
    assert tables(engine) == set(metadata.tables)
    assert counts(engine, metadata) == {0}
    fill(engine, metadata)


@each
def test_upgrading_twice_keeps_every_row(database: str, empty: str, engine: sa.Engine, up: Move) -> None:
    up(database, empty)
    fill(engine, models(database))
    up(database, empty)
    assert counts(engine, models(database)) == {1}


@each
def test_the_models_are_what_the_migrations_lead_to(
    database: str, empty: str, engine: sa.Engine, up: Move
) -> None:
    up(database, empty)
    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, models(database)) == []


@each
def test_constraints_have_the_names_of_the_models(
    database: str, empty: str, engine: sa.Engine, up: Move
) -> None:
    up(database, empty)
    for table in models(database).sorted_tables:
        found = sa.inspect(engine)
        named = {found.get_pk_constraint(table.name)["name"]}
        named |= {key["name"] for key in found.get_foreign_keys(table.name)}
        named |= {index["name"] for index in found.get_indexes(table.name)}
        modelled = {key.name for key in table.foreign_key_constraints} | {
            index.name for index in table.indexes
        }
        assert named == modelled | {table.primary_key.name if table.primary_key.columns else None}


@each
def test_each_database_has_one_line_of_revisions_and_one_head(database: str) -> None:
    line = ScriptDirectory.from_config(migrations.config(database, "sqlite://"))
    assert len(line.get_heads()) == len(line.get_bases()) == 1
    assert all(revision.revision.endswith(f"_{database}") for revision in line.walk_revisions())


def test_no_table_is_in_two_databases() -> None:
    named = [name for database in DATABASES for name in models(database).tables]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_migration_imports_no_model(script: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(script.read_bytes())):
        if isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    assert imported - {"collections.abc"} == {"__future__", "sqlalchemy", "alembic"}


def test_a_migration_that_fails_leaves_the_database_as_it_was(made: Path, up: Move) -> None:
    address = places.url(made, "identities")
    engine = connect(address, create=True)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE identity_slots (content TEXT)"))
    with pytest.raises((sa.exc.OperationalError, sa.exc.ProgrammingError)):
        up("identities", address)
    assert sa.inspect(engine).get_table_names() == ["identity_slots"]
    engine.dispose()


def test_a_case_keeps_its_signed_document_up_to_versions_and_down_again(
    made: Path, up: Move, down: Move
) -> None:
    address = places.url(made, "testimony")
    cases = {bytes([n]) * 16: f'{{"document": {n}}}' for n in (1, 2)}
    up("testimony", address, "0001_testimony")
    engine = connect(address)
    with engine.begin() as connection:
        for case, signed in cases.items():
            row = {"case": case, "signed": signed}
            connection.execute(sa.text("INSERT INTO cases (id, signed) VALUES (:case, :signed)"), row)
    up("testimony", address)
    versions = sa.text('SELECT "case", version, signed FROM case_versions ORDER BY "case", version')
    with engine.begin() as connection:
        assert connection.execute(versions).all() == [(case, 1, signed) for case, signed in cases.items()]
        later = sa.text("INSERT INTO case_versions VALUES (:case, 2, 'a later one')")
        connection.execute(later, {"case": bytes([1]) * 16})
    down("testimony", address, "0001_testimony")
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT id, signed FROM cases ORDER BY id")).all()
    assert dict(map(tuple, found)) == cases
    up("testimony", address)
    with engine.connect() as connection:
        assert [row[1] for row in connection.execute(versions)] == [1, 1]
    engine.dispose()


def test_the_index_goes_and_comes_back_empty_while_everything_else_stays(
    made: Path, up: Move, down: Move
) -> None:
    address, metadata = places.url(made, "testimony"), models("testimony")
    up("testimony", address)
    engine = connect(address)
    fill(engine, metadata)
    down("testimony", address, "0005_testimony")
    older = sa.MetaData()
    older.reflect(engine, only=lambda name, _: name != "alembic_version")
    assert "segments" not in older.tables
    assert counts(engine, older) == {1}
    up("testimony", address)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM segments")) == 0
    assert counts(engine, older) == {1}
    engine.dispose()


def test_what_was_published_stays_while_migrations_go_no_further_down(
    made: Path, up: Move, down: Move
) -> None:
    address, metadata = places.url(made, "testimony"), models("testimony")
    up("testimony", address)
    engine = connect(address)
    fill(engine, metadata)
    down("testimony", address, "0007_testimony")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT published FROM statements")) == "a text"
    down("testimony", address, "0006_testimony")
    assert not {name for name in tables(engine) if name.startswith("statement")}
    up("testimony", address)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM statements")) == 0
        assert connection.scalar(sa.text("SELECT count(*) FROM editions")) == 1
    engine.dispose()


def test_ledgers_go_and_come_back_empty_while_everything_else_stays(made: Path, up: Move, down: Move) -> None:
    address, metadata = places.url(made, "testimony"), models("testimony")
    up("testimony", address)
    engine = connect(address)
    fill(engine, metadata)
    for revision, left in (("0009_testimony", {"exports"}), ("0008_testimony", set())):
        down("testimony", address, revision)
        assert {"exports", "quotes"} & tables(engine) == left
    older = sa.MetaData()
    older.reflect(engine, only=lambda name, _: name != "alembic_version")
    up("testimony", address)
    assert counts(engine, older) == {1}
    with engine.connect() as connection:
        found = [connection.scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in ("exports", "quotes")]
    assert found == [0, 0]
    engine.dispose()


def test_shred_keys_are_wrapped_on_the_way_up_and_lie_bare_again_on_the_way_down(
    made: Path, up: Move, down: Move
) -> None:
    address, keys = (
        places.url(made, "shreds"),
        {bytes([n]) * 32: bytes([n + 7]) * 32 for n in (1, 2)},
    )
    up("shreds", address, "0004_shreds")
    engine = connect(address)
    with engine.begin() as connection:
        for name, key in keys.items():
            row = {"id": name, "taken": True, "key": key}
            connection.execute(sa.text("INSERT INTO shreds (id, taken, key) VALUES (:id, :taken, :key)"), row)
    up("shreds", address, "0005_shreds")
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, key FROM shreds")).all()
    (kek,) = Keks(made / "shreds.key").read()
    assert {row.id: Kek.of(kek).unwrap(row.id, row.key) for row in rows} == keys
    down("shreds", address, "0004_shreds")
    with engine.connect() as connection:
        assert {row.id: row.key for row in connection.execute(sa.text("SELECT id, key FROM shreds"))} == keys
    engine.dispose()


@pytest.mark.parametrize("database", DATABASES)
def test_a_database_whose_folder_is_missing_is_named_in_a_sentence(database: str, tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match="folder is there"):
        migrations.upgrade(database, f"sqlite:///{tmp_path}/missing/{database}.db")
