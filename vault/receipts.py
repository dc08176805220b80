"""How a deposit gets into its slots: two halves, bound by one signed statement; made twice, it lies there once.

Every kind of deposit goes this way, so that at rest one looks like another.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vault.errors import Conflict
from vault.sealing import deposits
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Document, b64, digest, document_digest, unb64
from vault.sealing.keypairs import SigningKey
from vault.shredding import shreddable
from vault.store import slots
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import KEYS, place


@dataclass(frozen=True)
class Receipt:
    """What a depositor takes away."""

    pseudonym: str
    digest: str
    withdrawal_token: str


def new_token() -> str:
    """A withdrawal token, chosen before anything is handed in: by it a second attempt is known."""
    return b64(secrets.token_bytes(32))


@dataclass(frozen=True)
class Bound:
    """The two halves of one deposit, and the statement that binds them, before it is signed."""

    token: bytes
    statement: dict[str, Any]
    testimony: dict[str, Any]
    observations: dict[str, Any]

    @classmethod
    def of(
        cls, token: bytes, facts: Document, testimony: dict[str, Any], observations: dict[str, Any]
    ) -> Bound:
        """The halves of the deposit whose withdrawal token this is; `facts` are what else the statement says."""
        return cls(token, deposits.statement(facts, testimony, observations), testimony, observations)

    def receipt(self, pseudonym: str) -> Receipt:
        """The receipt; of a second attempt the same."""
        return Receipt(pseudonym, b64(document_digest(self.statement)), b64(self.token))

    @property
    def check(self) -> bytes:
        """By which a second attempt is known to be the same: it says nothing without the token."""
        return digest("receipt", self.token + document_digest(self.statement))


def is_kept(uow: UnitOfWork, case: str, bound: Bound, otherwise: str) -> bool:
    """Whether this very deposit lies there. Raises Conflict, in these words, when another one of this token does."""
    record = deposits.record_id(bound.token, "observations")
    kept = slots.receipt_of(uow.testimony, unb64(case), record)
    if kept is not None and not hmac.compare_digest(kept, bound.check):
        raise Conflict(otherwise)
    return kept is not None


def fill(uow: UnitOfWork, file: CaseFile, bound: Bound, key: SigningKey) -> None:
    """Sign, and seal each half to its own key of the case, into slots.

    Only the first observations record carries the check: one value in two slots would tie the halves together.
    """
    signed = deposits.sign_statement(bound.statement, key)
    checked = deposits.record_id(bound.token, "observations")
    for half, body in (("testimony", bound.testimony), ("observations", bound.observations)):
        at, ids = place(file, file.newest(KEYS[half])), _ids(bound.token, half)
        for record, box in deposits.seal_half(signed, body, file.keys[at.key], at, ids).items():
            carried = bound.check if record == checked else None
            content = shreddable(uow, record, box)
            slots.fill_slot(uow.testimony, unb64(file.id), half, record, content, carried)


def _ids(token: bytes, half: str) -> Callable[[int], bytes]:
    return lambda i: deposits.record_id(token, f"{half}/{i}" if i else half)
