"""The files that travel to and from the pinned page, as the command line and the server make them."""

from __future__ import annotations

from typing import Any

from tests.cast import C1, C2, C3, CHAIN, ROSTER, TODAY, V1, V2, VAULT, Person, identifier, seed, signed_by
from vault.founding import found_case
from vault.opening import Days, Holder, ask, decide, entrust
from vault.sealing import escrows, rosters
from vault.sealing.digests import Json, b64, canonical
from vault.sealing.escrows import Escrow, fingerprint
from vault.sealing.keypairs import CHEAPEST, SealingKey
from vault.sealing.locks import lock
from vault.sealing.members import wrap_request_key
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed
from vault.sealing.terms import seal_packet
from vault.sealing.words import opening_key

LAST = "2026-12-22"
REASON = "She asked us to call: نعم."
OPENING_CODE = "ability able about above absence absorb abstract absurd abuse access"
IDENTITY = {
    "format": "witness-vault/v1/identity",
    "pseudonym": "abacus-abdomen-ability-able",
    "name": "أحمد بن عليّ",
    "other_names": "",
    "contact": "through the clinic",
    "address": "first line\nsecond line",
    "notes": "",
}
ESCROW = entrust(canonical(IDENTITY), "identity", identifier("record"), ROSTER)
VERIFIED = rosters.verify_chain(CHAIN)
PIN = {"vault": VAULT, "version": ROSTER.version, "digest": b64(ROSTER.digest)}
TEAM = {"V1": ["brief", "corroboration", "editions"], "V2": ["brief", "testimony"]}
PLAN = {"code": "S1", "title": "Air strikes", "incidents": [{"title": "Sermin", "vocabulary": "air-strike"}]}


def request(escrow: Escrow = ESCROW, **about: str) -> tuple[Signed, SealingKey]:
    """What V2 asks for, and the fresh key."""
    assert V2.request is not None
    named = {"purpose": escrow["purpose"], "record": escrow["record"], "escrow": fingerprint(escrow)}
    return ask({**named, "reason": REASON, "requester": "V2", **about}, ROSTER, V2.request, Days(TODAY, LAST))


def packet_file(
    person: Person, terms: Signed, escrow: Escrow = ESCROW, case: Json = None, **changed: Json
) -> dict[str, Any]:
    """A request as a custodian's desk hands it out."""
    opening = changed.get("opening", terms["document"]["opening"])
    extract = changed.pop("extract", escrows.for_custodian(escrow, person.code))
    content = changed.pop("content", {"terms": terms, "escrow": extract, "case": case})
    public = changed.pop("sealed_to", person.secret.sealing.public)
    sealed = seal_packet(public, VAULT, opening, person.code, content)
    return {
        "format": "witness-vault/v1/packet-file",
        "vault": VAULT,
        "opening": opening,
        "recipient": person.code,
        "packet": b64(sealed),
        "rosters": list(CHAIN),
        **changed,
    }


def approve(
    person: Person, terms: Signed, escrow: Escrow = ESCROW, refusal: str | None = None, case: Json = None
) -> Signed:
    """A custodian's decision, made by the command line."""
    packet = {"terms": terms, "escrow": escrows.for_custodian(escrow, person.code), "case": case}
    return decide(packet, VERIFIED, Holder(person.code, person.secret), refusal, TODAY)


def opening_file(terms: Signed, key: SealingKey, code: str = OPENING_CODE) -> dict[str, Any]:
    """What the requester keeps."""
    about = {"opening": terms["document"]["opening"]}
    locked = lock(opening_key(code), ("opening-key", about), key.seed)
    return {"format": "witness-vault/v1/opening-file", "terms": terms, "key": b64(locked)}


def redemption_file(
    terms: Signed, approvals: list[Signed], escrow: Escrow = ESCROW, **changed: Json
) -> dict[str, Any]:
    """What the server hands over."""
    return {
        "format": "witness-vault/v1/redemption-file",
        "vault": VAULT,
        "opening": terms["document"]["opening"],
        "escrow": escrow,
        "approvals": approvals,
        "case": None,
        "rosters": list(CHAIN),
        **changed,
    }


def roster_file(chain: Json = CHAIN) -> dict[str, Any]:
    """The rosters alone."""
    return {"format": "witness-vault/v1/roster-file", "rosters": list(chain)}


def member_file(person: Person = V2, pin: Json = PIN) -> dict[str, Any]:
    """A requester's own file."""
    assert person.request is not None
    factor = seed(f"{person.code} factor")
    wrapped = wrap_request_key(person.request, person.code, person.passphrase, factor, CHEAPEST)
    own = {"code": person.code, "device_key": None, "factor": b64(factor), "request_key": wrapped}
    return {**own, "pin": pin}


def founded_case(roster: Roster = ROSTER, team: Json = None) -> tuple[Signed, dict[str, Escrow]]:
    """A case that V1 proposed and a quorum signed, and the escrow record of each of its keys."""
    plan = {**PLAN, "team": team or TEAM}
    document, attachments = found_case(plan, roster, "V1", V1.secret.signing, ["air-strike"])
    return signed_by(document, (C1, C2, C3)), attachments["escrows"]
