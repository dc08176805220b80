"""Openings, from both sides: a reader asks, custodians decide, the reader's own device combines and shows once.

Every step is an HTTP call, and also a file that can be carried by hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from vault import papers
from vault.cli import parts
from vault.cli.common import (
    Device,
    Member,
    confirm,
    in_file,
    out_option,
    with_device,
    with_member,
    yes_option,
)
from vault.cli.decisions import decide_on, inbox, submit_decision
from vault.cli.requests import combined, forget, kept_key, kept_terms, make_request
from vault.cli.screen import say, show_once, write_out
from vault.errors import Invalid, Tampered
from vault.opening import reasons
from vault.profile import OPENINGS, read_file
from vault.sealing.digests import parse_object

_FIELDS = ("pseudonym", "name", "other_names", "contact", "address", "notes")
_COLLECTED_BY = {
    "identity": "`witness-vault opening combine`",
    "case-key": "`witness-vault access collect`",
}


@parts.group()
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
    name, _, escrow = record.partition(".")
    about = {"purpose": "identity", "record": name, "escrow": escrow, "reason": reason}
    if offline:
        write_out(make_request(member, member.profile.roster(), about), out)
        return
    with member.signed_in() as (client, roster):
        file = make_request(member, roster, about)
        say(client.call("POST", "/api/openings", file["terms"])["opening"])


@opening.command()
@click.argument("file", type=in_file)
@with_member
def submit_request(member: Member, file: Path) -> None:
    """Hand in a request that was written to a file."""
    brought = papers.read(file.read_bytes(), papers.REQUEST)  # what must never leave this device is not sent
    with member.signed_in() as (client, _):
        say(client.call("POST", "/api/openings", brought.get("terms"))["opening"])


@opening.command()
@click.argument("name", metavar="[OPENING]", required=False)
@with_member
@click.option("--reasons", "why", is_flag=True, help="Also why custodians refused: needs the opening code.")
def status(member: Member, name: str | None, why: bool) -> None:
    """How your requests stand: who has decided, and when one can be collected."""
    if why and name is None:
        raise Invalid("Name the opening whose reasons you want to read: each has a code of its own.")
    key = kept_key(member.profile, name) if why and name is not None else None
    made = [name] if name else member.profile.names(OPENINGS)
    if not made:
        say("This device keeps no request that could still be opened.", err=True)
        return
    with member.signed_in() as (client, roster):
        for one in made:
            answer = client.call("GET", f"/api/openings/{one}")
            say(f"{one}  {_standing(answer, kept_terms(member.profile, one)['document']['purpose'])}")
            if key is not None:
                terms = kept_terms(member.profile, one)["document"]
                for code, reason in reasons(terms, key, answer["refusals"], roster).items():
                    say(f"    {code} refused: {reason or 'no reason given'}")


@opening.command(name="combine")
@click.argument("name", metavar="[OPENING]", required=False)
@with_device
@click.option("--from", "handed", type=in_file, help="What was handed over, in a file: no server is asked.")
@yes_option
def combine_and_show(device: Device, name: str | None, handed: Path | None, yes: bool) -> None:
    """Combine what the custodians handed over, here, and show the identity once."""
    profile, file = device.profile, None if handed is None else read_file(handed)
    if name is None and file is None:
        raise Invalid("Name the opening: `witness-vault opening status` lists yours.")
    name = name or str((file or {}).get("opening", ""))
    signed, key = kept_terms(profile, name), kept_key(profile, name)
    if signed["document"]["purpose"] != "identity":
        raise Invalid("This request is for a case's key: collect it with `witness-vault access collect`.")
    if file is None:
        with device.member().signed_in() as (client, _):
            file = client.call("POST", "/api/redemptions", signed)
    identity = parse_object(combined(profile, signed["document"], key, file))
    if identity.get("format") != "witness-vault/v1/identity":
        raise Tampered("What was sealed here is not an identity.")
    confirm("The identity will be shown once. Are you alone?", yes)
    try:
        show_once(list(_lines(identity)))
    finally:
        forget(profile, name)


for part in (inbox, decide_on, submit_decision):
    opening.add_command(part)


def _lines(identity: dict[str, Any]) -> Iterator[str]:
    for field in _FIELDS:
        if not identity.get(field):
            continue  # nobody said it
        first, *more = str(identity[field]).splitlines()
        yield f"{field.replace('_', ' ').capitalize()}: {first}"
        yield from (f"    {line}" for line in more)


def _standing(answer: dict[str, Any], purpose: str) -> str:
    who = f" ({', '.join(answer['approved'])})" if answer["approved"] else ""
    approved = f"approved by {answer['given']} of {answer['threshold']}{who}"
    refused = f"; refused by {', '.join(answer['refused'])}" if answer["refused"] else ""
    days = {
        "waiting": f"the custodians can decide until {answer['expires']}",
        "refused": "so many refused that it cannot be agreed; ask anew if what they named has changed",
        "cooling": f"it can be collected from {answer['from']} to {answer['until']}",
        "due": f"it can be collected until {answer['until']}: {_COLLECTED_BY[purpose]}",
        "over": "it is over: ask anew",
        "former": "the custodians have changed since: ask anew",
    }
    return f"{approved}{refused}; {days.get(answer['state'], 'update this client')}"
