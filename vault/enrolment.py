"""How a person becomes a member: invited by a quorum, enrolled by themselves, listed by a quorum."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update

from vault import proposed, throttling
from vault import roster as rosters
from vault.errors import N_, Conflict, Expired, Invalid, NotFound
from vault.installation import Installation
from vault.rules import passphrases
from vault.rules.access import Permission, Role, require
from vault.sealing import members
from vault.sealing.digests import Json, b64, digest, parse_object, stored, unb64
from vault.sealing.keypairs import DEVICE_KEY_SIZE, MEMBER, CostProfile, MemberSecret, cost_of
from vault.sealing.members import card_fingerprint, read_card
from vault.sealing.rosters import DAY, Roster, at, is_met
from vault.sealing.signatures import Signed
from vault.sealing.words import PASSPHRASE_WORDS, random_words, spell_device_key
from vault.store.testimony import InvitationRow, MemberRow, ProposalRow, ProposalSignatureRow
from vault.store.unit_of_work import UnitOfWork, changed

TOKEN_SIZE = 32
_USED = N_("This invitation has been used already. If it was not by you, tell a custodian at once.")


@dataclass(frozen=True)
class Invitation:
    """A standing invitation: who is meant, and to which vault."""

    token: bytes
    code: str
    role: str
    vault: str


@dataclass(frozen=True)
class Kit:
    """What is shown once to whoever enrolled in a browser, to be printed and kept away from the field."""

    code: str
    device_key: str
    card_fingerprint: str


def check_invitations(roster: Roster, document: Json, today: date) -> None:
    """Raises Invalid unless the document invites people to this vault, now.

    A listed member may be invited anew, in the same role: whoever lost passphrase or device enrols with new keys.
    """
    try:
        if document["vault"] != roster.vault or document["roster"] != roster.version:
            raise Conflict(
                "The roster has changed since these invitations were prepared: prepare them again."
            )
        last = document["expires"]
        if not document["invitations"] or not DAY.match(last) or last < today.isoformat():
            raise Invalid("Invitations need a last day that is still to come.")
        entries = document["invitations"]
        for entry in entries:
            members.check_code(entry["code"]), members.check_role(entry["role"])
            unb64(entry["token"], 32)
            listed = roster.members.get(entry["code"])
            taken = listed is not None and listed.role != entry["role"]
            if taken or (entry["role"] == "custodian") != (entry["code"] in roster.custodians):
                raise Conflict("One of these codes is taken already: choose another.")
        if any(len({entry[key] for entry in entries}) < len(entries) for key in ("code", "token")):
            raise Invalid("Each code and each link stands once: prepare the invitations again.")
    except (KeyError, TypeError):
        raise Invalid("These invitations are not whole: prepare them again.") from None


def invite(uow: UnitOfWork, document: Json) -> None:
    """Let the invitations of a signed document stand; a later one for the same code replaces the earlier."""
    for entry in document["invitations"]:
        unused = InvitationRow.code == entry["code"], InvitationRow.used.is_(False)
        uow.testimony.execute(update(InvitationRow).where(*unused).values(used=True))
        facts = {"code": entry["code"], "role": entry["role"], "expires": document["expires"]}
        uow.testimony.add(InvitationRow(token=unb64(entry["token"], 32), **facts))


def close(uow: UnitOfWork, codes: Iterable[str]) -> None:
    """No invitation of these codes stands any longer: a roster lists what came of it."""
    listed = InvitationRow.code.in_(tuple(codes)), InvitationRow.used.is_(False)
    uow.testimony.execute(update(InvitationRow).where(*listed).values(used=True))


def invitation(uow: UnitOfWork, token: str, today: date) -> Invitation:
    """The invitation that this token is. Raises NotFound, Conflict when it was used, Expired when it is too late."""
    try:
        hashed = digest("invitation", unb64(token, TOKEN_SIZE))
    except Invalid:
        raise NotFound("There is no such invitation: copy the whole link.") from None
    row = uow.testimony.get(InvitationRow, hashed)
    if row is None:
        raise NotFound("There is no such invitation: copy the whole link.")
    if row.used:
        raise Conflict(_USED)
    if today.isoformat() > row.expires:
        raise Expired("This invitation is past its last day: ask a custodian for a new one.")
    roster = rosters.current(uow)
    if row.code in roster.members:  # a row alone, which a hand could have written, replaces nobody's keys
        _require_signed(uow, hashed, row.code)
    return Invitation(hashed, row.code, row.role, roster.vault)


def suggest_passphrase() -> str:
    """Six random words."""
    return random_words(PASSPHRASE_WORDS)


def enrol(vault: Installation, token: str, typed: tuple[str, str], request_card: str, today: date) -> Kit:
    """Make the member's keys and device key here, for whoever enrols in a browser and typed a passphrase twice."""
    with (
        vault.store.read() as uow
    ):  # first: only who was invited may have the passphrase weighed, which takes time
        invited = invitation(uow, token, today)
    passphrase, again = typed
    passphrases.check(passphrase, again)
    device_key, secret = secrets.token_bytes(DEVICE_KEY_SIZE), MemberSecret.generate()
    facts = {
        "vault": invited.vault,
        "code": invited.code,
        "role": invited.role,
        "invitation": b64(invited.token),
    }
    card = members.member_card(facts, secret, _request_key(request_card, invited))
    with throttling.turn():
        wrapped = members.wrap_member(secret, invited.code, passphrase, device_key, vault.cost)
    with vault.store.work("testimony", "shreds") as uow:  # only now: a slow derivation must hold no lock
        accept(uow, invited, card, wrapped, vault.cost)
        throttling.opened(uow, throttling.lane(invited.code, device_key))
        uow.commit()
    return Kit(invited.code, spell_device_key(device_key), card_fingerprint(card))


