"""Keys handed over to whom the team promises them, and taken away at once by whoever must (FORMATS §7, §7.1)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from vault import access, audit, keyrings, proposed, revocations, sessions
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, Role, require
from vault.sealing.casefiles import KEYS, CaseFile
from vault.sealing.digests import Document, Json, unb64
from vault.sealing.grants import GRANT_SIZE, open_grant
from vault.sealing.revocations import Revocation, revocation
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign
from vault.store.testimony import GrantRow, ProposalRow, ProposalSignatureRow
from vault.store.unit_of_work import UnitOfWork


def take_grants(uow: UnitOfWork, actor: Actor, case: str, files: Json, today: date) -> int:
    """Take grants that carry promised keys to whom the team promises them; how many were new. Raises Invalid, Refused.

    What it replaces is the actor's own at most. Whether a grant holds its key, who gets it verifies.
    """
    require(actor.role, Permission.HAND_GRANTS)
    file, roster, taken = access.find(uow, actor, case), rosters.current(uow), 0
    if not isinstance(files, list) or not files:
        raise Invalid("This is no file of granted keys.")
    for given in files:
        row = _grant(uow, actor, file, roster, given)
        known = uow.testimony.get(GrantRow, (row.case, row.key, row.version, row.member))
        if known is None or row.member == actor.code:
            uow.testimony.merge(row)
            taken += 1
    if taken:
        uow.testimony.flush()
        audit.record(uow, actor.code, "keys handed over", {"case": case, "grants": taken}, today)
    return taken


def revoke(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> Revocation:
    """Take a member's keys away at once, in a case or everywhere, by the actor's own signature.

    Sessions end, grants are erased, and what waited for signatures to keep or admit the member falls: in this one
    transaction. Raises Refused, Tampered, Conflict, NotFound.
    """
    # (1) may this actor, in their own name
    require(actor.role, Permission.REVOKE_KEYS)
    named, roster = _named_case(signed), rosters.current(uow)
    file = None if named is None else access.find(uow, actor, named)
    found = revocations.verified(uow, signed, file)
    if found.by != actor.code or signed["document"]["roster"] != roster.version:
        raise Conflict("Revoke in your own name, under the present roster: make the revocation again.")
    # (2) it is about somebody who stands now, in what stands now
    if file is not None and found.version != file.version:
        raise Conflict("The case has changed since: look again, then make the revocation again.")
    if found.member not in (roster.members if file is None else file.team):
        raise NotFound("There is no such member there.")
    if file is None and not access.listing(uow, actor):
        raise Refused("Only a custodian, or somebody on a case's team, can revoke a member's keys.")
    before = revocations.everywhere(uow, found.member)
    if before or (file is not None and revocations.in_case(uow, file, found.member)):
        raise Conflict("These keys are revoked already.")
    # (3) at once: no session, no grant, no paper that would undo it
    revocations.keep(uow, found, signed)
    sessions.end_sessions(uow, found.member)
    mine = [GrantRow.member == found.member]
    uow.testimony.execute(delete(GrantRow).where(*mine, *_of_case(file)))
    _drop_proposals(uow, found)
    # (4) who did it, by which signature
    about = {"member": found.member, "case": found.case or ""}
    audit.record(uow, actor.code, "keys revoked", about, today, signed)
    return found


def revoke_here(uow: UnitOfWork, actor: Actor, member: str, case: str | None, today: date) -> Revocation:
    """As `revoke`, signed with the key of the actor's own session."""
    require(actor.role, Permission.REVOKE_KEYS)
    if actor.role is Role.CUSTODIAN:
        raise Refused("A custodian revokes with the key file, on their own device: see the guide.")
    if case is None and not may_revoke_everywhere(actor, member):
        raise Refused(
            "In all cases, only a reviewer or a custodian takes somebody else's keys away: choose this case."
        )
    file = None if case is None else access.find(uow, actor, case)
    document = revocation(file, member, actor.code, rosters.current(uow), today.isoformat())
    return revoke(uow, actor, sign(document, actor.code, actor.keys.signing), today)


def may_revoke_everywhere(actor: Actor, member: str) -> bool:
    """Whether this member's keys in all cases are in the actor's power."""
    return actor.role is Role.REVIEWER or actor.code == member


def in_force(uow: UnitOfWork, actor: Actor) -> list[Json]:
    """The signed revocations that stand in all cases; for clients to verify themselves."""
    require(actor.role, Permission.SEE_ACCESS)
    return revocations.signed_in_force(uow, None)


def revoked_everywhere(uow: UnitOfWork, code: str) -> Revocation | None:
    """What keeps a member pending though the roster lists them."""
    return revocations.everywhere(uow, code)


def _named_case(signed: Json) -> str | None:
    match signed:
        case {"document": {"case": (str() | None) as case}}:
            return case
    raise Invalid("This is not a revocation.")


def _of_case(file: CaseFile | None) -> Iterable[Any]:
    return () if file is None else (GrantRow.case == unb64(file.id),)


def _drop_proposals(uow: UnitOfWork, found: Revocation) -> None:
    """Withdraw what custodians may have signed before they could know: it would put the member back unseen."""
    rows = uow.testimony.scalars(select(ProposalRow).where(ProposalRow.applied.is_(False))).all()
    for row in rows:
        with suppress(Tampered):  # what was edited can take no effect, and must not hold a revocation up
            if _puts_back(row.kind, proposed.document(row), found):
                signatures = ProposalSignatureRow.proposal == row.digest
                uow.testimony.execute(delete(ProposalSignatureRow).where(signatures))
                uow.testimony.delete(row)
    uow.testimony.flush()


def _puts_back(kind: str, document: Document, found: Revocation) -> bool:
    entries = {
        "case": [entry["member"] for entry in document.get("team", ())],
        "roster": [entry["code"] for entry in document.get("members", ())],
    }.get(kind, [])
    here = found.case is None or found.case == document.get("case")
    return here and found.member in entries


def _grant(uow: UnitOfWork, actor: Actor, file: CaseFile, roster: Roster, given: Json) -> GrantRow:
    match given:
        case {
            "format": "witness-vault/v1/grant-file",
            "case": str(case),
            "key": str(key),
            "version": int(version),
            "member": str(member),
            "sealed": str(sealed),
        } if case == file.id and key in KEYS and (key, version) in file.versions(key):
            pass
        case _:
            raise Invalid("This is not a granted key of this case.")
    if not file.promises(member, key) or keyrings.is_revoked(uow, file, member):
        raise Refused(
            "The case does not promise this key to this member: a quorum must change its team first."
        )
    if member not in roster.members or not file.promises(actor.code, key):
        raise Refused(
            "A key is handed over by somebody to whom the case promises it, to a member of the roster."
        )
    box = unb64(sealed, GRANT_SIZE)
    if member == actor.code:
        open_grant(file, (key, version), member, actor.keys.sealing, box)
    return GrantRow(case=unb64(case), key=key, version=version, member=member, sealed=box)
