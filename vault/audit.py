"""Who did what: a hash chain in the clear, its bodies sealed to the custodians (docs/FORMATS.md §11).

Deposits leave no entry: neither a member nor a day must be tied to one.
"""

from __future__ import annotations

import json
import secrets
from datetime import date

from sqlalchemy import select

from vault import roster as rosters
from vault.sealing import boxes
from vault.sealing.digests import Document, b64, canonical, digest, pad
from vault.sealing.locks import KEY_SIZE, lock
from vault.store.testimony import AuditRow
from vault.store.unit_of_work import UnitOfWork

BODY_SIZE = 1024
_START = bytes(32)


def record(uow: UnitOfWork, actor: str, act: str, about: Document, today: date) -> None:
    """Append an entry; it stands or falls with the caller's transaction."""
    last = uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position.desc()).limit(1)).first()
    position, previous = (1, _START) if last is None else (last.position + 1, last.link)
    body = canonical(
        {
            "format": "witness-vault/v1/audit",
            "salt": b64(secrets.token_bytes(16)),
            "day": today.isoformat(),
            "actor": actor,
            "act": act,
            "about": about,
        }
    )
    key = secrets.token_bytes(KEY_SIZE)
    commitment = digest("audit-commitment", body)
    keys = {
        code: b64(
            boxes.seal(custodian.sealing, ("audit-key", {"position": position, "custodian": code}), key)
        )
        for code, custodian in rosters.current(uow).custodians.items()
    }
    uow.testimony.add(
        AuditRow(
            position=position,
            link=digest("audit-link", previous + commitment),
            commitment=commitment,
            body=lock(key, ("audit", {"position": position}), pad(body, BODY_SIZE)),
            keys=json.dumps(keys),
        )
    )
    uow.testimony.flush()
