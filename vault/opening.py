"""The clients' half of escrow: entrust, ask, decide, combine. The only place where shares meet.

It runs on the devices of those concerned (a researcher who seals an identity, a custodian, a requester), from
the command line; nothing that the server serves can reach it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vault.errors import Invalid, Refused, Tampered
from vault.sealing import boxes, escrows, shares
from vault.sealing.casefiles import promised_key
from vault.sealing.digests import Document, Json, b64, document_digest, pad, unb64, unpad
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import MemberSecret, SealingKey, SigningKey
from vault.sealing.locks import KEY_SIZE, lock, unlock
from vault.sealing.rosters import Roster, at, require_in_force
from vault.sealing.signatures import Signed, read_by, sign
from vault.sealing.terms import check_terms, require_present_epoch


@dataclass(frozen=True)
class Holder:
    """A custodian's code and keys, out of the key file."""

    code: str
    secret: MemberSecret = field(repr=False)


REASON_PADDED = 4096
_NAMED = ("purpose", "record", "vault")  # what says which secret a request is about


@dataclass(frozen=True)
class Days:
    """Today, and the last day of something."""

    today: str
    last: str


def entrust(payload: bytes, purpose: str, record: str, roster: Roster) -> Escrow:
    """`payload` in escrow with the custodians of `roster`: k of them give it back, k - 1 learn nothing."""
    data_key = secrets.token_bytes(KEY_SIZE)
    dealt = shares.split(data_key, roster.threshold, len(roster.codes))
    entries = [
        {"index": share[0], "custodian": code, "hash": escrows.share_hash(share)}
        for code, share in zip(roster.codes, dealt, strict=True)
    ]
    result: Escrow = {
        "format": "witness-vault/v1/escrow",
        "purpose": purpose,
        "vault": roster.vault,
        "record": record,
        "epoch": roster.epoch,
        "roster": roster.version,
        "threshold": roster.threshold,
        "shares": entries,
        "origin": None,
    }
    locked = lock(data_key, escrows.binding(result), pad(payload, escrows.PADDED[purpose]))
    result["locked"] = b64(locked)
    name = escrows.fingerprint(result)
    for entry, share in zip(entries, dealt, strict=True):
        about = escrows.share_binding(result, name, entry, len(dealt))
        sealing = roster.custodians[str(entry["custodian"])].sealing
        entry["sealed"] = b64(boxes.seal(sealing, about, share))
    return result


def ask(
    about: dict[str, str], roster: Roster, request_key: SigningKey, days: Days
) -> tuple[Signed, SealingKey]:
    """Signed terms for one opening, and the fresh key to which the shares will come.

    `about` holds purpose, record, the escrow's fingerprint, reason and requester. Raises Refused for an unlisted
    request key, Expired when the roster has run out.
    """
    require_in_force(roster, days.today)
    if roster.member(about["requester"]).request != request_key.public:
        raise Refused(
            "The roster does not list this device's request key: ask the custodians to add its card."
        )
    key = SealingKey.generate()
    terms = {
        "format": "witness-vault/v1/terms",
        "vault": roster.vault,
        "opening": b64(secrets.token_bytes(16)),
        **about,
        "key": b64(key.public),
        "roster": roster.version,
        "day": days.today,
        "expires": days.last,
    }
    return sign(terms, about["requester"], request_key), key


def decide(
    packet: Json, rosters: Sequence[Roster], holder: Holder, refusal: str | None, today: str
) -> Signed:
    """A custodian's signed approval, the share re-sealed to the requester; or, with a reason, a refusal.

    `rosters` is the verified chain. Raises Tampered or Invalid for a packet that does not hold, Expired (also for what
    was asked of an earlier epoch), Refused for another vault's key file and for a case key that is not promised.
    """
    # (1) the terms are the requester's own and still stand
    if not isinstance(packet, dict):
        raise Tampered("This is not a request for an opening.")
    roster = rosters[-1]
    terms = check_terms(packet.get("terms"), roster, today)
    # (2) this key file is a custodian's of this vault
    custodian = roster.custodians.get(holder.code)
    if custodian is None or custodian.signing != holder.secret.signing.public:
        raise Refused("This key file belongs to another vault, or is no longer in the roster.")
    require_present_epoch(terms, rosters)
    decision: dict[str, Any] = {
        "format": "witness-vault/v1/approval",
        "vault": roster.vault,
        "opening": terms["opening"],
        "terms": b64(document_digest(terms)),
        "custodian": holder.code,
        "decision": "refuse",
        "reason": None,
        "index": None,
        "share": None,
    }
    if refusal is None:
        require_in_force(roster, today)
        if terms["purpose"] == "case-key":
            promised_key(packet.get("case"), terms, at(rosters))
        share = _entrusted_share(packet.get("escrow"), terms, holder)
        # (4) hand it to the requester's fresh key, bound to these terms
        decision.update(decision="approve", index=share[0])
        handed = boxes.seal(unb64(terms["key"]), _handing(decision), share)
        decision["share"] = b64(handed)
    else:
        # why a custodian refuses is for the requester's eyes, not for whoever seizes the server
        reason = pad(refusal.encode("utf-8"), REASON_PADDED)
        decision["reason"] = b64(boxes.seal(unb64(terms["key"]), _handing(decision), reason))
    return sign(decision, holder.code, holder.secret.signing)


