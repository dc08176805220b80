"""Alembic's entrance: runs the revisions of the database named in the configuration."""

from __future__ import annotations

from importlib import import_module

from alembic import context
from sqlalchemy import Connection, Engine, MetaData
from sqlalchemy.exc import OperationalError

from vault.errors import Unreachable
from vault.store.unit_of_work import connect


def run() -> None:
    """Migrate inside one transaction."""
    database, url = context.config.attributes["database"], context.config.attributes["url"]
    models: MetaData = import_module(f"vault.store.{database}").Base.metadata
    engine = connect(url, create=True)
    try:
        with _connected(engine, database) as connection:
            context.configure(
                connection=connection,
                target_metadata=models,
                render_as_batch=True,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    finally:
        engine.dispose()


def _connected(engine: Engine, database: str) -> Connection:
    try:
        return engine.connect()
    except OperationalError:
        raise Unreachable(
            f"The database {database} cannot be opened: see whether its folder is there, or its server runs."
        ) from None


run()
