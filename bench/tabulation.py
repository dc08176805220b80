"""Tabulating a case from its encrypted index, beside plaintext databases and beside one ciphertext for each row.

The databases hold each observation ready to count, once for each claim on which it bears, with whom it counts as one:
what the index leaves to do, they need not. Every cell of every answer is compared. Each size has a process of its own.
"""

from __future__ import annotations

import json
import re
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench import plot, worlds
from tests import postgres
from vault.rules.independence import COLUMNS, DIRECT_COLUMNS, UNLESS_DIRECT
from vault.rules.packed import Packed
from vault.rules.packing import from_bytes, to_bytes
from vault.rules.tabulation import Table, tabulate
from vault.sealing.segments import Shelf, seal, unseal

SIZES = (20_000, 200_000, 1_000_000, 5_000_000)
COMPARED = 1_000_000  # beyond it the plain databases take minutes to fill
ROUNDS = 3
_LARGE = ("shared_buffers=1GB", "work_mem=512MB", "max_parallel_workers_per_gather=2")
PICTURE = Path("docs/img/tabulation.svg")
SHELF = Shelf.of({"vault": "bench", "case": "bench"}, b"", bytes(32), bytes(32))
_DIRECT = sum(1 << COLUMNS.index(name) for name in DIRECT_COLUMNS)
_MINE = {name: f"{'' if name not in UNLESS_DIRECT else f'(said & {_DIRECT}) = 0 AND '}(said & {1 << place}) > 0"
         for place, name in enumerate(COLUMNS)}  # fmt: skip
_COUNTS = ", ".join(f"sum(CASE WHEN {test} THEN 1 ELSE 0 END)" for test in _MINE.values())
_PERSONS = {
    "sqlite": "+".join(f"max(bits & {1 << place})" for place in range(len(COLUMNS))),
    "postgres": "bit_or(bits)",
}
QUERY = (
    "SELECT cell, count(DISTINCT CASE WHEN (said & {direct}) > 0 THEN lower END), "
    "sum(CASE WHEN (said & {direct}) > 0 THEN 1 ELSE 0 END), {counts} FROM "
    "(SELECT cell, person, max(lower_) AS lower, {persons} AS said FROM said GROUP BY cell, person) AS p GROUP BY cell"
)
Answer = dict[int, tuple[int, ...]]
T = TypeVar("T")


def measure() -> Iterator[str]:
    """20,000 to 5,000,000 observations; the picture in docs/img shows the growth."""
    lines: dict[str, dict[int, float]] = {"encrypted index": {}}
    for size in SIZES:
        command = [sys.executable, "-m", "bench.tabulation", str(size)]
        found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        ours = found["ours"]
        for name, seconds in {"encrypted index": ours, **found["others"]}.items():
            lines.setdefault(name, {})[size] = seconds
        against = ", ".join(
            f"{name} {seconds * 1e3:,.0f} ms (ratio {seconds / ours:.1f})"
            for name, seconds in found["others"].items()
        )
        yield (
            f"Tabulate {size:,} observations: {ours * 1e3:,.0f} ms, peak {found['megabytes']:,.0f} MB; "
            f"with accounts of known origin {found['told'] * 1e3:,.0f} ms; {against or 'beside nothing'}"
        )
    PICTURE.write_text(plot.growth(lines), "utf-8")


def _run(size: int) -> dict[str, Any]:
    with TemporaryDirectory(prefix="witness-vault-bench-") as folder:
        ours = _stored(Path(folder) / "ours.db", worlds.case(size))
        taken, table = _timed(lambda: _tabulated(ours))
        told = _stored(Path(folder) / "told.db", worlds.case(size, told=True))
        with_told, _ = _timed(lambda: _tabulated(told))
        alone = [sys.executable, "-m", "bench.tabulation", str(told)]
        memory = float(subprocess.run(alone, check=True, stdout=subprocess.PIPE, text=True).stdout)
        others = _others(Path(folder), ours, table) if size <= COMPARED else {}
    return {"ours": taken, "told": with_told, "megabytes": memory, "others": others}


def _stored(path: Path, packed: Packed) -> Path:
    generation, segments = seal(SHELF, to_bytes(packed))
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE segments (number INTEGER PRIMARY KEY, generation BLOB, content BLOB)")
        rows = ((number, generation, segment) for number, segment in enumerate(segments))
        database.executemany("INSERT INTO segments VALUES (?, ?, ?)", rows)
    return path


def _opened(path: Path) -> Packed:
    query = "SELECT generation, content FROM segments ORDER BY number"
    rows = sqlite3.connect(path).execute(query).fetchall()
    return from_bytes(unseal(SHELF, rows[0][0], [content for _, content in rows]))


