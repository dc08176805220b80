"""Rebuttal sheets: proposed, upheld by another; one append-only log for each case (docs/FORMATS.md §22).

Nobody types what a sheet says, but for what it is about. It is made of what was chosen, when it is proposed, when it is
decided on, and when it is given out: each time it must come out the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from vault import audit, cases, exports, keyrings, ledgers
from vault import roster as rosters
from vault.answering import digest_of
from vault.answers import Answers
from vault.cases import Case
from vault.errors import N_, Conflict, Invalid, NotFound, Refused, Tampered
from vault.exports import Export
from vault.installation import Installation
from vault.keyrings import Actor
from vault.ledgers import Ledger
from vault.rules import rebuttals as rule
from vault.rules.access import Permission, allows, require
from vault.rules.answers import FORMAT, Document, check
from vault.rules.assessments import Decision
from vault.rules.fields import Fields
from vault.rules.points import Response
from vault.rules.rebuttals import Choice, Entry, Proposal, Proposed, Source, Verdict
from vault.rules.responses import Place
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import canonical
from vault.sealing.rosters import Roster
from vault.sealing.signatures import signature, verify
from vault.sealing.statements import Statement
from vault.store.evidence import RebuttalRow
from vault.store.unit_of_work import UnitOfWork

_UNSIGNED = N_("The rebuttal sheet of %(day)s in this case is not signed by whom it names.")
_CHANGED = N_("What this sheet was made of has changed since: propose it anew.")


@dataclass(frozen=True)
class Log:
    """A case's log of sheets, verified."""

    documents: tuple[dict[str, Any], ...]
    entries: tuple[Entry, ...]

    @cached_property
    def standing(self) -> dict[str, Proposed]:
        """Every sheet by its name, oldest first. Raises Tampered for a log that no vault would have written."""
        try:
            return rule.standing(self.entries)
        except Invalid:
            raise Tampered(
                "A rebuttal sheet of this case was decided on by whom it did not behove."
            ) from None

    def sheet(self, name: str) -> Proposed:
        """Raises NotFound."""
        if name not in self.standing:
            raise NotFound("There is no such rebuttal sheet in this case.")
        return self.standing[name]


@dataclass(frozen=True)
class Listed:
    """A sheet; why it cannot be given out or upheld today, blank where it can; and when it was given out."""

    proposed: Proposed
    shut: str
    left: tuple[Export, ...]

    def to_json(self) -> dict[str, Any]:
        """As FORMATS 22 has it, without signatures."""
        one = self.proposed
        taken = one.verdict and one.verdict.decision
        decision = taken and {"author": one.decider, "upheld": taken.upheld, "reason": taken.reason}
        about = {"rebuttal": one.name, "author": one.author, "day": one.day}
        sheet = {"digest": digest_of(one.proposal.sheet), "sheet": dict(one.proposal.sheet)}
        left = [{"day": out.day, "author": out.author} for out in self.left]
        return {**about, **sheet, "decision": decision, "refusal": self.shut, "left": left}


def may_rebut(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    """Whether the actor may propose sheets in this case, and decide on others'."""
    return allows(actor.role, Permission.WEIGH_EVIDENCE) and keyrings.holds(uow, actor, file, "editions")


@dataclass(frozen=True)
class Offers:
    """What each point of a response can be answered by, and what that would say; the statements that it names."""

    points: tuple[tuple[tuple[Source, dict[str, Any]], ...], ...]
    statements: Mapping[str, Statement]


def offered(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date
) -> tuple[Response, Offers]:
    """A response of a case, and what it can be answered by. One audit entry. Raises Refused where it does not stand."""
    require(actor.role, Permission.WEIGH_EVIDENCE)
    case, name = place
    answers = answers_of(vault, uow, actor, case, today)
    response = answers.response(name)
    points = (tuple(answers.offered(Place(name, at))) for at in range(len(response.points)))
    audit.record(uow, actor.code, "rebuttals read", {"case": case}, today)
    return response, Offers(tuple(points), answers.statements)


def consider(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date
) -> tuple[Document, Choice]:
    """The sheet that a choice makes today. Raises Invalid, Refused for what may not be used."""
    require(actor.role, Permission.WEIGH_EVIDENCE)
    answers = answers_of(vault, uow, actor, what[0], today)
    fields = Fields(what[1], "A rebuttal", ("about", "response", "points"))
    choice = Choice.from_json({name: fields.value(name) for name in ("response", "points")})
    head = {
        "format": FORMAT,
        "vault": answers.case.file.vault,
        "roster": rosters.current(uow).version,
        "month": today.isoformat()[:7],
        "about": fields.value("about"),
    }
    return check(answers.sheet(choice, head)), choice


def propose(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date
) -> str:
    """Propose a sheet of what was chosen; by what it is called. Raises Invalid, Refused for what may not be used."""
    sheet, choice = consider(vault, uow, actor, what, today)
    proposal = Proposal(sheet, choice, signature(sheet, actor.code, actor.keys.signing))
    name = _append(uow, actor, cases.show(uow, actor, what[0]), proposal, today)
    audit.record(uow, actor.code, "rebuttal proposed", {"case": what[0]}, today)
    return name


def decide(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Decision], today: date
) -> None:
    """Uphold or reject what another proposed. Raises Conflict; to uphold it, Refused unless it comes out the same."""
    require(actor.role, Permission.WEIGH_EVIDENCE)
    answers, decision = answers_of(vault, uow, actor, what[0], today), what[1]
    one = read(uow, actor, answers.case).sheet(decision.motion)
    signed = None
    if decision.upheld:
        require_same(answers, one)
        signed = signature(one.proposal.sheet, actor.code, actor.keys.signing)
        _require_signer(uow, actor.code, one.proposal.sheet)
    _append(uow, actor, answers.case, Verdict(decision, signed), today)
    audit.record(uow, actor.code, "rebuttal decided", {"case": what[0]}, today)


