"""The custodians' commands that change who is who: each prepares a roster, or invitations, for the others to sign."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import (
    Custodian,
    confirm,
    days_from_now,
    in_file,
    open_custodian,
    out_option,
    profile_option,
    with_custodian,
    yes_option,
)
from vault.cli.proposals import in_words, member_words, put_forward
from vault.cli.screen import say, write_out
from vault.cli.sight import Sight
from vault.client import Client
from vault.errors import Invalid, NotFound, Tampered
from vault.profile import KEY_FILE, ROSTERS, read_file
from vault.sealing import members, roster_drafts, rosters
from vault.sealing.digests import Document, b64, digest
from vault.sealing.keypairs import cost_of
from vault.sealing.rosters import Roster
from vault.sealing.signatures import signature

ROSTER_LASTS = 180
INVITATION_LASTS = 14
PROPOSAL_FILE = "witness-vault/v1/proposal-file"


@parts.command()
@with_custodian
@click.option("--researcher", "researchers", multiple=True, help="The code of a researcher; may be repeated.")
@click.option("--reviewer", "reviewers", multiple=True, help="The code of a reviewer; may be repeated.")
@click.option(
    "--desk",
    "desks",
    multiple=True,
    help="A custodian's own code, for their desk in the web; may be repeated.",
)
def invite(
    holder: Custodian, researchers: tuple[str, ...], reviewers: tuple[str, ...], desks: tuple[str, ...]
) -> None:
    """Propose invitations; the links work once a quorum has signed. Hand each to its member yourself.

    A code that is listed already, in the same role, is invited anew: for whoever lost passphrase or device.
    """
    roles = dict.fromkeys(researchers, "researcher")
    roles |= dict.fromkeys(reviewers, "reviewer") | dict.fromkeys(desks, "custodian")
    tokens = {members.check_code(code): secrets.token_bytes(32) for code in sorted(roles)}
    with holder.signed_in() as (client, roster):
        document = {
            "format": "witness-vault/v1/invitations",
            "vault": roster.vault,
            "roster": roster.version,
            "expires": days_from_now(INVITATION_LASTS)[1],
            "invitations": [
                {"code": code, "role": roles[code], "token": b64(digest("invitation", token))}
                for code, token in tokens.items()
            ],
        }
        proposed = put_forward(client, document)
    founding = rosters.found(holder.profile.read(ROSTERS)["rosters"][0])
    for code, token in tokens.items():
        say(f"{code}  {client.address}/enrol/{b64(token)}#{founding.fingerprint.replace(' ', '-')}")
    say(f"Waiting for signatures: {proposed}", err=True)


@parts.command()
@with_custodian
def cards(holder: Custodian) -> None:
    """List the members who wait for the roster, with the words that each must have read to you.

    The words of a request key are those that `witness-vault request-key` or `enrol` showed to the member.
    """
    with holder.signed_in() as (client, roster):
        for code, document in _waiting_cards(client, roster).items():
            say(f"{code}  {member_words(roster.vault, document)}")


@parts.command()
@click.argument("codes", nargs=-1, required=True)
@with_custodian
@yes_option
def admit(holder: Custodian, codes: tuple[str, ...], yes: bool) -> None:
    """Propose the roster that lists these members too, or lists their new keys."""
    with holder.signed_in() as (client, roster):
        waiting = _waiting_cards(client, roster)
        if not set(codes) <= set(waiting):
            raise NotFound("One of these codes has not enrolled, or is listed already.")
        documents = [waiting[code] for code in codes]
        proposal = roster_drafts.with_members(roster, documents, days_from_now(ROSTER_LASTS))
        question = "Did each of them read these words to you: the card's, and the request key's if any?"
        _propose(holder, client, proposal, (question, yes))


@parts.command()
@click.argument("codes", nargs=-1, required=True)
@with_custodian
@yes_option
def dismiss(holder: Custodian, codes: tuple[str, ...], yes: bool) -> None:
    """Propose the roster that no longer lists these members. With it their sessions end and their keys here go."""
    with holder.signed_in() as (client, roster):
        proposal = roster_drafts.without_members(roster, codes, days_from_now(ROSTER_LASTS))
        question = "Propose this roster? What they have read they know; the keys of their cases are due for rotation."
        _propose(holder, client, proposal, (question, yes))


@parts.command()
@with_custodian
@yes_option
def renew(holder: Custodian, yes: bool) -> None:
    """Propose the roster again with a later last day: nothing is opened under one that has run out."""
    with holder.signed_in() as (client, roster):
        proposal = roster_drafts.with_members(roster, [], days_from_now(ROSTER_LASTS))
        _propose(holder, client, proposal, ("Propose this roster?", yes))


@parts.command()
@with_custodian
@click.option(
    "--cooling",
    type=click.IntRange(0, rosters.LONGEST_COOLING),
    help="Days between the k-th approval and the handing over.",
)
@click.option("--page", help="The file of the pinned page that this vault's people use, or `none`.")
@yes_option
def set_rules(holder: Custodian, cooling: int | None, page: str | None, yes: bool) -> None:
    """Propose the roster with another cooling time, or another pinned page; what is not named stays."""
    with holder.signed_in() as (client, roster):
        named = roster.page if page is None else _hash_of(page)
        days = roster.cooling if cooling is None else cooling
        proposal = roster_drafts.with_rules(roster, days_from_now(ROSTER_LASTS), days, named)
        _propose(holder, client, proposal, ("Propose this roster?", yes))


@parts.command()
@with_custodian
@out_option
def next_card(holder: Custodian, out: Path | None) -> None:
    """Add a sealing pair for the next epoch to your key file; write its public card, the same one if asked again."""
    with holder.signed_in():  # the newest roster tells whether the newest card is in use already
        listed = {one.sealing for roster in holder.profile.rosters() for one in roster.custodians.values()}
    card = holder.file.cards[-1]
    if holder.file.newest.sealing.public in listed:
        kept = holder.profile.read(KEY_FILE)
        file, card = members.with_next_card(holder.file, holder.passphrase, cost_of(kept["wrapped"]))
        # before the card leaves: nobody may seal to a key that is nowhere
        holder.profile.write(KEY_FILE, {**file, "pin": kept["pin"]})
        say("Your key file has changed: copy it to your other media, and print its paper anew.", err=True)
    write_out(card, out)
    say(f"Your next card's six words: {members.card_fingerprint(card)}", err=True)


@parts.command()
@click.argument("cards", nargs=-1, required=True, type=in_file)
@with_custodian
@click.option(
    "--threshold", type=int, required=True, help="How many of these custodians it takes from then on."
)
@yes_option
def change_custodians(holder: Custodian, cards: tuple[Path, ...], threshold: int, yes: bool) -> None:
    """Propose the roster that begins the next epoch: exactly the custodians of these cards, each with a new card."""
    with holder.signed_in() as (client, roster):
        documents = [members.read_card(read_file(card), "custodian-card") for card in cards]
        if len({document["code"] for document in documents}) < len(documents):
            raise Invalid("Two of these cards have the same code: give each custodian's newest card, once.")
        days = days_from_now(ROSTER_LASTS)
        proposal = roster_drafts.with_custodians(roster, documents, threshold, days)
        _propose(holder, client, proposal, ("Did each of them read the six words of this card to you?", yes))
        say("It takes k of the present and k of the next custodians.", err=True)


@parts.command()
@click.argument("proposal", type=in_file)
@profile_option
@out_option
@yes_option
def countersign(proposal: Path, profile: Path, out: Path | None, yes: bool) -> None:
    """Sign, as a custodian to come, the roster that lists your card; another custodian hands the signature in."""
    holder = open_custodian(profile)
    kept, opened = holder.profile, holder.file
    file = read_file(proposal)
    if file.get("format") != PROPOSAL_FILE:
        raise Invalid("This is not a proposal that a custodian has written to a file.")
    chain = rosters.verify_chain(file.get("rosters"), kept.pinned())
    new = rosters.parse(file.get("document"))
    listed, newest = new.custodians.get(opened.code), opened.newest
    # Both keys: whoever could put in another sealing key would get this custodian's shares.
    if listed is None or (listed.sealing, listed.signing) != (newest.sealing.public, newest.signing.public):
        raise Invalid("This is not a roster that lists your newest card.")
    for line in in_words(new.document, chain[-1]):
        say(line, err=True)
    say(f"The vault's six words: {chain[0].fingerprint}", err=True)
    confirm("Are these the words that a custodian of this vault read to you? Sign this?", yes)
    kept.pin(file["rosters"])
    write_out(signature(new.document, opened.code, newest.signing), out)


def _propose(holder: Custodian, client: Client, proposal: Document, question: tuple[str, bool]) -> None:
    known = holder.profile.rosters()
    for line in in_words(proposal, known[-1], Sight(client, known)):
        say(line, err=True)
    confirm(*question)
    say(put_forward(client, proposal))


def _hash_of(page: str) -> bytes | None:
    if page == "none":
        return None
    try:
        return hashlib.sha256(Path(page).read_bytes()).digest()
    except OSError:
        raise Invalid("A file that was named cannot be read: check its name and folder.") from None


def _waiting_cards(client: Client, roster: Roster) -> dict[str, dict[str, Any]]:
    """The documents of the cards that no roster lists yet, each of this vault and signed by the key it presents."""
    shown = client.call("GET", "/api/cards")["cards"]
    documents = [members.read_card(card, "member-card") for card in shown]
    for document in documents:
        members.check_code(document["code"]), members.check_role(document["role"])
        if document["vault"] != roster.vault:
            raise Tampered("A card was made for another vault. Tell the custodians.")
    return {document["code"]: document for document in documents}


COMMANDS = (
    invite,
    cards,
    admit,
    dismiss,
    renew,
    set_rules,
    next_card,
    change_custodians,
    countersign,
)
