"""Quotes of witnesses: one append-only ledger for each case (docs/FORMATS.md §8.6).

Each entry is signed, names the one before it, and is sealed to the case's corroboration key: whoever tries the gates of
a statement reads the words that shall stand in it, and of the testimony no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from vault import audit, cases, corroboration, editions, grounds, keyrings, quoted, testimonies
from vault.cases import Case
from vault.corroboration import Gathered
from vault.editions import Edition
from vault.errors import N_, Conflict, Invalid, Refused
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.quoted import Log
from vault.rules import quotes as rule
from vault.rules.access import Permission, allows, require
from vault.rules.accounts import Deposited
from vault.rules.assessments import Decision
from vault.rules.circumstances import Band
from vault.rules.descriptors import Descriptors
from vault.rules.disclosure import NOT_NOW, Policy, Refusal
from vault.rules.drafts import Kind
from vault.rules.fields import Fields
from vault.rules.independence import standings
from vault.rules.quotes import Claim, Entry, Proposed, Quote, Speaker
from vault.rules.vocabulary import Vocabulary
from vault.sealing.casefiles import CaseFile
from vault.sealing.signs import is_plain
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import Testimony

_WORDS = N_("Copy the words as they stand in the testimony, without a break: nothing is added or left out.")
_WISH = ("receipt", "incident", "words", "claims", "descriptor", "bands")


@dataclass(frozen=True)
class Listed:
    """A quote, and the gates that are shut for it today."""

    proposed: Proposed
    refusals: tuple[Refusal, ...]

    def to_json(self) -> dict[str, Any]:
        """As FORMATS 8.6 has it: without the witness, or whose deposit it is."""
        one, content = self.proposed, self.proposed.quote.to_json()
        shown = {name: content[name] for name in content if name not in ("witness", "deposit", "record")}
        taken = one.decision and {
            "author": one.decider,
            "upheld": one.decision.upheld,
            "reason": one.decision.reason,
        }
        cures = [refusal.cure for refusal in self.refusals]
        return {"quote": one.name, "author": one.author, **shown, "decision": taken, "refusals": cures}


def may_quote(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    """Whether the actor may propose quotes of this case: by role, and by the keys that read, count and show figures."""
    keys = ("testimony", "corroboration", "editions")
    return allows(actor.role, Permission.ASSESS) and all(
        keyrings.holds(uow, actor, file, key) for key in keys
    )


def propose(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date
) -> str:
    """Propose a quote of a testimony of a case that the actor reads; the descriptor that it was given.

    Raises Invalid for words that do not stand there, Refused while a gate is shut or without the keys.
    """
    # (1) may this actor, and (2) do these words stand in the testimony
    require(actor.role, Permission.ASSESS)
    case, fields = what[0], Fields(what[1], "A quote", _WISH)
    one = testimonies.by_receipt(uow, actor, case, fields.text("receipt", 200))
    words = _found(fields.text("words", rule.LONGEST_QUOTE), one, today)
    # (3) whose they are, as the newest edition counted them
    ground = ground_of(vault, uow, actor, case)
    incident = fields.text("incident", 200)
    vocabulary, told = ground.vocabulary(incident), ground.deposited(one.half.digest)
    witness = told.witness
    # (4) what the witness is called: what is too narrow is written nowhere
    bands = _bands(fields.value("bands", {}), vocabulary.descriptors)
    alike = {code: ground.alike(incident, code, witness) for code in bands}
    called = rule.generalised(vocabulary, fields.text("descriptor", 80), bands, alike, ground.policy)
    said = {
        "witness": witness,
        "deposit": one.half.digest,
        "record": told.record,
        "incident": incident,
        "words": words,
        "claims": fields.value("claims"),
        "descriptor": called,
        "band": str(bands[called]),
    }
    quote = Quote.from_json(said, vocabulary)
    # (5) is every gate open; (6) the words die with the testimony that they come from
    _require(ground.refusals(quote, today))
    quoted.append(uow, actor, (ground.case.file, ground.log), today, quote)
    audit.record(uow, actor.code, "quote proposed", {"case": case}, today)
    return called


def decide(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[str, Decision], today: date
) -> None:
    """Uphold or reject what another proposed in a case. Raises Conflict; to uphold it, Refused while a gate is shut."""
    require(actor.role, Permission.ASSESS)
    case, decision = what
    ground = ground_of(vault, uow, actor, case)
    try:
        found = rule.standing([*ground.log.entries, Entry("", actor.code, decision)])
    except Invalid as error:
        raise Conflict(error.message) from None
    if decision.upheld:
        _require(gates(vault, uow, actor, (ground, found.proposed[decision.motion].quote), today))
    quoted.append(uow, actor, (ground.case.file, ground.log), today, decision)
    audit.record(uow, actor.code, "quote decided", {"case": case}, today)


def listing(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> tuple[Listed, ...]:
    """The quotes of a case, newest first, each with the gates that are shut. One audit entry."""
    require(actor.role, Permission.ASSESS)
    ground = ground_of(vault, uow, actor, case)
    audit.record(uow, actor.code, "quotes read", {"case": case}, today)
    proposed = reversed([*ground.log.there])
    return tuple(Listed(one, gates(vault, uow, actor, (ground, one.quote), today)) for one in proposed)


def quotable(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str, str], today: date
) -> tuple[Testimony, tuple[Claim, ...]]:
    """A testimony, and what its witness perceived directly on an incident, for whoever may propose a quote of it."""
    require(actor.role, Permission.ASSESS)
    case, record, incident = place
    one = testimonies.show(uow, actor, case, record, today)
    ground = ground_of(vault, uow, actor, case)
    vocabulary = ground.vocabulary(incident)
    direct = ground.direct(incident, ground.deposited(one.half.digest).witness)
    return one, tuple(sorted(direct, key=lambda claim: vocabulary.order(*claim)))


@dataclass(frozen=True)
class Ground:
    """What the quotes of a case are tried on: what stands today, and what the newest edition counted."""

    case: Case
    policy: Policy
    known: Mapping[str, Vocabulary]
    gathered: Gathered
    earlier: tuple[Edition, ...]
    counted: Mapping[str, Mapping[str, str]]
    log: Log

    def vocabulary(self, incident: str) -> Vocabulary:
        """Raises NotFound."""
        return self.known[self.case.incident(incident)["incident"]]

    def deposited(self, deposit: str) -> Deposited:
        """The deposit of this receipt. Raises Refused, as for everything else that is not now."""
        for one in self.gathered.folded.index.packed.deposits():
            if one.digest == deposit:
                return one
        raise Refused(NOT_NOW.cure)

    def direct(self, incident: str, witness: str) -> frozenset[Claim]:
        """What a witness affirms directly, and what that entails."""
        resolved, vocabulary = self.gathered.resolved, self.vocabulary(incident)
        found = standings(resolved.accounts.get(incident, ()), resolved.ties, vocabulary)
        return frozenset(
            (one.subject, one.value) for one in found if "direct" in one.columns.get(witness, ())
        )

    def alike(self, incident: str, descriptor: str, witness: str) -> int:
        """How many others are called so."""
        return self.log.standing.alike(incident, descriptor, self._person(witness))

    def refusals(self, quote: Quote, today: date) -> tuple[Refusal, ...]:
        """The gates of its words and its descriptor that are shut for a quote."""
        return rule.refusals(quote, self._speaker(quote, today), self.vocabulary(quote.incident), self.policy)

    def _speaker(self, quote: Quote, today: date) -> Speaker:
        """The witness today. Whoever is no longer as they were counted allows nothing for now."""
        behind = self.gathered.resolved.behind.get(quote.incident, {}).get(quote.witness)
        now = corroboration.basis(self.gathered.resolved, quote.incident).get(quote.witness)
        same = now is not None and now == self.counted.get(quote.incident, {}).get(quote.witness)
        same = same and bool(quote.words) and behind is not None and quote.record in behind.records
        return Speaker(
            uses=behind.on(today).uses if behind and same else frozenset(),
            direct=self.direct(quote.incident, quote.witness),
            called=self.log.standing.called(self._person(quote.witness)),
            alike=self.alike(quote.incident, quote.descriptor, quote.witness),
        )

    def _person(self, witness: str) -> frozenset[str]:
        """The tags of everyone who is the same person, on any incident."""
        pairs = [pair for incident in self.known for pair in self.gathered.resolved.same(incident)]
        found = frozenset({witness})
        while grown := frozenset().union(*(pair for pair in pairs if pair & found)) - found:
            found |= grown
        return found


def ground_of(vault: Installation, uow: UnitOfWork, actor: Actor, name: str) -> Ground:
    """Raises Refused without the corroboration keys, NotFound, Tampered."""
    case = cases.show(uow, actor, name)
    known = vocabularies(vault, case)
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "corroboration")]
    gathered = corroboration.gather(uow, actor, case, keys, known)
    earlier = editions.history(uow, actor, case)
    counted = editions.basis_of(uow, case.file, earlier[-1], keys)["incidents"] if earlier else {}
    return Ground(
        case, vault.policy, known, gathered, earlier, counted, quoted.read(uow, case.file, keys, known)
    )


def gates(
    vault: Installation, uow: UnitOfWork, actor: Actor, what: tuple[Ground, Quote], today: date
) -> tuple[Refusal, ...]:
    """The gates that are shut for a quote: its own, or those of the exact form for what it asserts."""
    ground, quote = what
    if found := ground.refusals(quote, today):
        return found
    now = grounds.of(vault, uow, actor, (ground.case, ground.earlier, quote.incident), today)
    if now is None:
        return (NOT_NOW,)
    said = rule.lines(now.narrowed, quote, ground.vocabulary(quote.incident), ground.policy)
    return tuple(dict.fromkeys(rule.shut(now.narrowed, said, now.circumstances(), ground.policy, today)))


def _found(words: str, one: Testimony, today: date) -> str:
    """The words in one line. Raises Invalid unless they stand in the testimony, Refused for one that was replaced, or
    past the day that its witness set: who counts never learns of it, only who reads."""
    if one.superseded or one.allowed.is_over(today) or one.half.body["kind"] == Kind.CONSENT:
        raise Refused(NOT_NOW.cure)
    line = " ".join(words.split())
    if not line or not is_plain(line) or line not in " ".join(one.half.body["testimony"].split()):
        raise Invalid(_WORDS, "words")
    return line


def _bands(raw: object, descriptors: Descriptors) -> dict[str, Band]:
    fields = Fields(raw, "How many can be called so", tuple(descriptors))
    return {code: fields.choice(code, Band) for code in descriptors if code in fields}


def _require(refusals: Sequence[Refusal]) -> None:
    if refusals:
        raise Refused(refusals[0].cure)