def _tabulated(path: Path) -> Table:
    packed = _opened(path)
    names = packed.read("incidents")
    return tabulate(packed, dict.fromkeys(names, worlds.VOCABULARY))


def _others(folder: Path, ours: Path, table: Table) -> dict[str, float]:
    expected = {
        cell: tuple(row) for cell, row in zip(table.cells.tolist(), table.figures.tolist(), strict=True)
    }
    entries = list(worlds.entries(_opened(ours)))
    found = {}
    for name, fill in (("SQLite", _sqlite), ("PostgreSQL", _postgres), ("row by row", _row_by_row)):
        try:
            found[name], answer = fill(folder, entries)
        except FileNotFoundError as missing:
            print(f"{name}: {missing}", file=sys.stderr)
            continue
        assert answer == expected, name
    return found


def _query(dialect: str) -> str:
    return QUERY.format(direct=_DIRECT, counts=_COUNTS, persons=_PERSONS[dialect])


def _answer(rows: list[tuple[Any, ...]]) -> Answer:
    return {int(row[0]): tuple(map(int, row[1:])) for row in rows}


def _sqlite(folder: Path, entries: list[worlds.Entry]) -> tuple[float, Answer]:
    database = sqlite3.connect(folder / "plain.db")
    database.execute("PRAGMA cache_size = -1000000")
    database.execute("CREATE TABLE said (cell INTEGER, person INTEGER, lower_ INTEGER, bits INTEGER)")
    database.executemany("INSERT INTO said VALUES (?, ?, ?, ?)", entries)
    database.execute("CREATE INDEX covering ON said (cell, person, lower_, bits)")
    database.execute("ANALYZE")
    database.commit()
    seconds, rows = _timed(lambda: database.execute(_query("sqlite")).fetchall())
    return seconds, _answer(rows)


def _postgres(_folder: Path, entries: list[worlds.Entry]) -> tuple[float, Answer]:
    with postgres.running(*_LARGE) as address:
        connection = psycopg.connect(postgres.words(address), autocommit=True)
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE UNLOGGED TABLE said (cell bigint, person int, lower_ int, bits int)")
            with cursor.copy("COPY said FROM STDIN") as copy:
                for entry in entries:
                    copy.write_row(entry)
            cursor.execute("CREATE INDEX covering ON said (cell, person) INCLUDE (lower_, bits)")
            cursor.execute("VACUUM (ANALYZE, FREEZE) said")
            seconds, rows = _timed(lambda: cursor.execute(_query("postgres")).fetchall())
        connection.close()
    return seconds, _answer(rows)


def _row_by_row(_folder: Path, entries: list[worlds.Entry]) -> tuple[float, Answer]:
    cipher, row = AESGCM(bytes(32)), struct.Struct(">QIIH")
    sealed = [
        (nonce, cipher.encrypt(nonce, row.pack(*entry), None))
        for number, entry in enumerate(entries)
        for nonce in (number.to_bytes(12, "big"),)
    ]

    def count() -> Answer:
        said: dict[tuple[int, int], int] = {}
        lower_of: dict[tuple[int, int], int] = {}
        for nonce, ciphertext in sealed:
            cell, person, lower, bits = row.unpack(cipher.decrypt(nonce, ciphertext, None))
            said[cell, person] = said.get((cell, person), 0) | bits
            lower_of[cell, person] = lower
        found: dict[int, list[int]] = {}
        lowest: dict[int, set[int]] = {}
        for (cell, person), bits in said.items():
            figures = found.setdefault(cell, [0] * (1 + len(COLUMNS)))
            direct = bits & _DIRECT > 0
            lowest.setdefault(cell, set()).update([lower_of[cell, person]] if direct else [])
            figures[0] += direct
            for place, name in enumerate(COLUMNS):
                figures[1 + place] += bits >> place & 1 and not (direct and name in UNLESS_DIRECT)
        return {cell: (len(lowest[cell]), *figures) for cell, figures in found.items()}

    return _timed(count, rounds=1)


def _timed(run: Callable[[], T], rounds: int = ROUNDS) -> tuple[float, T]:
    """The best of some rounds: what else the machine does slows all."""
    best, found = float("inf"), run()
    for _ in range(rounds):
        start = time.perf_counter()
        found = run()
        best = min(best, time.perf_counter() - start)
    return best, found


def _memory(path: Path) -> float:
    """The most memory, in megabytes, that a process needs that does nothing but tabulate."""
    _tabulated(path)
    # `getrusage` would count the parent's memory, too.
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    asked = sys.argv[1]
    print(json.dumps(_run(int(asked))) if asked.isdigit() else _memory(Path(asked)))
