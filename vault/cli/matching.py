"""Was anybody interviewed twice? Asked by a reviewer, found out offline by k custodians, told as ids alone."""

from __future__ import annotations

from pathlib import Path

import click

from vault import recognition
from vault.cli import parts
from vault.cli.common import (
    Custodian,
    Member,
    confirm,
    in_file,
    out_file,
    today,
    with_custodian,
    with_member,
    yes_option,
)
from vault.cli.resharing import opened_key_file
from vault.cli.screen import printable, say, write_out
from vault.errors import Invalid, NotFound, Tampered
from vault.profile import ROSTERS, read_file
from vault.rules.matching import MatchRecord
from vault.sealing import casefiles, matches
from vault.sealing.rosters import at, verify_chain
from vault.sealing.signatures import sign

REQUEST = "witness-vault/v1/match-request-file"
AT_ONCE = 100
key_files_option = click.option(
    "--key-file",
    "key_files",
    type=in_file,
    multiple=True,
    required=True,
    help="A custodian's key file; k of them.",
)


@parts.group()
def match() -> None:
    """The same-person ceremony: whether somebody was interviewed twice, by people who do not know of each other."""


@match.command()
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@click.option(
    "--incident", "incidents", multiple=True, help="An incident about to be counted; all if none is named."
)
@click.option("--out", type=out_file, required=True, help="The request, for the custodians.")
def request(member: Member, case_id: str, incidents: tuple[str, ...], out: Path) -> None:
    """Ask the custodians which accounts of these incidents are one person's."""
    with member.signed_in() as (client, roster):
        shown = client.call("GET", f"/api/cases/{case_id}/match")
        file = casefiles.verify_chain(shown["case"], at(member.profile.rosters()))
        if file.id != case_id:
            raise Tampered(
                "The server shows another case than the one that was asked for. Tell the custodians."
            )
        names = {
            name: found for name, found in shown["incidents"].items() if not incidents or name in incidents
        }
        if not names:
            raise NotFound("No account of these incidents has a match record.")
        document = matches.request(file, roster, member.code, today().isoformat(), names)
    write_out({"format": REQUEST, "request": sign(document, member.code, member.request_key())}, out)
    say(f"{len(matches.records_of(document))} match records of {len(names)} incidents.")


@match.command()
@click.argument("request", type=in_file)
@with_custodian
@click.option(
    "--out", type=out_file, required=True, help="The file to write, for the machine of the ceremony."
)
def export(holder: Custodian, request: Path, out: Path) -> None:
    """Fetch the sealed match records that a reviewer's request names. They open for k custodians together."""
    signed = _signed(request)
    with holder.signed_in() as (client, roster):
        shown = client.call("POST", "/api/match/case", {"request": signed})["case"]
        file = casefiles.verify_chain(shown, at(holder.profile.rosters()))
        wanted = sorted(matches.records_of(matches.read_request(signed, roster, file)))
        records = []
        for start in range(0, len(wanted), AT_ONCE):
            asked = {"request": signed, "records": wanted[start : start + AT_ONCE]}
            records += client.call("POST", "/api/match/records", asked)["records"]
    about = {"rosters": holder.profile.read(ROSTERS)["rosters"], "case": shown, "request": signed}
    write_out({"format": recognition.EXPORT, **about, "records": records}, out)
    say(f"{len(records)} of {len(wanted)} match records.")


@match.command()
@click.argument("export", type=in_file)
@key_files_option
@click.option("--out", type=out_file, required=True, help="The sealed result, to be handed in.")
@yes_option
def run(export: Path, key_files: tuple[Path, ...], out: Path, yes: bool) -> None:
    """Compare the match records, offline, with k key files. Nothing but the sealed result is written anywhere.

    Broken off, it leaves nothing behind: give the same command again.
    """
    shown = read_file(export)
    if shown.get("format") != recognition.EXPORT or not isinstance(shown.get("records"), list):
        raise Invalid("This is not the export of a same-person ceremony.")
    chain = verify_chain(shown.get("rosters"))
    sitting = recognition.convene(
        chain, shown, [opened_key_file(path) for path in key_files], today().isoformat()
    )
    say(f"The vault's six words: {chain[0].fingerprint}", err=True)
    asker, count = sitting.asked["reviewer"], len(sitting.asked["incidents"])
    say(f"{asker} asks about {count} incidents of case {sitting.file.code},", err=True)
    say(
        f"{len(shown['records'])} match records. You will see names: nobody else may see this screen.",
        err=True,
    )
    confirm("Do all of you agree to compare them?", yes)
    two = sorted(sitting.holders)[:2]
    try:
        found, left = recognition.recognise(sitting, shown["records"], lambda *pair: _settle(two, *pair))
    finally:
        click.clear()
    write_out(recognition.conclude(sitting, found, today().isoformat()), out)
    say(f"{left} match records did not open and were not compared.") if left else None
    say(f"Compared, and signed by {', '.join(sorted(sitting.holders))}. Take the export off this machine.")


@match.command()
@click.argument("result", type=in_file)
@with_custodian
def submit(holder: Custodian, result: Path) -> None:
    """Hand in what a ceremony found, as it is sealed. The next cut goes by it; twice changes nothing."""
    content = read_file(result)
    if content.get("format") != recognition.RESULT:
        raise Invalid("This is not the result of a same-person ceremony.")
    with holder.signed_in() as (client, _):
        client.call("POST", f"/api/cases/{content['case']}/match", {"sealed": content["sealed"]})
    say("Handed in.")


def _signed(path: Path) -> object:
    content = read_file(path)
    if content.get("format") != REQUEST:
        raise Invalid("This is not a reviewer's request for a same-person ceremony.")
    return content["request"]


def _settle(two: list[str], one: MatchRecord, other: MatchRecord) -> bool | None:
    """What two custodians say of a pair, each for themselves; None where they differ, or do not know."""
    click.clear()
    for record in (one, other):
        born = "" if record.birth is None else f"born {record.birth[0]} to {record.birth[1]}"
        for line in (record.name, born, record.place, record.phone):
            click.echo(f"    {printable(line)}", err=True)
        click.echo(err=True)
    said = {
        click.prompt(f"{code}: one person?", type=click.Choice(["yes", "no", "unsure"]), err=True)
        for code in two
    }
    return {"yes": True, "no": False}.get(said.pop()) if len(said) == 1 else None
