"""Attacks 3 and 4: does where a row lies say to which other it belongs, or when it came?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

from drill import postgresql
from drill.attack import Attack, Finding, spoilt
from drill.chance import SIGMAS, follows, kendall
from drill.columns import columns
from drill.matching import PAIRS, Places, best, linked, lying
from drill.naive import DATABASE
from drill.world import NAIVE, Witness, World
from vault.sealing.digests import digest

_MARKS = (
    9000,
    9100,
    9200,
)  # far behind what of a row lies in its table's own pages; one of them crosses no page
_CHAINS = "an order by nature: a chain or a log"
_PUBLIC = "what custodians or reviewers did, whose order the chains tell anyway"
_OPEN = "what is open or under way just now, and goes nowhere"
EXEMPT = {
    **dict.fromkeys(
        ("audit", "rosters", "case_versions", "briefs", "editions", "trees", "checkpoints"), _CHAINS
    ),
    **dict.fromkeys(
        ("assessments", "quotes", "exports", "findings", "rebuttals", "responses", "evidence"), _CHAINS
    ),
    **dict.fromkeys(("log_entries", "log_stamps", "resharings", "revocations", "backup_keys"), _CHAINS),
    **dict.fromkeys(
        ("alembic_version", "approvals", "attendance", "case_escrows", "cases", "files"), _PUBLIC
    ),
    **dict.fromkeys(("grants", "invitations", "members", "openings", "packets", "partitions"), _PUBLIC),
    **dict.fromkeys(
        ("destructions", "proposal_signatures", "proposals", "registers", "retentions", "segments"), _PUBLIC
    ),
    **dict.fromkeys(("statement_approvals", "statement_packets", "statements"), _PUBLIC),
    **dict.fromkeys(("challenges", "daily", "drafts", "lanes", "sessions", "uploads", "works"), _OPEN),
}
TABLES = {"testimony": "slots", "identities": "identity_slots", "shreds": "shreds"}


def _database(half: str) -> str:
    return "identities" if half == "identity" else "testimony"


def known(world: World) -> list[Witness]:
    """Those whose records are still there."""
    return [one for one in world.truth.witnesses if not one.withdrawn]


def places(world: World, half: str, witnesses: Sequence[Witness]) -> Places:
    """Everything that can be seen of where the records of these witnesses lie."""
    database, ids = _database(half), [one.records[half] for one in witnesses]
    path = world.vault / f"{database}.db"
    with closing(sqlite3.connect(path)) as connection:
        table = TABLES[database]
        rows = {
            record: (place, content)
            for record, place, content in connection.execute(f"SELECT record, rowid, content FROM {table}")
        }
    with closing(sqlite3.connect(world.vault / "shreds.db")) as connection:
        keys = dict(connection.execute("SELECT id, rowid FROM shreds"))
    return {
        "row": [rows[one][0] for one in ids],
        "place in the file": _offsets(path.read_bytes(), [rows[one][1] for one in ids]),
        "id": [int.from_bytes(one[:7]) for one in ids],
        "row of the key": [keys[digest("shred", one)] for one in ids],
        "size": [len(rows[one][1]) for one in ids],
    }


def _offsets(data: bytes, contents: Sequence[bytes]) -> list[int]:
    """Where each content lies in a file."""
    for mark in _MARKS:
        wanted = [int.from_bytes(content[mark : mark + 8], "little") for content in contents]
        found = dict(lying(data, wanted))
        if len(found) == len(wanted):
            return [found[one] for one in wanted]
    raise AssertionError("These contents do not lie in this file.")


# --- who belongs to whom --------------------------------------------------------------------------------------------


def _link(world: World) -> Finding:
    witnesses = known(world)
    seen = {half: places(world, half, witnesses) for half in ("identity", "testimony", "observations")}
    return linked({f"{one} and {other}": (seen[one], seen[other]) for one, other in PAIRS})


def _link_on_both(world: World) -> Finding:
    here, there = _link(world), postgresql.try_all(world)
    return Finding(f"on SQLite {here.text}; on PostgreSQL {there.text}", here.holds and there.holds)


def _naive_link(world: World) -> Finding:
    with closing(sqlite3.connect(world.folder / NAIVE / DATABASE)) as connection:
        rows = connection.execute("SELECT person_id, id FROM testimonies ORDER BY id").fetchall()
    right, _ = best({"row": [person for person, _ in rows]}, {"row": [one for _, one in rows]})
    how = "all" if right == len(rows) else "some"
    return Finding(f"linked {how} by number, and by the key that names it", right < 2)


def _side_by_side(world: World) -> None:
    """Testimony is written anew in the order in which identities lie."""
    witnesses = known(world)
    order = places(world, "identity", witnesses)["row"]
    with closing(sqlite3.connect(world.vault / "testimony.db")) as connection:
        for place, one in zip(order, witnesses, strict=True):
            row = 1_000_000 + place, one.records["testimony"]
            connection.execute("UPDATE slots SET rowid = ? WHERE record = ?", row)
        connection.commit()


def _keys_together(world: World) -> None:
    """The keys of a deposit lie beside each other."""
    with closing(sqlite3.connect(world.vault / "shreds.db")) as connection:
        for number, one in enumerate(sorted(known(world), key=lambda one: one.digest)):
            for place, record in enumerate(one.records.values()):
                row = 1_000_000 + 3 * number + place, digest("shred", record)
                connection.execute("UPDATE shreds SET rowid = ? WHERE id = ?", row)
        connection.commit()


# --- who came when --------------------------------------------------------------------------------------------------


def _ordered(world: World) -> Iterator[tuple[str, Sequence[int]]]:
    """For each partition, and each thing that is seen of its rows: that, in the order in which witnesses came."""
    witnesses = known(world)
    cases = _cases(world)
    for half in ("identity", "testimony", "observations"):
        seen = places(world, half, witnesses)
        partitions = (
            [b""] * len(witnesses) if half == "identity" else [cases[one.records[half]] for one in witnesses]
        )
        for what in ("row", "place in the file", "id", "row of the key"):
            for partition in sorted(set(partitions)) if what != "row of the key" else [None]:
                yield (
                    f"{half}, {what}",
                    [
                        place
                        for place, of in zip(seen[what], partitions, strict=True)
                        if partition in (None, of)
                    ],
                )


def _cases(world: World) -> dict[bytes, bytes]:
    with closing(sqlite3.connect(world.vault / "testimony.db")) as connection:
        rows: list[tuple[bytes, bytes]] = connection.execute('SELECT record, "case" FROM slots').fetchall()
    return dict(rows)


def _order(world: World) -> Finding:
    tables = {name.split(".")[1] for name, _ in columns(world.vault)}
    unknown = sorted(tables - set(EXEMPT) - set(TABLES.values()))
    found = sorted({what for what, order in _ordered(world) if follows(order)})
    if found or unknown:
        return Finding(f"in the order in which they came: {'; '.join(found + unknown)}", False)
    return Finding(f"within {SIGMAS} deviations of a random order, whatever is looked at", True)


def _naive_order(world: World) -> Finding:
    with closing(sqlite3.connect(world.folder / NAIVE / DATABASE)) as connection:
        numbers = [one for (one,) in connection.execute("SELECT id FROM persons ORDER BY created_at")]
    return Finding(f"numbered as they came: τ = {kendall(numbers):.0f}", not follows(numbers))


def _in_order(world: World) -> None:
    """Identities lie in the order in which they came."""
    with closing(sqlite3.connect(world.vault / "identities.db")) as connection:
        for number, one in enumerate(known(world)):
            row = 1_000_000 + number, one.records["identity"]
            connection.execute("UPDATE identity_slots SET rowid = ? WHERE record = ?", row)
        connection.commit()
        connection.execute("VACUUM")


def _new_table(world: World) -> None:
    with closing(sqlite3.connect(world.vault / "testimony.db")) as connection:
        connection.execute("CREATE TABLE arrivals (id BLOB)")
        connection.commit()


ATTACKS = (
    Attack(
        3,
        "Link identities to testimony, and words to codes, by where they lie",
        "no more right than the best of as many random matchings, but for one drill in ten million; "
        "on PostgreSQL, by the rows alone, at most one in eight before `tidy`",
        "one right in each",
        _link_on_both,
        _naive_link,
        (
            spoilt("testimony written in the order in which identities lie", _link, _side_by_side),
            spoilt("the keys of a deposit beside each other", _link, _keys_together),
            *postgresql.LEAKS,
        ),
    ),
    Attack(
        4,
        "Find out in which order witnesses came",
        f"Kendall's τ within {SIGMAS} deviations of 0 in every table that is no chain",
        "τ = 0",
        _order,
        _naive_order,
        (
            spoilt("identities in the order in which they came", _order, _in_order),
            spoilt("a table that nobody has thought of", _order, _new_table),
        ),
    ),
)
