"""The command for a court: openings of a line of a published statement."""

from __future__ import annotations

from pathlib import Path

import click

from vault.cli import parts
from vault.cli.common import Member, confirm, in_file, out_option, with_member, yes_option
from vault.cli.screen import write_out
from vault.errors import Invalid, NotFound
from vault.profile import read_file


@parts.group()
def statement() -> None:
    """Statements that are published: open a line of one for a court."""


@statement.command()
@click.argument("published", type=in_file)
@with_member
@click.option("--case", "case_id", required=True, help="The case's id.")
@click.option("--line", type=click.IntRange(min=0), required=True, help="Which line, counted from 0.")
@out_option
@yes_option
def openings(member: Member, published: Path, case_id: str, line: int, out: Path | None, yes: bool) -> None:
    """Open the commitments behind a line: whoever gets them can check that so many accounts stand behind it."""
    file = read_file(published)
    if "statement" not in file:
        raise Invalid("This is not a published statement.")
    confirm(
        "Whoever gets the openings can prove them to others. It is written into the audit. Open them?", yes
    )
    with member.signed_in() as (client, _):
        asked = {"statement": file["statement"], "line": line}
        found = client.call("POST", f"/api/cases/{case_id}/openings-for-court", asked)
    if found["openings"] is None:
        can = f"{int(found['openable'])} of {int(found['commitments'])}"
        raise NotFound(
            f"{can} commitments behind this line can still be opened: what was withdrawn cannot be."
        )
    write_out(found["openings"], out)
