"""The members' commands: enrolling, cases. Clients over HTTP; they never open a database."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from config.settings import vocabulary_texts
from vault.cli import parts
from vault.cli.common import (
    Member,
    ask_secret,
    confirm,
    in_file,
    new_passphrase,
    out_option,
    profile_option,
    with_member,
    yes_option,
)
from vault.cli.proposals import put_forward
from vault.cli.screen import say, write_out
from vault.client import Client
from vault.errors import Invalid, Tampered
from vault.founding import found_case
from vault.profile import MEMBER, Profile, read_file
from vault.rules.skeletons import check_plan
from vault.rules.vocabulary import Vocabulary
from vault.sealing import members, rosters
from vault.sealing.digests import b64, digest, unb64
from vault.sealing.keypairs import DEVICE_KEY_SIZE, MemberSecret, SigningKey
from vault.sealing.keypairs import MEMBER as MEMBER_COST
from vault.sealing.words import read_device_key, spell_device_key

DEVICE_KEY = "WITNESS_VAULT_DEVICE_KEY"


@parts.command()
@click.argument("link")
@profile_option
def enrol(link: str, profile: Path) -> None:
    """Enrol from an invitation's link. Keys are made here; print the kit, and read its words to a custodian."""
    kept, passphrase = Profile(profile), new_passphrase()
    with Client(_server(link)) as client:
        code, role, token = _invited(client, link, kept)
        device_key, factor, request_key = (
            secrets.token_bytes(DEVICE_KEY_SIZE),
            secrets.token_bytes(32),
            SigningKey.generate(),
        )
        secret = MemberSecret.generate()
        facts = {
            "vault": kept.roster().vault,
            "code": code,
            "role": role,
            "invitation": b64(digest("invitation", token)),
        }
        asks = None if role == "custodian" else request_key.public  # at a desk nothing is requested
        card = members.member_card(facts, secret, asks)
        wrapped = members.wrap_member(secret, code, passphrase, device_key, MEMBER_COST)
        kept.create(MEMBER, _held(code, spell_device_key(device_key), request_key, passphrase, factor))
        kept.keep_address(client.address)
        client.call("POST", f"/api/enrolments/{b64(token)}", {"card": card, "wrapped": wrapped})
    say(f"Code: {code}")
    say(f"Device key: {spell_device_key(device_key)}")
    say(f"Six words: {members.card_fingerprint(card)}")
    if asks is not None:
        say(f"Request key's six words: {members.request_fingerprint(kept.roster().vault, card['document'])}")
    say("Print this, keep it away from the field, and read the words, not the key, to a custodian.", err=True)


@parts.command()
@click.argument("link")
@profile_option
@out_option
def request_key(link: str, profile: Path, out: Path | None) -> None:
    """Make the key that signs requests for openings, for someone who enrols in a browser; paste the card there."""
    kept, passphrase = Profile(profile), new_passphrase()
    with Client(_server(link)) as client:
        code, _, _ = _invited(client, link, kept)
    key, factor = SigningKey.generate(), secrets.token_bytes(32)
    kept.create(MEMBER, _held(code, None, key, passphrase, factor))
    kept.keep_address(client.address)
    card = members.request_card(kept.roster().vault, code, key)
    write_out(card, out)
    # The page that takes the card comes from the server, which could put a key of its own in its place.
    say(f"Read to a custodian, as your request key's six words: {members.card_fingerprint(card)}", err=True)


@parts.command()
@profile_option
def device_key(profile: Path) -> None:
    """Give this profile the device key of a kit that was made in a browser."""
    kept = Profile(profile)
    held, typed = kept.read(MEMBER), ask_secret("Device key, from your kit", DEVICE_KEY)
    kept.write(MEMBER, {**held, "device_key": spell_device_key(read_device_key(typed))})


@parts.group()
def case() -> None:
    """Cases: propose one, list those that you are on."""


@case.command()
@click.argument("plan", type=in_file)
@with_member
@yes_option
def propose(member: Member, plan: Path, yes: bool) -> None:
    """Propose a case from a plan file; its keys are born here. It opens when a quorum of custodians has signed."""
    planned = read_file(plan)
    check_plan(planned, vocabularies())
    with member.signed_in() as (client, roster):
        wrapped = client.call("GET", "/api/keys")["wrapped"]
        signing = member.unwrap(wrapped).signing
        document, attachments = found_case(planned, roster, member.code, signing, vocabulary_texts())
        readers = [entry["member"] for entry in document["team"] if "testimony" in entry["keys"]]
        say(f"These will read testimony: {', '.join(readers) or 'nobody'}.", err=True)
        depositors = [code for code in readers if roster.members[code].role == "researcher"]
        if depositors:
            say(f"For {', '.join(depositors)} this ends deposit-only in this case.", err=True)
        confirm("Propose this case?", yes)
        say(put_forward(client, document, attachments))


@case.command(name="list")
@with_member
def list_cases(member: Member) -> None:
    """List your cases and their incidents, as JSON."""
    with member.signed_in() as (client, _):
        found = client.call("GET", "/api/cases")["cases"]
        write_out([client.call("GET", f"/api/cases/{one['case']}") for one in found], None)


@case.command()
@click.argument("case_id", metavar="CASE")
@with_member
@click.option("--title", required=True)
@click.option("--place", default="")
@click.option("--date", default="")
@click.option(
    "--vocabulary", type=click.Choice(list(vocabulary_texts())), default="air-strike", show_default=True
)
def add_incident(member: Member, case_id: str, **facts: str) -> None:
    """Add an incident to a case."""
    with member.signed_in() as (client, _):
        say(client.call("POST", f"/api/cases/{case_id}/incidents", facts)["incident"])


def vocabularies() -> dict[str, Vocabulary]:
    """The vocabularies of this release."""
    return {name: Vocabulary.parse(text) for name, text in vocabulary_texts().items()}


def _server(link: str) -> str:
    server, found, _ = link.partition("/enrol/")
    if not found:
        raise Invalid("This is not an invitation's link: copy the whole of it.")
    return server


def _invited(client: Client, link: str, kept: Profile) -> tuple[str, str, bytes]:
    """Code, role and token of an invitation, once the server has proved to be the vault of the link's words."""
    token, _, words = link.partition("/enrol/")[2].partition("#")
    invitation = client.call("GET", f"/api/enrolments/{token}")
    founding = rosters.found(invitation["rosters"][0])
    if founding.fingerprint.split() != words.split("-"):
        raise Tampered(
            "This server is not the vault that invited you: its six words differ. Tell a custodian."
        )
    kept.pin(invitation["rosters"])
    return members.check_code(invitation["code"]), members.check_role(invitation["role"]), unb64(token, 32)


def _held(code: str, spelled: str | None, key: SigningKey, passphrase: str, factor: bytes) -> dict[str, Any]:
    wrapped = members.wrap_request_key(key, code, passphrase, factor, MEMBER_COST)
    held = {"code": code, "device_key": spelled, "factor": b64(factor), "request_key": wrapped}
    return {**held, "pin": None}
