"""What a server of PostgreSQL says of the rows of a vault, and what its files have of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from drill.matching import Places, lying
from vault.sealing.digests import digest
from vault.store.unit_of_work import Store

Records = dict[str, bytes]  # by half
TABLES = {
    "identity": ("identities", "identity_slots"),
    "testimony": ("testimony", "slots"),
    "observations": ("testimony", "slots"),
}
_BEGINS = 32  # bytes, by which a content is known
_LARGE = 1 << 20
_OWN = text("SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")


class Row(NamedTuple):
    """A row as the server has it."""

    transaction: int
    place: int
    content: bytes


@dataclass(frozen=True)
class Seen:
    """One look: by half, all that is seen of where rows lie, in the order in which witnesses came; marks of the keys
    that lie there now; and how often the files have what is in the rows once more, or was there before."""

    halves: dict[str, Places]
    keys: list[int]
    former: int


def seen(store: Store, records: Sequence[Records], before: Seen | None = None) -> Seen:
    """What a server says of the rows of these records, and what its files have of them; `before` was a look earlier."""
    halves, contents = {}, []
    with store.read() as uow:
        folder = Path(str(uow.testimony.scalar(text("SHOW data_directory"))))
        sessions = uow.testimony, uow.identities, uow.shreds
        tables = [file for one in sessions for file in (folder / str(one.scalar(_OWN))).iterdir()]
        shreds = _rows(uow.shreds, "shreds", "id", "key")
        for half, (database, table) in TABLES.items():
            ids, session = [one[half] for one in records], getattr(uow, database)
            rows, values = _rows(session, table, "record", "content"), _values(session, table)
            keys = [shreds[digest("shred", one)] for one in ids]
            halves[half] = {
                "transaction": [rows[one].transaction for one in ids],
                "place": [rows[one].place for one in ids],
                "number of the value": [values[rows[one].content[:_BEGINS]] for one in ids],
                "transaction of the key": [key.transaction for key in keys],
                "place of the key": [key.place for key in keys],
            }
            contents += [_number(rows[one].content[64:]) for one in ids]
    now = [_number(row.content[8:]) for row in shreds.values()]
    gone = set(before.keys if before else ()) - set(now)
    kept = _kept(tables, [*contents, *gone])
    former = sum(kept[one] > 1 for one in contents) + sum(one in kept for one in gone)
    return Seen(halves, now, former + len(_kept((folder / "pg_wal").glob("0*"), [*contents, *now, *gone])))


def _rows(session: Session, table: str, name: str, content: str) -> dict[bytes, Row]:
    query = f"SELECT {name}, xmin::text::bigint, ctid::text, {content} FROM {table} WHERE taken"
    return {
        one: Row(transaction, _place(where), held)
        for one, transaction, where, held in session.execute(text(query))
    }


def _place(where: str) -> int:
    """Of a page and a line, `(7,3)`."""
    page, line = where[1:-1].split(",")
    return int(page) << 16 | int(line)


def _values(session: Session, table: str) -> dict[bytes, int]:
    """The number under which each content is kept apart from its row, by how it begins: those too are the server's."""
    apart = session.scalar(
        text(f"SELECT reltoastrelid::regclass FROM pg_class WHERE oid = '{table}'::regclass")
    )
    begins = f"substr(chunk_data, 1, {_BEGINS}) AS begins"
    found = session.execute(
        text(f"SELECT {begins}, chunk_id::bigint AS number FROM {apart} WHERE chunk_seq = 0")
    )
    return {row.begins: row.number for row in found}


def _number(content: bytes) -> int:
    return int.from_bytes(content[:8], "little")


def _kept(files: Iterable[Path], marks: Sequence[int]) -> Counter[int]:
    """How often each mark lies in these files; the small ones, which are many, are read as one."""
    small, large = list[Path](), list[Path]()
    for file in files:
        (large if file.stat().st_size >= _LARGE else small).append(file)
    parts = chain([b"".join(file.read_bytes() for file in small)], (file.read_bytes() for file in large))
    return Counter(mark for data in parts for mark, _ in lying(data, marks))
