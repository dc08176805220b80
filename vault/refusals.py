"""Acts that were refused and sign-ins that failed, in the audit chain (docs/FORMATS.md §11).

Each entry is a transaction of its own, after that of the act was rolled back. Their number in a day is bounded, so that
nobody can make the chain grow by being refused.
"""

from __future__ import annotations

from datetime import date

from vault import audit
from vault.installation import Installation
from vault.sealing.digests import Document
from vault.store import daily

MOST = 200
# Only how many, roughly: who was named may not exist, and whoever exists would be told from whoever does not.
BANDS = (1, 10, 100, 1_000, 10_000)


def refused(vault: Installation, actor: str, act: str, error: str, today: date) -> None:
    """Write down who was refused which act, by the kind of error; of what was handed in, nothing."""
    match _again(vault, "acts", today):
        case count if count <= MOST:
            _record(vault, actor, "act refused", {"act": act, "error": error}, today)
        case count if count == MOST + 1:
            _record(vault, "", "more acts refused", {"than": MOST}, today)


def sign_in_failed(vault: Installation, today: date) -> None:
    """Count a failed sign-in; an entry stands for the first of a day, the tenth, the hundredth …"""
    count = _again(vault, "sign-ins", today)
    if count in BANDS:
        _record(vault, "", "sign-ins failed", {"at least": count}, today)


def _again(vault: Installation, what: str, today: date) -> int:
    with vault.store.work("shreds") as uow:
        count = daily.again(uow.shreds, what, today.isoformat())
        uow.commit()
    return count


def _record(vault: Installation, actor: str, act: str, about: Document, today: date) -> None:
    with vault.store.work("testimony") as uow:
        audit.record(uow, actor, act, about, today)
        uow.commit()
