"""The commands that write evidence: items handed in, their custody chains gone on with."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Member, ask_secret, confirm, in_file, with_member, yes_option
from vault.cli.holdings import case_option, get, item_option, list_items, show, verify
from vault.cli.screen import say
from vault.cli.uploading import send
from vault.client import Client
from vault.errors import Unreachable
from vault.profile import read_file
from vault.rules.custody import FileRole
from vault.rules.evidence import How, Kind
from vault.rules.items import Act
from vault.sealing.digests import b64

_SIGNED = "It is signed with your key, and stays in the item's custody chain: nothing there is erased."
_TYPED = [str(act) for act in Act if act not in (Act.ARRIVAL, Act.FILE)]
_MOST_TRIES = 3


@parts.group()
def evidence() -> None:
    """Evidence: files and things, each with its custody chain, sealed to whoever weighs them."""


@evidence.command()
@click.argument("file", type=in_file, required=False)
@with_member
@case_option
@click.option("--incident", required=True, help="The incident's id.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), required=True, help="What it is.")
@click.option("--title", required=True, help="One line that says what it is.")
@click.option(
    "--how", type=click.Choice([str(how) for how in How]), required=True, help="How it came to you."
)
@click.option("--from", "source", default="", help="From whom it came, or where it was found.")
@click.option("--held", default="", help="Who had it until then, and how long.")
@click.option("--giver", is_flag=True, help="A witness gave it: their pseudonym is asked for.")
@click.option(
    "--working", type=in_file, help="A copy to work with, made elsewhere; of a picture one is made."
)
@click.option("--describe", type=in_file, help="JSON with `events` and `bears` (docs/FORMATS.md §19).")
@click.option("--item", help="The item's id, from an attempt that was not answered.")
@yes_option
def add(member: Member, case_id: str, file: Path | None, working: Path | None, **said: Any) -> None:
    """Hand in an item of evidence: a file, or a thing without one. You cannot read it back."""
    giver = ask_secret("The pseudonym of the witness", "WITNESS_VAULT_GIVER") if said["giver"] else None
    more = {} if said["describe"] is None else read_file(said["describe"])
    confirm(
        "It is sealed to whoever weighs this case's evidence; you cannot open it again. Hand it in?",
        said["yes"],
    )
    raw = {
        "kind": said["kind"],
        "title": said["title"],
        "incident": said["incident"],
        "origin": {"how": said["how"], "from": said["source"], "held": said["held"]},
        "giver": giver,
        "events": [],
        "bears": [],
        **more,
    }
    with member.signed_in() as (client, _):
        item, original = _sent(client, case_id, file, said["item"])
        item = item or b64(secrets.token_bytes(16))
        _, copy = _sent(client, case_id, working, item)
        _hand_in(client, case_id, {**raw, "item": item, "original": original, "working": copy})
    say(f"Kept. The item is called: {item}")


@evidence.command()
@click.argument("file", type=in_file)
@with_member
@case_option
@item_option
@click.option(
    "--act",
    type=click.Choice(_TYPED),
    required=True,
    help="What the JSON file says (docs/FORMATS.md §19).",
)
@yes_option
def record(member: Member, case_id: str, item: str, file: Path, act: str, yes: bool) -> None:
    """Go on with an item's custody chain, from a JSON file: an event, what it bears on, an opinion, a release…"""
    confirm(f"One more entry: {act}. {_SIGNED} Keep it?", yes)
    _keep(member, (case_id, item), {**read_file(file), "act": act})


@evidence.command()
@click.argument("file", type=in_file)
@with_member
@case_option
@item_option
@click.option(
    "--role", type=click.Choice([str(role) for role in FileRole]), default="working", help="As what."
)
@click.option("--how", required=True, help="One line on how it was made.")
@yes_option
def replace(member: Member, case_id: str, item: str, file: Path, role: str, how: str, yes: bool) -> None:
    """Add a file to an item; it takes the place of its working copy, or of its original."""
    confirm(
        f"It becomes the {role} file from now on; the one before stays in the chain. {_SIGNED} Send it?", yes
    )
    with member.signed_in() as (client, _):
        _, upload = _sent(client, case_id, file, item)
        said = {"act": "file", "role": role, "upload": upload, "how": how}
        client.call("POST", f"/api/cases/{case_id}/evidence/{item}", said)
    say("Kept.")


@evidence.command()
@with_member
@case_option
@item_option
@click.option("--release", required=True, help="The release's name, as `show` gives it.")
@click.option("--uphold/--reject", required=True, help="What you decide.")
@click.option("--reason", prompt="Why, in words", help="Why; asked for if it is not given.")
@yes_option
def decide(
    member: Member, case_id: str, item: str, release: str, uphold: bool, reason: str, yes: bool
) -> None:
    """Decide on what another reviewer proposed to say of an item in public."""
    confirm(f"You {'uphold' if uphold else 'reject'} it. {_SIGNED} Sign it?", yes)
    said = {"act": "decision", "motion": release, "upheld": uphold, "reason": reason}
    _keep(member, (case_id, item), said)


@evidence.command()
@with_member
@case_option
@item_option
@click.option("--release", required=True, help="The release's name, as `show` gives it.")
@click.option("--reason", prompt="Why, in words", help="Why; asked for if it is not given.")
@yes_option
def recall(member: Member, case_id: str, item: str, release: str, reason: str, yes: bool) -> None:
    """Recall a release: what it let be said is not said any more. You need nobody for it."""
    confirm(
        f"Nothing new says it from now on; what left already cannot be called back. {_SIGNED} Recall it?", yes
    )
    _keep(member, (case_id, item), {"act": "recall", "release": release, "reason": reason})


def _sent(client: Client, case: str, file: Path | None, item: str | None) -> tuple[str | None, str | None]:
    """The item and the upload of a file, once all of it has arrived."""
    if file is None:
        return item, None
    state = send(client, case, file, item)
    return str(state["item"]), str(state["upload"])


def _hand_in(client: Client, case: str, raw: dict[str, Any]) -> None:
    """An answer that was lost is asked for again: an item that is handed in twice is there once."""
    for _ in range(_MOST_TRIES):
        try:
            client.call("POST", f"/api/cases/{case}/evidence", raw)
            return
        except Unreachable:
            continue
    raise Unreachable(f"No answer. Give the command again later, with --item {raw['item']}.")


def _keep(member: Member, place: tuple[str, str], said: dict[str, Any]) -> None:
    case, item = place
    with member.signed_in() as (client, _):
        answer = client.call("POST", f"/api/cases/{case}/evidence/{item}", said)
    say(f"Kept. It is called: {answer['name']}" if answer["name"] else "Signed.")


for command in (list_items, show, get, verify):
    evidence.add_command(command)
