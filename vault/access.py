"""Who may hold which key of a case, who does, who must not any more: seen at a glance, handed over, revoked.

The team is what a quorum signed (docs/FORMATS.md §7). A grant only carries a key to whom the team already promises
it; a revocation takes it away until a quorum has decided.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from vault import audit, cases, keyrings, revocations, sessions
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Refused
from vault.keyrings import Actor
from vault.rules import rotation
from vault.rules.access import Permission, Role, require
from vault.rules.rotation import State, Why
from vault.sealing.casefiles import KEYS, CaseFile, KeyVersion
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.grants import GRANT_SIZE, open_grant
from vault.sealing.revocations import Revocation, revocation
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign
from vault.store.testimony import (
    BriefRow,
    CaseEscrowRow,
    GrantRow,
    ProposalRow,
    ProposalSignatureRow,
)
from vault.store.unit_of_work import UnitOfWork

_OPENED = (State.PROMISED, State.HELD, State.WAITING, State.REMOVED)
Handed = dict[tuple[str, str], set[int]]  # which versions of which key were handed to whom


@dataclass(frozen=True)
class Standing:
    """One member of a case: how they stand to each key, and whether what they deposit they can read again."""

    member: str
    role: str
    states: dict[str, State]
    revoked: Revocation | None

    @property
    def has_ended_deposit_only(self) -> bool:
        """Whether this is a researcher who may read testimony."""
        return self.role == Role.RESEARCHER and self.states["testimony"] in _OPENED


@dataclass(frozen=True)
class Glance:
    """A case as its team and the custodians see it: codes and keys, no title."""

    file: CaseFile
    team: tuple[Standing, ...]
    due: dict[str, dict[str, Why]]
    waiting: tuple[KeyVersion, ...]  # what the actor is promised and was not handed


def listing(uow: UnitOfWork, actor: Actor) -> list[Glance]:
    """Every case that the actor is on; for a custodian every case. By code."""
    require(actor.role, Permission.SEE_ACCESS)
    seen = [file for file in cases.every(uow) if _may_see(uow, actor, file)]
    return [_glance(uow, actor, file) for file in sorted(seen, key=lambda file: (file.code, file.id))]


def show(uow: UnitOfWork, actor: Actor, case: str) -> Glance:
    """One case. Raises NotFound also when the actor is not on its team."""
    return _glance(uow, actor, _find(uow, actor, case))


def evidence(uow: UnitOfWork, actor: Actor, case: str) -> dict[str, Any]:
    """What a client needs to verify a case for itself and to prepare its next version; no word of it is trusted."""
    file = _find(uow, actor, case)
    own = select(GrantRow).where(GrantRow.case == unb64(case), GrantRow.member == actor.code)
    kept = select(CaseEscrowRow).where(CaseEscrowRow.case == unb64(case))
    handed = _handed(uow, file)
    return {
        "case": file.id,
        "code": file.code,
        "versions": cases.signed_versions(uow, unb64(case)),
        "revocations": revocations.signed_in_force(uow, file),
        "escrows": [
            {"key": row.key, "version": row.version, "record": json.loads(row.record)["record"]}
            for row in uow.testimony.scalars(kept)
        ],
        "grants": [
            {"member": member, "key": key, "version": version}
            for (member, key), versions in sorted(handed.items())
            for version in sorted(versions)
            if actor.role is not Role.RESEARCHER or member == actor.code
        ],
        "own": [
            {"key": row.key, "version": row.version, "sealed": b64(row.sealed)}
            for row in uow.testimony.scalars(own)
        ],
    }


def briefs(uow: UnitOfWork, actor: Actor, case: str) -> list[dict[str, Any]]:
    """Every version of a case's brief as it lies here, for clients of its team."""
    require(actor.role, Permission.SEE_CASES)
    _find(uow, actor, case)
    rows = select(BriefRow).where(BriefRow.case == unb64(case)).order_by(BriefRow.version)
    return [{"version": row.version, "sealed": b64(row.sealed)} for row in uow.testimony.scalars(rows)]


