"""The members' commands: enrolling, cases, deposits, editions. Clients over HTTP; they never open a database."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.settings import vocabulary_texts
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
from vault.cli.screen import printable, say, write_out
from vault.client import Client
from vault.errors import Invalid, Tampered
from vault.founding import found_case
from vault.profile import MEMBER, Profile, read_file
from vault.rules import independence
from vault.sealing import members, rosters
from vault.sealing.digests import b64, digest, unb64
from vault.sealing.keypairs import DEVICE_KEY_SIZE, MemberSecret, SigningKey
from vault.sealing.keypairs import MEMBER as MEMBER_COST
from vault.sealing.words import read_device_key, spell_device_key

DEVICE_KEY = "WITNESS_VAULT_DEVICE_KEY"


@click.command()
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
        card = members.member_card(facts, secret, request_key.public)
        wrapped = members.wrap_member(secret, code, passphrase, device_key, MEMBER_COST)
        kept.create(MEMBER, _held(code, spell_device_key(device_key), request_key, passphrase, factor))
        kept.keep_address(client.address)
        client.call("POST", f"/api/enrolments/{b64(token)}", {"card": card, "wrapped": wrapped})
    say(f"Code: {code}")
    say(f"Device key: {spell_device_key(device_key)}")
    say(f"Six words: {members.card_fingerprint(card)}")
    say(f"Request key's six words: {members.request_fingerprint(kept.roster().vault, card['document'])}")
    say("Print this, keep it away from the field, and read the words, not the key, to a custodian.", err=True)


@click.command()
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


@click.command()
@profile_option
def device_key(profile: Path) -> None:
    """Give this profile the device key of a kit that was made in a browser."""
    kept = Profile(profile)
    held, typed = kept.read(MEMBER), ask_secret("Device key, from your kit", DEVICE_KEY)
    kept.write(MEMBER, {**held, "device_key": spell_device_key(read_device_key(typed))})


@click.group()
def case() -> None:
    """Cases: propose one, list those that you are on."""


@case.command()
@click.argument("plan", type=in_file)
@with_member
@yes_option
def propose(member: Member, plan: Path, yes: bool) -> None:
    """Propose a case from a plan file; its keys are born here. It opens when a quorum of custodians has signed."""
    planned = read_file(plan)
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


@click.group()
def edition() -> None:
    """Editions: cut one, read one."""


@edition.command()
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@yes_option
def cut(member: Member, case_id: str, yes: bool) -> None:
    """Cut the next edition of a case."""
    confirm("Figures will be frozen and signed, and cannot be taken back. Cut the edition?", yes)
    with member.signed_in() as (client, _):
        say(str(client.call("POST", f"/api/cases/{case_id}/editions")["edition"]))


@edition.command()
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@click.option("--incident", required=True, help="The incident's id.")
@click.option("--number", type=int, help="Which edition; the newest if not given.")
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §8.1).")
def show(member: Member, case_id: str, incident: str, number: int | None, as_json: bool) -> None:
    """Read the corroboration table of an incident."""
    with member.signed_in() as (client, _):
        if number is None:
            cuts = client.call("GET", f"/api/cases/{case_id}/editions")["editions"]
            number = cuts[0]["edition"] if cuts else 1
        table = client.call("GET", f"/api/cases/{case_id}/editions/{number}/{incident}")
    if as_json:
        say(json.dumps(table, ensure_ascii=False))
    else:
        print_table(table)


def print_table(table: dict[str, Any]) -> None:
    """The corroboration table in a terminal."""
    status = table.get("status", "counted")
    if table["claims"] is None:
        say({"too-few": "Not enough accounts to count.", "under-review": "Under review."}[status])
        return
    claims = table["claims"]
    senses = [name for name in independence.COLUMNS if any(row[name] for row in claims)]
    shown = Table(
        title=_cell(f"Edition {table.get('figures', table['edition'])}: independent persons per claim"),
        caption=_cell("What nobody said has no column. Hearsay and inference stand apart and add nothing."),
    )
    for name in ("claim", "value", "direct", *senses):
        left = name in ("claim", "value")
        shown.add_column(_cell(name.replace("_", " ")), justify="left" if left else "right", no_wrap=left)
    for row in claims:
        low, high = row["direct"]["min"], row["direct"]["max"]
        direct = str(low) if low == high else f"{low} to {high}"
        cells = (row["subject"], _value(row["value"]), direct, *(row[name] or "·" for name in senses))
        shown.add_row(*(_cell(str(cell)) for cell in cells))
    Console(width=140).print(shown)


def _cell(text: str) -> Text:
    return Text(printable(text))  # as text: markup in what a server sent would be obeyed


def _value(value: Any) -> str:
    return f"{value['min']} to {value['max']}" if isinstance(value, dict) else str(value)


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
