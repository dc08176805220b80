"""Where a row lies, by which it is found without an index."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnClause


class Place(ColumnClause[Any]):
    """The place of a row in its table: nothing finds a row sooner, and nothing else needs to be indexed for it."""

    inherit_cache = True

    def __init__(self) -> None:
        super().__init__("place")


@compiles(Place)
def _of_postgresql(_place: Place, _compiler: Any, **_options: Any) -> str:
    return "ctid"


@compiles(Place, "sqlite")
def _of_sqlite(_place: Place, _compiler: Any, **_options: Any) -> str:
    return "rowid"
