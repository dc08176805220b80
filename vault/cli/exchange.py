"""Tables: a case's skeleton and incidents come in from one, what a case holds goes out as one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.access import member_and_keys
from vault.cli.common import Member, confirm, in_file, out_file, out_option, with_member, yes_option
from vault.cli.member import case, vocabularies
from vault.cli.screen import say, write_out, write_text
from vault.errors import Invalid
from vault.rules import skeletons, tables
from vault.rules.dictionary import TABLES, TableName
from vault.rules.skeletons import Incident


@case.command()
@click.argument("table", type=in_file)
@click.option("--code", required=True, help="The case's code, such as S1.")
@click.option("--title", required=True, help="What the case is about.")
@click.option(
    "--member", "team", multiple=True, metavar="CODE[:KEY,…]", help="Who is on the team, with which keys."
)
@out_option
def skeleton(table: Path, code: str, title: str, team: Iterable[str], out: Path | None) -> None:
    """Make a case plan of a table of incidents (docs/EXCHANGE.md): read it, then propose it."""
    incidents = _read(table.read_bytes())
    keys = {
        name: ["brief", *(key for key in named if key != "brief")]
        for name, named in map(member_and_keys, team)
    }
    write_out({"code": code, "title": title, "incidents": incidents, "team": keys}, out)


@case.command()
@click.argument("case_id", metavar="CASE")
@click.argument("table", type=in_file)
@with_member
@yes_option
def add_incidents(member: Member, case_id: str, table: Path, yes: bool) -> None:
    """Add the incidents of a table (docs/EXCHANGE.md) to a case, but for those that it has."""
    data = table.read_bytes()
    for incident in _read(data):
        say(" · ".join(_in_words(incident)), err=True)
    confirm("Everybody on the team reads them, and none can be taken away again. Add them?", yes)
    with member.signed_in() as (client, _):
        said = {"table": skeletons.decode(data)}
        added = client.call("POST", f"/api/cases/{case_id}/incidents/table", said)["incidents"]
    for incident in added:
        say(str(incident))
    say(f"Added: {len(added)}. What was not is in the case already.", err=True)


@parts.command()
@click.argument("table", type=click.Choice([str(name) for name in TableName]))
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option("--out", type=out_file, required=True, help="The file to write; it must not exist yet.")
@yes_option
def export(member: Member, table: str, case_id: str, form: str, out: Path, yes: bool) -> None:
    """Take a table of a case out as data (docs/EXCHANGE.md). It is noted in the ledger of what left."""
    confirm("The file will not be sealed, and cannot be called back once others have it. Take it out?", yes)
    with member.signed_in() as (client, _):
        taken = client.call("POST", f"/api/cases/{case_id}/data/{table}")
    if form == "json":
        write_out(taken, out)
    else:
        columns = TABLES[TableName(table)].names
        write_text(tables.write(columns, ([row[name] for name in columns] for row in taken["rows"])), out)


def _read(data: bytes) -> list[Incident]:
    """The incidents of a table; each fault is said aside. Raises Invalid."""
    found = skeletons.read(skeletons.decode(data), vocabularies())
    for fault in found.faults:
        say(fault, err=True)
    if found.faults:
        raise Invalid("Nothing was done: mend the table, and give the command again.")
    return list(found.incidents)


def _in_words(incident: dict[str, Any]) -> list[str]:
    claims = [skeletons.spell_claim(one["subject"], one["value"]) for one in incident.get("claims", ())]
    parts = [
        incident["title"],
        incident["place"],
        incident["date"],
        incident["vocabulary"],
        "; ".join(claims),
    ]
    return [part for part in parts if part]
