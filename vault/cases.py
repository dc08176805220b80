"""Cases, their incidents and teams."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, func, select

from vault import audit, holdings, keyrings
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, Role, may_hold, require
from vault.sealing import briefs, casefiles, escrows
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import SLOT_SIZE
from vault.sealing.digests import Json, b64, stored, unb64
from vault.sealing.grants import GRANT_SIZE
from vault.sealing.rosters import Roster, at
from vault.sealing.signatures import Signed, sign
from vault.store.slots import allocate
from vault.store.testimony import BriefRow, CaseEscrowRow, CaseRow, CaseVersionRow, GrantRow
from vault.store.unit_of_work import UnitOfWork, run

HALVES = ("testimony", "observations")
_FACTS = ("title", "place", "date", "vocabulary")
_SIGNED, _BRIEF = CaseVersionRow.__table__.c, BriefRow.__table__.c
_VERSIONS = select(_SIGNED.signed).where(_SIGNED.case == bindparam("case")).order_by(_SIGNED.version)
_BRIEFS = select(_BRIEF.sealed).where(_BRIEF.case == bindparam("case")).order_by(_BRIEF.version)


@dataclass(frozen=True)
class Case:
    """A case as one member sees it through its brief key."""

    file: CaseFile
    title: str
    incidents: tuple[dict[str, Any], ...]
    brief: dict[str, Any]

    @property
    def id(self) -> str:
        return self.file.id

    def incident(self, name: str) -> dict[str, Any]:
        """Raises NotFound."""
        for incident in self.incidents:
            if incident["incident"] == name:
                return incident
        raise NotFound("There is no such incident in this case.")


def sign_first_brief(
    uow: UnitOfWork, actor: Actor, title: str, incidents: Iterable[Mapping[str, str]]
) -> Signed:
    """The first brief of a case that a reviewer is about to propose in a browser. Raises Refused or Invalid.

    The caller chooses its words and nothing else: the case's id is new here, the incidents' too, the author is whoever
    acts, the roster is the newest. So this gives nobody a signature under anything that exists.
    """
    require(actor.role, Permission.PROPOSE_CASE)
    roster = rosters.current(uow)
    place = {"vault": roster.vault, "case": b64(secrets.token_bytes(16)), "author": actor.code}
    described = [briefs.new_incident(facts) for facts in incidents]
    document = briefs.first_brief({**place, "roster": roster.version}, title, described)
    return sign(document, actor.code, actor.keys.signing)


def check_proposal(uow: UnitOfWork, document: Json, attachments: Json, proposer: str) -> CaseFile:
    """The version of a case that a reviewer proposes, with grants, escrow and brief. Raises Invalid or Conflict."""
    roster, file = rosters.current(uow), casefiles.parse(document)
    if (file.vault, file.roster, file.epoch) != (roster.vault, roster.version, roster.epoch):
        raise Conflict("The roster has changed since this case was prepared: prepare it again.")
    if file.proposer != proposer or not file.team.keys() <= roster.members.keys():
        raise Invalid("Everybody on the team must be in the roster, and you must be the one who proposes.")
    if not all(may_hold(Role(roster.members[code].role), keys) for code, keys in file.team.items()):
        raise Invalid("Researchers may hold the brief and testimony keys alone, custodians none.")
    before = None
    if file.version > casefiles.FIRST_VERSION:
        before = find(uow, file.id)
        casefiles.follow(before, file)
        if not is_next(uow, document):
            raise Conflict("The case has changed since this was prepared: prepare it again.")
    _check_attachments(file, before, attachments, roster)
    _require_new_records(uow, attachments)
    return file


def _check_attachments(file: CaseFile, before: CaseFile | None, attachments: Json, roster: Roster) -> None:
    """Raises Invalid unless whatever is new in this version comes with it."""
    fresh = [key for key in casefiles.KEYS if before is None or file.newest(key) != before.newest(key)]
    try:
        for key in fresh:
            record = attachments["escrows"][key]
            if (
                escrows.fingerprint(escrows.check(record, "case-key", record["record"], roster))
                != file.escrows[key]
            ):
                raise Invalid("The escrow shares do not belong to this case: prepare it again.")
        granted = [(one["member"], one["key"], one["version"]) for one in attachments["grants"]]
        unb64(attachments["brief"])
        for one in attachments["grants"]:
            unb64(one["sealed"], GRANT_SIZE)
        needed = {
            (code, *file.newest(key)) for code, keys in file.team.items() for key in keys if key in fresh
        }
        allowed = {
            (code, *name) for code, keys in file.team.items() for key in keys for name in file.versions(key)
        }
        whole = needed <= set(granted) <= allowed and len(set(granted)) == len(granted)
        whole = whole and set(attachments["escrows"]) == set(fresh)
    except (KeyError, TypeError):
        raise Invalid("The proposed case is not whole: prepare it again.") from None
    if not whole:
        raise Invalid("The grants do not match the team: prepare the case again.")


def _require_new_records(uow: UnitOfWork, attachments: Json) -> None:
    """Raises Invalid where an escrow record has the id of another: shares and files of a re-sharing go by it."""
    names = [record["record"] for record in attachments["escrows"].values()]
    known = {
        holdings.case_key(text)["record"] for text in uow.testimony.scalars(select(CaseEscrowRow.record))
    }
    if len(set(names)) < len(names) or not known.isdisjoint(names):
        raise Invalid("An escrow record has the id of another: prepare the case again.")


def open_case(uow: UnitOfWork, signed: Json, attachments: Json) -> CaseFile:
    """Let a version that a quorum has signed take effect: with the first, the case opens. Raises Invalid, Conflict."""
    file = casefiles.verify(signed, roster_at(uow))
    before = find(uow, file.id) if file.version > casefiles.FIRST_VERSION else None
    _check_attachments(file, before, attachments, rosters.current(uow))  # again: no signature is upon them
    _require_new_records(uow, attachments)
    case = unb64(file.id)
    if before is not None:
        file = casefiles.follow(before, file)
    elif uow.testimony.get(CaseRow, case) is not None:
        raise Conflict("This case is open already.")
    else:
        uow.testimony.add(CaseRow(id=case))
        uow.testimony.flush()
        for half in HALVES:
            allocate(uow.testimony, case, half, SLOT_SIZE)
    uow.testimony.add(CaseVersionRow(case=case, version=file.version, signed=json.dumps(signed)))
    for grant in attachments["grants"]:
        name = case, grant["key"], grant["version"], grant["member"]
        if (
            uow.testimony.get(GrantRow, name) is None
        ):  # the quorum has not signed the grants: none displaces another
            row = {key: grant[key] for key in ("key", "version", "member")}
            uow.testimony.add(GrantRow(case=case, **row, sealed=unb64(grant["sealed"])))
    for key, record in attachments["escrows"].items():
        held = {"key": key, "version": file.key_versions[key], "record": json.dumps(record)}
        uow.testimony.add(CaseEscrowRow(case=case, **held))
    uow.testimony.add(BriefRow(case=case, version=file.brief[0], sealed=unb64(attachments["brief"])))
    uow.testimony.flush()
    return file


def is_next(uow: UnitOfWork, document: Json) -> bool:
    """Whether a proposed version still follows: neither the case nor its brief has gone on meanwhile."""
    case = unb64(document["case"], 16)
    newest = uow.testimony.scalar(select(func.max(CaseVersionRow.version)).where(CaseVersionRow.case == case))
    brief = uow.testimony.scalar(select(func.max(BriefRow.version)).where(BriefRow.case == case))
    following = ((newest or 0) + 1, (brief or 0) + 1)
    return bool((document["version"], document["brief"]["version"]) == following)


def listing(uow: UnitOfWork, actor: Actor) -> list[Case]:
    """The cases whose brief the actor can read, by code."""
    require(actor.role, Permission.SEE_CASES)
    files = every(uow)
    mine = [file for file in files if keyrings.holds(uow, actor, file, "brief")]
    return [_read(uow, actor, file) for file in sorted(mine, key=lambda file: (file.code, file.id))]


def show(uow: UnitOfWork, actor: Actor, case: str) -> Case:
    """One case. Raises NotFound also when it exists but the actor is not on its team."""
    require(actor.role, Permission.SEE_CASES)
    file = find(uow, case)
    try:
        return _read(uow, actor, file)
    except Refused:  # without the key to it
        raise NotFound("There is no such case for you.") from None


def find(uow: UnitOfWork, case: str) -> CaseFile:
    """The signed case, each version verified from the one before. Raises NotFound, Tampered."""
    try:
        versions = _versions(uow, unb64(case, 16))
    except Invalid:
        versions = ()
    if not versions:
        raise NotFound("There is no such case for you.")
    file = _verified(versions, rosters.texts(uow))
    if file.id != case:
        raise Tampered("A case lies in another's place. Tell a custodian.")
    return file


def every(uow: UnitOfWork) -> list[CaseFile]:
    """Every case of the vault, by its newest version."""
    return [find(uow, b64(name)) for name in uow.testimony.scalars(select(CaseRow.id))]


def signed_versions(uow: UnitOfWork, case: bytes) -> list[Json]:
    """Every version of a case as it was signed, oldest first; for clients to verify themselves."""
    return [stored(signed) for signed in _versions(uow, case)]


def _versions(uow: UnitOfWork, case: bytes) -> tuple[str, ...]:
    return tuple(run(uow.testimony, _VERSIONS, case=case).scalars())


@lru_cache(maxsize=32)
def _verified(versions: tuple[str, ...], known: tuple[str, ...]) -> CaseFile:
    """What rows of these very texts say, under rosters of these: public keys and codes, nothing that was opened."""
    return casefiles.verify_chain([stored(signed) for signed in versions], at(rosters.verified(known)))


def add_incident(uow: UnitOfWork, actor: Actor, case: str, facts: dict[str, str], today: date) -> str:
    """Add an incident to the brief, signed by the reviewer; its id."""
    require(actor.role, Permission.EDIT_INCIDENTS)
    known = {name: facts[name] for name in _FACTS if name in facts}
    (incident,) = _append(uow, actor, show(uow, actor, case), [known])
    audit.record(uow, actor.code, "incident added", {"case": case, "incident": incident}, today)
    return incident


def add_incidents(
    uow: UnitOfWork, actor: Actor, case: str, found: Iterable[Mapping[str, Any]], today: date
) -> list[str]:
    """Add incidents to the brief at once, but for those that the case has already; the ids of the new ones."""
    require(actor.role, Permission.EDIT_INCIDENTS)
    now = show(uow, actor, case)
    if not (fresh := fresh_incidents(now, found)):
        return []
    added = _append(uow, actor, now, fresh)
    audit.record(uow, actor.code, "incidents added", {"case": case, "incidents": len(added)}, today)
    return added


def fresh_incidents(case: Case, found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of these incidents the first of each title, place and date that the case does not have."""
    known, fresh = {_called(one) for one in case.incidents}, list[Mapping[str, Any]]()
    for one in found:
        if _called(one) not in known:
            known.add(_called(one))
            fresh.append(one)
    return fresh


