"""The custodians' side of openings: what is asked for, in plain words, and their signed decision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from vault import papers
from vault.cli import parts
from vault.cli.common import (
    Custodian,
    confirm,
    folder,
    in_file,
    out_option,
    today,
    with_custodian,
    yes_option,
)
from vault.cli.requests import known_rosters
from vault.cli.screen import say, write_out
from vault.client import Client
from vault.errors import NotFound, Tampered, VaultError
from vault.opening import decide
from vault.profile import ROSTERS, read_file
from vault.sealing.casefiles import promised_key
from vault.sealing.digests import Json, unb64
from vault.sealing.rosters import Roster, at
from vault.sealing.terms import check_terms, open_packet

PACKET_FILE = "witness-vault/v1/packet-file"
_STATES = {
    "refused": "; so many refused that it cannot be agreed",
    "cooling": "; agreed, not yet handed over",
    "due": "; agreed, it can be collected",
}


@parts.command()
@with_custodian
@click.option("--out", type=folder, help="A folder to write each request to, to decide on another device.")
def inbox(holder: Custodian, out: Path | None) -> None:
    """List the requests that wait, their terms read here with your key file."""
    with holder.signed_in() as (client, _):
        for one in client.call("GET", "/api/openings")["openings"]:
            file = _packet_file(one, holder)
            try:
                words = in_words(_packet(file, holder), holder.profile.rosters())
            except VaultError as error:
                say(f"{one['opening']}  Do not decide: {error}")
                continue
            say(f"{one['opening']}  {words} ({_how_far(one)})")
            if out is not None:
                out.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_out(file, out / f"request-{one['opening']}.json")


@parts.command(name="decide")
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
        write_out(_decision(read_file(Path(name)), holder, refusal, yes), out)
        return
    with holder.signed_in() as (client, _):
        waiting = {one["opening"]: one for one in client.call("GET", "/api/openings")["openings"]}
        if name not in waiting:
            raise NotFound("No such request waits: `witness-vault opening inbox` lists those that do.")
        decision = _decision(_packet_file(waiting[name], holder), holder, refusal, yes)
        _hand_in(client, decision)


@parts.command()
@click.argument("file", type=in_file)
@with_custodian
def submit_decision(holder: Custodian, file: Path) -> None:
    """Hand in a decision that was written to a file."""
    decision = papers.read(
        file.read_bytes(), papers.DECISION
    )  # what must never leave this device is not sent
    with holder.signed_in() as (client, _):
        _hand_in(client, decision)


def in_words(packet: dict[str, Any], rosters: Sequence[Roster]) -> str:
    """What a request asks for and does, once its signature is checked, and for a case's key the case's own.

    Raises Tampered, Expired, Invalid, or Refused for a key that the case does not promise.
    """
    roster = rosters[-1]
    terms = check_terms(packet["terms"], roster, today().isoformat())
    who, effect = terms["requester"], ""
    what = f"one identity, that of record {terms['record']}"
    if terms["purpose"] == "case-key":
        file, (key, version) = promised_key(packet.get("case"), terms, at(rosters))
        # which version of the case: a server that hides the newest one is found out by whoever signed that
        what = f"the {key} key (version {version}) of case {file.code}, as version {file.version} of the case has it"
        if key == "testimony" and roster.member(who).role == "researcher":
            effect = f"; granting it ends deposit-only for {who}, who is a researcher"
    return f"{who} asks for {what}, until {terms['expires']}{effect}: {terms['reason']}"


def _hand_in(client: Client, decision: Json) -> None:
    answer = client.call("POST", "/api/decisions", decision)
    say(f"Your decision is in. Approved by {answer['given']} of {answer['threshold']}.")


def _how_far(one: dict[str, Any]) -> str:
    refused = f"; refused by {', '.join(one['refused'])}" if one["refused"] else ""
    approved = f"{one['approved']} of {one['threshold']} have approved"
    return f"{approved}{refused}{_STATES.get(one['state'], '')}"


def _packet_file(one: dict[str, Any], holder: Custodian) -> dict[str, Any]:
    chain = holder.profile.read(ROSTERS)["rosters"]
    vault = holder.profile.roster().vault
    about = {"vault": vault, "opening": one["opening"], "recipient": holder.code}
    return {"format": PACKET_FILE, **about, "packet": one["packet"], "rosters": chain}


def _packet(file: dict[str, Any], holder: Custodian) -> dict[str, Any]:
    match file:
        case {
            "format": "witness-vault/v1/packet-file",
            "vault": str(vault),
            "opening": str(opening_id),
            "recipient": holder.code,
            "packet": str(sealed),
            "rosters": [*chain],
        }:
            roster = known_rosters(holder.profile, chain)[-1]
            key = holder.holder(roster).secret.sealing
            packet = open_packet(key, vault, opening_id, holder.code, unb64(sealed))
            # Anybody can seal to a custodian: the terms inside must be those of the opening that was named.
            match packet:
                case {"terms": {"document": {"opening": named}}} if named == opening_id:
                    return packet
            raise Tampered("This packet holds another request than it is named for. Tell the custodians.")
    raise NotFound("This is not a request for your key file.")


def _decision(file: dict[str, Any], holder: Custodian, refusal: str | None, yes: bool) -> Json:
    packet = _packet(file, holder)
    chain = holder.profile.rosters()
    say(f"{file['opening']}  {in_words(packet, chain)}", err=True)
    confirm("Refuse this?" if refusal is not None else "Hand over your share of this one record?", yes)
    return decide(packet, chain, holder.holder(chain[-1]), refusal, today().isoformat())
