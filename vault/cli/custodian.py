"""The custodians' commands, on their own device, with their key file: founding, and signing what takes a quorum."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vault.cli import drills, paper, parts, releasing, resharing, retention, statements
from vault.cli import rosters as changes
from vault.cli.common import (
    Custodian,
    confirm,
    in_file,
    new_passphrase,
    open_custodian,
    out_file,
    out_option,
    profile_option,
    with_custodian,
    yes_option,
)
from vault.cli.proposals import in_words
from vault.cli.screen import say, write_out
from vault.cli.sight import Sight
from vault.errors import Invalid, NotFound, VaultError
from vault.profile import FOUNDING, KEY_FILE, ROSTERS, Profile, read_file
from vault.sealing import members, rosters
from vault.sealing.digests import b64, document_digest
from vault.sealing.keypairs import KEY_FILE as KEY_FILE_COST
from vault.sealing.signatures import signature

ROSTER = "witness-vault/v1/roster"


@parts.group()
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
    "--out", type=out_file, help="Write the roster that waits to this file, for a custodian to come to sign."
)
def proposals(holder: Custodian, out: Path | None) -> None:
    """List what waits for signatures, in plain words."""
    with holder.signed_in() as (client, roster):
        shown = client.call("GET", "/api/proposals")["proposals"]
        sight = Sight(client, holder.profile.rosters())
        if not shown:
            say("Nothing waits for signatures.", err=True)
        for one in shown:
            say(f"{one['digest']}  {len(one['signed_by'])} of {one['threshold']} have signed")
            try:
                lines = in_words(one["document"], roster, sight)
            except VaultError as error:
                lines = [f"Do not sign: {error}"]
            for line in lines:
                say(f"    {line}")
    if out is not None:
        waiting = [one["document"] for one in shown if one["document"].get("format") == ROSTER]
        if not waiting:
            raise NotFound("No roster waits for signatures.")
        chain = holder.profile.read(ROSTERS)["rosters"]
        write_out({"format": changes.PROPOSAL_FILE, "document": waiting[0], "rosters": chain}, out)


@custodian.command()
@click.argument("digests", nargs=-1, required=True)
@with_custodian
@click.option(
    "--signature",
    "carried",
    type=in_file,
    help="Hand in this signature of a custodian to come, in place of yours.",
)
@yes_option
def sign(holder: Custodian, digests: tuple[str, ...], carried: Path | None, yes: bool) -> None:
    """Sign proposals, each named by its digest, once its words are those that were read to you."""
    with holder.signed_in() as (client, roster):
        waiting = {
            one["digest"]: one["document"] for one in client.call("GET", "/api/proposals")["proposals"]
        }
        sight = Sight(client, holder.profile.rosters())
        for name in digests:
            document = waiting.get(name)
            # Recomputed here: the server cannot describe one document and have another signed.
            if document is None or b64(document_digest(document)) != name:
                raise NotFound(
                    "No such proposal waits: `witness-vault custodian proposals` lists those that do."
                )
            for line in in_words(document, roster, sight):
                say(line, err=True)
            if carried is None:
                confirm("Are these the words that were read to you? Sign this?", yes)
                entry: Any = signature(document, holder.code, holder.signing)
            else:
                entry = read_file(carried)
            answer = client.call("POST", f"/api/proposals/{name}/signatures", entry)
            say(f"Signed by {answer['given']}; it takes {answer['threshold']}.")


@custodian.command()
@click.argument("name", metavar="DIGEST")
@with_custodian
@yes_option
def withdraw(holder: Custodian, name: str, yes: bool) -> None:
    """Take back a proposal that waits for signatures, or call off a destruction that was signed."""
    with holder.signed_in() as (client, _):
        confirm("Take it back? Whoever signed it already has to sign what comes in its place.", yes)
        client.call("POST", f"/api/proposals/{name}/withdrawal")
        say("It is taken back.", err=True)


for part in (
    *changes.COMMANDS,
    *resharing.COMMANDS,
    *drills.COMMANDS,
    *paper.COMMANDS,
    *releasing.COMMANDS,
    *retention.COMMANDS,
    *statements.COMMANDS,
):
    custodian.add_command(part)
