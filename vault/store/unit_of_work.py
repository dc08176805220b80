"""One transaction per use case and database, rolled back unless committed."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, Executable, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from vault.errors import N_, Busy, Conflict

DATABASES = ("testimony", "identities", "shreds")
_BUSY = N_("The vault is busy or its disk does not answer; nothing was changed. Try again.")

# secure_delete zeroes what is freed inside the file (`fast` leaves large rows there); temporary tables never touch the
# disk. A WAL would keep what was overwritten until it is used anew. A rollback journal holds it too, a shredded key for
# one, while its transaction runs; then the file system deletes it without overwriting, and the freed blocks keep that
# key. Nothing here can help that: the shreds belong on an encrypted volume of their own (docs/THREATS.md).
_PRAGMAS = (
    "journal_mode=DELETE",
    "synchronous=FULL",
    "secure_delete=ON",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    "busy_timeout=20000",
)


def connect(url: str, *, create: bool = False) -> Engine:
    """An engine for one of the databases, set so that nothing deleted survives inside its file.

    A missing SQLite file is an error on the first connection unless `create`: an empty one in its place, where a volume
    is not mounted, would pass for a vault that was never founded.
    """
    engine = create_engine(url, hide_parameters=True)
    if make_url(url).get_backend_name() == "sqlite":
        if not create:
            event.listen(engine, "do_connect", _open_only)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "reset", _roll_back)
    return engine


class UnitOfWork:
    """Sessions on some of the databases; leaving it without `commit` changes nothing."""

    def __init__(self, engines: dict[str, Engine], writes: bool) -> None:
        begin = "IMMEDIATE" if writes else "DEFERRED"
        self._sessions = {
            name: Session(engine.execution_options(sqlite_begin=begin), expire_on_commit=False)
            for name, engine in engines.items()
        }
        self._writes = writes

    @property
    def testimony(self) -> Session:
        return self._sessions["testimony"]

    @property
    def identities(self) -> Session:
        return self._sessions["identities"]

    @property
    def shreds(self) -> Session:
        return self._sessions["shreds"]

    def commit(self) -> None:
        """Commit in the order shreds, identities, testimony: a receipt rests on the last."""
        for name in reversed(DATABASES):
            if name in self._sessions:
                self._sessions[name].commit()

    def __enter__(self) -> UnitOfWork:
        # Writers begin on every database at once and in one order, so that no two can wait for each other.
        try:
            for name in DATABASES if self._writes else ():
                if name in self._sessions:
                    self._sessions[name].connection()
        except OperationalError:
            self._close()
            raise Busy(_BUSY) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()
        if isinstance(error, OperationalError):
            raise Busy(_BUSY) from None
        if isinstance(error, IntegrityError):
            raise Conflict(
                "Somebody else was faster; nothing of yours was changed. Look again, then decide."
            ) from None

    def _close(self) -> None:
        for session in self._sessions.values():
            session.close()


class Store:
    """The three databases of one vault."""

    def __init__(self, urls: dict[str, str]) -> None:
        self.engines = {name: connect(urls[name]) for name in DATABASES}

    def work(self, *names: str) -> UnitOfWork:
        """A unit of work that may write to the named databases (all three if none is named)."""
        return UnitOfWork({name: self.engines[name] for name in names or DATABASES}, writes=True)

    def read(self) -> UnitOfWork:
        """A unit of work that only reads, and keeps nobody waiting."""
        return UnitOfWork(self.engines, writes=False)

    def dispose(self) -> None:
        for engine in self.engines.values():
            engine.dispose()


def changed(session: Session, statement: Executable) -> int:
    """Run an UPDATE or DELETE; how many rows it changed."""
    return cast(CursorResult[Any], session.execute(statement)).rowcount


def _open_only(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
    # SQLite creates a missing file unless a URI says otherwise (https://sqlite.org/uri.html, mode)
    arguments[0] = f"{Path(arguments[0]).as_uri()}?mode=rw"
    options["uri"] = True


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _roll_back(connection: Any, _record: Any, _state: Any) -> None:
    # A COMMIT that fails (a reader in the way, a full disk) leaves the transaction open; SQLAlchemy takes it for
    # ended. Back in the pool, the connection would hold its lock for ever and refuse every further BEGIN.
    connection.rollback()


def _begin(connection: Any) -> None:
    # A deferred transaction that turns to writing can fail at once; an immediate one waits its turn.
    connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('sqlite_begin', 'DEFERRED')}")
