"""Cases, their incidents and teams."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit, keyrings
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.sealing import casefiles, escrows
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import SLOT_SIZE
from vault.sealing.digests import Json, b64, document_digest, unb64
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign
from vault.store.slots import allocate
from vault.store.testimony import BriefRow, CaseEscrowRow, CaseRow, GrantRow
from vault.store.unit_of_work import UnitOfWork

HALVES = ("testimony", "observations")


@dataclass(frozen=True)
class Case:
    """A case as one member sees it through its brief key."""

    file: CaseFile
    title: str
    incidents: tuple[dict[str, str], ...]
    brief: dict[str, Any]

    @property
    def id(self) -> str:
        return self.file.id

    def incident(self, name: str) -> dict[str, str]:
        """Raises NotFound."""
        for incident in self.incidents:
            if incident["incident"] == name:
                return incident
        raise NotFound("There is no such incident in this case.")


def check_proposal(roster: Roster, document: Json, attachments: Json, proposer: str) -> CaseFile:
    """The case that a reviewer proposes, complete with grants, escrow and brief. Raises Invalid or Conflict."""
    file = casefiles.parse(document)
    if (file.vault, file.roster, file.epoch) != (roster.vault, roster.version, roster.epoch):
        raise Conflict("The roster has changed since this case was prepared: prepare it again.")
    unknown = [code for code in file.team if code not in roster.members]
    if file.proposer != proposer or unknown:
        raise Invalid("Everybody on the team must be in the roster, and you must be the one who proposes.")
    try:
        for key in casefiles.KEYS:
            record = escrows.check(
                attachments["escrows"][key], "case-key", attachments["escrows"][key]["record"], roster
            )
            if escrows.fingerprint(record) != file.escrows[key]:
                raise Invalid("The escrow shares do not belong to this case: prepare it again.")
        granted = [(grant["member"], grant["key"]) for grant in attachments["grants"]]
        for sealed in (attachments["brief"], *(grant["sealed"] for grant in attachments["grants"])):
            unb64(sealed)
        promised = [(member, key) for member, keys in file.team.items() for key in keys]
        whole = sorted(granted) == sorted(promised) and set(attachments["escrows"]) == set(casefiles.KEYS)
    except (KeyError, TypeError):
        raise Invalid("The proposed case is not whole: prepare it again.") from None
    if not whole:
        raise Invalid("The grants do not match the team: prepare the case again.")
    return file


def open_case(uow: UnitOfWork, signed: Json, attachments: Json) -> CaseFile:
    """Open a case that a quorum has signed: rows, grants, escrow, the first blocks of slots."""
    file = casefiles.verify(signed, _roster_at(uow))
    case = unb64(file.id)
    if uow.testimony.get(CaseRow, case) is not None:
        raise Conflict("This case is open already.")
    version = casefiles.FIRST_VERSION
    uow.testimony.add(CaseRow(id=case, signed=json.dumps(signed)))
    uow.testimony.flush()
    for grant in attachments["grants"]:
        row = GrantRow(
            case=case,
            key=grant["key"],
            version=version,
            member=grant["member"],
            sealed=unb64(grant["sealed"]),
        )
        uow.testimony.add(row)
    for key, record in attachments["escrows"].items():
        uow.testimony.add(CaseEscrowRow(case=case, key=key, version=version, record=json.dumps(record)))
    uow.testimony.add(BriefRow(case=case, version=1, sealed=unb64(attachments["brief"])))
    for half in HALVES:
        allocate(uow.testimony, case, half, SLOT_SIZE)
    return file


def listing(uow: UnitOfWork, actor: Actor) -> list[Case]:
    """The cases whose brief the actor can read, by code."""
    require(actor.role, Permission.SEE_CASES)
    files = [
        casefiles.verify(json.loads(signed), _roster_at(uow))
        for signed in uow.testimony.scalars(select(CaseRow.signed))
    ]
    mine = [file for file in files if keyrings.holds(uow, actor, file, "brief")]
    return [_read(uow, actor, file) for file in sorted(mine, key=lambda file: (file.code, file.id))]


def show(uow: UnitOfWork, actor: Actor, case: str) -> Case:
    """One case. Raises NotFound also when it exists but the actor is not on its team."""
    require(actor.role, Permission.SEE_CASES)
    file = find(uow, case)
    if not keyrings.holds(uow, actor, file, "brief"):
        raise NotFound("There is no such case for you.")
    return _read(uow, actor, file)


def find(uow: UnitOfWork, case: str) -> CaseFile:
    """The signed case. Raises NotFound."""
    try:
        row = uow.testimony.get(CaseRow, unb64(case, 16))
    except Invalid:
        row = None
    if row is None:
        raise NotFound("There is no such case for you.")
    return casefiles.verify(json.loads(row.signed), _roster_at(uow))


def add_incident(uow: UnitOfWork, actor: Actor, case: str, facts: dict[str, str], today: date) -> str:
    """Add an incident to the brief, signed by the reviewer; its id."""
    require(actor.role, Permission.EDIT_INCIDENTS)
    now = show(uow, actor, case)
    incident = casefiles.new_incident(facts)
    document = casefiles.next_brief(now.brief, incident, actor.code, rosters.current(uow).version)
    sealed = casefiles.seal_brief(now.file, sign(document, actor.code, actor.keys.signing))
    uow.testimony.add(BriefRow(case=unb64(case), version=document["version"], sealed=sealed))
    audit.record(uow, actor.code, "incident added", {"case": case, "incident": incident["incident"]}, today)
    return incident["incident"]


def team(file: CaseFile) -> list[tuple[str, tuple[str, ...]]]:
    """Who holds which of the case's keys, as the quorum signed it."""
    return sorted(file.team.items())


def _read(uow: UnitOfWork, actor: Actor, file: CaseFile) -> Case:
    """The case by its newest brief, each version following the one before."""
    key, roster_at = keyrings.case_key(uow, actor, file, "brief"), _roster_at(uow)
    rows = select(BriefRow).where(BriefRow.case == unb64(file.id)).order_by(BriefRow.version)
    brief: dict[str, Any] | None = None
    for version, row in enumerate(uow.testimony.scalars(rows), start=casefiles.FIRST_VERSION):
        before = None if brief is None else b64(document_digest(brief))
        brief = casefiles.open_brief(file, version, key, row.sealed, roster_at)
        if brief["previous"] != before:
            raise Tampered("The briefs of this case do not follow one another.")
    if brief is None:
        raise Tampered("The brief of this case is missing.")
    return Case(file, brief["title"], tuple(brief["incidents"]), brief)


def _roster_at(uow: UnitOfWork) -> Callable[[int], Roster]:
    versions = {roster.version: roster for roster in rosters.history(uow)}

    def at(version: int) -> Roster:
        if version not in versions:
            raise Invalid("A document names a roster version that does not exist.")
        return versions[version]

    return at
