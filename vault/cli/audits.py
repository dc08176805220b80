"""The audit chain: custodians read it; anybody verifies an export of it, with no key and no server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from vault.cli.common import Custodian, in_file, out_option, with_custodian
from vault.cli.screen import say, write_out
from vault.client import Client
from vault.errors import Invalid, Tampered
from vault.profile import read_file
from vault.sealing import audits
from vault.sealing.audits import Entry, Link
from vault.sealing.digests import Json, unb64

CHAIN_FILE = "witness-vault/v1/audit-chain"
LINK = ("link", "commitment", "decision")


@click.group()
def audit() -> None:
    """Who did what: read it, export its chain, verify an export."""


@audit.command()
@with_custodian
def read(holder: Custodian) -> None:
    """Print every entry, opened here with your key file, after verifying the chain."""
    with holder.signed_in() as (client, roster):
        entries = list(_entries(client))
    audits.chain([(entry.link, entry.commitment, entry.decision) for entry in entries])
    for entry in entries:
        body = audits.read(entry, holder.code, holder.holder(roster).secret.sealing)
        about = ", ".join(f"{name} {value}" for name, value in sorted(body["about"].items()))
        say(f"{entry.position}  {body['day']}  {body['actor']}  {body['act']}  {about}")


@audit.command()
@with_custodian
@out_option
def export(holder: Custodian, out: Path | None) -> None:
    """Write the chain's links and commitments: they name nobody, and let outsiders verify what they are shown later."""
    with holder.signed_in() as (client, roster):
        entries = list(_entries(client))
    audits.chain([(entry.link, entry.commitment, entry.decision) for entry in entries])
    links = [{key: audits.to_json(entry)[key] for key in LINK} for entry in entries]
    write_out({"format": CHAIN_FILE, "vault": roster.vault, "links": links}, out)


@audit.command()
@click.argument("chain", type=in_file)
@click.option("--earlier", type=in_file, help="An earlier export: the chain must continue it.")
def verify(chain: Path, earlier: Path | None) -> None:
    """Verify an export, and that it continues an earlier one. Needs no key and no server."""
    links, vault = _read_chain(chain)
    audits.chain(links)
    if earlier is not None:
        known, same = _read_chain(earlier)
        audits.chain(known)
        if vault != same or links[: len(known)] != known:
            raise Tampered("This chain does not continue the earlier one: history was rewritten.")
    say(f"The chain of {len(links)} entries holds.")


def _entries(client: Client) -> Iterator[Entry]:
    position = 0
    while True:
        found = [
            audits.from_json(raw) for raw in client.call("GET", f"/api/audit?after={position}")["entries"]
        ]
        for entry in found:
            position += 1
            if entry.position != position:
                raise Tampered(f"The server leaves out audit entry {position}. Tell the other custodians.")
            yield entry
        if not found:
            return


def _read_chain(path: Path) -> tuple[list[Link], Json]:
    file: dict[str, Any] = read_file(path)
    try:
        if file["format"] == CHAIN_FILE:
            return [_link(one) for one in file["links"]], file["vault"]
    except (KeyError, TypeError):
        pass
    raise Invalid("This is not an export of an audit chain.")


def _link(one: Json) -> Link:
    decision = None if one["decision"] is None else unb64(one["decision"], 32)
    return unb64(one["link"], 32), unb64(one["commitment"], 32), decision
