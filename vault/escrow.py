"""The server's half of escrow: it keeps sealed shares that it cannot read, and carries decisions on them.

A request is signed by the requester's request key, a decision by the custodian's key; the server checks both, and
so does every client, which trusts nothing here.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit, papers, requested
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.keyrings import Actor
from vault.requested import Requested
from vault.rules.access import Permission, require
from vault.rules.openings import Life, State
from vault.rules.quorum import Tally
from vault.sealing import terms as terms_
from vault.sealing.digests import Document, Json, b64, document_digest, stored, unb64
from vault.sealing.escrows import for_custodian
from vault.sealing.rosters import Roster, require_in_force
from vault.sealing.signatures import Signed, read_by
from vault.store.testimony import ApprovalRow, OpeningRow, PacketRow
from vault.store.unit_of_work import UnitOfWork

REQUESTER = ""
MOST_AT_ONCE = 50  # requests of one member that have not run out and were not collected
PACKET_FILE = "witness-vault/v1/packet-file"


@dataclass(frozen=True)
class Waiting:
    """An opening as a custodian's desk sees it: the packet only that custodian can read, and who has decided."""

    opening: str
    packet: str
    expires: str
    tally: Tally
    state: State

    @property
    def decided(self) -> tuple[str, ...]:
        return tuple(sorted(self.tally.approved | self.tally.refused))


