"""The terms of an opening: what is asked for, by whom, why, until when (docs/FORMATS.md §9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from vault.errors import Expired, Invalid, Tampered
from vault.sealing import boxes
from vault.sealing.digests import Document, Json, canonical, pad, parse_object, unb64, unpad
from vault.sealing.keypairs import SEALING_PUBLIC_SIZE, SealingKey
from vault.sealing.rosters import DAY, Roster, at
from vault.sealing.signatures import read_by
from vault.sealing.signs import JOINERS, is_plain

PACKET_SIZE = 32 * 1024
PURPOSES = ("identity", "case-key")
LONGEST_REASON = 1000
LONGEST_LIFE = 30  # days
_PARTS = {
    *("format", "vault", "opening", "purpose", "record", "escrow", "reason"),
    *("requester", "key", "roster", "day", "expires"),
}


def check_terms(signed: Json, roster: Roster, today: str) -> dict[str, Any]:
    """The terms, if a member whom the roster lists signed them and they stand today.

    Raises Tampered, Expired, or Invalid for a request that says too little or too much.
    """
    terms = read_terms(signed, roster)
    if today < terms["day"]:
        raise Expired(
            "This request is of a day that is still to come: a clock is wrong, here or where it was made. Set it right."
        )
    if today > terms["expires"]:
        raise Expired("This request is past its last day; a new one is needed.")
    return terms


def read_terms(signed: Json, roster: Roster) -> dict[str, Any]:
    """The terms, if a member whom the roster lists signed them, whatever the day. Raises Tampered or Invalid."""
    try:
        requester = roster.member(signed["document"]["requester"])
        if requester.request is None:
            raise Tampered("The requester has no request key in the roster.")
        terms = read_by(signed, "terms", requester.code, requester.request)
        _check_form(terms)
        if terms["vault"] != roster.vault or not 1 <= terms["roster"] <= roster.version:
            raise Tampered("This request was made for another vault or roster.")
        # both are days of the calendar: the server counts from the one and to the other
        if _days_after(terms["expires"], 0) > _days_after(terms["day"], LONGEST_LIFE):
            raise Invalid("A request lives at most %(most)d days.", most=LONGEST_LIFE)
    except (KeyError, TypeError):
        raise Tampered("This is not a request for an opening.") from None
    return terms


def require_present_epoch(terms: Document, chain: Sequence[Roster]) -> None:
    """Raises Expired for a request that was made to the custodians of an earlier epoch."""
    if at(chain)(terms["roster"]).epoch != chain[-1].epoch:
        raise Expired("The custodians have changed since this was asked for: ask anew.")


def seal_packet(public: bytes, vault: str, opening: str, recipient: str, content: Document) -> bytes:
    """The terms (and a custodian's share), for one who may see them; all packets have one size."""
    return boxes.seal(public, _packet(vault, opening, recipient), pad(canonical(content), PACKET_SIZE))


def open_packet(key: SealingKey, vault: str, opening: str, recipient: str, sealed: bytes) -> dict[str, Any]:
    """What `seal_packet` was given. Raises Tampered."""
    try:
        return parse_object(unpad(boxes.unseal(key, _packet(vault, opening, recipient), sealed)))
    except Invalid:
        raise Tampered("A packet holds something else than a request.") from None


def _check_form(terms: Document) -> None:
    texts = [terms[part] for part in _PARTS - {"roster"}]
    if set(terms) != _PARTS or not all(isinstance(text, str) for text in texts):
        raise Tampered("This is not a request for an opening.")
    if terms["purpose"] not in PURPOSES or isinstance(terms["roster"], bool):
        raise Tampered("This is not a request for an opening.")
    if not (DAY.match(terms["day"]) and DAY.match(terms["expires"])):
        raise Tampered("This is not a request for an opening.")
    for part, size in (("record", 16), ("opening", 16), ("escrow", 32), ("key", SEALING_PUBLIC_SIZE)):
        unb64(terms[part], size)
    if not 1 <= len(terms["reason"].strip(f" {JOINERS}")) <= LONGEST_REASON:
        raise Invalid("Give a reason, in at most %(most)d characters.", most=LONGEST_REASON)
    # What a custodian reads must be what is there: nothing that moves the cursor, hides, or turns text around.
    if not is_plain(terms["reason"]):
        raise Invalid(
            "Give the reason in one line of plain text, with single spaces and no invisible characters."
        )


def _packet(vault: str, opening: str, recipient: str) -> tuple[str, Document]:
    return "packet", {"vault": vault, "opening": opening, "recipient": recipient}


def _days_after(day: str, days: int) -> str:
    try:
        return (date.fromisoformat(day) + timedelta(days)).isoformat()
    except (ValueError, OverflowError):
        raise Tampered("This is not a request for an opening.") from None
