"""Sharing anew with the custodians of a new epoch: fetched by one of them, done offline, handed in by any of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from vault import carried, ceremony
from vault.cli import parts
from vault.cli.common import (
    PASSPHRASE,
    Custodian,
    ask_secret,
    confirm,
    in_file,
    out_file,
    today,
    with_custodian,
    yes_option,
)
from vault.cli.screen import say
from vault.client import Client
from vault.errors import Invalid, NotFound
from vault.profile import ROSTERS, read_file
from vault.sealing import members
from vault.sealing.members import KeyFile
from vault.sealing.resharings import KINDS, check_line, read_statement

SHOWN = 20  # names of what could not be shared anew; the file has them all


@parts.command()
@with_custodian
@click.option(
    "--out", type=out_file, required=True, help="The file to write, for the machine of the ceremony."
)
def reshare_export(holder: Custodian, out: Path) -> None:
    """Fetch what is still sealed to the custodians of before: sealed shares, without what they open."""
    with holder.signed_in() as (client, _):
        count = carried.write_export(out, holder.profile.read(ROSTERS)["rosters"], still_former(client))
    say(f"{count} records and audit entries are to be shared anew.")


@parts.command()
@click.argument("export", type=in_file)
@click.option(
    "--key-file",
    "key_files",
    type=in_file,
    multiple=True,
    required=True,
    help="The key file of a custodian of before the change; k of them.",
)
@click.option("--out", type=out_file, required=True, help="The result; named again, it is gone on with.")
@click.option("--give-up", is_flag=True, help="Declare lost what these key files do not open.")
@yes_option
def reshare(export: Path, key_files: tuple[Path, ...], out: Path, give_up: bool, yes: bool) -> None:
    """Share every record anew, offline, with k key files of before the change. It sends and destroys nothing."""
    chain = carried.rosters_of(export)
    met = ceremony.convene(chain, [opened_key_file(path) for path in key_files])
    say(f"The vault's six words: {chain[0].fingerprint}", err=True)
    say(f"From {met.old.threshold} of {', '.join(met.old.codes)}", err=True)
    say(f"to   {met.new.threshold} of {', '.join(met.new.codes)}, epoch {met.new.epoch}", err=True)
    say(f"Roster version {met.new.version}: {met.new.fingerprint}", err=True)
    confirm("Do all of you know these words, and these custodians?", yes)
    count = sum(1 for _ in carried.lines_of(export))
    with click.progressbar(length=count, label="Sharing anew", file=sys.stderr) as bar:
        carried.share_anew(export, out, met, lambda: bar.update(1))
    failed = carried.failures(out)
    for name in failed[:SHOWN]:
        say(f"Not shared anew: {name}", err=True)
    if failed:
        say(f"{len(failed)} of {count} could not be shared anew; nothing of them is changed.", err=True)
    if give_up and failed:
        confirm("Declare them lost? They then no longer stand in the way of destroying the former keys.", yes)
    carried.conclude(out, met, today().isoformat(), failed if give_up else ())
    say(f"{count - len(failed)} of {count} are shared anew and proved, signed by {', '.join(met.holders)}.")


@parts.command()
@click.argument("result", type=in_file)
@with_custodian
def reshare_submit(holder: Custodian, result: Path) -> None:
    """Hand in the result of a ceremony; broken off, give the same command again."""
    signed = carried.signed_statement(result)
    if signed is None:
        raise NotFound("This ceremony is not over: go on with `witness-vault custodian reshare`.")
    with holder.signed_in() as (client, _):
        statement = read_statement(signed, holder.profile.rosters())
        name = client.call("POST", "/api/resharing", {"statement": signed})["digest"]
        label, total = "Handing in", len(statement["batches"])
        with click.progressbar(length=total, label=label, file=sys.stderr) as bar:
            for batch in carried.batches(result):
                client.call("POST", f"/api/resharing/{name}/batches", {"lines": batch})
                bar.update(1)
        left = client.call("POST", f"/api/resharing/{name}/end")["left"]
    for one in left[:SHOWN]:
        say(f"Still with the custodians of before: {one}", err=True)
    say(f"{len(left)} records and entries are left." if left else "Everything is shared anew.")


def still_former(client: Client) -> Iterator[dict[str, Any]]:
    """What the server shows that is still sealed to former custodians. Raises Invalid for what is no line."""
    for kind in KINDS:
        after: str | None = ""
        while after is not None:
            page = client.call("GET", f"/api/resharing/{kind}?after={after}")
            yield from (check_line(line) for line in page["lines"])
            if page["damaged"]:
                say(f"{page['damaged']} records are withdrawn or damaged and left out.", err=True)
            after = page["next"]


def opened_key_file(path: Path) -> KeyFile:
    """A custodian's key file, once they have typed their passphrase. Raises Invalid or Tampered."""
    file = read_file(path)
    try:
        code = members.check_code(file["cards"][0]["document"]["code"])
    except (KeyError, TypeError, IndexError):
        raise Invalid("This is not a key file of a custodian.") from None
    return members.open_key_file(file, ask_secret(f"Passphrase of {code}", f"{PASSPHRASE}_{code}"))


COMMANDS = (reshare_export, reshare, reshare_submit)