def ask(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> str:
    """Take a request for one record; its opening id. Raises Refused, Tampered, Expired, NotFound, Conflict."""
    # (1) may this actor, in their own name, under a roster that still holds
    require(actor.role, Permission.REQUEST_OPENING)
    chain = rosters.history(uow)
    roster = chain[-1]
    require_in_force(roster, today.isoformat())
    terms = terms_.check_terms(signed, roster, today.isoformat())
    terms_.require_present_epoch(terms, chain)
    if terms["requester"] != actor.code:
        raise Refused("You can only ask in your own name.")
    opening = unb64(terms["opening"])
    if uow.testimony.get(OpeningRow, opening) is not None:
        raise Conflict("This request has been made already.")
    _require_room(uow, actor, roster, today)
    # (2) the record, sealed to the present custodians, and nobody but who may have it
    found = requested.find(uow, terms)
    if found.record["epoch"] != roster.epoch:
        raise Conflict("This record is sealed to former custodians; it must be re-shared first.")
    # (3) the terms to those concerned only, each custodian's with their own sealed share
    name = document_digest(terms)
    uow.testimony.add(OpeningRow(id=opening, terms=name, epoch=roster.epoch, expires=terms["expires"]))
    uow.testimony.flush()
    _send(uow, actor, roster, signed, found)
    # (4) who asked for what, for the custodians' eyes
    about = {part: terms[part] for part in ("opening", "purpose", "record")}
    audit.record(uow, actor.code, "opening requested", {**about, "terms": b64(name)}, today)
    return str(terms["opening"])


def read_request(text: str) -> Json:
    """The signed terms out of what somebody brought by hand. Raises Invalid, saying what it is instead."""
    return papers.read(text, papers.REQUEST).get("terms")


def waiting(uow: UnitOfWork, actor: Actor, today: date) -> list[Waiting]:
    """The openings on which this custodian can decide, with their packets; also those that k agreed on, while due."""
    require(actor.role, Permission.DECIDE_OPENING)
    roster = rosters.current(uow)
    rows = uow.testimony.execute(
        select(OpeningRow, PacketRow)
        .join(PacketRow, PacketRow.opening == OpeningRow.id)
        .where(
            PacketRow.recipient == actor.code,
            OpeningRow.expires >= today.isoformat(),
            OpeningRow.epoch == roster.epoch,
        )
        .order_by(OpeningRow.id)
    ).all()
    found = []
    for row, packet in rows:
        counted = tally(uow, row, roster)
        state = life(row, roster).state(counted, today)
        if state is not State.OVER:
            found.append(Waiting(b64(row.id), b64(packet.sealed), row.expires, counted, state))
    return found


def packet_file(uow: UnitOfWork, actor: Actor, opening: str, today: date) -> dict[str, Any]:
    """What a custodian carries to the device on which they decide. Raises NotFound, Expired."""
    require(actor.role, Permission.DECIDE_OPENING)
    row = find(uow, opening)
    life(row, rosters.current(uow)).require_decidable(today)
    packet = uow.testimony.get(PacketRow, (row.id, actor.code))
    if packet is None:
        raise NotFound("There is no such request for you.")
    about = {"vault": rosters.current(uow).vault, "opening": opening, "recipient": actor.code}
    return {"format": PACKET_FILE, **about, "packet": b64(packet.sealed), "rosters": rosters.chain(uow)}


def read_decision(text: str) -> Signed:
    """The signed decision that a custodian brought by hand. Raises Invalid, saying what it is instead."""
    return papers.read(text, papers.DECISION)


def decide(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> Tally:
    """Take a custodian's signed decision; one each, while the request lives. The k-th approval marks its day."""
    require(actor.role, Permission.DECIDE_OPENING)
    roster = rosters.current(uow)
    row, approval = _read_decision(uow, actor, signed, roster)
    life(row, roster).require_decidable(today)
    if approval["decision"] == "approve":
        require_in_force(roster, today.isoformat())
    if actor.code in decisions(uow, row, roster):
        raise Conflict("You have decided on this request already.")
    # in the place of whatever somebody else may have written there: that does not hold
    uow.testimony.merge(ApprovalRow(opening=row.id, custodian=actor.code, signed=json.dumps(signed)))
    uow.testimony.flush()
    counted = tally(uow, row, roster)
    if counted.met and row.met is None:
        row.met = today.isoformat()
    about = {"opening": approval["opening"], "decision": approval["decision"]}
    audit.record(uow, actor.code, "opening decided", about, today, signed)
    return counted


def find(uow: UnitOfWork, opening: str) -> OpeningRow:
    """The request of this id. Raises NotFound."""
    row = uow.testimony.get(OpeningRow, unb64(opening, 16))
    if row is None:
        raise NotFound("There is no such request.")
    return row


def life(row: OpeningRow, roster: Roster) -> Life:
    """The days of a request, under the present roster."""
    met = None if row.met is None else date.fromisoformat(row.met)
    return Life(date.fromisoformat(row.expires), met, roster.cooling, row.epoch != roster.epoch)


def decisions(uow: UnitOfWork, row: OpeningRow, roster: Roster) -> dict[str, Signed]:
    """The decisions that hold, by custodian: signed, on these terms, by one whom the roster lists. No other counts."""
    held = {}
    for one in uow.testimony.scalars(select(ApprovalRow).where(ApprovalRow.opening == row.id)):
        try:
            signed = stored(one.signed)
            if _holds(signed, one.custodian, row, roster):
                held[one.custodian] = signed
        except Tampered:
            continue
    return held


def tally(uow: UnitOfWork, row: OpeningRow, roster: Roster) -> Tally:
    """How the custodians decided so far."""
    said = {
        code: signed["document"]["decision"] for code, signed in sorted(decisions(uow, row, roster).items())
    }
    approved, refused = (
        frozenset(code for code, word in said.items() if word == decision)
        for decision in ("approve", "refuse")
    )
    return Tally(roster.threshold, approved, frozenset(roster.custodians), refused)


def _require_room(uow: UnitOfWork, actor: Actor, roster: Roster, today: date) -> None:
    """Raises Refused for whoever has asked for so much that others' requests would drown in it."""
    packets = select(PacketRow).join(OpeningRow, PacketRow.opening == OpeningRow.id)
    living = OpeningRow.expires >= today.isoformat(), OpeningRow.redeemed.is_(False)
    own = 0
    for one in uow.testimony.scalars(packets.where(*living, PacketRow.recipient == REQUESTER)):
        with suppress(Tampered):  # another's: whose a request is stands nowhere in the clear
            name = b64(one.opening)
            terms_.open_packet(actor.keys.sealing, roster.vault, name, REQUESTER, one.sealed)
            own += 1
    if own >= MOST_AT_ONCE:
        raise Refused(
            "You have %(own)d requests that wait: collect those, or let them run out, first.", own=own
        )


def _send(uow: UnitOfWork, actor: Actor, roster: Roster, signed: Signed, found: Requested) -> None:
    opening = signed["document"]["opening"]
    sent: list[tuple[str, bytes, Document]] = [
        (code, custodian.sealing, {"escrow": for_custodian(found.record, code), "case": found.case})
        for code, custodian in roster.custodians.items()
    ]
    sent.append((REQUESTER, actor.keys.sealing.public, {}))
    for code, public, own in sent:
        sealed = terms_.seal_packet(public, roster.vault, opening, code, {"terms": signed, **own})
        uow.testimony.add(PacketRow(opening=unb64(opening), recipient=code, sealed=sealed))


def _read_decision(
    uow: UnitOfWork, actor: Actor, signed: Json, roster: Roster
) -> tuple[OpeningRow, dict[str, Any]]:
    """The request that is decided on, and the decision. Raises Invalid, Tampered, NotFound."""
    match signed:
        case {"document": {"custodian": str(by)}} if by != actor.code and by in roster.custodians:
            raise Invalid("Another custodian signed this decision: they hand it in themselves.")
    try:
        approval = read_by(signed, "approval", actor.code, roster.custodians[actor.code].signing)
        opening = b64(unb64(approval["opening"], 16))
    except (KeyError, TypeError, Invalid):
        raise Tampered("This is not a decision of yours on a request of this vault.") from None
    row = find(uow, opening)
    if not _holds(signed, actor.code, row, roster):
        raise NotFound("There is no such request, or its terms are others than those you decided on.")
    return row, approval


def _holds(signed: Json, code: str, row: OpeningRow, roster: Roster) -> bool:
    """Whether this custodian said yes or no to the terms of this request. Raises Tampered for a false signature."""
    if code not in roster.custodians:
        return False
    said = read_by(signed, "approval", code, roster.custodians[code].signing)
    parts = [said.get(part) for part in ("custodian", "vault", "opening", "terms", "decision")]
    named = [code, roster.vault, b64(row.id), b64(row.terms)]
    return parts[:4] == named and parts[4] in ("approve", "refuse")
