"""SQLite, set so that nothing deleted survives inside its file."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext

# EXTRA syncs the folder once the journal is gone: with FULL a power cut could bring it back, and undo what has a
# receipt. secure_delete zeroes what is freed inside the file (`fast` leaves large rows there); temporary tables never
# touch the disk. A WAL would keep what was overwritten until it is used anew. A rollback journal holds it too, a
# shredded key for one, while its transaction runs; then the file system deletes it without overwriting, and the freed
# blocks keep that key. Nothing here can help that: the shreds belong on an encrypted volume of their own
# (docs/THREATS.md).
_PRAGMAS = (
    "journal_mode=DELETE",
    "synchronous=EXTRA",
    "secure_delete=ON",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "trusted_schema=OFF",
    "busy_timeout=20000",
)
_PRIMARY = 0xFF  # the part of a result code that says what it is at all


def engine(url: str | URL, create: bool) -> Engine:
    """An engine for one file. That it is missing is an error on the first connection, unless `create`."""
    made = create_engine(url, hide_parameters=True)
    if not create:
        event.listen(made, "do_connect", _open_only)
    event.listen(made, "connect", _prepare)
    event.listen(made, "handle_error", _look_anew)
    event.listen(made, "begin", _begin)
    return made


def to(made: Engine, writes: bool) -> Engine:
    """The same, for transactions that write, and wait their turn at once; or one whose connections can only read.

    They are others: each time one were turned, SQLite would compile whatever is run on it anew.
    """
    if writes:
        return made.execution_options(writes=True)
    reading = engine(made.url, create=False)
    event.listen(reading, "connect", _only_read)
    # Only who writes notices that another file lies there now.
    event.listen(made, "invalidate", lambda *_: reading.dispose())
    return reading


def _open_only(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
    # SQLite creates a missing file unless a URI says otherwise (https://sqlite.org/uri.html, mode)
    arguments[0] = f"{Path(arguments[0]).as_uri()}?mode=rw"
    options["uri"] = True


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _only_read(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA query_only=ON")


def _look_anew(about: ExceptionContext) -> None:
    # What a connection holds open may be a file that is no longer there, on a volume that went away and came back: it
    # would fail for ever. The next one opens what lies there then.
    code = getattr(about.original_exception, "sqlite_errorcode", 0)
    if code & _PRIMARY in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY):
        about.is_disconnect = True


def _begin(connection: Any) -> None:
    # A deferred transaction that turns to writing can fail at once; an immediate one waits its turn.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql(f"BEGIN {'IMMEDIATE' if writes else 'DEFERRED'}")


def compact(made: Engine) -> list[str]:
    """Write the file anew, tables and indexes in the order of their rows; nothing of the former is kept in it."""
    connection = made.raw_connection()
    try:
        connection.cursor().execute("VACUUM")
    finally:
        connection.close()
    return []
