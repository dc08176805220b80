"""PostgreSQL: one writer at a time, as on SQLite; readers see one moment and keep nobody waiting."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ProgrammingError

from vault.errors import N_, Busy

NAME = "postgresql"
_TURN = 8_127_003_644  # whoever writes to a database holds this advisory lock of it
_OPTIONS = (
    "lock_timeout=20s",  # as long as on SQLite
    # However the server is tuned: what breaks it down must not undo what has a receipt, or a withdrawal.
    "synchronous_commit=on",
    "idle_in_transaction_session_timeout=10min",  # a process that stands still must not keep everybody out
)
_PATIENCE = 20  # seconds
_TABLES = text(
    "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner "
    "WHERE c.relkind = 'r' AND r.rolname = current_user AND c.relnamespace = current_schema()::regnamespace"
)
_EARLIER = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND age(backend_xmin) > age(CAST(:now AS xid))"
)
# What a server is to be set to, and what it loses or keeps otherwise: docs/OPERATIONS.md, "PostgreSQL", has the list.
ADVISED = {
    "fsync": (
        "on",
        "The disk is not waited for (fsync): a power cut can lose deposits, and bring back what was withdrawn.",
    ),
    "full_page_writes": (
        "on",
        "A power cut can leave pages half written (full_page_writes): deposits can be lost.",
    ),
    "wal_level": ("minimal", "The log is made to be copied (wal_level): a copy has every deposit, in order."),
    "archive_mode": ("off", "The log is archived (archive_mode): it has every deposit, in order."),
    "wal_recycle": (
        "off",
        "Used-up log is kept to be used again (wal_recycle): it still has the last deposits.",
    ),
    "wal_keep_size": ("0", "Used-up log is kept (wal_keep_size): it still has the last deposits."),
    "track_commit_timestamp": ("off", "The time of each deposit is kept (track_commit_timestamp)."),
    "log_statement": ("none", "Statements are logged, with their time (log_statement)."),
    "log_min_duration_statement": (
        "-1",
        "Slow statements are logged, with their time (log_min_duration_statement).",
    ),
    "log_min_error_statement": (
        "panic",
        "Statements that fail are logged, with their time (log_min_error_statement).",
    ),
    "log_error_verbosity": ("terse", "Errors are logged with the row's key (log_error_verbosity)."),
    "log_checkpoints": (
        "off",
        "How much was written is logged every few minutes (log_checkpoints): so when there were deposits.",
    ),
}
_OWNS = text("SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()")
_SETTINGS = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names) ORDER BY name")


def engine(url: str) -> Engine:
    """An engine for one database. A server that went away and came back is found by itself."""
    made = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=40,
        pool_timeout=20,
        connect_args={
            "connect_timeout": 5,
            "options": " ".join(f"-c {option}" for option in _OPTIONS),
        },
    )
    event.listen(made, "begin", _begin)
    return made


def to(made: Engine, writes: bool) -> Engine:
    """The same, for transactions that wait their turn and see what was committed before, or that only read."""
    level = "READ COMMITTED" if writes else "REPEATABLE READ"
    return made.execution_options(
        isolation_level=level, postgresql_readonly=not writes, waits_for_its_turn=writes
    )


def _begin(connection: Any) -> None:
    if connection.get_execution_options().get("waits_for_its_turn"):
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_TURN,))


def compact(made: Engine) -> list[str]:
    """Write every table anew without its deleted rows, and begin a new log; what the server may lose, or still keep.

    The planner's statistics hold samples of rows, of deleted ones too: they are taken anew, and the former go as well.
    The raw numbers of transactions stay in rows: who wants them gone writes the rows anew first, in one transaction.
    """
    with made.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _wait_for_readers(connection)
        for name in connection.scalars(_TABLES).all():
            connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {name}")
            # Else whoever first reads a page has the server mark its rows and, with checksums, log the page.
            connection.exec_driver_sql(f"VACUUM {name}")
        connection.exec_driver_sql("VACUUM (FULL) pg_statistic")
        settings = connection.execute(_SETTINGS, {"names": list(ADVISED)})
        said = [ADVISED[name][1] for name, value in settings if value != ADVISED[name][0]]
        if not connection.scalar(_OWNS):
            said.append("This role does not own its database: the planner's samples of deleted rows stay.")
        try:
            for _ in range(2):  # the first checkpoint may still need the log before it
                connection.exec_driver_sql("SELECT pg_switch_wal()")
                connection.exec_driver_sql("CHECKPOINT")
        except ProgrammingError:
            said.append("This role may not end the log: grant it pg_checkpoint and pg_switch_wal().")
    return said


def _wait_for_readers(connection: Connection) -> None:
    """Until nobody reads as of an earlier moment: for their sake deleted rows would be kept. Raises Busy."""
    now = connection.scalar(text("SELECT pg_current_xact_id()::text"))
    for _ in range(_PATIENCE):
        if not connection.scalar(_EARLIER, {"now": now}):
            return
        time.sleep(1)
    raise Busy(N_("Somebody has been reading for long: nothing could be taken away. Try again."))
