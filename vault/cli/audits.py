"""The audit chain: custodians read and sign it; anybody verifies an export of it, with no key and no server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Custodian, in_file, out_option, today, with_custodian
from vault.cli.screen import say, write_out
from vault.client import Client
from vault.errors import Tampered
from vault.profile import AUDIT, ROSTERS, read_file
from vault.sealing import audits
from vault.sealing.auditing import Report, from_file, require_prefix, to_file, verify_export
from vault.sealing.audits import Entry, Link
from vault.sealing.checkpoints import read_checkpoint, require_continued, sign_checkpoint
from vault.sealing.digests import document_digest
from vault.sealing.signatures import Signed


@parts.group()
def audit() -> None:
    """Who did what: read it, sign its end, export its chain, verify an export."""


@audit.command()
@with_custodian
def read(holder: Custodian) -> None:
    """Print every entry, opened here with your key file, after verifying the chain and signing its end."""
    with holder.signed_in() as (client, _):
        entries = _signed(client, holder)
    unread = []
    for entry in entries:
        try:
            body = _body(entry, holder)
        except Tampered:  # one that is damaged, or was given up, must not hide what follows
            unread.append(entry.position)
            say(f"{entry.position}  not readable with this key file")
            continue
        about = ", ".join(f"{name} {value}" for name, value in sorted(body["about"].items()))
        say(f"{entry.position}  {body['day']}  {body['actor'] or '-'}  {body['act']}  {about}")
    if unread:
        raise Tampered(
            f"The chain holds, but with this key file the bodies of {_places(unread)} do not open, or are not the ones "
            "that it commits to. Ask the other custodians whether they read them."
        )


@audit.command()
@with_custodian
def sign(holder: Custodian) -> None:
    """Verify the chain and sign its end, so that nobody can leave out what is there now."""
    with holder.signed_in() as (client, _):
        entries = _signed(client, holder)
    say(f"The chain holds; you signed entry {len(entries)}." if entries else "There is no entry yet.")


@audit.command()
@with_custodian
@click.option("--decisions", is_flag=True, help="Add the signed decisions and every roster, for an auditor.")
@out_option
def export(holder: Custodian, decisions: bool, out: Path | None) -> None:
    """Write the chain's links and who signed its end: no member's code, and outsiders can verify what follows."""
    with holder.signed_in() as (client, roster):
        entries = _signed(client, holder)
        shown = client.call("GET", "/api/audit/checkpoints")["checkpoints"]
        signed = holder.profile.read(ROSTERS)["rosters"]
        links = [_link(entry) for entry in entries]
        file = to_file(roster.vault, links, signed if decisions else signed[:1], shown)
        if decisions:
            file["decisions"] = _decisions(client, links)
    verify_export(from_file(file))
    write_out(file, out)


@audit.command()
@click.argument("chain", type=in_file)
@click.option("--earlier", type=in_file, help="An earlier export: the chain must continue it.")
@click.option("--words", help="The vault's six words, as they were read to you.")
def verify(chain: Path, earlier: Path | None, words: str | None) -> None:
    """Verify an export: chain, signatures of its end, decisions. Needs no key and no server."""
    export = from_file(read_file(chain))
    report = verify_export(export)
    if earlier is not None:
        known = from_file(read_file(earlier))
        verify_export(known)
        if known.vault != export.vault:
            raise Tampered("These are exports of two vaults.")
        require_prefix(export.links, known.links)
    if words is not None and " ".join(words.lower().replace("-", " ").split()) != report.words:
        raise Tampered("The rosters of this export are not those of the vault with these six words.")
    for line in _in_words(report, compared=words is not None):
        say(line)


def _in_words(report: Report, compared: bool) -> Iterator[str]:
    yield f"The chain of {report.length} entries holds."
    for one in report.checkpoints:
        yield f"{one.custodian} signed entry {one.position} on {one.day}."
    if report.strangers:
        yield f"{report.strangers} more signed its end whom the rosters of this export do not list."
    if not report.checkpoints:
        yield "No custodian's signature shows where it ended: its newest entries may have been left out."
    if report.missing is not None:
        yield f"{len(report.decided)} signed decisions hold."
        if report.unlisted:
            yield f"Signed by somebody whom no roster lists: {_places(report.unlisted)}."
        if report.missing:
            yield f"Not in this export: the decisions of {_places(report.missing)}."
    if not compared:
        yield f"All by the word of a vault with these six words, to be compared by voice: {report.words}"


def _places(positions: Sequence[int]) -> str:
    return ("entry " if len(positions) == 1 else "entries ") + ", ".join(map(str, positions))


def _signed(client: Client, holder: Custodian) -> list[Entry]:
    """Every entry: verified, going on from whatever custodians signed before, and its end signed in its turn."""
    entries = list(_entries(client))
    links, rosters = [_link(entry) for entry in entries], holder.profile.rosters()
    audits.chain(links)
    known = [holder.profile.read(AUDIT)["checkpoint"]] if holder.profile.has(AUDIT) else []
    for signed in [*known, *client.call("GET", "/api/audit/checkpoints")["checkpoints"]]:
        checkpoint = read_checkpoint(signed, rosters)
        if checkpoint is not None:
            require_continued(links, checkpoint)
    if links:
        # kept here first: a server that refuses it cannot make this device forget it
        mine = sign_checkpoint(rosters[-1].vault, links, today().isoformat(), (holder.code, holder.signing))
        holder.profile.write(AUDIT, {"checkpoint": mine})
        client.call("POST", "/api/audit/checkpoints", mine)
    return entries


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


def _decisions(client: Client, links: Sequence[Link]) -> list[dict[str, Any]]:
    """The signed decisions that entries commit to; what else the server sends is dropped."""
    held: dict[bytes, Signed] = {}
    after = 0
    while found := client.call("GET", f"/api/audit/decisions?after={after}")["decisions"]:
        after += len(found)
        held.update((document_digest(signed), signed) for signed in found)
    places = [(position, link[2]) for position, link in enumerate(links, start=1) if link[2] in held]
    return [{"position": position, "signed": held[name]} for position, name in places if name is not None]


def _body(entry: Entry, holder: Custodian) -> dict[str, Any]:
    """The body, by whichever of the custodian's sealing keys it was boxed to, of a former epoch or the present one."""
    for secret in holder.file.secrets[:-1]:
        try:
            return audits.read(entry, holder.code, secret.sealing)
        except Tampered:
            continue
    return audits.read(entry, holder.code, holder.file.newest.sealing)


def _link(entry: Entry) -> Link:
    return entry.link, entry.commitment, entry.decision
