"""Findings: how likely something is, and by what; one append-only log for each case (docs/FORMATS.md §21).

Each entry is signed, names the one before it, and is sealed to the case's editions key. What rests on evidence is
written and decided on by those alone who also read the evidence.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from vault import audit, cases, chains, keyrings, ledgers
from vault.cases import Case
from vault.errors import N_, Conflict, Invalid, NotFound, Refused, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.ledgers import Ledger
from vault.rules import assessments
from vault.rules import findings as rule
from vault.rules.access import Permission, allows, require
from vault.rules.assessments import Decision
from vault.rules.findings import Act, Entry, Finding, Proposed, Standing, Version
from vault.rules.vocabulary import Vocabulary
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64
from vault.store.evidence import FindingRow
from vault.store.unit_of_work import UnitOfWork
from vault.weighing import Kinds, Seen, Sources

_OUT_OF_TURN = N_(
    "Entry %(position)d of the findings of this case was written out of turn, or by whom it did not behove."
)
_UNKNOWN = N_("Entry %(position)d of the findings of this case says nothing that this vault knows.")


@dataclass(frozen=True)
class Log:
    """A case's log, verified: the signed documents, oldest first, and what they say."""

    documents: tuple[dict[str, Any], ...]
    entries: tuple[Entry, ...]

    @cached_property
    def standing(self) -> Standing:
        """What of it stands. Raises Tampered, naming the entry that no vault would have written."""
        found = Standing()
        for position, entry in enumerate(self.entries, start=1):
            try:
                found.add(entry)
            except Invalid:
                raise Tampered(_OUT_OF_TURN, position=position) from None
        return found

    def finding(self, name: str) -> Finding:
        """Raises NotFound."""
        if name not in self.standing.findings:
            raise NotFound("There is no such finding in this case.")
        return self.standing.findings[name]

    @cached_property
    def days(self) -> Mapping[str, str]:
        """On which day each entry was written."""
        pairs = zip(self.entries, self.documents, strict=True)
        return {entry.name: str(document["day"]) for entry, document in pairs}


@dataclass(frozen=True)
class Listed:
    """A finding, by what it is called, and how many factors of each kind of source the version has that it shows."""

    name: str
    finding: Finding
    kinds: Kinds

    def to_json(self) -> dict[str, Any]:
        """As FORMATS 21 has it."""
        version = self.finding.shown.version
        return {
            "finding": self.name,
            "version": version.number,
            "incident": version.incident,
            "proposition": dict(version.proposition),
            "likelihood": str(version.likelihood),
            "stands": self.finding.stands is not None,
            "waits": self.finding.newest.decision is None,
            "sources": self.kinds,
        }


@dataclass(frozen=True)
class Shown:
    """A version of a finding, its day, what each of its factors says today, and how many it has of each kind."""

    proposed: Proposed
    day: str
    seen: tuple[Seen, ...]
    kinds: Kinds

    def to_json(self) -> dict[str, Any]:
        """As FORMATS 21 has it."""
        one = self.proposed
        taken = one.decision and {
            "author": one.decider,
            "upheld": one.decision.upheld,
            "reason": one.decision.reason,
        }
        pairs = zip(one.version.factors, self.seen, strict=True)
        factors = [{**factor.to_json(), "says": seen.says, "now": seen.now} for factor, seen in pairs]
        signed = {"name": one.name, "author": one.author, "day": self.day, "decision": taken}
        return {**one.version.to_json(), "factors": factors, "sources": self.kinds, **signed}


def may_weigh(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    """Whether the actor may write findings of this case, and decide on those of others."""
    return allows(actor.role, Permission.WEIGH_EVIDENCE) and keyrings.holds(uow, actor, file, "editions")


def propose(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date
) -> str:
    """Write the first version of a finding, or the next of the one that is named; by what the finding is called.

    Raises Invalid for a factor that names nothing, Conflict for a version out of turn, Refused without the keys.
    """
    # (1) may this actor
    require(actor.role, Permission.WEIGH_EVIDENCE)
    case, raw = cases.show(uow, actor, what[0]), what[1]
    log = read(vault, uow, actor, case)
    # (2) is it a version of a finding, and the next one
    named = raw.get("finding")
    content = {**raw, "finding": b64(secrets.token_bytes(16)) if named is None else named}
    version = _version(content, chains.vocabularies(vault, case))
    if named is not None:
        log.finding(version.finding)
    _follow(log, Entry("", actor.code, version))
    # (3) is there what it rests on
    _require_weighed(Sources(vault, uow, actor, case), version)
    # (4) keep and tell
    _append(uow, actor, (case, log), (Act.FINDING, version.to_json()), today)
    audit.record(uow, actor.code, "finding proposed", {"case": case.id}, today)
    return version.finding


def decide(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Decision], today: date
) -> None:
    """Uphold or reject a version that another wrote. Raises Conflict; Refused without the keys of what it rests on."""
    require(actor.role, Permission.WEIGH_EVIDENCE)
    case, decision = cases.show(uow, actor, what[0]), what[1]
    log = read(vault, uow, actor, case)
    _follow(log, Entry("", actor.code, decision))
    sources = Sources(vault, uow, actor, case)
    _require_weighed(sources, log.standing.proposed(decision.motion).version)
    _append(uow, actor, (case, log), assessments.to_json(decision), today)
    audit.record(uow, actor.code, "finding decided", {"case": case.id}, today)


