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
    out_option,
    passphrase_option,
    profile_option,
    server_option,
    with_custodian,
    write_out,
    yes_option,
)
from vault.errors import Invalid, NotFound
from vault.profile import FOUNDING, KEY_FILE, ROSTERS, Profile, read_file
from vault.sealing import members, rosters
from vault.sealing.digests import b64, digest, document_digest
from vault.sealing.keypairs import KEY_FILE as KEY_FILE_COST
from vault.sealing.signatures import signature

ROSTER_LASTS = 180
INVITATION_LASTS = 14


@click.group()
def custodian() -> None:
    """Hold a share, sign what takes a quorum."""


@custodian.command()
@click.option("--code", required=True, help="What you are called in this vault, such as C1. Not a name.")
@profile_option
@passphrase_option(confirm=True)
@out_option
def new(code: str, profile: Path, passphrase: str, out: Path | None) -> None:
    """Make a key file here, and the public card to hand to the operator."""
    file, card = members.new_key_file(code, passphrase, KEY_FILE_COST)
    Profile(profile).create(KEY_FILE, file)
    write_out(card, out)
    click.echo(f"Your card's six words: {members.card_fingerprint(card)}", err=True)


@custodian.command()
@click.argument("draft", type=in_file)
@with_custodian
@out_option
@yes_option
def sign_founding(holder: Custodian, draft: Path, out: Path | None, yes: bool) -> None:
    """Sign the founding roster, after comparing its six words with every other custodian."""
    roster = rosters.parse(read_file(draft))
    listed = roster.custodians.get(holder.code)
    if roster.version != 1 or listed is None or listed.signing != holder.secret.signing.public:
        raise Invalid("This is not a founding roster that lists your card.")
    click.echo(f"{roster.threshold} of {len(roster.codes)} custodians: {', '.join(roster.codes)}", err=True)
    click.echo(f"The vault's six words: {roster.fingerprint}", err=True)
    confirm("Do all custodians read the same six words?", yes)
    holder.profile.create(FOUNDING, roster.document)
    write_out(signature(roster.document, holder.code, holder.secret.signing), out)


@custodian.command()
@server_option
@with_custodian
@click.option(
    "--researcher", "researchers", multiple=True, help="The code of a new researcher; may be repeated."
)
@click.option("--reviewer", "reviewers", multiple=True, help="The code of a new reviewer; may be repeated.")
def invite(holder: Custodian, server: str, researchers: tuple[str, ...], reviewers: tuple[str, ...]) -> None:
    """Propose invitations; the links work once a quorum has signed. Hand each to its member yourself."""
    roles = dict.fromkeys(researchers, "researcher") | dict.fromkeys(reviewers, "reviewer")
    tokens = {members.check_code(code): secrets.token_bytes(32) for code in sorted(roles)}
    with holder.at(server) as (client, roster):
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
        proposed = client.call("POST", "/api/proposals", {"document": document})["digest"]
    founding = rosters.found(holder.profile.read(ROSTERS)["rosters"][0])
    for code, token in tokens.items():
        click.echo(
            f"{code}  {server.rstrip('/')}/enrol/{b64(token)}#{founding.fingerprint.replace(' ', '-')}"
        )
    click.echo(f"Waiting for signatures: {proposed}", err=True)


@custodian.command()
@server_option
@with_custodian
def cards(holder: Custodian, server: str) -> None:
    """List the members who wait for the roster, with the six words that each must have read to you."""
    with holder.at(server) as (client, _):
        for card in client.call("GET", "/api/cards")["cards"]:
            document = members.read_card(card, "member-card")
            click.echo(f"{document['code']}  {document['role']}  {members.card_fingerprint(card)}")


@custodian.command()
@click.argument("codes", nargs=-1, required=True)
@server_option
@with_custodian
@yes_option
def admit(holder: Custodian, codes: tuple[str, ...], server: str, yes: bool) -> None:
    """Propose the roster that lists these members too."""
    with holder.at(server) as (client, roster):
        waiting = {card["document"]["code"]: card for card in client.call("GET", "/api/cards")["cards"]}
        if not set(codes) <= set(waiting):
            raise NotFound("One of these codes has not enrolled, or is listed already.")
        for code in sorted(codes):
            click.echo(f"{code}  {members.card_fingerprint(waiting[code])}", err=True)
        confirm("Did each of them read these six words to you?", yes)
        documents = [members.read_card(waiting[code], "member-card") for code in codes]
        proposal = rosters.with_members(roster, documents, days_from_now(ROSTER_LASTS))
        click.echo(client.call("POST", "/api/proposals", {"document": proposal})["digest"])


@custodian.command()
@server_option
@with_custodian
def proposals(holder: Custodian, server: str) -> None:
    """List what waits for signatures, in plain words."""
    with holder.at(server) as (client, _):
        for one in client.call("GET", "/api/proposals")["proposals"]:
            signed = f"{len(one['signed_by'])} of {one['threshold']} have signed"
            click.echo(f"{one['digest']}  {in_words(one['document'])} ({signed})")


@custodian.command()
@click.argument("digests", nargs=-1, required=True)
@server_option
@with_custodian
@yes_option
def sign(holder: Custodian, digests: tuple[str, ...], server: str, yes: bool) -> None:
    """Sign proposals, each named by its digest."""
    with holder.at(server) as (client, _):
        waiting = {
            one["digest"]: one["document"] for one in client.call("GET", "/api/proposals")["proposals"]
        }
        for name in digests:
            document = waiting.get(name)
            # Recomputed here: the server cannot describe one document and have another signed.
            if document is None or b64(document_digest(document)) != name:
                raise NotFound("There is no such proposal that waits for signatures.")
            click.echo(in_words(document), err=True)
            confirm("Sign this?", yes)
            entry = signature(document, holder.code, holder.secret.signing)
            answer = client.call("POST", f"/api/proposals/{name}/signatures", entry)
            click.echo(f"{answer['given']} of {answer['threshold']}")


def in_words(document: dict[str, Any]) -> str:
    """What signing a proposal will do."""
    match document["format"].removeprefix("witness-vault/v1/"):
        case "roster":
            roster = rosters.parse(document)
            listed = ", ".join(f"{member.code} ({member.role})" for member in roster.members.values())
            quorum = f"{roster.threshold} of {len(roster.codes)} custodians"
            return f"Roster version {roster.version}, until {roster.expires}: {quorum}; members {listed or 'none'}"
        case "invitations":
            invited = ", ".join(f"{entry['code']} ({entry['role']})" for entry in document["invitations"])
            return f"Invitations until {document['expires']}: {invited}"
        case "case":
            team = "; ".join(f"{entry['member']}: {', '.join(entry['keys'])}" for entry in document["team"])
            return (
                f"Open case {document['code']}, proposed by {document['proposer']}, with these keys: {team}"
            )
    raise Invalid("This client does not know such a proposal: update it before you sign.")
