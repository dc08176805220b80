"""Who did what: a hash chain in the clear, its bodies sealed to the custodians (docs/FORMATS.md §11).

Deposits leave no entry: neither a member nor a day must be tied to one.
"""

from __future__ import annotations

import json
from datetime import date

from sqlalchemy import select

from vault import roster as rosters
from vault.rules.access import Permission, Role, require
from vault.sealing import audits
from vault.sealing.audits import Entry
from vault.sealing.digests import Document, b64, document_digest, unb64
from vault.store.testimony import AuditRow
from vault.store.unit_of_work import UnitOfWork

MOST_AT_ONCE = 200


def record(  # noqa: PLR0913, PLR0917 - who, what, about what, when, and by which signature
    uow: UnitOfWork, actor: str, act: str, about: Document, today: date, signed: Document | None = None
) -> None:
    """Append an entry; it stands or falls with the caller's transaction. `signed`: the decision that it is about."""
    last = uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position.desc()).limit(1)).first()
    position, previous = (1, audits.START) if last is None else (last.position + 1, last.link)
    content = {"day": today.isoformat(), "actor": actor, "act": act, "about": about}
    keys = {code: custodian.sealing for code, custodian in rosters.current(uow).custodians.items()}
    decision = None if signed is None else document_digest(signed)
    entry = audits.seal((position, previous, decision), content, keys)
    uow.testimony.add(
        AuditRow(
            position=position,
            link=entry.link,
            commitment=entry.commitment,
            decision=entry.decision,
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


to_json = audits.to_json


def _entry(row: AuditRow) -> Entry:
    keys = {code: unb64(box) for code, box in json.loads(row.keys).items()}
    return Entry(row.position, row.link, row.commitment, row.decision, row.body, keys)
