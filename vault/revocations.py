"""Whose keys were revoked: rows that count for nothing without the signature of whoever may revoke."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import select

from vault import roster as rosters
from vault.errors import Tampered
from vault.sealing import casefiles
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.revocations import Revocation, read_revocation
from vault.sealing.rosters import at
from vault.store.testimony import CaseVersionRow, RevocationRow
from vault.store.unit_of_work import UnitOfWork

EVERYWHERE = bytes(16)


def in_case(uow: UnitOfWork, file: CaseFile, member: str) -> Revocation | None:
    """What revoked this member's keys in the newest version of a case, or everywhere."""
    row = uow.testimony.get(RevocationRow, (member, unb64(file.id), file.version))
    found = None if row is None else _standing(uow, row)
    return found or everywhere(uow, member)


def everywhere(uow: UnitOfWork, member: str) -> Revocation | None:
    """What revoked this member's keys in all cases under the present roster."""
    row = uow.testimony.get(RevocationRow, (member, EVERYWHERE, rosters.current(uow).version))
    return None if row is None else _standing(uow, row)


def signed_in_force(uow: UnitOfWork, file: CaseFile | None) -> list[Json]:
    """The signed revocations that stand, in a case and everywhere; for clients to verify themselves."""
    places = [(EVERYWHERE, rosters.current(uow).version)]
    places += [] if file is None else [(unb64(file.id), file.version)]
    found = []
    for scope, version in places:
        at_this = RevocationRow.scope == scope, RevocationRow.version == version
        rows = uow.testimony.scalars(select(RevocationRow).where(*at_this).order_by(RevocationRow.member))
        found += [json.loads(row.signed) for row in rows if _standing(uow, row) is not None]
    return found


def verified(uow: UnitOfWork, signed: Json) -> Revocation:
    """What a signed revocation says, if whoever signed it may. Raises Tampered."""
    return read_revocation(signed, at(rosters.history(uow)), lambda case: _files(uow, case))


def keep(uow: UnitOfWork, found: Revocation, signed: Json) -> None:
    """Let a revocation stand."""
    scope = EVERYWHERE if found.case is None else unb64(found.case)
    row = RevocationRow(member=found.member, scope=scope, version=found.version, signed=json.dumps(signed))
    uow.testimony.merge(row)
    uow.testimony.flush()


def _standing(uow: UnitOfWork, row: RevocationRow) -> Revocation | None:
    try:
        found = verified(uow, json.loads(row.signed))
    except (Tampered, ValueError):
        return None
    scope = EVERYWHERE if found.case is None else unb64(found.case)
    same = (found.member, scope, found.version) == (row.member, row.scope, row.version)
    return found if same else None


def _files(uow: UnitOfWork, case: str | None) -> Iterator[CaseFile]:
    roster_at = at(rosters.history(uow))
    rows = select(CaseVersionRow).order_by(CaseVersionRow.case, CaseVersionRow.version)
    chains: dict[str, list[Json]] = {}
    for row in uow.testimony.scalars(rows):
        chains.setdefault(b64(row.case), []).append(json.loads(row.signed))
    for name, chain in chains.items():
        if case in (None, name):
            yield casefiles.verify_chain(chain, roster_at)
