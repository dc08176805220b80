"""Logging an interview. It needs only public keys: afterwards the depositor cannot read it back."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vault import cases, drafts
from vault import roster as rosters
from vault.drafts import Draft
from vault.errors import Conflict, NotFound
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.drafts import InterviewDraft
from vault.rules.vocabulary import Vocabulary
from vault.sealing import deposits, escrows
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64, canonical, digest, document_digest, label_tag, pad, unb64, witness_tag
from vault.sealing.rosters import Roster
from vault.sealing.words import check_pseudonym
from vault.shredding import shreddable
from vault.store import slots
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import KEYS, place


@dataclass(frozen=True)
class Receipt:
    """What a depositor takes away."""

    pseudonym: str
    digest: str
    withdrawal_token: str


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
        halves = _halves(case.file, rosters.current(uow), draft, attempt, actor.code)
        _is_kept(uow, actor, attempt, _check_value(attempt, halves))


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
    halves = _halves(case.file, roster, draft, attempt, actor.code)
    signed = deposits.sign_statement(halves.statement, actor.keys.signing)
    receipt = Receipt(attempt.pseudonym, b64(document_digest(halves.statement)), b64(attempt.token))
    check = _check_value(attempt, halves)
    if _is_kept(uow, actor, attempt, check):
        return receipt
    # (4) identity and match record: sealed on the depositor's device, only their form can be checked here
    for (purpose, name), sealed in _sealed_apart(draft, attempt):
        escrows.check(sealed, purpose, name, roster)
        padded = pad(canonical(sealed), deposits.IDENTITY_CONTENT)
        slots.fill_identity_slot(uow.identities, unb64(name), shreddable(uow, unb64(name), padded))
    # (5) the halves, each to its own key, into slots; shreds, identities, testimony are committed in this order.
    # Only the first observations record carries the check: one value in two slots would tie the halves together.
    checked = deposits.record_id(attempt.token, "observations")
    for half, body in (("testimony", halves.testimony), ("observations", halves.observations)):
        at, ids = place(case.file, case.file.newest(KEYS[half])), _ids(attempt.token, half)
        for record, box in deposits.seal_half(signed, body, case.file.keys[at.key], at, ids).items():
            carried = check if record == checked else None
            slots.fill_slot(
                uow.testimony, unb64(case.id), half, record, shreddable(uow, record, box), carried
            )
    return receipt


def _read(
    vault: Installation, uow: UnitOfWork, actor: Actor, attempt: Draft, raw: Mapping[str, Any]
) -> tuple[cases.Case, InterviewDraft, Draft]:
    """The case, the interview, and the attempt under the pseudonym that the interview goes by."""
    require(actor.role, Permission.LOG_INTERVIEW)
    case = cases.show(uow, actor, attempt.case)
    draft = InterviewDraft.parse(raw, vocabularies(vault, case))
    if draft.pseudonym:
        attempt = replace(attempt, pseudonym=check_pseudonym(draft.pseudonym))
    return case, draft, attempt


@dataclass(frozen=True)
class _Halves:
    statement: dict[str, Any]
    testimony: dict[str, Any]
    observations: dict[str, Any]


def _halves(file: CaseFile, roster: Roster, draft: InterviewDraft, attempt: Draft, depositor: str) -> _Halves:
    testimony, observations = _testimony(draft, attempt), _observations(file.id, draft, attempt)
    facts = {
        "vault": file.vault,
        "case": file.id,
        "roster": roster.version,
        "depositor": depositor,
        "kind": draft.kind.value,
        "supersedes": draft.supersedes,
    }
    return _Halves(deposits.statement(facts, testimony, observations), testimony, observations)


def _testimony(draft: InterviewDraft, attempt: Draft) -> dict[str, Any]:
    """The half in words: pseudonyms, labels and what was said stand as they are."""
    named = {name: [check_pseudonym(other) for other in others] for name, others in _named(draft).items()}
    said = [one.to_json() for one in draft.said]
    return {
        "format": "witness-vault/v1/testimony",
        "nonce": deposits.nonce(attempt.token, "testimony"),
        "pseudonym": attempt.pseudonym,
        "kind": draft.kind.value,
        "reason": draft.reason,
        "consent": draft.consent.to_json(),
        "interview": {**draft.interview.to_json(), **named},
        "testimony": draft.testimony,
        "identity": _name(attempt.identity_record, draft.sealed_identity),
        **({"said": said} if any(any(one.values()) for one in said) else {}),
    }


def _observations(case: str, draft: InterviewDraft, attempt: Draft) -> dict[str, Any]:
    """The half in codes: of pseudonyms and labels it has the tags alone, in an order that says nothing."""

    def tag(pseudonym: str) -> str:
        return witness_tag(case, check_pseudonym(pseudonym))

    facts = draft.interview
    labels = {
        "introducer": label_tag(case, "introducer", facts.introducer) if facts.introducer.strip() else None,
        "interpreter": label_tag(case, "interpreter", facts.interpreter)
        if facts.interpreter.strip()
        else None,
        "shown_before": sorted({label_tag(case, "shown_before", label) for label in facts.shown_before}),
    }
    return {
        "format": "witness-vault/v1/observations",
        "nonce": deposits.nonce(attempt.token, "observations"),
        "witness": tag(attempt.pseudonym),
        **({"match": _name(attempt.match_record, draft.sealed_match)} if draft.sealed_match else {}),
        **{name: sorted(map(tag, others)) for name, others in _named(draft).items()},
        **{name: value for name, value in labels.items() if value},
        "consent": draft.consent.to_json(),
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


def _check_value(attempt: Draft, halves: _Halves) -> bytes:
    """By which a second attempt is known to be the same: it says nothing without the token."""
    return digest("receipt", attempt.token + document_digest(halves.statement))


def _is_kept(uow: UnitOfWork, actor: Actor, attempt: Draft, check: bytes) -> bool:
    record = deposits.record_id(attempt.token, "observations")
    kept = slots.receipt_of(uow.testimony, unb64(attempt.case), record)
    if kept is None:
        try:
            drafts.find_draft(uow, actor, attempt.id)
        except NotFound as gone:
            raise NotFound(f"{gone.message} Open a new one.") from None
        return False
    if not hmac.compare_digest(kept, check):
        raise Conflict(
            "This interview was deposited already and your receipt stands. To change it, log a correction."
        )
    return True


def _ids(token: bytes, half: str) -> Callable[[int], bytes]:
    return lambda i: deposits.record_id(token, f"{half}/{i}" if i else half)
