"""How a deposit gets into its slots: two halves, bound by one signed statement; made twice, it lies there once.

Every kind of deposit goes this way, so that at rest one looks like another.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from vault import retention
from vault.errors import Conflict
from vault.sealing import deposits
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import Root
from vault.sealing.digests import Document, b64, digest, document_digest, unb64
from vault.sealing.keypairs import SigningKey
from vault.sealing.signatures import Signed
from vault.shredding import all_shreddable, write_anew
from vault.store import slots
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import KEYS, place


@dataclass(frozen=True)
class Receipt:
    """What a depositor takes away."""

    pseudonym: str
    digest: str
    withdrawal_token: str | None  # of an interview alone: nothing else is withdrawn by itself


def new_token() -> str:
    """What a deposit's ids are made of, chosen before anything is handed in: by it a second attempt is known."""
    return b64(secrets.token_bytes(32))


@dataclass(frozen=True)
class Bound:
    """The two halves of one deposit, and the statement that binds them, before it is signed."""

    root: Root
    statement: dict[str, Any]
    testimony: dict[str, Any]
    observations: dict[str, Any]

    @classmethod
    def of(
        cls, root: Root, facts: Document, testimony: dict[str, Any], observations: dict[str, Any]
    ) -> Bound:
        """The halves of the deposit with this root; `facts` are what else the statement says."""
        return cls(root, deposits.statement(facts, testimony, observations), testimony, observations)

    def receipt(self, pseudonym: str) -> Receipt:
        """The receipt; of a second attempt the same."""
        token = b64(self.root.token) if self.root.withdraws else None
        return Receipt(pseudonym, b64(document_digest(self.statement)), token)

    def frames(self, half: str, file: CaseFile, signed: Signed) -> dict[bytes, bytes]:
        """A half with its signed statement, sealed to the case's newest key for it: frames by record id."""
        body = {"testimony": self.testimony, "observations": self.observations}[half]
        at = place(file, file.newest(KEYS[half]))
        return deposits.seal_half(signed, body, file.keys[at.key], at, partial(self.root.record, half))

    @property
    def check(self) -> bytes:
        """By which a second attempt is known to be the same: it says nothing without the token."""
        return digest("receipt", self.root.token + document_digest(self.statement))


def is_kept(uow: UnitOfWork, case: str, bound: Bound, otherwise: str) -> bool:
    """Whether this very deposit lies there. Raises Conflict, in these words, when another one of this token does."""
    record = bound.root.record("observations")
    kept = slots.receipt_of(uow.testimony, unb64(case), record)
    if kept is not None and not hmac.compare_digest(kept, bound.check):
        raise Conflict(otherwise)
    return kept is not None


def fill(
    uow: UnitOfWork, file: CaseFile, bound: Bound, key: SigningKey, apart: Mapping[bytes, bytes]
) -> None:
    """Sign, and seal each half to its own key of the case, into slots; what was sealed `apart`, by record id, as well.

    Raises Conflict for a case that was destroyed.
    Only the first observations record carries the check: one value in two slots would tie the halves together.
    """
    retention.require_kept(uow, file)
    signed = deposits.sign_statement(bound.statement, key)
    frames = {half: bound.frames(half, file, signed) for half in KEYS}
    locked = all_shreddable(uow, {**apart, **frames["testimony"], **frames["observations"]})
    for record in apart:
        write_anew(uow, record, slots.fill_identity_slot(uow.identities, record, locked[record]))
    checked = bound.root.record("observations")
    for half, boxes in frames.items():
        for record in boxes:
            carried = bound.check if record == checked else None
            others = slots.fill_slot(uow.testimony, unb64(file.id), half, record, locked[record], carried)
            write_anew(uow, record, others)
