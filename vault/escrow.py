"""The server's half of escrow: it keeps sealed shares that it cannot read, carries decisions, hands over.

A request is signed by the requester's request key, a decision by the custodian's key; the server checks both, and
so does every client, which trusts nothing here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit
from vault import roster as rosters
from vault.errors import Conflict, Expired, Invalid, NotFound, Refused, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.quorum import Tally
from vault.sealing import terms as terms_
from vault.sealing.deposits import IDENTITY_CONTENT
from vault.sealing.digests import Json, b64, document_digest, parse_object, unb64, unpad
from vault.sealing.escrows import Escrow, fingerprint, for_custodian
from vault.sealing.rosters import Roster, require_in_force
from vault.sealing.signatures import read_by
from vault.shredding import unshredded
from vault.store.identities import IdentitySlotRow
from vault.store.testimony import ApprovalRow, OpeningRow, PacketRow
from vault.store.unit_of_work import UnitOfWork

REQUESTER = ""


@dataclass(frozen=True)
class Waiting:
    """An opening as a custodian's desk sees it: the packet only that custodian can read, and who has decided."""

    opening: str
    packet: str
    expires: str
    decided: tuple[str, ...]
    tally: Tally


def ask(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> str:
    """Take a request for one identity; its opening id. Raises Refused, Tampered, Expired, NotFound, Conflict."""
    # (1) may this actor, in their own name, under a roster that still holds
    require(actor.role, Permission.REQUEST_OPENING)
    roster = rosters.current(uow)
    require_in_force(roster, today.isoformat())
    terms = terms_.check_terms(signed, roster, today.isoformat())
    if terms["requester"] != actor.code or terms["purpose"] != "identity":
        raise Refused("You can only ask in your own name, and for an identity.")
    opening = unb64(terms["opening"])
    if uow.testimony.get(OpeningRow, opening) is not None:
        raise Conflict("This request has been made already.")
    # (2) the record, sealed to the present custodians
    record = _record(uow, terms["record"])
    if fingerprint(record) != terms["escrow"]:
        raise Conflict("This record is not the one that was deposited. Tell a custodian.")
    if record["epoch"] != roster.epoch:
        raise Conflict("This record is sealed to former custodians; it must be re-shared first.")
    # (3) the terms to those concerned only, each custodian's with their own sealed share
    uow.testimony.add(OpeningRow(id=opening, terms=document_digest(terms), expires=terms["expires"]))
    uow.testimony.flush()
    for code, custodian in roster.custodians.items():
        content = {"terms": signed, "escrow": for_custodian(record, code)}
        sealed = terms_.seal_packet(custodian.sealing, roster.vault, terms["opening"], code, content)
        uow.testimony.add(PacketRow(opening=opening, recipient=code, sealed=sealed))
    own = terms_.seal_packet(
        actor.keys.sealing.public, roster.vault, terms["opening"], REQUESTER, {"terms": signed}
    )
    uow.testimony.add(PacketRow(opening=opening, recipient=REQUESTER, sealed=own))
    # (4) who asked for what, and why, for the custodians' eyes
    about = {"opening": terms["opening"], "record": terms["record"], "terms": b64(document_digest(terms))}
    audit.record(uow, actor.code, "opening requested", about, today)
    return str(terms["opening"])


def waiting(uow: UnitOfWork, actor: Actor, today: date) -> list[Waiting]:
    """The openings on which the quorum has not decided, with this custodian's packets."""
    require(actor.role, Permission.DECIDE_OPENING)
    roster = rosters.current(uow)
    rows = uow.testimony.execute(
        select(OpeningRow, PacketRow)
        .join(PacketRow, PacketRow.opening == OpeningRow.id)
        .where(
            PacketRow.recipient == actor.code,
            OpeningRow.expires >= today.isoformat(),
            OpeningRow.redeemed.is_(False),
        )
        .order_by(OpeningRow.id)
    ).all()
    return [
        Waiting(
            b64(row.id),
            b64(packet.sealed),
            row.expires,
            tuple(sorted(_decisions(uow, row.id))),
            _tally(uow, row.id, roster),
        )
        for row, packet in rows
    ]


def decide(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> Tally:
    """Take a custodian's signed decision; one each, while the request lives."""
    require(actor.role, Permission.DECIDE_OPENING)
    roster = rosters.current(uow)
    try:
        approval = read_by(signed, "approval", actor.code, roster.custodians[actor.code].signing)
        row = uow.testimony.get(OpeningRow, unb64(approval["opening"], 16))
        named = approval["custodian"], approval["vault"], unb64(approval["terms"], 32), approval["decision"]
        about = {"opening": approval["opening"], "decision": approval["decision"]}
    except (KeyError, TypeError, Invalid):
        raise Tampered("This is not a decision of yours on a request of this vault.") from None
    if (
        row is None
        or named[:3] != (actor.code, roster.vault, row.terms)
        or named[3] not in ("approve", "refuse")
    ):
        raise NotFound("There is no such request, or its terms are others than those you decided on.")
    if today.isoformat() > row.expires:
        raise Expired("This request is past its last day.")
    if approval["decision"] == "approve":
        require_in_force(roster, today.isoformat())
    if actor.code in _decisions(uow, row.id):
        raise Conflict("You have decided on this request already.")
    uow.testimony.add(ApprovalRow(opening=row.id, custodian=actor.code, signed=json.dumps(signed)))
    uow.testimony.flush()
    audit.record(uow, actor.code, "opening decided", about, today, signed)
    return _tally(uow, row.id, roster)


def progress(uow: UnitOfWork, actor: Actor, opening: str) -> Tally:
    """How far an opening has come."""
    require(actor.role, Permission.REQUEST_OPENING)
    return _tally(uow, _find(uow, opening).id, rosters.current(uow))


def redeem(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> dict[str, Any]:
    """Hand the record and the decisions to the requester, once k approved.

    The audit entry stands in the same transaction: commit before anything is sent.
    """
    require(actor.role, Permission.REQUEST_OPENING)
    roster = rosters.current(uow)
    terms = terms_.check_terms(signed, roster, today.isoformat())
    row = _find(uow, terms["opening"])
    if terms["requester"] != actor.code or document_digest(terms) != row.terms:
        raise NotFound("There is no such request of yours.")
    require_in_force(roster, today.isoformat())
    _tally(uow, row.id, roster).require_met()
    record = _record(uow, terms["record"])
    row.redeemed = True
    audit.record(
        uow,
        actor.code,
        "opening handed over",
        {"opening": terms["opening"], "record": terms["record"]},
        today,
    )
    return {
        "escrow": record,
        "approvals": [_decisions(uow, row.id)[code] for code in sorted(_decisions(uow, row.id))],
    }


def _record(uow: UnitOfWork, name: str) -> Escrow:
    slot = uow.identities.get(IdentitySlotRow, unb64(name, 16))
    if slot is None or not slot.taken:
        raise NotFound("There is no such record.")
    content = unshredded(uow, slot.record, slot.content)
    if len(content) != IDENTITY_CONTENT:
        raise Tampered("A record is damaged.")
    return parse_object(unpad(content))


def _find(uow: UnitOfWork, opening: str) -> OpeningRow:
    row = uow.testimony.get(OpeningRow, unb64(opening, 16))
    if row is None:
        raise NotFound("There is no such request.")
    return row


def _decisions(uow: UnitOfWork, opening: bytes) -> dict[str, Json]:
    rows = uow.testimony.scalars(select(ApprovalRow).where(ApprovalRow.opening == opening))
    return {row.custodian: json.loads(row.signed) for row in rows}


def _tally(uow: UnitOfWork, opening: bytes, roster: Roster) -> Tally:
    approved = [
        code
        for code, signed in _decisions(uow, opening).items()
        if signed["document"]["decision"] == "approve"
    ]
    return Tally(roster.threshold, frozenset(approved), frozenset(roster.custodians))