def listing(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> tuple[Listed, ...]:
    """The findings of a case, in the order in which they were first written. One audit entry."""
    require(actor.role, Permission.READ_EDITION)
    found = cases.show(uow, actor, case)
    log, sources = read(vault, uow, actor, found), Sources(vault, uow, actor, found)
    audit.record(uow, actor.code, "findings read", {"case": case}, today)
    findings = log.standing.findings.items()
    return tuple(Listed(name, one, sources.kinds(one.shown.version)) for name, one in findings)


def show(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date
) -> tuple[Shown, ...]:
    """Every version of a finding, newest first, with its factors as they are today. One audit entry.

    Raises NotFound, Refused without the editions key, Tampered where a factor names what is not there any more.
    """
    require(actor.role, Permission.READ_EDITION)
    case = cases.show(uow, actor, place[0])
    log, sources = read(vault, uow, actor, case), Sources(vault, uow, actor, case)
    versions = log.finding(place[1]).versions
    audit.record(uow, actor.code, "findings read", {"case": case.id}, today)
    return tuple(
        Shown(one, log.days[one.name], _weighed(sources, one.version), sources.kinds(one.version))
        for one in reversed(versions)
    )


def offered(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date
) -> tuple[Seen, ...]:
    """What a finding on an incident of a case can rest on, for whoever writes one. One audit entry."""
    require(actor.role, Permission.WEIGH_EVIDENCE)
    case = cases.show(uow, actor, place[0])
    found = tuple(Sources(vault, uow, actor, case).offered(case.incident(place[1])["incident"]))
    audit.record(uow, actor.code, "findings read", {"case": case.id}, today)
    return found


def read(vault: Installation, uow: UnitOfWork, actor: Actor, case: Case) -> Log:
    """The log of a case. Raises Refused without the editions key, Tampered."""
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "editions")]
    documents = ledgers.read(uow, _ledger(case.file), keys)
    known = chains.vocabularies(vault, case)
    return Log(documents, tuple(_entry(document, known) for document in documents))


def waiting(vault: Installation, uow: UnitOfWork, actor: Actor, case: Case) -> int:
    """How many findings wait for the actor's decision. Raises Refused without the editions key, Tampered."""
    newest = (one.newest for one in read(vault, uow, actor, case).standing.findings.values())
    return sum(one.decision is None and one.author != actor.code for one in newest)


def _require_weighed(sources: Sources, version: Version) -> None:
    """Raises Refused unless whoever signs can look at every factor, Invalid where one names nothing."""
    if any(seen.says is None for seen in sources.weighed(version)):
        raise Refused("This finding rests on evidence: to weigh it you need this case's evidence key.")


def _weighed(sources: Sources, version: Version) -> tuple[Seen, ...]:
    try:
        return sources.weighed(version)
    except Invalid as error:
        raise Tampered(
            "A finding rests on what is not there any more. %(fault)s", fault=error.message
        ) from None


def _follow(log: Log, entry: Entry) -> None:
    """Raises Conflict unless the entry can stand behind the others."""
    try:
        rule.standing([*log.entries, entry])
    except Invalid as error:
        raise Conflict(error.message) from None


def _append(
    uow: UnitOfWork, actor: Actor, at: tuple[Case, Log], said: tuple[str, Mapping[str, Any]], today: date
) -> None:
    act, content = said
    entry = {"format": "witness-vault/v1/finding", "day": today.isoformat(), "act": str(act)}
    ledgers.append(uow, actor, _ledger(at[0].file), at[1].documents, {**entry, "content": dict(content)})


def _version(content: Mapping[str, Any], known: Mapping[str, Vocabulary]) -> Version:
    incident = content.get("incident")
    if not isinstance(incident, str) or incident not in known:
        raise Invalid("Say on which incident of this case the finding is.", "incident")
    return Version.from_json(content, known[incident])


def _entry(document: dict[str, Any], known: Mapping[str, Vocabulary]) -> Entry:
    try:
        content = document["content"]
        said = rule.from_json(document["act"], content, known.get(content.get("incident")))
    except (Invalid, KeyError, AttributeError):
        raise Tampered(_UNKNOWN, position=document["position"]) from None
    return Entry(ledgers.name(document), document["author"], said)


def _ledger(file: CaseFile) -> Ledger:
    return Ledger(file, "finding", "editions", FindingRow, called=N_("the findings of this case"))
