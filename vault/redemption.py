"""The requester's side of an opening on the server: what became of one's own requests, and the handing over.

Whose a request is stands nowhere in the clear: it is whose keys open the packet that was sealed to who asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select

from vault import audit, escrow, requested
from vault import roster as rosters
from vault.errors import N_, NotFound, Refused, VaultError
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.openings import Life, State
from vault.rules.quorum import Tally
from vault.sealing import terms as terms_
from vault.sealing.digests import Json, b64, document_digest, unb64
from vault.sealing.rosters import LONGEST_COOLING, Roster, require_in_force
from vault.sealing.signatures import Signed
from vault.store.testimony import OpeningRow, PacketRow
from vault.store.unit_of_work import UnitOfWork

REDEMPTION_FILE = "witness-vault/v1/redemption-file"
SHOWN_AFTERWARDS = timedelta(days=LONGEST_COOLING + 30)
MOST_LOOKED_THROUGH = 1000  # each takes an attempt to unseal
_NOT_YOURS = N_("There is no such request of yours.")


@dataclass(frozen=True)
class Request:
    """One of a member's own requests, as it stands."""

    signed: Signed = field(repr=False)
    tally: Tally
    life: Life
    state: State
    refusals: tuple[Signed, ...] = field(repr=False)  # their reasons are sealed to the request's own key

    @property
    def terms(self) -> dict[str, Any]:
        return dict(self.signed["document"])


def own(uow: UnitOfWork, actor: Actor, today: date) -> list[Request]:
    """The actor's requests of the last weeks, the newest first. Raises Refused when there are too many of all."""
    require(actor.role, Permission.REQUEST_OPENING)
    since = (today - SHOWN_AFTERWARDS).isoformat()
    rows = uow.testimony.execute(_packets().where(OpeningRow.expires >= since)).all()
    if len(rows) > MOST_LOOKED_THROUGH:
        raise Refused(
            "There are too many requests to look yours up here: use `witness-vault opening status`."
        )
    roster, found = rosters.current(uow), []
    for row, packet in rows:
        signed = _own_terms(actor, roster, row, packet)
        if signed is not None:
            found.append(_standing(uow, row, signed, roster, today))
    return sorted(found, key=lambda one: (one.terms["day"], one.terms["opening"]), reverse=True)


def show(uow: UnitOfWork, actor: Actor, opening: str, today: date) -> Request:
    """One of the actor's own requests. Raises NotFound, the same for another's, and Expired for a former epoch's."""
    require(actor.role, Permission.REQUEST_OPENING)
    roster = rosters.current(uow)
    escrow.life(escrow.find(uow, opening), roster).require_present()
    for row, packet in uow.testimony.execute(_packets().where(OpeningRow.id == unb64(opening, 16))):
        signed = _own_terms(actor, roster, row, packet)
        if signed is not None:
            return _standing(uow, row, signed, roster, today)
    raise NotFound(_NOT_YOURS)


def collect(uow: UnitOfWork, actor: Actor, opening: str, today: date) -> dict[str, Any]:
    """`redeem` for one of the actor's own requests, by its id."""
    return redeem(uow, actor, show(uow, actor, opening, today).signed, today)


def redeem(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> dict[str, Any]:
    """Hand the record and the decisions to who asked, once k approved and it has cooled; again, while it is due.

    The audit entry stands in the same transaction: commit before anything is sent.
    """
    # (1) one's own request, in one's own name, under a roster that still holds
    require(actor.role, Permission.REQUEST_OPENING)
    chain = rosters.history(uow)
    roster = chain[-1]
    terms = terms_.read_terms(signed, roster)
    row = escrow.find(uow, terms["opening"])
    if terms["requester"] != actor.code or document_digest(terms) != row.terms:
        raise NotFound(_NOT_YOURS)
    require_in_force(roster, today.isoformat())
    terms_.require_present_epoch(terms, chain)
    # (2) k custodians approved, and these are the days
    escrow.life(row, roster).require_due(escrow.tally(uow, row, roster), today)
    # (3) it is still theirs to have
    found = requested.find(uow, terms)
    row.redeemed = True
    about = {"opening": terms["opening"], "record": terms["record"]}
    audit.record(uow, actor.code, "opening handed over", about, today)
    held = escrow.decisions(uow, row, roster)
    return {
        "format": REDEMPTION_FILE,
        "vault": roster.vault,
        "opening": terms["opening"],
        "escrow": found.record,
        "approvals": [held[code] for code in sorted(held)],
        "case": found.case,
        "rosters": rosters.chain(uow),
    }


def _packets() -> Select[OpeningRow, PacketRow]:
    joined = select(OpeningRow, PacketRow).join(PacketRow, PacketRow.opening == OpeningRow.id)
    return joined.where(PacketRow.recipient == escrow.REQUESTER).limit(MOST_LOOKED_THROUGH + 1)


def _own_terms(actor: Actor, roster: Roster, row: OpeningRow, packet: PacketRow) -> Signed | None:
    """The signed terms of a request, if they are the actor's: a packet that does not open is another's."""
    try:
        name = b64(row.id)
        content = terms_.open_packet(actor.keys.sealing, roster.vault, name, escrow.REQUESTER, packet.sealed)
        signed: Signed = content["terms"]
        terms = terms_.read_terms(signed, roster)
    except (KeyError, VaultError):
        return None
    is_own = (terms["requester"], document_digest(terms)) == (actor.code, row.terms)
    return signed if is_own else None


def _standing(uow: UnitOfWork, row: OpeningRow, signed: Signed, roster: Roster, today: date) -> Request:
    counted, life = escrow.tally(uow, row, roster), escrow.life(row, roster)
    held = escrow.decisions(uow, row, roster)
    refusals = tuple(held[code] for code in sorted(counted.refused))
    return Request(signed, counted, life, life.state(counted, today), refusals)
