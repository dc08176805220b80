"""The server's half of sharing anew with a new epoch's custodians (docs/FORMATS.md §13).

It hands out shares without ciphertexts, and takes back what k former custodians have signed, batch by batch: each is
one transaction, and taking one twice changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit, holdings
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.sealing.digests import Json, b64, document_digest, stored, unb64
from vault.sealing.resharings import (
    AUDIT,
    KINDS,
    batch_digest,
    boxed_anew,
    check_line,
    name_of,
    of_entry,
    of_record,
    read_statement,
    shared_anew,
)
from vault.sealing.rosters import Roster
from vault.store.testimony import AuditRow, ResharingRow
from vault.store.unit_of_work import UnitOfWork

Line = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """What of one page is still sealed to former custodians, how much of it is damaged or shredded, where to go on."""

    lines: list[Line]
    damaged: int
    next: str | None


def page(uow: UnitOfWork, actor: Actor, kind: str, after: str) -> Page:
    """The next records or entries of a kind that are still sealed to the epoch before."""
    require(actor.role, Permission.HOLD_SHARES)
    return _page(uow, kind, after)


def begin(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> str:
    """Take what k former custodians signed of their re-sharing; its digest. Raises Tampered or Invalid."""
    require(actor.role, Permission.HOLD_SHARES)
    document = read_statement(signed, rosters.history(uow))
    digest = document_digest(document)
    if uow.testimony.get(ResharingRow, digest) is None:
        uow.testimony.add(ResharingRow(digest=digest, epoch=document["epoch"], signed=json.dumps(signed)))
        about = {"re-sharing": b64(digest), "epoch": document["epoch"]}
        audit.record(uow, actor.code, "re-sharing begun", about, today, signed)
    return b64(digest)


def take(uow: UnitOfWork, actor: Actor, name: str, lines: Json) -> int:
    """Take one batch of a re-sharing; how many records and entries it changed. Raises NotFound, Tampered or Invalid."""
    require(actor.role, Permission.HOLD_SHARES)
    # (1) the batch is one that the statement names, and the statement holds
    roster = rosters.current(uow)
    document = _statement(uow, name)
    if not isinstance(lines, list) or batch_digest(lines) not in document["batches"]:
        raise Tampered("This is not a part of what the former custodians signed: carry the file over again.")
    known = [check_line(line) for line in lines]
    # (2) each line is about exactly the record that lies here; what was shared anew before stays as it is
    changed = 0
    for purpose in holdings.PURPOSES:
        wanted = {line["name"]: line for line in known if line["kind"] == purpose and line["shared"]}
        made = {
            name: shared_anew(record, wanted[name], roster)
            for name, record in holdings.find(uow, purpose, list(wanted)).items()
            if record is not None and record["epoch"] < roster.epoch
        }
        # (3) in its place
        holdings.replace(uow, purpose, made)
        changed += len(made)
    return changed + _take_entries(uow, [line for line in known if line["kind"] == AUDIT], roster)


def finish(vault: Installation, actor: Actor, name: str, today: date) -> list[str]:
    """End the re-sharing if nothing is left at the epoch before but what was given up; otherwise what is left."""
    require(actor.role, Permission.HOLD_SHARES)
    with vault.store.read() as uow:  # before any lock is held: it reads every record
        epoch, lost = rosters.current(uow).epoch, _lost(uow)
        _statement(uow, name)
        left = [line for line in map(name_of, _left(uow)) if line not in lost]
    if left:
        return left
    with vault.store.work("testimony") as uow:
        # Nothing can have come to the epoch before meanwhile: whatever is deposited is sealed to the present one.
        if rosters.current(uow).epoch != epoch:
            raise Conflict("Another epoch has begun meanwhile: look at what is to be done now.")
        row = _row(uow, name)
        if not row.finished:
            row.finished = True
            audit.record(uow, actor.code, "re-sharing finished", {"re-sharing": name, "epoch": epoch}, today)
        uow.commit()
    return []


def is_finished(uow: UnitOfWork) -> bool:
    """Whether everything but what was given up is sealed to the present custodians. Clients look for themselves."""
    epoch = rosters.current(uow).epoch
    ended = select(ResharingRow.digest).where(ResharingRow.epoch == epoch, ResharingRow.finished)
    return epoch == 1 or uow.testimony.scalars(ended).first() is not None


def statements(uow: UnitOfWork, actor: Actor) -> list[Json]:
    """The signed statements of the present epoch, for clients to verify."""
    require(actor.role, Permission.HOLD_SHARES)
    return _statements(uow)


def _page(uow: UnitOfWork, kind: str, after: str) -> Page:
    epoch = rosters.current(uow).epoch
    if kind == AUDIT:
        return _entries(uow, int(after) if after.isdecimal() else 0, epoch)
    if kind not in KINDS:
        raise Invalid("Ask for records of a kind that there is.")
    found = holdings.page(uow, kind, after)
    lines = [of_record(record) for record in found.values() if record and record["epoch"] < epoch]
    damaged = sum(record is None for record in found.values())
    return Page(lines, damaged, list(found)[-1] if len(found) == holdings.PAGE else None)


def _entries(uow: UnitOfWork, after: int, epoch: int) -> Page:
    chosen = select(AuditRow).where(AuditRow.position > after, AuditRow.epoch < epoch)
    rows = uow.testimony.scalars(chosen.order_by(AuditRow.position).limit(holdings.PAGE)).all()
    lines = [of_entry(row.position, row.body, stored(row.keys)) for row in rows]
    return Page(lines, 0, str(rows[-1].position) if len(rows) == holdings.PAGE else None)


def _left(uow: UnitOfWork) -> Iterator[Line]:
    for kind in KINDS:
        after: str | None = ""
        while after is not None:
            found = _page(uow, kind, after)
            yield from found.lines
            after = found.next


def _take_entries(uow: UnitOfWork, lines: Sequence[Line], roster: Roster) -> int:
    changed = 0
    for line in lines:
        row = uow.testimony.get(AuditRow, int(line["name"])) if line["name"].isdecimal() else None
        if row is not None and row.epoch < roster.epoch and line["shared"]:
            keys = boxed_anew(row.body, line, roster)
            row.keys = json.dumps({code: b64(box) for code, box in keys.items()})
            row.epoch = roster.epoch
            changed += 1
    return changed


def _row(uow: UnitOfWork, name: str) -> ResharingRow:
    row = uow.testimony.get(ResharingRow, unb64(name, 32))
    if row is None:
        raise NotFound("There is no such re-sharing: hand in its statement first.")
    return row


def _statement(uow: UnitOfWork, name: str) -> Line:
    # verified each time: a row that somebody put there by hand must not replace a share
    return read_statement(stored(_row(uow, name).signed), rosters.history(uow))


def _statements(uow: UnitOfWork) -> list[Json]:
    epoch = rosters.current(uow).epoch
    rows = select(ResharingRow.signed).where(ResharingRow.epoch == epoch).order_by(ResharingRow.digest)
    return [stored(text) for text in uow.testimony.scalars(rows)]


def _lost(uow: UnitOfWork) -> set[str]:
    chain = rosters.history(uow)
    if chain[-1].epoch == 1:
        return set()
    return {name for signed in _statements(uow) for name in read_statement(signed, chain)["lost"]}
