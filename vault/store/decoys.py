"""Other rows, written anew beside each that is written: PostgreSQL numbers the transactions of a whole cluster.

Each row there says which transaction wrote it, so that rows of one deposit would bear neighbouring numbers in all three
databases. Whoever goes by these numbers finds nine rows in the place of one, and does not know which. The keys of all
nine are written anew too (`shredding`): else the one whose key is as new as itself would be known for the new one.
Rows that are deleted, and the log, still tell them apart, until `tidying` has taken both away.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session

from vault.store.postgresql import NAME


@dataclass(frozen=True)
class Decoys:
    """How rows that are taken are written anew as they are, in random order."""

    some: Select[bytes, str]  # random ones of a partition: their names, and where they lie
    named: Select[str]  # where those of these names lie
    again: Update

    @classmethod
    def of(cls, table: Table, name: str, partition: list[ColumnElement[bool]], count: int) -> Decoys:
        """`count` of them; the last column has a row's content, which is written out of line, and so anew as well."""
        *_, content = table.columns
        place: ColumnElement[str] = literal_column("ctid::text")
        known = table.c[name].in_(bindparam("names", expanding=True))
        some = select(table.c[name], place).where(*partition, table.c.taken)
        return cls(
            some.order_by(func.gen_random_uuid()).limit(count),
            select(place).where(known, table.c.taken).order_by(func.gen_random_uuid()),
            update(table).where(text("ctid = CAST(:place AS tid)")).values({content: content.op("||")(b"")}),
        )

    def around(
        self, session: Session, partition: Mapping[str, object], write: Callable[[], int]
    ) -> list[bytes] | None:
        """The names of the rows among which `write` wrote, at a random place; none where nothing would tell.

        None where `write`, which says how many rows it changed, changed none.
        """
        rows = session.execute(self.some, partition).all() if _tells(session) else []
        before = secrets.randbelow(len(rows) + 1)
        self._write(session, [place for _, place in rows[:before]])
        written = write()
        self._write(session, [place for _, place in rows[before:]])
        return [name for name, _ in rows] if written else None

    def rewrite(self, session: Session, names: Collection[bytes]) -> None:
        """Write the rows of these names anew, where their numbers would tell."""
        if _tells(session):
            self._write(session, session.scalars(self.named, {"names": list(names)}).all())

    def _write(self, session: Session, places: Sequence[str]) -> None:
        if places:
            session.execute(self.again, [{"place": place} for place in places])


def _tells(session: Session) -> bool:
    """Whether rows bear the number of the transaction that wrote them."""
    return session.get_bind().dialect.name == NAME