def take_grants(uow: UnitOfWork, actor: Actor, case: str, files: Json, today: date) -> int:
    """Take grants that carry promised keys to whom the team promises them; how many were new. Raises Invalid, Refused.

    What it replaces is the actor's own at most. Whether a grant holds its key, who gets it verifies.
    """
    require(actor.role, Permission.HAND_GRANTS)
    file, roster, taken = _find(uow, actor, case), rosters.current(uow), 0
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
    found, roster = revocations.verified(uow, signed), rosters.current(uow)
    if found.by != actor.code or signed["document"]["roster"] != roster.version:
        raise Conflict("Revoke in your own name, under the present roster: make the revocation again.")
    # (2) it is about somebody who stands now, in what stands now
    file = None if found.case is None else _find(uow, actor, found.case)
    if file is not None and found.version != file.version:
        raise Conflict("The case has changed since: look again, then make the revocation again.")
    if found.member not in (roster.members if file is None else file.team):
        raise NotFound("There is no such member there.")
    if file is None and not listing(uow, actor):
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
    file = None if case is None else _find(uow, actor, case)
    document = revocation(file, member, actor.code, rosters.current(uow), today.isoformat())
    return revoke(uow, actor, sign(document, actor.code, actor.keys.signing), today)


def without_brief(uow: UnitOfWork, actor: Actor) -> list[CaseFile]:
    """The cases on whose team the actor is without having got even the key of the brief."""
    require(actor.role, Permission.SEE_CASES)
    mine = [file for file in cases.every(uow) if _may_see(uow, actor, file)]
    return [file for file in mine if not keyrings.holds(uow, actor, file, "brief")]


def revoked_everywhere(uow: UnitOfWork, code: str) -> Revocation | None:
    """What keeps a member pending though the roster lists them."""
    return revocations.everywhere(uow, code)


def _of_case(file: CaseFile | None) -> Iterable[Any]:
    return () if file is None else (GrantRow.case == unb64(file.id),)


def _drop_proposals(uow: UnitOfWork, found: Revocation) -> None:
    """Withdraw what custodians may have signed before they could know: it would put the member back unseen."""
    rows = uow.testimony.scalars(select(ProposalRow).where(ProposalRow.applied.is_(False))).all()
    for row in rows:
        document = json.loads(row.document)
        entries = {
            "case": [entry["member"] for entry in document.get("team", ())],
            "roster": [entry["code"] for entry in document.get("members", ())],
        }.get(row.kind, [])
        here = found.case is None or found.case == document.get("case")
        if here and found.member in entries:
            signatures = ProposalSignatureRow.proposal == row.digest
            uow.testimony.execute(delete(ProposalSignatureRow).where(signatures))
            uow.testimony.delete(row)
    uow.testimony.flush()


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


def _find(uow: UnitOfWork, actor: Actor, case: str) -> CaseFile:
    require(actor.role, Permission.SEE_ACCESS)
    file = cases.find(uow, case)
    if not _may_see(uow, actor, file):
        raise NotFound("There is no such case for you.")
    return file


def _may_see(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    return actor.role is Role.CUSTODIAN or keyrings.may_hold(uow, actor, file, "brief")


def _handed(uow: UnitOfWork, file: CaseFile) -> Handed:
    columns = select(GrantRow.member, GrantRow.key, GrantRow.version)
    found: Handed = {}
    for member, key, version in uow.testimony.execute(columns.where(GrantRow.case == unb64(file.id))):
        found.setdefault((member, key), set()).add(version)
    return found


def _glance(uow: UnitOfWork, actor: Actor, file: CaseFile) -> Glance:
    roster, handed = rosters.current(uow), _handed(uow, file)
    given = file.given()
    everybody = sorted({member for members in given.values() for member in members} | set(file.team))
    revoked = {code: found for code in everybody if (found := revocations.in_case(uow, file, code))}
    due = rotation.due(given, file.team, revoked, roster.members)
    team = []
    for code in everybody:
        told = actor.role is not Role.RESEARCHER or code == actor.code
        states = {
            key: rotation.state(
                file.promises(code, key),
                due.get(key, {}).get(code),
                _lacks(file, key, handed.get((code, key), set())) == [] if told else None,
            )
            for key in KEYS
        }
        listed = roster.members.get(code)
        role = "" if listed is None else listed.role
        team.append(Standing(code, role, states, revoked.get(code)))
    lacking = [
        name
        for key in KEYS
        if file.promises(actor.code, key)
        for name in _lacks(file, key, handed.get((actor.code, key), set()))
    ]
    return Glance(file, tuple(team), due, tuple(lacking))


def _lacks(file: CaseFile, key: str, versions: set[int]) -> list[KeyVersion]:
    return [name for name in file.versions(key) if name[1] not in versions]
