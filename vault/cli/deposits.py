"""Handing in an interview or a second coding: an identity is sealed here, and a line that fails costs nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Member, confirm, in_file, out_option, with_member, yes_option
from vault.cli.screen import say, write_out
from vault.client import Client
from vault.errors import Invalid, Unreachable, VaultError
from vault.opening import entrust
from vault.profile import DEPOSITS, read_file
from vault.rules.drafts import Kind
from vault.rules.matching import MatchRecord
from vault.sealing import matches
from vault.sealing.digests import b64, canonical, digest
from vault.sealing.rosters import Roster

_IDENTITY = ("name", "other_names", "contact", "address", "notes")
_PAUSES = (1, 3, 9, 0)  # seconds
_CHANGES = (
    "This changes what a witness allows, of all that they have said and will say in this case. What it refuses holds "
    "from the next edition on, and only another change that names this one's receipt allows it again. Hand it in?"
)


@parts.command()
@click.argument("draft", type=in_file)
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@yes_option
@out_option
def deposit(member: Member, draft: Path, case_id: str, yes: bool, out: Path | None) -> None:
    """Deposit an interview from a draft file (docs/interview-draft.schema.json); the identity is sealed here.

    If the line fails, give the command again with the same file: the same deposit is gone on with.
    """
    content = read_file(draft)
    if content.get("kind") == Kind.CONSENT:
        confirm(_CHANGES, yes)
    under_way = f"{DEPOSITS}/{b64(digest('document', canonical([case_id, content])))}.json"
    with member.signed_in() as (client, roster):
        if not member.profile.has(under_way):
            member.profile.write(under_way, _attempt(client, roster, case_id, content))
        attempt = member.profile.read(under_way)
        path = f"/api/drafts/{attempt['draft']}/deposit"
        try:
            receipt = _persist(lambda: client.call("POST", path, attempt["interview"]))
        except Unreachable:
            raise
        except VaultError:  # refused, so nothing is under way: what is mended is a new attempt
            member.profile.remove(under_way)
            raise
    write_out({"format": "witness-vault/v1/receipt", **receipt}, out)
    member.profile.remove(under_way)


@parts.command(name="second-coding")
@click.argument("coding", type=in_file)
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@yes_option
@out_option
def second_coding(member: Member, coding: Path, case_id: str, yes: bool, out: Path | None) -> None:
    """Code a testimony a second time, from a file (docs/FORMATS.md §5.2), without having seen the first coding.

    If the line fails, give the command again with the same file: the same deposit is gone on with.
    """
    content = read_file(coding)
    confirm("It will be signed and sealed; you can only replace it by another coding. Seal it?", yes)
    with member.signed_in() as (client, _):
        receipt = _persist(lambda: client.call("POST", f"/api/cases/{case_id}/codings", content))
    write_out({"format": "witness-vault/v1/receipt", **receipt}, out)


def _attempt(client: Client, roster: Roster, case_id: str, content: dict[str, Any]) -> dict[str, Any]:
    """A draft started on the server, and the interview as it is sent: the identity sealed, the attempt named."""
    interview = {name: value for name, value in content.items() if name not in ("identity", "match")}
    identity, match = content.get("identity"), content.get("match")
    if identity is not None and not (isinstance(identity, dict) and set(identity) <= set(_IDENTITY)):
        raise Invalid(
            "The identity of a draft has name, other_names, contact, address and notes, nothing else."
        )
    about = [said["incident"] for said in content.get("observations", []) if "incident" in said]
    known = client.call("GET", f"/api/cases/{case_id}")["incidents"]
    incident = about[0] if about else known[0]["incident"]
    started = client.call("POST", f"/api/cases/{case_id}/drafts", {"incident": incident})
    if identity is not None and any(identity.values()):
        payload = identity_payload(identity, content.get("pseudonym") or started["pseudonym"])
        sealed = entrust(payload, "identity", started["identity_record"], roster)
        interview["sealed_identity"] = sealed
    if match is not None:
        payload = matches.payload(MatchRecord.parse(match).to_json())
        interview["sealed_match"] = entrust(payload, "match", started["match_record"], roster)
    named = {"case": case_id, "incident": incident, "token": started["token"]}
    interview["attempt"] = {**named, "new_pseudonym": started["pseudonym"]}
    return {"draft": started["draft"], "interview": interview}


def identity_payload(identity: dict[str, Any], pseudonym: str) -> bytes:
    """The identity as it is sealed (docs/FORMATS.md §3)."""
    texts = {name: str(identity.get(name, "")) for name in _IDENTITY}
    return canonical({"format": "witness-vault/v1/identity", "pseudonym": pseudonym, **texts})


def _persist(ask: Callable[[], Any]) -> Any:
    """The answer, asked for again while the line fails: a deposit made twice gives its one receipt again."""
    for pause in _PAUSES:
        try:
            return ask()
        except Unreachable:
            say("The line failed; trying again.", err=True)
            time.sleep(pause)
    raise Unreachable(
        "The line fails. Give the command again later, with the same file: nothing is counted twice."
    )
