"""Attack 13: rows are edited, exchanged, copied, deleted, forged, put back to before; what does anybody then read?"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from drill import naive
from drill.attack import Attack, Finding, Leak
from drill.columns import allowed
from drill.forgeries import FORGERIES
from drill.readings import ALARMS, FORBIDDEN, Everything, Readers, compared
from drill.world import BEFORE, NAIVE, World
from tests.cast import V2
from vault import cases
from vault import roster as rosters
from vault.sealing import signatures
from vault.sealing.digests import b64, digest, unb64
from vault.store.unit_of_work import DATABASES, UnitOfWork

# Who waits, is away, or has signed in; who was invited. None of it holds anything by itself.
_PASSING = (
    "alembic_version",
    "attendance",
    "challenges",
    "daily",
    "invitations",
    "lanes",
    "sessions",
    "uploads",
    "works",
)
# Of what is sealed or signed there, nothing is in the drill's vault.
_ABSENT = {
    "checkpoints",
    "destructions",
    "packets",
    "partitions",
    "rebuttals",
    "registers",
    "revocations",
    "statement_packets",
}
_FEW, _MANY = 40, 100  # of so many edits the drill tries one, below so many witnesses
# Sealed or signed, but what it says stands elsewhere too, or is reckoned anew: an edit of it changes nothing.
_UNREAD = ("testimony.members.card", "testimony.proposals.attachments", "testimony.segments.content")
_HELD = (
    "nobody reads anything that was not there. Whatever is sealed or signed is missed or refused when it is edited; "
    f"{len(FORGERIES)} forgeries and {len(DATABASES)} databases put back are refused, each by who reads them"
)


@dataclass(frozen=True)
class Edit:
    """What is done to one row."""

    database: str
    table: str
    row: int
    how: str
    column: str = ""
    value: Any = None

    @property
    def place(self) -> str:
        """Where it is done."""
        return f"{self.database}.{self.table}.{self.column}"

    def make(self, uow: UnitOfWork) -> None:
        """Within a transaction that nobody commits."""
        connection = getattr(uow, self.database).connection()
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        if self.how == "delete":
            connection.exec_driver_sql(f'DELETE FROM "{self.table}" WHERE rowid = ?', (self.row,))
        else:
            change = f'UPDATE OR IGNORE "{self.table}" SET "{self.column}" = ? WHERE rowid = ?'
            connection.exec_driver_sql(change, (self.value, self.row))


def edits(uow: UnitOfWork, readers: Readers) -> Iterator[Edit]:
    """Of each table one row that is read, if there is one: deleted, and its columns, one exchanged for another row's,
    the next flipped, or cut short, or overwritten."""
    for database in DATABASES:
        connection = getattr(uow, database).connection()
        for table in _tables(connection):
            first, other = _rows(connection, table, readers)
            if not first:
                continue
            row = first.pop("_row")
            yield Edit(database, table, row, "delete")
            for turn, (column, value) in enumerate(first.items()):
                changes = list(_changed(value, other.get(column)))
                for how, changed in changes[turn % len(changes) :][:1] if changes else ():
                    yield Edit(database, table, row, how, column, changed)


def _tables(connection: Connection) -> list[str]:
    named = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
    return [
        name for (name,) in connection.exec_driver_sql(named) if name not in (*_PASSING, "alembic_version")
    ]


def _rows(connection: Connection, table: str, readers: Readers) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two rows of a table, the first one that the readers read."""
    found = connection.exec_driver_sql(f'SELECT rowid AS _row, * FROM "{table}"').mappings()
    case, records = unb64(readers.scene.case), [unb64(record) for _, record, _ in readers.sealed]
    shreds = [digest("shred", record) for record in records]

    def unread(row: dict[str, Any]) -> tuple[bool, ...]:
        names = {value for value in row.values() if isinstance(value, bytes)}
        texts = "".join(value for value in row.values() if isinstance(value, str))
        named = not names.isdisjoint((*records, *shreds)) or any(b64(one) in texts for one in records)
        reader = row.get("member", row.get("code", V2.code)) == V2.code
        return row.get("case", row.get("id")) != case, not named, not reader, not row.get("taken", 1)

    newest_first = [dict(row) for row in found][::-1]
    rows = sorted(newest_first, key=unread)
    return rows[0] if rows else {}, rows[1] if len(rows) > 1 else {}


def _changed(value: Any, other: Any) -> Iterator[tuple[str, Any]]:
    if other is not None and other != value:
        yield "exchange", other
    match value:
        case bytes() if value:
            middle = len(value) // 2
            yield "flip", value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]
            yield "cut", value[:middle]
            yield "noise", secrets.token_bytes(len(value))
        case str() if value:
            middle = len(value) // 2
            yield "flip", value[:middle] + chr(ord(value[middle]) ^ 1) + value[middle + 1 :]
            yield "cut", value[:middle]
            yield "empty", "{}"
        case int():
            yield "flip", 1 - value if value in (0, 1) else value + 1


