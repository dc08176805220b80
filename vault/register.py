"""The register: what a case's evidence is listed from (FORMATS §19.2).

It is a cache. What it holds of a chain is made again once the chain has gone on; that one was changed shows when its
item is opened. What the list knew and is not there any more, it goes on naming.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date

from vault import audit, chains
from vault.chains import Chains
from vault.errors import Invalid, NotFound, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules import register as rule
from vault.rules.register import CUT, GONE, Page, Row, Wanted
from vault.sealing import locks
from vault.sealing.digests import canonical, pad, size_class, unb64, unpad
from vault.store.evidence import RegisterRow
from vault.store.unit_of_work import UnitOfWork


def listing(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Wanted], today: date
) -> Page:
    """A page of the items of a case that somebody looks for. One audit entry.

    Raises Refused without the evidence key.
    """
    case, wanted = what
    found = chains.of(vault, uow, actor, case)
    kept = _stored(found)
    rows = _fresh(found, kept)
    if rows != kept:
        _keep(found, rows.values())
    audit.record(uow, actor.code, "evidence listed", {"case": case}, today)
    return rule.page(rows.values(), wanted)


def every(vault: Installation, uow: UnitOfWork, actor: Actor, case: str) -> tuple[Row, ...]:
    """Every item of a case, to choose from; writes nothing. Raises Refused without the evidence key."""
    found = chains.of(vault, uow, actor, case)
    return tuple(_fresh(found, _stored(found)).values())


def waiting(vault: Installation, uow: UnitOfWork, actor: Actor, case: str) -> int:
    """How many releases wait for the actor's decision, as the list tells: no chain is read. Raises as `every`."""
    rows = every(vault, uow, actor, case)
    return sum(author != actor.code for row in rows for author in row.waits)


def heads(found: Chains) -> dict[str, str]:
    """By what the entry is called that the list knows last of each item's chain."""
    return {item: row.head for item, row in _stored(found).items()}


def _fresh(found: Chains, kept: Mapping[str, Row]) -> dict[str, Row]:
    """Every row as it is now: those whose chains went on are read anew, and those that do not hold."""
    there = dict(found.names())
    rows = {item: _row(found, item, kept.get(item), entries) for item, entries in there.items()}
    return rows | {item: row._replace(fault=GONE) for item, row in kept.items() if item not in there}


def _row(found: Chains, item: str, kept: Row | None, entries: int) -> Row:
    if kept is not None and not kept.fault and kept.entries == entries:
        return kept
    before = kept or Row(item, entries)
    try:
        read = found.read(item).item
    except (Tampered, NotFound, Invalid) as error:
        return before._replace(fault=error.message)
    return Row.of(item, read) if rule.is_whole(before.head, read) else before._replace(fault=CUT)


def _stored(found: Chains) -> dict[str, Row]:
    """The list as it lies; empty where there is none that opens."""
    kept = found.uow.testimony.get(RegisterRow, unb64(found.case.id))
    if kept is None:
        return {}
    try:
        opened = json.loads(unpad(locks.unlock(_key(found), _about(found), kept.content)))
        return {row.item: row for row in map(Row.from_json, opened)}
    except (Tampered, TypeError, IndexError):  # it was changed, or is of another key or version
        return {}


def _keep(found: Chains, rows: Iterable[Row]) -> None:
    text = canonical(list(rows))
    content = locks.lock(_key(found), _about(found), pad(text, size_class(len(text))))
    found.uow.testimony.merge(RegisterRow(case=unb64(found.case.id), content=content))
    found.uow.testimony.flush()


def _key(found: Chains) -> bytes:
    """Of the newest evidence key: whoever is handed the key reads the list, nobody else."""
    return locks.derive(found.keys[0].seed, "register", locks.KEY_SIZE)


def _about(found: Chains) -> tuple[str, dict[str, str]]:
    return "register", {"vault": found.case.file.vault, "case": found.case.id}
