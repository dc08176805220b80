"""The custodians' commands for founding, rosters, invitations and cases: on their own device, with their key file."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from vault.cli.common import (
    Custodian,
    confirm,
    days_from_now,
    in_file,
    new_passphrase,
    open_custodian,
    out_option,
    profile_option,
    with_custodian,
    yes_option,
)
from vault.cli.proposals import in_words, member_words, put_forward
from vault.cli.screen import say, write_out
from vault.client import Client
from vault.errors import Invalid, NotFound, Tampered, VaultError
from vault.profile import FOUNDING, KEY_FILE, ROSTERS, Profile, read_file
from vault.sealing import members, roster_drafts, rosters
from vault.sealing.digests import b64, digest, document_digest
from vault.sealing.keypairs import KEY_FILE as KEY_FILE_COST
from vault.sealing.rosters import Roster
from vault.sealing.signatures import signature

ROSTER_LASTS = 180
INVITATION_LASTS = 14


@click.group()
def custodian() -> None:
    """Hold a share, sign what takes a quorum."""


@custodian.command()
@click.option("--code", required=True, help="What you are called in this vault, such as C1. Not a name.")
@profile_option
@out_option
def new(code: str, profile: Path, out: Path | None) -> None:
    """Make a key file here, and the public card to hand to the operator."""
    file, card = members.new_key_file(members.check_code(code), new_passphrase(), KEY_FILE_COST)
    Profile(profile).create(KEY_FILE, file)
    write_out(card, out)
    say(f"Your card's six words: {members.card_fingerprint(card)}", err=True)


@custodian.command()
@click.argument("draft", type=in_file)
@profile_option
@out_option
@yes_option
def sign_founding(draft: Path, profile: Path, out: Path | None, yes: bool) -> None:
    """Sign the founding roster, after comparing its six words with every other custodian."""
    holder, roster = open_custodian(profile), rosters.parse(read_file(draft))
    public = (holder.file.newest.sealing.public, holder.signing.public)
    listed = roster.custodians.get(holder.code)
    # Both keys: whoever could put in another sealing key would get this custodian's shares.
    if roster.version != 1 or listed is None or (listed.sealing, listed.signing) != public:
        raise Invalid("This is not a founding roster that lists your card.")
    say(f"{roster.threshold} of {len(roster.codes)} custodians: {', '.join(roster.codes)}", err=True)
    say(f"The vault's six words: {roster.fingerprint}", err=True)
    confirm("Do all custodians read the same six words?", yes)
    holder.profile.create(FOUNDING, roster.document)
    write_out(signature(roster.document, holder.code, holder.signing), out)


@custodian.command()
@with_custodian
@click.option(
    "--researcher", "researchers", multiple=True, help="The code of a new researcher; may be repeated."
)
@click.option("--reviewer", "reviewers", multiple=True, help="The code of a new reviewer; may be repeated.")
def invite(holder: Custodian, researchers: tuple[str, ...], reviewers: tuple[str, ...]) -> None:
    """Propose invitations; the links work once a quorum has signed. Hand each to its member yourself."""
    roles = dict.fromkeys(researchers, "researcher") | dict.fromkeys(reviewers, "reviewer")
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


@custodian.command()
@with_custodian
def cards(holder: Custodian) -> None:
    """List the members who wait for the roster, with the words that each must have read to you.

    The words of a request key are those that `witness-vault request-key` or `enrol` showed to the member.
    """
    with holder.signed_in() as (client, roster):
        for code, document in _waiting_cards(client, roster).items():
            say(f"{code}  {member_words(roster.vault, document)}")


@custodian.command()
@click.argument("codes", nargs=-1, required=True)
@with_custodian
@yes_option
def admit(holder: Custodian, codes: tuple[str, ...], yes: bool) -> None:
    """Propose the roster that lists these members too."""
    with holder.signed_in() as (client, roster):
        waiting = _waiting_cards(client, roster)
        if not set(codes) <= set(waiting):
            raise NotFound("One of these codes has not enrolled, or is listed already.")
        documents = [waiting[code] for code in codes]
        proposal = roster_drafts.with_members(roster, documents, days_from_now(ROSTER_LASTS))
        for line in in_words(proposal, roster):
            say(line, err=True)
        confirm("Did each of them read these words to you: the card's, and the request key's if any?", yes)
        say(put_forward(client, proposal))


@custodian.command()
@with_custodian
@yes_option
def renew(holder: Custodian, yes: bool) -> None:
    """Propose the roster again with a later last day: nothing is opened under one that has run out."""
    with holder.signed_in() as (client, roster):
        proposal = roster_drafts.with_members(roster, [], days_from_now(ROSTER_LASTS))
        for line in in_words(proposal, roster):
            say(line, err=True)
        confirm("Propose this roster?", yes)
        say(put_forward(client, proposal))


@custodian.command()
@with_custodian
def proposals(holder: Custodian) -> None:
    """List what waits for signatures, in plain words."""
    with holder.signed_in() as (client, roster):
        for one in client.call("GET", "/api/proposals")["proposals"]:
            say(f"{one['digest']}  {len(one['signed_by'])} of {one['threshold']} have signed")
            try:
                lines = in_words(one["document"], roster)
            except VaultError as error:
                lines = [f"Do not sign: {error}"]
            for line in lines:
                say(f"    {line}")


@custodian.command()
@click.argument("digests", nargs=-1, required=True)
@with_custodian
@yes_option
def sign(holder: Custodian, digests: tuple[str, ...], yes: bool) -> None:
    """Sign proposals, each named by its digest, once its words are those that were read to you."""
    with holder.signed_in() as (client, roster):
        waiting = {
            one["digest"]: one["document"] for one in client.call("GET", "/api/proposals")["proposals"]
        }
        for name in digests:
            document = waiting.get(name)
            # Recomputed here: the server cannot describe one document and have another signed.
            if document is None or b64(document_digest(document)) != name:
                raise NotFound("There is no such proposal that waits for signatures.")
            for line in in_words(document, roster):
                say(line, err=True)
            confirm("Are these the words that were read to you? Sign this?", yes)
            entry = signature(document, holder.code, holder.signing)
            answer = client.call("POST", f"/api/proposals/{name}/signatures", entry)
            say(f"{answer['given']} of {answer['threshold']}")


def _waiting_cards(client: Client, roster: Roster) -> dict[str, dict[str, Any]]:
    """The documents of the cards that no roster lists yet, each of this vault and signed by the key it presents."""
    shown = client.call("GET", "/api/cards")["cards"]
    documents = [members.read_card(card, "member-card") for card in shown]
    for document in documents:
        members.check_code(document["code"]), members.check_role(document["role"])
        if document["vault"] != roster.vault:
            raise Tampered("A card was made for another vault. Tell the custodians.")
    return {document["code"]: document for document in documents}
