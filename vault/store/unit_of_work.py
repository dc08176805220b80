"""One transaction per use case and database, rolled back unless committed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, cast

from sqlalchemy import Connection, CursorResult, Engine, Executable, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)
from sqlalchemy.orm import Session

from vault.errors import N_, Busy, Conflict, Invalid
from vault.store import postgresql, sqlite
from vault.store.keks import Keks
from vault.store.remembered import once

DATABASES = ("testimony", "identities", "shreds")
_BUSY = N_("The vault is busy or its disk does not answer; nothing was changed. Try again.")


def connect(url: str, *, create: bool = False) -> Engine:
    """An engine for one of the databases.

    A missing SQLite file is an error on the first connection unless `create`: an empty one in its place, where a volume
    is not mounted, would pass for a vault that was never founded.
    """
    engine = postgresql.engine(url) if _is_postgresql(make_url(url)) else sqlite.engine(url, create)
    event.listen(engine, "reset", _roll_back)
    return engine


def to(engine: Engine, writes: bool) -> Engine:
    """An engine for the same database, for transactions that write, one at a time, or that only read."""
    return postgresql.to(engine, writes) if _is_postgresql(engine.url) else sqlite.to(engine, writes)


def _is_postgresql(url: URL) -> bool:
    return url.get_backend_name() == postgresql.NAME


def _roll_back(connection: Any, _record: Any, _state: Any) -> None:
    # A COMMIT that fails (a reader in the way, a full disk) leaves the transaction open; SQLAlchemy takes it for
    # ended. Back in the pool, the connection would hold its lock for ever and refuse every further BEGIN.
    connection.rollback()


class UnitOfWork:
    """Sessions on some of the databases; leaving it without `commit` changes nothing."""

    def __init__(self, engines: dict[str, Engine], writes: bool, keks: Keks) -> None:
        self._engines, self._sessions = engines, dict[str, Session]()
        self._writes, self._keks, self._read = writes, keks, tuple[bytes, ...]()

    def keks(self, anew: bool = False) -> tuple[bytes, ...]:
        """What the shred keys are wrapped under, the newest first; read once, or anew. Raises Busy."""
        if anew or not self._read:
            self._read = self._keks.read()
        return self._read

    @property
    def testimony(self) -> Session:
        return self._session("testimony")

    @property
    def identities(self) -> Session:
        return self._session("identities")

    @property
    def shreds(self) -> Session:
        return self._session("shreds")

    def commit(self) -> None:
        """Commit in the order shreds, identities, testimony: a receipt rests on the last."""
        for name in reversed(DATABASES):
            if name in self._sessions:
                self._sessions[name].commit()

    def __enter__(self) -> UnitOfWork:
        # Writers begin on every database at once and in one order, so that no two can wait for each other.
        try:
            for name in DATABASES if self._writes else ():
                if name in self._engines:
                    self._session(name).connection()
        except SQLAlchemyError as error:
            self._close()
            if _is_away(error):
                raise Busy(_BUSY) from None
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if _is_away(error):
            raise Busy(_BUSY) from None
        if isinstance(error, DataError):
            raise Invalid(
                "It holds a text or a number that the vault cannot keep: leave out invisible characters."
            ) from None
        if isinstance(error, IntegrityError):
            raise Conflict(
                "Somebody else was faster; nothing of yours was changed. Look again, then decide."
            ) from None

    def _session(self, name: str) -> Session:
        if name not in self._sessions:
            self._sessions[name] = Session(self._engines[name], expire_on_commit=False)
        return self._sessions[name]

    def _close(self) -> None:
        for session in self._sessions.values():
            try:
                session.close()
            except DBAPIError:
                session.invalidate()  # a database that is away rolls back by itself; the others are let go as well


def _is_away(error: BaseException | None) -> bool:
    """Whether a database did not answer, or not in time; a connection that broke may say so in many ways."""
    broke = isinstance(error, DBAPIError) and error.connection_invalidated
    return broke or isinstance(error, (OperationalError, TimeoutError))


class Store:
    """The three databases of one vault, and the key file of the shreds: unless it is said, beside their database."""

    def __init__(self, urls: dict[str, str], shreds_key: Path | None = None) -> None:
        self.engines = {name: connect(urls[name]) for name in DATABASES}
        self.reading, self._writing = (
            {name: to(engine, writes) for name, engine in self.engines.items()} for writes in (False, True)
        )
        self.keks = Keks(shreds_key or beside(urls["shreds"]))

    def work(self, *names: str) -> UnitOfWork:
        """A unit of work that may write to the named databases (all three if none is named)."""
        engines = {name: self._writing[name] for name in names or DATABASES}
        return UnitOfWork(engines, writes=True, keks=self.keks)

    def read(self) -> UnitOfWork:
        """A unit of work that only reads, and keeps nobody waiting."""
        return UnitOfWork(self.reading, writes=False, keks=self.keks)

    def compact(self, name: str) -> list[str]:
        """Take from one database what deleted rows left there; what may still be kept of it. Raises Busy."""
        engine = self.engines[name]
        try:
            return postgresql.compact(engine) if _is_postgresql(engine.url) else sqlite.compact(engine)
        except (OperationalError, sqlite3.OperationalError):
            raise Busy(_BUSY) from None

    def dispose(self) -> None:
        for engine in (*self.engines.values(), *self.reading.values()):
            engine.dispose()


def run(session: Session, statement: Executable, **values: Any) -> CursorResult[Any]:
    """Run a statement on tables, after what waits to be written.

    On a path that is walked often, statements are built once: a row as an object costs several times as much.
    """
    return _flushed(session).execute(statement, values)


def run_each(session: Session, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> int:
    """The same with each of these values; how many rows it changed."""
    return _flushed(session).execute(statement, rows).rowcount


def _flushed(session: Session) -> Connection:
    session.flush()
    return once(session, "connection", session.connection)


def beside(url: str) -> Path:
    """Where the key file lies for a SQLite database of shreds."""
    return Path(str(make_url(url).database)).with_suffix(".key")


def changed(session: Session, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
    """Run an UPDATE or DELETE; how many rows it changed."""
    return cast(CursorResult[Any], session.execute(statement, values)).rowcount