def _called(incident: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(incident[name] for name in ("title", "place", "date"))


def _append(uow: UnitOfWork, actor: Actor, case: Case, found: Iterable[Mapping[str, Any]]) -> list[str]:
    """The next version of the brief, with these incidents more; their ids."""
    incidents = [briefs.new_incident(facts) for facts in found]
    document = briefs.next_brief(case.brief, incidents, actor.code, rosters.current(uow).version)
    sealed = briefs.seal_brief(case.file, sign(document, actor.code, actor.keys.signing))
    uow.testimony.add(BriefRow(case=unb64(case.id), version=document["version"], sealed=sealed))
    return [incident["incident"] for incident in incidents]


def team(file: CaseFile) -> list[tuple[str, tuple[str, ...]]]:
    """Who holds which of the case's keys, as the quorum signed it."""
    return sorted(file.team.items())


def _read(uow: UnitOfWork, actor: Actor, file: CaseFile) -> Case:
    """The case by its newest brief, each version following the one before."""
    keys = [key for _, key in keyrings.case_keys(uow, actor, file, "brief")]
    sealed = run(uow.testimony, _BRIEFS, case=unb64(file.id)).scalars()
    brief = briefs.open_chain(file, keys, sealed, roster_at(uow))
    return Case(file, brief["title"], tuple(brief["incidents"]), brief)


def roster_at(uow: UnitOfWork) -> Callable[[int], Roster]:
    """A way to the roster version that a document names."""
    return at(rosters.history(uow))