def combine(terms: Json, key: SealingKey, record: Json, approvals: Sequence[Json], roster: Roster) -> bytes:
    """The secret that k custodians handed over. Raises Refused below k, Tampered for what does not fit."""
    name = b64(document_digest(terms))
    try:
        escrows.check_form(record)
    except Invalid:
        raise Tampered("The server sent a record that is not whole.") from None
    named = any(record[part] != terms.get(part) for part in _NAMED)
    if named or escrows.fingerprint(record) != terms.get("escrow"):
        raise Tampered("The server sent another record than the one requested.")
    # (1) every decision is a custodian's, about these terms; (2) every share is the one the record names
    handed, unfit = {}, 0
    for signed in approvals:
        try:
            share = _handed_share(signed, name, key, record, roster)
        except Tampered:
            unfit += 1
            continue
        if share is not None:
            handed[share[0]] = share
    # (3) a quorum
    threshold = record["threshold"]
    if len(handed) < threshold and unfit:
        raise Tampered(
            "A custodian handed over a share that does not fit the record; ask the others to decide."
        )
    if len(handed) < threshold:
        raise Refused(
            "%(given)d of %(threshold)d custodians have approved; the record stays closed.",
            given=len(handed),
            threshold=threshold,
        )
    # (4) the data key, proved by the record's key commitment
    data_key = shares.combine([handed[index] for index in sorted(handed)][:threshold])
    try:
        return unpad(unlock(data_key, escrows.binding(record), unb64(record["locked"])))
    except Invalid:
        raise Tampered("The record holds something else than this vault seals.") from None


def reasons(terms: Json, key: SealingKey, decisions: Sequence[Json], roster: Roster) -> dict[str, str]:
    """Why custodians refused, by code: each of them sealed it to this request's own key.

    Raises Tampered for what is no custodian's decision on these terms, and for a reason that does not open.
    """
    name, said = b64(document_digest(terms)), {}
    for signed in decisions:
        code, decision = _decision(signed, name, roster)
        if decision["decision"] == "refuse":
            try:
                padded = boxes.unseal(key, _handing(decision), unb64(decision["reason"]))
                said[code] = unpad(padded).decode("utf-8")
            except (Invalid, UnicodeDecodeError):
                raise Tampered("A custodian's reason is not written as this vault writes it.") from None
    return said


def _entrusted_share(extract: Json, terms: Document, holder: Holder) -> bytes:
    # (3) the share that was handed to this custodian is of the record that the terms name: its box is bound to all this
    if not isinstance(extract, dict) or any(extract.get(part) != terms[part] for part in (*_NAMED, "escrow")):
        raise Tampered(
            "The server sent a share of another record than the request names. Tell the custodians."
        )
    return escrows.open_share(extract, holder.secret.sealing)


def _handing(decision: Document) -> tuple[str, Document]:
    return "handed-share", {part: decision[part] for part in ("opening", "terms", "custodian", "index")}


def _decision(signed: Json, terms: str, roster: Roster) -> tuple[str, dict[str, Any]]:
    """Who decided, and what they signed. Raises Tampered unless it is a custodian's decision on these terms."""
    try:
        code = signed["document"]["custodian"]
        decision = read_by(signed, "approval", code, roster.custodians[code].signing)
        if (decision["terms"], decision["vault"]) == (terms, roster.vault):
            return code, {**decision, "decision": decision["decision"]}
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("A custodian's decision is about another request.")


def _handed_share(signed: Json, terms: str, key: SealingKey, record: Escrow, roster: Roster) -> bytes | None:
    code, approval = _decision(signed, terms, roster)
    if approval["decision"] == "refuse":
        return None
    try:
        share = boxes.unseal(key, _handing(approval), unb64(approval["share"]))
        entry = record["shares"][approval["index"] - 1]
        named = (approval["decision"], approval["index"], code)
        if named == ("approve", entry["index"], entry["custodian"]) and escrows.is_share(share, entry):
            return share
    except (KeyError, TypeError, IndexError, Invalid):
        pass
    raise Tampered("A custodian handed over a share that does not fit the record; ask that custodian again.")
