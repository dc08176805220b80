"""The commands for editions: cutting, reading, looking across incidents."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from vault.cli import parts
from vault.cli.common import Member, confirm, today, with_member, yes_option
from vault.cli.proposals import put_forward
from vault.cli.screen import printable, say
from vault.rules import independence
from vault.rules.patterns import STEPS
from vault.rules.recuts import RecutReason


@parts.group()
def edition() -> None:
    """Editions: cut one, read one, look across incidents."""


@edition.command()
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@yes_option
def cut(member: Member, case_id: str, yes: bool) -> None:
    """Cut the next edition of a case."""
    confirm("Figures will be frozen and signed, and cannot be taken back. Cut the edition?", yes)
    with member.signed_in() as (client, _):
        say(str(client.call("POST", f"/api/cases/{case_id}/editions")["edition"]))


@edition.command()
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@click.option("--incident", required=True, help="The incident's id.")
@click.option("--number", type=int, help="Which edition; the newest if not given.")
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §8.1); noted in the ledger.")
def show(member: Member, case_id: str, incident: str, number: int | None, as_json: bool) -> None:
    """Read the corroboration table of an incident."""
    with member.signed_in() as (client, _):
        if number is None:
            cuts = client.call("GET", f"/api/cases/{case_id}/editions")["editions"]
            number = cuts[0]["edition"] if cuts else 1
        path = f"/api/cases/{case_id}/editions/{number}/{incident}"
        table = client.call("POST", f"{path}/export") if as_json else client.call("GET", path)
    if as_json:
        say(json.dumps(table, ensure_ascii=False))
    else:
        print_table(table)


@edition.command()
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@click.option("--incident", required=True, help="The incident's id; it is under review.")
@click.option("--reason", required=True, type=click.Choice([str(one) for one in RecutReason]))
def request_recut(member: Member, case_id: str, incident: str, reason: str) -> None:
    """Ask the custodians that an incident under review be counted anew, though fewer than three people changed."""
    with member.signed_in() as (client, roster):
        cuts = client.call("GET", f"/api/cases/{case_id}/editions")["editions"]
        document = {
            "format": "witness-vault/v1/recut",
            "vault": roster.vault,
            "roster": roster.version,
            "case": case_id,
            "incident": incident,
            "edition": cuts[0]["edition"] if cuts else 0,
            "requester": member.code,
            "reason": reason,
            "day": today().isoformat(),
        }
        say(put_forward(client, document))


@edition.command()
@with_member
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §8.2).")
def patterns(member: Member, as_json: bool) -> None:
    """In how many incidents of your cases 3, 5, 8 people or more perceived the same thing."""
    with member.signed_in() as (client, _):
        found = client.call("GET", "/api/patterns")
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for kind in found["kinds"]:
        shown = Table(
            title=_cell(f"{kind['vocabulary']}: {len(kind['incidents'])} incidents with figures"),
            caption=_cell("Incidents in which so many independent persons perceived it directly."),
        )
        shown.add_column("claim", no_wrap=True)
        for step in STEPS:
            shown.add_column(f"{step} or more", justify="right")
        for one in kind["patterns"]:
            many = (one["incidents"][str(step)] for step in STEPS)
            cells = (str(count) if count else "fewer than 3" for count in many)
            shown.add_row(_cell(one["subject"]), *(_cell(cell) for cell in cells))
        Console(width=140).print(shown)
    if not found["kinds"]:
        say("No edition that you may read has figures.")


def print_table(table: dict[str, Any]) -> None:
    """The corroboration table in a terminal."""
    status = table.get("status", "counted")
    if table["claims"] is None:
        say({"too-few": "Not enough accounts to count.", "under-review": "Under review."}[status])
        return
    claims = table["claims"]
    senses = [name for name in independence.COLUMNS if any(row[name] for row in claims)]
    shown = Table(
        title=_cell(f"Edition {table.get('figures', table['edition'])}: independent persons per claim"),
        caption=_cell("What nobody said has no column. Hearsay and inference stand apart and add nothing."),
    )
    for name in ("claim", "value", "direct", *senses):
        left = name in ("claim", "value")
        shown.add_column(_cell(name.replace("_", " ")), justify="left" if left else "right", no_wrap=left)
    for row in claims:
        low, high = row["direct"]["min"], row["direct"]["max"]
        direct = str(low) if low == high else f"{low} to {high}"
        cells = (row["subject"], _value(row["value"]), direct, *(row[name] or "·" for name in senses))
        shown.add_row(*(_cell(str(cell)) for cell in cells))
    Console(width=140).print(shown)


def _cell(text: str) -> Text:
    return Text(printable(text))  # as text: markup in what a server sent would be obeyed


def _value(value: Any) -> str:
    return f"{value['min']} to {value['max']}" if isinstance(value, dict) else str(value)
