"""Who may hold which key of a case, who does, who must not any more: seen at a glance, handed over, revoked.

The team is what a quorum signed (docs/FORMATS.md §7). A grant only carries a key to whom the team already promises
it; a revocation takes it away until a quorum has decided.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from vault import cases, holdings, keyrings, revocations
from vault import roster as rosters
from vault.errors import NotFound
from vault.keyrings import Actor
from vault.rules import rotation
from vault.rules.access import Permission, Role, require
from vault.rules.rotation import State, Why
from vault.sealing.casefiles import KEYS, CaseFile, KeyVersion
from vault.sealing.digests import b64, unb64
from vault.sealing.revocations import Revocation
from vault.store.testimony import (
    BriefRow,
    CaseEscrowRow,
    GrantRow,
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
    return _glance(uow, actor, find(uow, actor, case))


def evidence(uow: UnitOfWork, actor: Actor, case: str) -> dict[str, Any]:
    """What a client needs to verify a case for itself and to prepare its next version; no word of it is trusted."""
    file = find(uow, actor, case)
    own = select(GrantRow).where(GrantRow.case == unb64(case), GrantRow.member == actor.code)
    kept = select(CaseEscrowRow).where(CaseEscrowRow.case == unb64(case))
    handed = _handed(uow, file)
    return {
        "case": file.id,
        "code": file.code,
        "versions": cases.signed_versions(uow, unb64(case)),
        "revocations": revocations.signed_in_force(uow, file),
        "escrows": [
            {"key": row.key, "version": row.version, "record": holdings.case_key(row.record)["record"]}
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
    find(uow, actor, case)
    rows = select(BriefRow).where(BriefRow.case == unb64(case)).order_by(BriefRow.version)
    return [{"version": row.version, "sealed": b64(row.sealed)} for row in uow.testimony.scalars(rows)]


def find(uow: UnitOfWork, actor: Actor, case: str) -> CaseFile:
    """The signed case, for its team and the custodians. Raises NotFound."""
    require(actor.role, Permission.SEE_ACCESS)
    file = cases.find(uow, case)
    if not _may_see(uow, actor, file):
        raise NotFound("There is no such case for you.")
    return file


def without_brief(uow: UnitOfWork, actor: Actor) -> list[CaseFile]:
    """The cases on whose team the actor is without having got even the key of the brief."""
    require(actor.role, Permission.SEE_CASES)
    mine = [file for file in cases.every(uow) if _may_see(uow, actor, file)]
    return [file for file in mine if not keyrings.holds(uow, actor, file, "brief")]


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
