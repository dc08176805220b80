"""Openings, from both sides: a reader asks, custodians decide, the reader's own device combines and shows once.

Every step is an HTTP call, and also a file that can be carried by hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vault.cli.common import (
    Custodian,
    Member,
    ask_secret,
    confirm,
    days_from_now,
    folder,
    in_file,
    out_option,
    today,
    with_custodian,
    with_member,
    yes_option,
)
from vault.cli.screen import say, write_out
from vault.errors import NotFound, Tampered, VaultError
from vault.opening import Days, ask, combine, decide
from vault.profile import OPENINGS, read_file
from vault.sealing.digests import Json, b64, parse_object, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.locks import lock, unlock
from vault.sealing.rosters import Roster
from vault.sealing.terms import check_terms, open_packet
from vault.sealing.words import OPENING_CODE_WORDS, opening_key, random_words

REQUEST_LASTS = 30
CODE = "WITNESS_VAULT_OPENING_CODE"
REQUEST_FILE = "witness-vault/v1/request-file"
PACKET_FILE = "witness-vault/v1/packet-file"


@click.group()
def opening() -> None:
    """Open one identity: ask, decide, combine."""


@opening.command()
@with_member
@click.option("--record", required=True, help="The identity's record, as the testimony's page names it.")
@click.option("--reason", required=True, help="Why, for the custodians.")
@click.option("--offline", is_flag=True, help="Write the request out, to be carried; ask no server.")
@out_option
def request(member: Member, record: str, reason: str, offline: bool, out: Path | None) -> None:
    """Ask for one identity. The opening code that is shown is needed to open it; it is shown once."""
    if offline:
        write_out(_request(member, member.profile.roster(), record, reason), out)
        return
    with member.signed_in() as (client, roster):
        file = _request(member, roster, record, reason)
        say(client.call("POST", "/api/openings", file["terms"])["opening"])


@opening.command()
@with_custodian
@click.option("--out", type=folder, help="A folder to write each request to, to decide on another device.")
def inbox(holder: Custodian, out: Path | None) -> None:
    """List the requests that wait, their terms read here with your key file."""
    with holder.signed_in() as (client, roster):
        for one in client.call("GET", "/api/openings")["openings"]:
            file = _packet_file(one, roster, holder.code)
            try:
                words = in_words(_packet(file, holder, roster), roster)
            except VaultError as error:
                say(f"{one['opening']}  Do not decide: {error}")
                continue
            say(f"{one['opening']}  {words} ({one['approved']} of {one['threshold']} have approved)")
            if out is not None:
                out.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_out(file, out / f"request-{one['opening']}.json")


@opening.command(name="decide")
@click.argument("name", metavar="OPENING")
@with_custodian
@click.option(
    "--offline", is_flag=True, help="OPENING is a request file; the decision is written out, to be carried."
)
@click.option("--refuse", "refusal", help="Refuse, with this reason; otherwise you approve.")
@out_option
@yes_option
def decide_on(
    holder: Custodian, name: str, offline: bool, refusal: str | None, out: Path | None, yes: bool
) -> None:
    """Approve or refuse an opening, after reading its terms."""
    if offline:
        write_out(_decision(read_file(Path(name)), holder, holder.profile.roster(), refusal, yes), out)
        return
    with holder.signed_in() as (client, roster):
        waiting = {one["opening"]: one for one in client.call("GET", "/api/openings")["openings"]}
        if name not in waiting:
            raise NotFound("There is no such request that waits.")
        decision = _decision(_packet_file(waiting[name], roster, holder.code), holder, roster, refusal, yes)
        answer = client.call("POST", "/api/decisions", decision)
        say(f"{answer['given']} of {answer['threshold']}")


@opening.command()
@click.argument("file", type=in_file)
@with_member
def submit_request(member: Member, file: Path) -> None:
    """Hand in a request that was written to a file."""
    with member.signed_in() as (client, _):
        say(client.call("POST", "/api/openings", read_file(file)["terms"])["opening"])


@opening.command()
@click.argument("file", type=in_file)
@with_custodian
def submit_decision(holder: Custodian, file: Path) -> None:
    """Hand in a decision that was written to a file."""
    with holder.signed_in() as (client, _):
        answer = client.call("POST", "/api/decisions", read_file(file))
    say(f"{answer['given']} of {answer['threshold']}")


@opening.command(name="combine")
@click.argument("name", metavar="OPENING")
@with_member
@yes_option
def combine_and_show(member: Member, name: str, yes: bool) -> None:
    """Combine what the custodians handed over, here, and show the identity once."""
    held, code = member.profile.read(f"{OPENINGS}/{name}.json"), ask_secret("Opening code", CODE)
    key = SealingKey(unlock(opening_key(code), _opening(name), unb64(held["key"])))
    with member.signed_in() as (client, roster):
        handed = client.call("POST", "/api/redemptions", held["terms"])
    shown = combine(held["terms"]["document"], key, handed["escrow"], handed["approvals"], roster)
    confirm("The identity will be shown once. Are you alone?", yes)
    identity = parse_object(shown)
    if identity.get("format") != "witness-vault/v1/identity":
        raise Tampered("What was sealed here is not an identity.")
    for field in ("pseudonym", "name", "other_names", "contact", "address", "notes"):
        first, *more = str(identity.get(field, "")).splitlines() or [""]
        say(f"{field.replace('_', ' ').capitalize()}: {first}")
        for line in more:
            say(f"    {line}")
    member.profile.remove(f"{OPENINGS}/{name}.json")


def in_words(packet: dict[str, Any], roster: Roster) -> str:
    """What a request asks for, once its signature is checked."""
    terms = check_terms(packet["terms"], roster, today().isoformat())
    what = f"the {terms['purpose']} {terms['record']}"
    return f"{terms['requester']} asks for {what} until {terms['expires']}: {terms['reason']}"


def _request(member: Member, roster: Roster, record: str, reason: str) -> dict[str, Any]:
    name, _, escrow = record.partition(".")
    about = {
        "purpose": "identity",
        "record": name,
        "escrow": escrow,
        "reason": reason,
        "requester": member.code,
    }
    terms, key = ask(about, roster, member.request_key(), Days(*days_from_now(REQUEST_LASTS)))
    check_terms(terms, roster, today().isoformat())  # what nobody may decide on is not handed out either
    code, opening_id = random_words(OPENING_CODE_WORDS), terms["document"]["opening"]
    sealed = b64(lock(opening_key(code), _opening(opening_id), key.seed))
    member.profile.create(f"{OPENINGS}/{opening_id}.json", {"terms": terms, "key": sealed})
    say(f"Opening code, shown once; write it down: {code}", err=True)
    return {"format": REQUEST_FILE, "terms": terms}


def _packet_file(one: dict[str, Any], roster: Roster, code: str) -> dict[str, Any]:
    about = {"vault": roster.vault, "opening": one["opening"], "recipient": code}
    return {"format": PACKET_FILE, **about, "packet": one["packet"]}


def _packet(file: dict[str, Any], holder: Custodian, roster: Roster) -> dict[str, Any]:
    match file:
        case {
            "format": "witness-vault/v1/packet-file",
            "vault": str(vault),
            "opening": str(opening_id),
            "recipient": holder.code,
            "packet": str(sealed),
        }:
            packet = open_packet(
                holder.holder(roster).secret.sealing, vault, opening_id, holder.code, unb64(sealed)
            )
            # Anybody can seal to a custodian: the terms inside must be those of the opening that was named.
            match packet:
                case {"terms": {"document": {"opening": named}}} if named == opening_id:
                    return packet
            raise Tampered("This packet holds another request than it is named for. Tell the custodians.")
    raise NotFound("This is not a request for your key file.")


def _decision(
    file: dict[str, Any], holder: Custodian, roster: Roster, refusal: str | None, yes: bool
) -> Json:
    packet = _packet(file, holder, roster)
    say(f"{file['opening']}  {in_words(packet, roster)}", err=True)
    confirm("Refuse this?" if refusal is not None else "Hand over your share of this one record?", yes)
    chain = holder.profile.rosters()
    return decide(packet, chain, holder.holder(roster), refusal, today().isoformat())


def _opening(name: str) -> tuple[str, dict[str, str]]:
    return "opening-key", {"opening": name}
