"""What a request asks for: where it lies, and whether who asks may have it (docs/FORMATS.md §3, §9).

A purpose is one entry of `_PLACES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from vault import cases, holdings, keyrings
from vault.errors import N_, Conflict, NotFound, Refused, Tampered
from vault.sealing.casefiles import CaseFile, KeyVersion, promised_key
from vault.sealing.deposits import IDENTITY_CONTENT
from vault.sealing.digests import DAMAGED, Document, Json, b64, parse_object, unb64, unpad
from vault.sealing.escrows import Escrow, fingerprint
from vault.shredding import unshredded
from vault.store.identities import IdentitySlotRow
from vault.store.testimony import CaseEscrowRow
from vault.store.unit_of_work import UnitOfWork

_NOTHING = N_("There is no such record.")


@dataclass(frozen=True)
class Requested:
    """An escrow record; of a case's key also the signed versions of the case that say whose it is."""

    record: Escrow
    case: list[Json] | None = None


def find(uow: UnitOfWork, terms: Document) -> Requested:
    """What these terms ask for, as it lies here today.

    Raises NotFound, Conflict for another record in its place, Refused where who asks may not have it, Tampered.
    """
    found = _PLACES[terms["purpose"]](uow, terms)
    if fingerprint(found.record) != terms["escrow"]:
        raise Conflict("This record is not the one that was sealed. Tell a custodian.")
    return found


def _identity(uow: UnitOfWork, terms: Document) -> Requested:
    slot = uow.identities.get(IdentitySlotRow, unb64(terms["record"], 16))
    if slot is None or not slot.taken:
        raise NotFound(_NOTHING)
    content = unshredded(uow, slot.record, slot.content)
    if len(content) != IDENTITY_CONTENT:
        raise Tampered(DAMAGED)
    return Requested(parse_object(unpad(content)))


def _case_key(uow: UnitOfWork, terms: Document) -> Requested:
    row, record = _case_escrow(uow, terms["record"])
    file = cases.find(uow, b64(row.case))
    case = _shown(uow, file, (row.key, row.version))
    # the very test that every custodian's device makes, so that nobody is asked in vain
    promised_key(case, {**terms, "escrow": fingerprint(record)}, cases.roster_at(uow))
    if keyrings.is_revoked(uow, file, terms["requester"]):
        raise Refused("Your keys in this case were revoked: only a quorum can put you back on its team.")
    return Requested(record, case)


def _case_escrow(uow: UnitOfWork, name: str) -> tuple[CaseEscrowRow, Escrow]:
    for row in uow.testimony.scalars(select(CaseEscrowRow)):
        record = holdings.case_key(row.record)
        if record["record"] == name:
            return row, record
    raise NotFound(_NOTHING)


def _shown(uow: UnitOfWork, file: CaseFile, name: KeyVersion) -> list[Json]:
    """The signed version that brought this key, and the newest where that is another."""
    signed, first = cases.signed_versions(uow, unb64(file.id)), file.with_key(name).version
    return [signed[version - 1] for version in sorted({first, file.version})]


_PLACES: Mapping[str, Callable[[UnitOfWork, Document], Requested]] = {
    "identity": _identity,
    "case-key": _case_key,
}
