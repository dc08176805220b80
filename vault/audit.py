"""Who did what: a hash chain in the clear, its bodies sealed to the custodians (docs/FORMATS.md §11).

Deposits leave no entry: neither a member nor a day must be tied to one.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import delete, func, null, select

from vault import roster as rosters
from vault.errors import Conflict, Invalid, Tampered
from vault.rules.access import Permission, Role, require
from vault.sealing import audits
from vault.sealing.auditing import link_to_json
from vault.sealing.audits import Entry
from vault.sealing.checkpoints import read_checkpoint
from vault.sealing.digests import DAMAGED, Document, Json, b64, document_digest, stored, unb64
from vault.sealing.signatures import Signed, with_signatures
from vault.store.testimony import (
    ApprovalRow,
    AttendanceRow,
    AuditRow,
    CheckpointRow,
    ProposalRow,
    ProposalSignatureRow,
    ResharingRow,
    RevocationRow,
)
from vault.store.unit_of_work import UnitOfWork

MOST_AT_ONCE = 200
MOST_DECISIONS = 20  # at once: a roster of many members is large
MOST_IN_A_FILE = 500  # entries with their bodies; the links before them are all there
AUDIT_FILE = "witness-vault/v1/audit-file"
# Where signed decisions lie: whole, or as a document and one signature.
_SOURCES = (
    select(ApprovalRow.signed, null()).order_by(ApprovalRow.opening, ApprovalRow.custodian),
    select(ProposalRow.document, ProposalSignatureRow.signature)
    .join(ProposalSignatureRow, ProposalSignatureRow.proposal == ProposalRow.digest)
    .order_by(ProposalRow.digest, ProposalSignatureRow.by),
    select(RevocationRow.signed, null()).order_by(
        RevocationRow.member, RevocationRow.scope, RevocationRow.version
    ),
    select(ResharingRow.signed, null()).order_by(ResharingRow.digest),
    select(AttendanceRow.drill, null())
    .where(AttendanceRow.drill.is_not(None))
    .order_by(AttendanceRow.custodian),
)


def record(  # noqa: PLR0913, PLR0917 - who, what, about what, when, and by which signature
    uow: UnitOfWork, actor: str, act: str, about: Document, today: date, signed: Document | None = None
) -> None:
    """Append an entry; it stands or falls with the caller's transaction. `signed`: the decision that it is about."""
    last = uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position.desc()).limit(1)).first()
    position, previous = (1, audits.START) if last is None else (last.position + 1, last.link)
    content = {"day": today.isoformat(), "actor": actor, "act": act, "about": about}
    roster = rosters.current(uow)
    keys = {code: custodian.sealing for code, custodian in roster.custodians.items()}
    decision = None if signed is None else document_digest(signed)
    entry = audits.seal((position, previous, decision), content, keys)
    uow.testimony.add(
        AuditRow(
            position=position,
            link=entry.link,
            commitment=entry.commitment,
            decision=entry.decision,
            epoch=roster.epoch,
            body=entry.body,
            keys=json.dumps({code: b64(box) for code, box in entry.keys.items()}),
        )
    )
    uow.testimony.flush()


def entries(uow: UnitOfWork, role: Role, after: int) -> list[Entry]:
    """The next entries after a position, oldest first, at most 200; for custodians."""
    require(role, Permission.READ_AUDIT)
    following = select(AuditRow).where(AuditRow.position > after).order_by(AuditRow.position)
    return [_entry(row) for row in uow.testimony.scalars(following.limit(MOST_AT_ONCE))]


def keep_checkpoint(uow: UnitOfWork, code: str, role: Role, signed: Json) -> None:
    """Take a custodian's signature of the chain's end, in the place of their earlier one. Raises Tampered, Conflict."""
    require(role, Permission.READ_AUDIT)
    checkpoint = read_checkpoint(signed, [rosters.current(uow)])
    if checkpoint is None or checkpoint.custodian != code:
        raise Tampered("This is not a checkpoint of yours.")
    row = uow.testimony.get(AuditRow, checkpoint.position)
    if row is None or row.link != checkpoint.link:
        raise Tampered("You signed another audit chain than the one that is here. Tell the other custodians.")
    own = CheckpointRow.custodian == code
    newest = uow.testimony.scalar(select(CheckpointRow.position).where(own)) or 0
    if newest > checkpoint.position:
        raise Conflict("You have signed a later entry already.")
    uow.testimony.execute(delete(CheckpointRow).where(own))
    uow.testimony.add(CheckpointRow(custodian=code, position=checkpoint.position, signed=json.dumps(signed)))
    uow.testimony.flush()


def checkpoints(uow: UnitOfWork, role: Role) -> list[Signed]:
    """The newest signature of each custodian."""
    require(role, Permission.READ_AUDIT)
    rows = select(CheckpointRow.signed).order_by(CheckpointRow.custodian)
    return [stored(signed) for signed in uow.testimony.scalars(rows)]


def decisions(uow: UnitOfWork, role: Role, after: int) -> list[Signed]:
    """The next signed decisions, in no order of theirs, after so many; which entry names which, its digest says."""
    require(role, Permission.READ_AUDIT)
    found: list[Signed] = []
    for rows in _SOURCES:
        there = uow.testimony.execute(rows.offset(after).limit(MOST_DECISIONS - len(found))).all()
        found += [_decision(*row) for row in there]
        if len(found) == MOST_DECISIONS:
            break
        after = max(0, after - (uow.testimony.scalar(select(func.count()).select_from(rows.subquery())) or 0))
    return found


def file(uow: UnitOfWork, code: str, role: Role) -> dict[str, Any]:
    """All links, and the newest bodies with this custodian's own key boxes, to be read on their own device."""
    require(role, Permission.READ_AUDIT)
    links = select(AuditRow.link, AuditRow.commitment, AuditRow.decision).order_by(AuditRow.position)
    newest = select(AuditRow).order_by(AuditRow.position.desc()).limit(MOST_IN_A_FILE)
    rows = sorted(uow.testimony.scalars(newest), key=lambda row: row.position)
    return {
        "format": AUDIT_FILE,
        "vault": rosters.current(uow).vault,
        "custodian": code,
        "links": [link_to_json((link[0], link[1], link[2])) for link in uow.testimony.execute(links)],
        "entries": [
            {"position": row.position, "body": b64(row.body), "key": stored(row.keys).get(code)}
            for row in rows
        ],
        "checkpoints": checkpoints(uow, role),
        "rosters": rosters.chain(uow),
    }


to_json = audits.to_json


def _entry(row: AuditRow) -> Entry:
    try:
        keys = {code: unb64(box) for code, box in stored(row.keys).items()}
    except Invalid:
        raise Tampered(DAMAGED) from None
    return Entry(row.position, row.link, row.commitment, row.decision, row.body, keys)


def _decision(document: str, signature: str | None) -> Signed:
    kept = stored(document)
    return kept if signature is None else with_signatures(kept, [stored(signature, "by")])