# --- the attack -----------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """How often anybody read what was not there, and which columns were edited without and with anybody noticing."""

    forged: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)  # forgeries and roll-backs
    noticed: Counter[str] = field(default_factory=Counter)  # by column

    def edited(self, edit: Edit, outcome: str) -> None:
        """What came of an edit."""
        self.noticed[edit.place] += outcome != "same"
        if outcome == "forged":
            self.forged.append(f"{edit.how} {edit.place}")

    def put(self, what: str, outcome: str) -> None:
        """What came of a forgery or a roll-back, which somebody must notice."""
        if outcome == "forged":
            self.forged.append(what)
        elif outcome != "refused":
            self.missed.append(what)

    def finding(self, whole: bool) -> Finding:
        """Every column that is sealed or signed must be noticed, if all were tried, but for those that nobody reads."""
        guarded = [place for place in self.noticed if allowed().get(place) in {"sealed", "signed"}]
        silent = (
            [place for place in guarded if not self.noticed[place] and place not in _UNREAD] if whole else []
        )
        wrong = sorted({*self.forged, *self.missed, *silent})
        if wrong:
            return Finding(f"{'read' if self.forged else 'not noticed'}: {', '.join(wrong)}", False)
        return Finding(_HELD, True)


def tamper(world: World, only: str = "", trusting: bool = False) -> Finding:
    """Every edit, forgery and roll-back, each by itself; whoever reads gets what is true, less of it, or a refusal."""
    seen, whole = Seen(), len(world.truth.witnesses) >= _MANY
    with world.copy() as spoilt:
        with spoilt.served() as scene:
            readers = replace(Readers.of(spoilt, scene), trusting=trusting)
            with scene.unkept() as uow:
                before = readers.everything(uow)
            with scene.unkept() as uow:
                planned = list(edits(uow, readers)) if not only else []
            seen.missed += _lacking({edit.table for edit in planned}) if planned else []
            for edit in planned[:: 1 if whole else _FEW]:
                seen.edited(edit, _after_edit(readers, edit, before))
        for what, after in _spoilt(spoilt, readers, only):
            seen.put(what, compared(before, after)[0])
    works = all(before[name] for name in before if name not in {FORBIDDEN, ALARMS})
    return seen.finding(whole and not only) if works else Finding("nothing is there to be read", False)


def _lacking(tables: set[str]) -> list[str]:
    """Tables in which something sealed or signed is to be edited, and is not."""
    guarded = {place.split(".")[1] for place, kind in allowed().items() if kind in {"sealed", "signed"}}
    return sorted(guarded - tables - _ABSENT - set(_PASSING))


def _after_edit(readers: Readers, edit: Edit, before: Everything) -> str:
    with readers.scene.unkept() as uow:
        try:
            edit.make(uow)
        except IntegrityError:  # the database itself does not take it
            return "refused"
        return compared(before, readers.everything(uow))[0]


def _spoilt(world: World, readers: Readers, only: str) -> Iterator[tuple[str, Everything]]:
    """What is read after each forgery, and with each database put back to before; the files are mended each time."""
    for what, forge in FORGERIES.items():
        if only not in {"", what}:
            continue
        with _mended(world), world.served() as scene:
            present = replace(readers, scene=scene)
            forge(present)
            with scene.unkept() as uow:
                yield what, present.everything(uow)
    for name in DATABASES if not only else ():
        with _mended(world):
            shutil.copyfile(world.folder / BEFORE / f"{name}.db", world.vault / f"{name}.db")
            with world.served() as scene, scene.unkept() as uow:
                yield f"{name}.db put back", replace(readers, scene=scene).everything(uow)


@contextmanager
def _mended(world: World) -> Iterator[None]:
    files = {path: path.read_bytes() for path in (*world.vault.glob("shreds.key"), *world.vault.glob("*.db"))}
    yield
    for path, content in files.items():
        path.write_bytes(content)


def _unverified(world: World) -> Finding:
    """Every signature passes, as if nobody had looked."""
    try:
        with patch.object(signatures, "verify", lambda *_: None):
            return tamper(world, "deposits in somebody's name")
    finally:  # what was held to be true meanwhile
        rosters.verified.cache_clear()
        cases._verified.cache_clear()


def _naive(world: World) -> Finding:
    """Two names change places, each as it is encrypted."""
    with world.copy() as spoilt:
        folder = spoilt.folder / NAIVE
        first, second, *others = naive.opened(folder)
        with closing(sqlite3.connect(folder / naive.DATABASE)) as connection:
            rows = connection.execute("SELECT id, name FROM persons ORDER BY id LIMIT 2").fetchall()
            (one, _), (other, _) = rows
            moved = [(content, number) for number, (_, content) in zip((other, one), rows, strict=True)]
            connection.executemany("UPDATE persons SET name = ? WHERE id = ?", moved)
            connection.commit()
        silent = naive.opened(folder) == [second, first, *others]
    return Finding("two names that change places open as before, each as the other's", not silent)


ATTACKS = (
    Attack(
        13,
        "Edit rows of every table; forge or replay shares, records, keys, an epoch; put a database back to before",
        "nobody reads what was not there; each forgery, and each database put back, is noticed",
        "0",
        tamper,
        _naive,
        (
            Leak("signatures are not looked at", _unverified),
            Leak(
                "whoever asks for an identity names the record that lies there, not the one that the testimony names",
                lambda world: tamper(world, "an identity of their own making", trusting=True),
            ),
        ),
    ),
)
