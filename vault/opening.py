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
from vault.sealing.digests import Json, b64, document_digest, pad, unb64, unpad
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import MemberSecret, SealingKey, SigningKey
from vault.sealing.locks import KEY_SIZE, lock, unlock
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed, read_by, sign
from vault.sealing.terms import check_terms


@dataclass(frozen=True)
class Holder:
    """A custodian's code and keys, out of the key file."""

    code: str
    secret: MemberSecret = field(repr=False)


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
    }
    locked = lock(data_key, escrows.binding(result), pad(payload, escrows.PADDED[purpose]))
    for entry, share in zip(entries, dealt, strict=True):
        code = str(entry["custodian"])
        about = escrows.share_binding(result, share[0], code, len(dealt))
        entry["sealed"] = b64(boxes.seal(roster.custodians[code].sealing, about, share))
    return {**result, "locked": b64(locked)}


def ask(
    about: dict[str, str], roster: Roster, request_key: SigningKey, days: Days
) -> tuple[Signed, SealingKey]:
    """Signed terms for one opening, and the fresh key to which the shares will come.

    `about` holds purpose, record, reason and requester. Raises Refused for an unlisted request key.
    """
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


def decide(packet: Json, roster: Roster, holder: Holder, refusal: str | None, today: str) -> Signed:
    """A custodian's signed approval, the share re-sealed to the requester; or, with a reason, a refusal."""
    # (1) the terms are the requester's own and still stand
    terms = check_terms(packet.get("terms"), roster, today)
    # (2) this key file is a custodian's of this vault
    custodian = roster.custodians.get(holder.code)
    if custodian is None or custodian.signing != holder.secret.signing.public:
        raise Refused("This key file belongs to another vault, or is no longer in the roster.")
    decision: dict[str, Any] = {
        "format": "witness-vault/v1/approval",
        "vault": roster.vault,
        "opening": terms["opening"],
        "terms": b64(document_digest(terms)),
        "custodian": holder.code,
        "decision": "refuse",
        "reason": refusal or "",
        "index": None,
        "share": None,
    }
    if refusal is None:
        # (3) the share that was handed to this custodian is of the record that the terms name
        extract = packet.get("escrow")
        named = ("purpose", "record", "vault")
        if not isinstance(extract, dict) or any(extract.get(key) != terms[key] for key in named):
            raise Tampered(
                "The server sent a share of another record than the request names. Tell the custodians."
            )
        share = escrows.open_share(extract, holder.secret.sealing)
        # (4) hand it to the requester's fresh key, bound to these terms
        about = (
            "handed-share",
            {key: decision[key] for key in ("opening", "terms", "custodian")} | {"index": share[0]},
        )
        handed = b64(boxes.seal(unb64(terms["key"]), about, share))
        decision.update(decision="approve", index=share[0], share=handed)
    return sign(decision, holder.code, holder.secret.signing)


def combine(terms: Json, key: SealingKey, record: Escrow, approvals: Sequence[Json], roster: Roster) -> bytes:
    """The secret that k custodians handed over. Raises Refused below k, Tampered for what does not fit."""
    name = b64(document_digest(terms))
    if any(record.get(part) != terms.get(part) for part in ("purpose", "record", "vault")):
        raise Tampered("The server sent another record than the one requested.")
    # (1) every decision is a custodian's, about these terms; (2) every share is the one the record names
    handed = {}
    for signed in approvals:
        share = _handed_share(signed, name, key, record, roster)
        if share is not None:
            handed[share[0]] = share
    # (3) a quorum
    if len(handed) < record["threshold"]:
        raise Refused(
            f"{len(handed)} of {record['threshold']} custodians have approved; the record stays closed."
        )
    # (4) the data key, proved by the record's key commitment
    chosen = [handed[index] for index in sorted(handed)][: record["threshold"]]
    return unpad(unlock(shares.combine(chosen), escrows.binding(record), unb64(record["locked"])))


def _handed_share(signed: Json, terms: str, key: SealingKey, record: Escrow, roster: Roster) -> bytes | None:
    try:
        code = signed["document"]["custodian"]
        approval = read_by(signed, "approval", code, roster.custodians[code].signing)
        if approval["terms"] != terms or approval["vault"] != roster.vault:
            raise Tampered("A custodian's decision is about another request.")
        if approval["decision"] != "approve":
            return None
        about = (
            "handed-share",
            {part: approval[part] for part in ("opening", "terms", "custodian", "index")},
        )
        share = boxes.unseal(key, about, unb64(approval["share"]))
        entry = record["shares"][approval["index"] - 1]
        if (
            entry["custodian"] == code
            and entry["hash"] == escrows.share_hash(share)
            and share[0] == entry["index"]
        ):
            return share
    except (KeyError, TypeError, IndexError, Invalid):
        pass
    raise Tampered("A custodian handed over a share that does not fit the record; ask that custodian again.")