def listing(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> tuple[Listed, ...]:
    """The sheets of a case, newest first. One audit entry. Raises Refused without the editions key, Tampered."""
    require(actor.role, Permission.READ_EDITION)
    answers = answers_of(vault, uow, actor, case, today)
    found = reversed(read(uow, actor, answers.case).standing.values())
    audit.record(uow, actor.code, "rebuttals read", {"case": case}, today)
    left = exports.sheets(uow, actor, answers.case.file)
    return tuple(
        Listed(one, _shut(answers, one), left.get(digest_of(one.proposal.sheet), ())) for one in found
    )


def read(uow: UnitOfWork, actor: Actor, case: Case) -> Log:
    """The log of a case. Raises Refused without the editions key; Tampered, naming the entry that does not hold."""
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "editions")]
    documents = ledgers.read(uow, _ledger(case.file), keys)
    log = Log(documents, tuple(map(_entry, documents)))
    versions = {roster.version: roster for roster in rosters.history(uow)}
    for one in log.standing.values():
        _verify(one, case.file, versions)
    return log


def waiting(uow: UnitOfWork, actor: Actor, case: Case) -> int:
    """How many sheets wait for the actor's decision. Raises Refused without the editions key, Tampered."""
    known = read(uow, actor, case).standing.values()
    return sum(one.verdict is None and one.author != actor.code for one in known)


def answers_of(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> Answers:
    """Where the actor looks up what answers a point in a case. Raises NotFound."""
    return Answers(vault, uow, actor, cases.show(uow, actor, case), today)


def require_same(answers: Answers, one: Proposed) -> None:
    """Raises Refused unless what was chosen makes the same sheet today."""
    sheet = one.proposal.sheet
    head = {name: sheet[name] for name in ("format", "vault", "roster", "month", "about")}
    if canonical(answers.sheet(one.proposal.choice, head)) != canonical(dict(sheet)):
        raise Refused(_CHANGED)


def _require_signer(uow: UnitOfWork, code: str, sheet: Document) -> None:
    """Raises Conflict unless the sheet can be signed by this member under the roster that it names."""
    named = next(roster for roster in rosters.history(uow) if roster.version == sheet["roster"])
    now = rosters.current(uow).member(code)
    if code not in named.members or named.member(code).signing != now.signing:
        raise Conflict("The roster has changed since this was proposed: propose it anew.")


def _shut(answers: Answers, one: Proposed) -> str:
    """Why it could not be upheld or given out today."""
    if one.verdict is not None and not one.upheld:
        return ""
    try:
        require_same(answers, one)
    except Refused as error:
        return error.message
    return ""


def _verify(one: Proposed, file: CaseFile, versions: Mapping[int, Roster]) -> None:
    """Raises Tampered unless a sheet is of this vault and its day, and signed by who proposed it and who upheld it."""
    sheet, verdict = one.proposal.sheet, one.verdict
    signers = [(one.author, one.proposal.signature)]
    signers += [(one.decider or "", verdict.signature)] if verdict and verdict.signature else []
    try:
        named = versions[sheet["roster"]]
        for code, entry in signers:
            if entry["by"] != code or (sheet["vault"], sheet["month"]) != (file.vault, one.day[:7]):
                raise Tampered(_UNSIGNED, day=one.day)
            verify(sheet, entry, named.member(code).signing)
    except (Tampered, KeyError, NotFound):
        raise Tampered(_UNSIGNED, day=one.day) from None


def _append(uow: UnitOfWork, actor: Actor, case: Case, said: Proposal | Verdict, today: date) -> str:
    log = read(uow, actor, case)
    day = today.isoformat()
    try:
        rule.standing([*log.entries, Entry("", actor.code, day, said)])
    except Invalid as error:
        raise Conflict(error.message) from None
    act, content = rule.to_json(said)
    entry = {"format": "witness-vault/v1/rebuttal-entry", "day": day, "act": str(act), "content": content}
    return ledgers.name(ledgers.append(uow, actor, _ledger(case.file), log.documents, entry))


def _entry(document: dict[str, Any]) -> Entry:
    try:
        said = rule.from_json(document["act"], document["content"])
    except (Invalid, KeyError):
        place = document["position"]
        raise Tampered(
            "Entry %(place)d of the rebuttals of this case says nothing that this vault knows.", place=place
        ) from None
    return Entry(ledgers.name(document), document["author"], document["day"], said)


def _ledger(file: CaseFile) -> Ledger:
    called = N_("the rebuttals of this case")
    return Ledger(file, "rebuttal-entry", "editions", RebuttalRow, called=called)
