"""Logging an interview. It needs only public keys: afterwards the depositor cannot read it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vault import cases, drafts, receipts, retention
from vault import roster as rosters
from vault.drafts import Draft
from vault.errors import N_
from vault.installation import Installation
from vault.keyrings import Actor
from vault.receipts import Bound, Receipt
from vault.rules.access import Permission, require
from vault.rules.drafts import InterviewDraft, Kind
from vault.rules.vocabulary import Vocabulary
from vault.sealing import deposits, escrows
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import Root
from vault.sealing.digests import canonical, label_tag, pad, unb64, witness_tag
from vault.sealing.rosters import Roster
from vault.sealing.words import check_pseudonym
from vault.store.unit_of_work import UnitOfWork

_DEPOSITED = N_(
    "This interview was deposited already and your receipt stands. To change it, log a correction."
)
_CHANGED = N_("This change was deposited already and your receipt stands. To change it, hand in another one.")


def deposit(vault: Installation, actor: Actor, attempt: Draft, raw: Mapping[str, Any]) -> Receipt:
    """Seal an interview into the vault. A second, identical attempt gives the same receipt and changes nothing.

    `attempt` is the draft, or what the form carries of it when an earlier attempt has already destroyed it.
    Raises Invalid, Refused, Conflict; then nothing is visible and the draft is still there.
    """
    with vault.store.work() as uow:
        receipt = _deposit(vault, uow, actor, attempt, raw)
        uow.commit()
    # (6) only now is the draft expendable
    with vault.store.work("shreds") as uow:
        drafts.forget(uow, actor, attempt.id)
        uow.commit()
    return receipt


def check(vault: Installation, actor: Actor, attempt: Draft, raw: Mapping[str, Any]) -> None:
    """Raises what `deposit` would raise for this interview, before its identity is sealed. Changes nothing."""
    with vault.store.read() as uow:
        case, draft, attempt = _read(vault, uow, actor, attempt, raw)
        made = bound(case.file, rosters.current(uow), draft, attempt, actor.code)
        if not _is_kept(uow, actor, attempt, made):
            retention.require_kept(uow, case.file)


def vocabularies(vault: Installation, case: cases.Case) -> dict[str, Vocabulary]:
    """The vocabulary of each incident of a case."""
    return {incident["incident"]: vault.vocabularies[incident["vocabulary"]] for incident in case.incidents}


def _deposit(
    vault: Installation, uow: UnitOfWork, actor: Actor, attempt: Draft, raw: Mapping[str, Any]
) -> Receipt:
    # (1) may this actor; (2) does the draft hold, and does consent allow a record
    case, draft, attempt = _read(vault, uow, actor, attempt, raw)
    for _, sealed in _sealed_apart(draft, attempt):
        escrows.check_form(sealed)
    # (3) bind the two halves, and sign: the signature goes inside the ciphertexts
    roster = rosters.current(uow)
    made = bound(case.file, roster, draft, attempt, actor.code)
    if _is_kept(uow, actor, attempt, made):
        return made.receipt(attempt.pseudonym)
    # (4) identity and match record: sealed on the depositor's device, only their form can be checked here
    apart = {
        unb64(name): pad(canonical(escrows.check(sealed, purpose, name, roster)), deposits.IDENTITY_CONTENT)
        for (purpose, name), sealed in _sealed_apart(draft, attempt)
    }
    # (5) the halves, each to its own key; all into slots; shreds, identities, testimony are committed in this order
    receipts.fill(uow, case.file, made, actor.keys.signing, apart)
    return made.receipt(attempt.pseudonym)


def _read(
    vault: Installation, uow: UnitOfWork, actor: Actor, attempt: Draft, raw: Mapping[str, Any]
) -> tuple[cases.Case, InterviewDraft, Draft]:
    """The case, the interview, and the attempt under the pseudonym that the interview goes by."""
    require(actor.role, Permission.LOG_INTERVIEW)
    case = cases.show(uow, actor, attempt.case)
    draft = InterviewDraft.parse(raw, vocabularies(vault, case))
    if draft.pseudonym:
        attempt = replace(attempt, pseudonym=check_pseudonym(draft.pseudonym, "pseudonym"))
    for place, observation in enumerate(draft.observations):
        for origin in observation.origins:
            check_pseudonym(origin, f"observations/{place}")
    return case, draft, attempt


def bound(file: CaseFile, roster: Roster, draft: InterviewDraft, attempt: Draft, depositor: str) -> Bound:
    """The two halves of an interview or a change of consent, to be signed by its depositor."""
    testimony, observations = _testimony(draft, attempt), _observations(file.id, draft, attempt)
    facts = {
        "vault": file.vault,
        "case": file.id,
        "roster": roster.version,
        "depositor": depositor,
        "kind": draft.kind.value,
        "supersedes": draft.supersedes,
    }
    return Bound.of(_root(draft, attempt), facts, testimony, observations)


def _root(draft: InterviewDraft, attempt: Draft) -> Root:
    """Of a change of consent it is one that no withdrawal reaches: destroyed, it would let its witness count again."""
    root = Root(attempt.token)
    return root.change() if draft.kind is Kind.CONSENT else root


def _testimony(draft: InterviewDraft, attempt: Draft) -> dict[str, Any]:
    """The half in words: pseudonyms, labels and what was said stand as they are."""
    named = {
        name: [check_pseudonym(other, name) for other in others] for name, others in _named(draft).items()
    }
    said = [one.to_json() for one in draft.said]
    return {
        "format": "witness-vault/v1/testimony",
        "nonce": _root(draft, attempt).nonce("testimony"),
        "pseudonym": attempt.pseudonym,
        "kind": draft.kind.value,
        "reason": draft.reason,
        "consent": draft.consent.to_json(),
        "interview": {**draft.interview.to_json(), **named},
        "testimony": draft.testimony,
        "identity": _name(attempt.identity_record, draft.sealed_identity),
        **({"said": said} if any(any(one.values()) for one in said) else {}),
        **({} if draft.kind is Kind.CONSENT else {"withdrawal": attempt.token_text}),
    }


def _observations(case: str, draft: InterviewDraft, attempt: Draft) -> dict[str, Any]:
    """The half in codes: of pseudonyms and labels it has the tags alone, in an order that says nothing."""

    def tag(pseudonym: str) -> str:
        return witness_tag(case, check_pseudonym(pseudonym))

    about = {
        "format": "witness-vault/v1/observations",
        "nonce": _root(draft, attempt).nonce("observations"),
        "witness": tag(attempt.pseudonym),
        "consent": draft.consent.coded.to_json(),
    }
    if draft.kind is Kind.CONSENT:  # how it was said, and through whom, makes nobody dependent
        return about
    facts = draft.interview
    labels = {
        "introducer": label_tag(case, "introducer", facts.introducer) if facts.introducer.strip() else None,
        "interpreter": label_tag(case, "interpreter", facts.interpreter)
        if facts.interpreter.strip()
        else None,
        "shown_before": sorted({label_tag(case, "shown_before", label) for label in facts.shown_before}),
    }
    return {
        **about,
        **({"match": _name(attempt.match_record, draft.sealed_match)} if draft.sealed_match else {}),
        **{name: sorted(map(tag, others)) for name, others in _named(draft).items()},
        **{name: value for name, value in labels.items() if value},
        "observations": [observation.naming(tag).to_json() for observation in draft.observations],
    }


def _sealed_apart(draft: InterviewDraft, attempt: Draft) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """What the device sealed to the custodians, with its purpose and the id that it must have."""
    found = (
        (("identity", attempt.identity_record), draft.sealed_identity),
        (("match", attempt.match_record), draft.sealed_match),
    )
    return [(about, sealed) for about, sealed in found if sealed is not None]


def _name(record: str, sealed: dict[str, Any] | None) -> str | None:
    return None if sealed is None else f"{record}.{escrows.fingerprint(sealed)}"


def _named(draft: InterviewDraft) -> dict[str, tuple[str, ...]]:
    """The other witnesses whom the interview names, in each way; of the later ways those that name somebody."""
    facts = draft.interview
    later = {"present": facts.present, "household": facts.household}
    return {"together_with": facts.together_with} | {name: others for name, others in later.items() if others}


def _is_kept(uow: UnitOfWork, actor: Actor, attempt: Draft, bound: Bound) -> bool:
    change = bound.statement["kind"] == Kind.CONSENT
    if not receipts.is_kept(uow, attempt.case, bound, _CHANGED if change else _DEPOSITED):
        if change:
            return False
        drafts.require_open(uow, actor, attempt.id)
        return False
    return True
