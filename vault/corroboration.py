"""Counting: cutting the next edition of a case. What counts is decided in `rules`, and only there."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from vault import assessments, audit, cases, editions, index, keyrings, matching, proofs, recuts, retention
from vault import roster as rosters
from vault.assessments import Log
from vault.cases import Case
from vault.editions import Edition
from vault.errors import Invalid
from vault.index import Folded
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.matching import NOT_DONE, Recognised
from vault.proofs import Opener
from vault.rules import accounts, details
from vault.rules import editions as rule
from vault.rules.access import Permission, require
from vault.rules.accounts import Decisions, Deposited, Resolved
from vault.rules.codings import MOST_INCIDENTS, Recoding
from vault.rules.consent import Consent
from vault.rules.drafts import MOST_TOGETHER, Kind
from vault.rules.editions import IncidentState, Present, Status
from vault.rules.fields import Fields
from vault.rules.observations import Observation
from vault.rules.said import MOST_OBSERVATIONS
from vault.rules.sheets import Sheet, sheet
from vault.rules.tabulation import Table, tabulate
from vault.rules.vocabulary import Vocabulary
from vault.sealing.deposits import SECOND_CODING, Half, half_hash
from vault.sealing.digests import b64, canonical, digest, document_digest
from vault.sealing.keypairs import SealingKey
from vault.store.unit_of_work import UnitOfWork

_BODY = (
    *("format", "nonce", "witness", "together_with", "present", "household"),
    *("introducer", "interpreter", "shown_before", "match", "consent", "observations"),
)
_FIGURES = ("month", "same_person", "claims", "details", "excluded")
_TAG = 22  # characters of a tag, or an id
_NAME = 66  # of a record's id and fingerprint
_random = secrets.SystemRandom()


def cut(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> int:
    """Cut the next edition; its number. Raises Refused before the cutting day or without the keys."""
    # (1) may this actor, and is it a cutting day
    require(actor.role, Permission.CUT_EDITION)
    found = cases.show(uow, actor, case)
    retention.require_kept(uow, found.file)
    keys = [key for _, key in keyrings.case_keys(uow, actor, found.file, "corroboration")]
    earlier = editions.history(uow, actor, found)
    rule.require_cutting_day([edition.day for edition in earlier], vault.cut_every_days, today)
    # (2) what was deposited, and (3) what of it counts: signatures, corrections, consent
    known, number = vocabularies(vault, found), len(earlier) + 1
    gathered = gather(uow, actor, found, keys, known)
    resolved = gathered.resolved
    # (4) let the batch rule decide which incidents' figures may change, and (5) count those
    before = _states(uow, found, earlier, keys, gathered.log)
    anew = recuts.agreed(uow, found.file, earlier, today) if earlier else {}
    states = {
        name: rule.decide(before.get(name), _present(resolved, name, name in anew), number) for name in known
    }
    table = tabulate(gathered.folded.index.packed, known, gathered.decided)
    tally = _Tally(resolved, table, gathered.recognised, known, earlier, today, anew)
    # (6) freeze: signed by whoever cut, sealed to those who may read, the basis to those who may cut; commit to it
    committed = proofs.commit(uow, found.file, number, tally.sheets(states))
    behind = {
        "format": "witness-vault/v1/basis",
        "nonce": b64(secrets.token_bytes(16)),
        "incidents": {name: dict(state.basis) for name, state in states.items()},
        "assessments": gathered.log.head,
        **committed.basis,
    }
    document: dict[str, Any] = {
        "format": "witness-vault/v1/edition",
        **editions.about(found.file, number),
        "day": today.isoformat(),
        "previous": b64(document_digest(earlier[-1].document)) if earlier else None,
        "cutter": actor.code,
        "roster": rosters.current(uow).version,
        "incidents": [tally.entry(name, state) for name, state in states.items()],
        "set_aside": _set_aside(gathered.folded.unsound, resolved),
        "basis": half_hash(behind),
        "proof": committed.proof,
    }
    editions.keep(uow, actor, found.file, document, behind)
    index.keep(uow, found.file, keys, gathered.folded)
    # (7) who cut, for the custodians
    audit.record(uow, actor.code, "edition cut", {"case": case, "edition": number}, today)
    return number


def read_ahead(
    vault: Installation, actor: Actor, case: str, today: date, told: Callable[[int, int], None]
) -> None:
    """Unseal before a cut what is new, so that the cut itself, which nobody else may write beside, is short.

    Tells how many records of how many are read; changes no figure. Raises what a cut would refuse at once.
    """
    require(actor.role, Permission.CUT_EDITION)
    with vault.store.read() as uow:
        found = cases.show(uow, actor, case)
        retention.require_kept(uow, found.file)
        earlier = editions.history(uow, actor, found)
        known = vocabularies(vault, found)
    rule.require_cutting_day([edition.day for edition in earlier], vault.cut_every_days, today)
    for done, of in index.ahead(vault.store, actor, found.file, known, lambda half: _read(half, known)):
        told(done, of)


@dataclass(frozen=True)
class Gathered:
    """What a cut counts: the accounts that stand by what ceremonies and reviewers signed; how many halves do not."""

    resolved: Resolved
    decided: Decisions
    recognised: Recognised
    log: Log
    folded: Folded


def gather(
    uow: UnitOfWork, actor: Actor, case: Case, keys: Sequence[SealingKey], known: Mapping[str, Vocabulary]
) -> Gathered:
    """Everything deposited in a case, as it stands today. Raises Refused without the corroboration keys, Tampered."""
    folded = index.fold(uow, actor, case.file, known, lambda half: _read(half, known))
    handed_in = list(folded.index.packed.deposits())
    recognised = matching.recognised(uow, case.file, keys, handed_in)
    log = assessments.read(uow, case.file, keys)
    recodings = frozenset(folded.recodings)
    repeated = folded.index.repeated + len(folded.recodings) - len(recodings)
    decided = Decisions(log.standing.settled, log.standing.rated, recognised.ties, recodings)
    resolved = replace(accounts.resolve(handed_in, decided), repeated=repeated)
    return Gathered(resolved, decided, recognised, log, folded)


def sheet_of(
    vault: Installation, uow: UnitOfWork, actor: Actor, case: Case, place: tuple[int, str]
) -> tuple[Sheet, Opener]:
    """Who stands where behind the figures that a case's edition shows of an incident, and what opens its commitments.

    Figures that were carried over are those of the edition that counted them. Raises Refused without the keys, NotFound
    where there are no figures, or none that can be proved, Tampered.
    """
    number, incident = place
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "corroboration")]
    counted = proofs.figures_of(editions.history(uow, actor, case), number, incident)
    about = incident, vocabularies(vault, case)[incident]
    return proofs.sheet_in(uow, case.file, counted, keys, about)


def basis(resolved: Resolved, incident: str) -> dict[str, str]:
    """A hash of all that counts of each witness of an incident."""
    persons = resolved.persons(incident)
    return {witness: b64(digest("half", canonical(account))) for witness, account in persons.items()}


@dataclass(frozen=True)
class _Tally:
    """What the figures of a cut are made from."""

    resolved: Resolved
    table: Table
    recognised: Recognised
    known: Mapping[str, Vocabulary]
    earlier: tuple[Edition, ...]
    today: date
    anew: Mapping[str, str]

    def entry(self, name: str, state: IncidentState) -> dict[str, Any]:
        """One incident as the edition states it: new figures, old ones, or none."""
        figures: dict[str, Any] = {"month": None, "same_person": NOT_DONE, "claims": None}
        if state.status is Status.COUNTED:
            figures = self._counted(name)
            figures |= {"recut": self.anew[name]} if name in self.anew else {}
        elif state.status is Status.CARRIED and state.figures is not None:
            old = self.earlier[state.figures - 1].incident(name)
            figures = {member: old[member] for member in _FIGURES if member in old}
        return {
            "incident": name,
            "status": state.status.value,
            "figures": state.figures,
            **figures,
        }

    def sheets(self, states: Mapping[str, IncidentState]) -> dict[str, Sheet]:
        """Who stands where behind the figures that are new, their witnesses in an order that says nothing."""
        found = {}
        for name in (name for name, state in states.items() if state.status is Status.COUNTED):
            behind = self.resolved.behind.get(name, {})
            persons = [(witness, person.on(self.today)) for witness, person in behind.items()]
            _random.shuffle(persons)
            accounts_, ties = self.resolved.accounts.get(name, ()), self.resolved.ties
            found[name] = sheet(accounts_, ties, self.known[name], dict(persons))
        return found

    def _counted(self, name: str) -> dict[str, Any]:
        """The figures of today, and what stands beside them."""
        accounts_, ties, vocabulary = (
            self.resolved.accounts.get(name, ()),
            self.resolved.ties,
            self.known[name],
        )
        beside = details.details(accounts_, ties, vocabulary, self.resolved.twice.get(name, ()))
        excluded = Counter(str(why) for incident, _, why in self.resolved.excluded if incident == name)
        return {
            "month": self.today.isoformat()[:7],
            "same_person": self.recognised.status(name, {account.witness for account in accounts_}),
            "claims": [row.to_json() for row in self.table.rows(name)],
            "details": [detail.to_json() for detail in beside],
            "excluded": {why: rule.about_how_many(count) for why, count in sorted(excluded.items())},
        }


def _read(half: Half, known: Mapping[str, Vocabulary]) -> Deposited | Recoding:
    """What a half says, read strictly: a signature proves who wrote it, not that it is well-formed."""
    said = half.statement
    if said["kind"] == Kind.CONSENT:
        return _change(half)
    if said["kind"] != SECOND_CODING:
        return _deposited(half, known)
    fields = Fields(half.body, "A second coding", ("format", "nonce", "incidents", "observations"))
    about, observed = frozenset(fields.distinct("incidents", MOST_INCIDENTS)), _observations(fields, known)
    if not {one.incident for one in observed} <= about <= known.keys():
        raise Invalid("A second coding is of other incidents than it says.")
    return Recoding(said["codes"], said["depositor"], about, observed, half.digest, said["supersedes"])


def _deposited(half: Half, known: Mapping[str, Vocabulary]) -> Deposited:
    fields = Fields(half.body, "A deposit", _BODY)
    return Deposited(
        digest=half.digest,
        supersedes=half.statement["supersedes"],
        witness=fields.text("witness", _TAG),
        consent=Consent.parse(fields.value("consent")),
        together_with=tuple(fields.distinct("together_with", MOST_TOGETHER)),
        depositor=half.statement["depositor"],
        present=tuple(fields.distinct("present", MOST_TOGETHER)),
        household=tuple(fields.distinct("household", MOST_TOGETHER)),
        introducer=fields.text("introducer", _TAG) if "introducer" in fields else None,
        interpreter=fields.text("interpreter", _TAG) if "interpreter" in fields else None,
        shown_before=tuple(fields.distinct("shown_before", MOST_TOGETHER)),
        match=fields.text("match", _NAME).partition(".")[0] if "match" in fields else None,
        observations=_observations(fields, known),
    )


def _change(half: Half) -> Deposited:
    """A change of consent: it says nothing of what happened, and ties nobody."""
    fields = Fields(half.body, "A change of consent", ("format", "nonce", "witness", "consent"))
    witness, consent = fields.text("witness", _TAG), Consent.parse(fields.value("consent"))
    return Deposited(
        half.digest, half.statement["supersedes"], witness, consent, (), (), changes_consent=True
    )


def _observations(fields: Fields, known: Mapping[str, Vocabulary]) -> tuple[Observation, ...]:
    return tuple(
        Observation.from_json(said, known) for said in fields.items("observations", MOST_OBSERVATIONS)
    )


def _states(
    uow: UnitOfWork, case: Case, earlier: tuple[Edition, ...], keys: Sequence[SealingKey], log: Log
) -> dict[str, IncidentState]:
    if not earlier:
        return {}
    last = editions.basis_of(uow, case.file, earlier[-1], keys)
    log.require(last.get("assessments"))
    bases = last["incidents"]
    return {
        entry["incident"]: IncidentState(Status(entry["status"]), entry["figures"], bases[entry["incident"]])
        for entry in earlier[-1].document["incidents"]
    }


def _present(resolved: Resolved, incident: str, recut: bool) -> Present:
    return Present(basis(resolved, incident), resolved.same(incident), recut)


def _set_aside(unsigned: int, resolved: Resolved) -> dict[str, str]:
    found = {"unsigned": unsigned, "repeated": resolved.repeated, "misdirected": resolved.misdirected}
    return {kind: rule.about_how_many(count) for kind, count in found.items()}