def accept(uow: UnitOfWork, invited: Invitation, card: Json, wrapped: Any, cost: CostProfile) -> None:
    """Take a member's card and wrapped keys, once per invitation; pending until the roster lists the card."""
    document = read_card(card, "member-card")
    expected = (invited.vault, invited.code, invited.role, b64(invited.token))
    if tuple(document.get(key) for key in ("vault", "code", "role", "invitation")) != expected:
        raise Invalid("This card was made for another invitation.")
    # A cheaper derivation could be guessed, a dearer one would stall the server at every sign-in.
    if cost_of(wrapped) not in (cost, MEMBER):
        raise Invalid("These keys were not wrapped at the vault's cost; update the client.")
    free = InvitationRow.token == invited.token, InvitationRow.used.is_(False)
    if not changed(uow.testimony, update(InvitationRow).where(*free).values(used=True)):
        raise Conflict(_USED)
    row = {"card": json.dumps(card), "wrapped": json.dumps(wrapped)}
    uow.testimony.merge(MemberRow(code=invited.code, generation=secrets.token_bytes(16), **row))
    uow.testimony.flush()


def pending(uow: UnitOfWork, role: Role) -> list[Signed]:
    """The cards that no roster lists yet, for custodians to compare with what members read to them. Raises Tampered."""
    require(role, Permission.PROPOSE_ROSTER)
    listed = rosters.current(uow).members
    cards = [stored(text) for text in uow.testimony.scalars(select(MemberRow.card).order_by(MemberRow.code))]
    return [card for card in cards if not _is_listed(read_card(card, "member-card"), listed)]


def wrapped_keys(uow: UnitOfWork, code: str) -> Any:
    """A member's wrapped keys: worth nothing without the passphrase and the device key."""
    return stored(_member(uow, code).wrapped)


def own_fingerprint(uow: UnitOfWork, code: str) -> str:
    """The six words of a member's own card. Raises Tampered."""
    card = stored(_member(uow, code).card)
    read_card(card, "member-card")
    return card_fingerprint(card)


def _require_signed(uow: UnitOfWork, token: bytes, code: str) -> None:
    """Raises NotFound unless a quorum signed that this token invites this code."""
    versions = at(rosters.history(uow))
    signed = select(ProposalRow).where(ProposalRow.kind == "invitations", ProposalRow.applied)
    for row in uow.testimony.scalars(signed):
        document = proposed.document(row)
        named = {(entry["token"], entry["code"]) for entry in document["invitations"]}
        held = select(ProposalSignatureRow.signature).where(ProposalSignatureRow.proposal == row.digest)
        entries = [stored(text) for text in uow.testimony.scalars(held)]
        roster = versions(document["roster"])
        if (b64(token), code) in named and is_met(document, entries, roster):
            return
    raise NotFound("There is no such invitation: copy the whole link.")


def _member(uow: UnitOfWork, code: str) -> MemberRow:
    row = uow.testimony.get(MemberRow, code)
    if row is None:
        raise NotFound("Nobody of this code has enrolled here.")
    return row


def _is_listed(card: dict[str, Any], listed: Any) -> bool:
    member = listed.get(card["code"])
    return member is not None and member.signing == unb64(card["signing"])


def _request_key(pasted: str, invited: Invitation) -> bytes | None:
    if not pasted.strip():
        return None
    document = read_card(parse_object(pasted), "request-card")
    if (document.get("vault"), document["code"]) != (invited.vault, invited.code):
        raise Invalid("This request card was made for another member or vault.")
    return unb64(document["signing"], 32)
