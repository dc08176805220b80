"""Attacks 2 and 5: what columns say in the clear, and what sizes say."""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from drill.attack import Attack, Finding, spoilt
from drill.world import NAIVE, World
from vault.store.unit_of_work import DATABASES

_ALLOWED = Path(__file__).with_name("columns.toml")
_CODE = re.compile(r"[A-Za-z0-9_/.-]{0,40}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ID = re.compile(r"[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43}")
_NO_WORDS = re.compile(r"[\w+/=.:-]*", re.ASCII)
_TEXT = re.compile(rb"[ -~]{24}")  # what so many random bytes are once in twenty thousand million
_KINDS: dict[str, Callable[[Any], object]] = {
    "random": lambda one: not _TEXT.search(one) if isinstance(one, bytes) else _ID.fullmatch(one),
    "signed": lambda one: isinstance(one, str) and _says_nothing(one),
    "code": lambda one: isinstance(one, str) and _CODE.fullmatch(one),
    "day": lambda one: isinstance(one, str) and _DAY.fullmatch(one),
    "number": lambda one: isinstance(one, int),
    "flag": lambda one: one in (0, 1),
    "public": lambda _: True,
}
_LEAST = 4096  # bytes of which it can be said whether they look like noise
SLOTS = {"testimony.slots": "content", "identities.identity_slots": "content", "shreds.shreds": "key"}


@cache
def allowed() -> dict[str, str]:
    """The kind of each column that may be, by database, table and name."""
    known = tomllib.loads(_ALLOWED.read_text("utf-8"))
    versions = known.pop("alembic")
    listed = {f"{database}.{name}": why for database in known for name, why in known[database].items()}
    listed |= {f"{database}.{name}": why for database in known for name, why in versions.items()}
    return {name: why.partition(":")[0] for name, why in listed.items()}


def columns(folder: Path, names: Iterable[str] = DATABASES) -> Iterator[tuple[str, list[Any]]]:
    """Every column of every table, with its values."""
    for database in names:
        with closing(sqlite3.connect(f"file:{folder / database}.db?mode=ro", uri=True)) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                found = connection.execute(f'SELECT * FROM "{table}"')
                rows = found.fetchall()
                for place, (name, *_) in enumerate(found.description):
                    yield f"{database}.{table}.{name}", [row[place] for row in rows if row[place] is not None]


def fits(kind: str | None, values: Sequence[Any]) -> bool:
    """Whether a column holds what it may, and nothing else."""
    if kind == "sealed":
        return all(isinstance(one, bytes) for one in values) and _is_noise(b"".join(values))
    return all(kind in _KINDS and _KINDS[kind](one) for one in values) if kind else False


def _is_noise(content: bytes) -> bool:
    """Whether nothing in it can be made shorter, but for the few bytes with which each ciphertext begins; of little
    content, whether no text stands in it."""
    if len(content) < _LEAST:
        return not _TEXT.search(content)
    return len(zlib.compress(content)) > 0.97 * len(content)


def _says_nothing(text: str) -> bool:
    try:
        return all(_NO_WORDS.fullmatch(one) for one in _strings(json.loads(text)))
    except ValueError:
        return False


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for name, inner in value.items():
                yield name
                yield from _strings(inner)
        case list():
            for inner in value:
                yield from _strings(inner)


def _plaintext(world: World) -> Finding:
    """Every column is one that may be, and holds what it may."""
    bad = sorted(name for name, values in columns(world.vault) if not fits(allowed().get(name), values))
    if bad:
        return Finding(f"words in the clear, or an unlisted column: {', '.join(bad)}", False)
    return Finding("every column is listed with its reason, and holds what it may", True)


def _naive_plaintext(world: World) -> Finding:
    found = [name for name, _ in columns(world.folder / NAIVE, ["naive"]) if name not in allowed()]
    return Finding(
        f"{len(found)} columns that nobody gave a reason for, names and days among them", not found
    )


def executed(database: str, *statements: str) -> Callable[[World], object]:
    """Spoils a world by these statements."""

    def spoil(world: World) -> None:
        with closing(sqlite3.connect(world.vault / f"{database}.db")) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    return spoil


# --- sizes ----------------------------------------------------------------------------------------------------------


def _sizes(world: World) -> Finding:
    """How many sizes the records of each table of slots have."""
    sizes: dict[str, set[int]] = defaultdict(set)
    for name, values in columns(world.vault):
        table, _, column = name.rpartition(".")
        if SLOTS.get(table) == column:
            sizes[table] |= {len(one) for one in values}
    text = "; ".join(f"{table.partition('.')[2]}: {_counted(sizes[table])}" for table in SLOTS)
    return Finding(text, all(len(found) == 1 for found in sizes.values()) and len(sizes) == len(SLOTS))


def _counted(found: set[int]) -> str:
    return f"one size, {next(iter(found)):,} bytes" if len(found) == 1 else "many sizes"


def _naive_sizes(world: World) -> Finding:
    found = {
        len(one)
        for name, values in columns(world.folder / NAIVE, ["naive"])
        if name.endswith(".text")
        for one in values
    }
    said = "as many sizes as lengths" if len(found) > 3 else "few sizes"
    return Finding(f"a testimony's ciphertext is as long as its words: {said}", len(found) <= 3)


_NAMED = "ALTER TABLE identity_slots ADD COLUMN name TEXT DEFAULT 'Balthazar'"
_TITLED = "UPDATE case_versions SET signed = json_set(signed, '$.document.title', 'The mill of Quorndon')"
_TYPED = "UPDATE drafts SET content = CAST(replace(hex(zeroblob(9000)), '00', 'I saw it. ') AS BLOB)"
_WRITTEN = "UPDATE slots SET receipt = CAST('Balthazar Quillfeather, the mill' AS BLOB) WHERE taken"
_CUT = "UPDATE slots SET content = substr(content, 1, 9000) WHERE rowid = (SELECT min(rowid) FROM slots)"

ATTACKS = (
    Attack(
        2,
        "Read every column",
        "only listed columns, and in each what may stand there",
        "none",
        _plaintext,
        _naive_plaintext,
        (
            spoilt("a new column with a name in it", _plaintext, executed("identities", _NAMED)),
            spoilt("a title in a signed document", _plaintext, executed("testimony", _TITLED)),
            spoilt("drafts kept as they are typed", _plaintext, executed("shreds", _TYPED)),
            spoilt("a name where a hash belongs", _plaintext, executed("testimony", _WRITTEN)),
        ),
    ),
    Attack(
        5,
        "Compare sizes",
        "one size in each table of slots",
        "one size",
        _sizes,
        _naive_sizes,
        (spoilt("a testimony cut to its length", _sizes, executed("testimony", _CUT)),),
    ),
)
