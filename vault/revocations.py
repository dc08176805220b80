"""Whose keys were revoked: rows that count for nothing without the signature of whoever may revoke."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Row, select

from vault import roster as rosters
from vault.errors import Tampered
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Json, stored, unb64
from vault.sealing.revocations import Revocation, read_revocation
from vault.sealing.rosters import at
from vault.store.remembered import forget, once
from vault.store.testimony import RevocationRow
from vault.store.unit_of_work import UnitOfWork, run

EVERYWHERE = bytes(16)
_READ = "revocations"  # what a session keeps of them
_ROWS = select(RevocationRow.__table__)


def in_case(uow: UnitOfWork, file: CaseFile, member: str) -> Revocation | None:
    """What revoked this member's keys in the newest version of a case, or everywhere."""
    row = _rows(uow).get((member, unb64(file.id), file.version))
    found = None if row is None else _standing(uow, row, file)
    return found or everywhere(uow, member)


def everywhere(uow: UnitOfWork, member: str) -> Revocation | None:
    """What revoked this member's keys in all cases under the present roster."""
    row = _rows(uow).get((member, EVERYWHERE, rosters.current(uow).version))
    return None if row is None else _standing(uow, row, None)


def signed_in_force(uow: UnitOfWork, file: CaseFile | None) -> list[Json]:
    """The signed revocations that stand, in a case and everywhere; for clients to verify themselves."""
    places = [(EVERYWHERE, rosters.current(uow).version)]
    places += [] if file is None else [(unb64(file.id), file.version)]
    there = [_rows(uow)[name] for place in places for name in sorted(_rows(uow)) if name[1:] == place]
    return [stored(row.signed) for row in there if _standing(uow, row, file) is not None]


def verified(uow: UnitOfWork, signed: Json, file: CaseFile | None) -> Revocation:
    """What a signed revocation says, if whoever signed it may. Raises Tampered."""
    return read_revocation(signed, at(rosters.history(uow)), file)


def keep(uow: UnitOfWork, found: Revocation, signed: Json) -> None:
    """Let a revocation stand."""
    name = {"member": found.member, "scope": _scope(found), "version": found.version}
    uow.testimony.merge(RevocationRow(**name, signed=json.dumps(signed)))
    uow.testimony.flush()
    forget(uow.testimony, _READ)


def _rows(uow: UnitOfWork) -> dict[tuple[str, bytes, int], Row[Any]]:
    """All there are: few, and asked for again and again."""

    def read() -> dict[tuple[str, bytes, int], Row[Any]]:
        return {(row.member, row.scope, row.version): row for row in run(uow.testimony, _ROWS)}

    return once(uow.testimony, _READ, read)


def _standing(uow: UnitOfWork, row: Row[Any], file: CaseFile | None) -> Revocation | None:
    try:
        found = verified(uow, stored(row.signed), file)
    except Tampered:
        return None
    same = (found.member, _scope(found), found.version) == (row.member, row.scope, row.version)
    return found if same else None


def _scope(found: Revocation) -> bytes:
    return EVERYWHERE if found.case is None else unb64(found.case)
