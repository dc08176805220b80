"""The custodians' commands for how long cases last: setting the last day, and destroying what is past it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Custodian, confirm, today, with_custodian, yes_option
from vault.cli.proposals import in_words, put_forward
from vault.cli.screen import say
from vault.cli.sight import Sight
from vault.client import Client
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.rules.retention import Of, RetentionReason, Stage
from vault.sealing.digests import Document, b64, unb64
from vault.sealing.rosters import Roster

_STAGES = {
    Stage.OPEN: "no last day",
    Stage.KEPT: "kept until {until}",
    Stage.NEAR: "kept until {until}",
    Stage.SOON: "kept until {until}, that is soon",
    Stage.DUE: "past its last day, {until}: nothing happens unless custodians decide",
    Stage.AGREED: "past its last day, {until}",
    Stage.READY: "past its last day, {until}",
    Stage.DESTROYED: "destroyed",
}
_WAITS = {
    Of.CASE: "All its records are to be destroyed",
    Of.RECORDS: "Records whose witnesses set a last day of {until} or before are to be destroyed",
}
_case = click.option("--case", "case_id", required=True, help="The case's id.")


@parts.command()
@with_custodian
def cases(holder: Custodian) -> None:
    """List how long each case lasts."""
    with holder.signed_in() as (client, _):
        for one in _listed(client):
            for line in _in_words(one):
                say(line)


@parts.command()
@with_custodian
@_case
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of its records.")
@click.option("--without-end", is_flag=True, help="It has no last day any more.")
@click.option(
    "--reason",
    required=True,
    type=click.Choice([str(one) for one in RetentionReason]),
    help="Why; it stands in the clear.",
)
@yes_option
def set_last_day(
    holder: Custodian, case_id: str, until: datetime | None, without_end: bool, reason: str, yes: bool
) -> None:
    """Propose the last day of a case, or another one; in force once a quorum has signed. It deletes nothing."""
    if (until is None) is not without_end:
        raise click.UsageError("Name a day with --until, or give --without-end.")
    with holder.signed_in() as (client, roster):
        kept = _of(client, case_id)
        day = None if until is None else until.date().isoformat()
        about = {"version": kept["version"] + 1, "until": day, "reason": reason}
        _propose(holder, client, _document("retention", roster, case_id, holder.code, about), yes)


@parts.command()
@with_custodian
@_case
@click.option(
    "--only-records-until",
    "records",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Only the records whose witnesses set this last day, or an earlier one.",
)
@yes_option
def destroy(holder: Custodian, case_id: str, records: datetime | None, yes: bool) -> None:
    """Propose that a case past its last day be destroyed; a quorum signs, a week passes, a reader does it."""
    with holder.signed_in() as (client, roster):
        kept = _of(client, case_id)
        day = kept["until"] if records is None else records.date().isoformat()
        if day is None:
            raise Refused("This case has no last day: set one first, or name that of its records.")
        about = {"of": Of.CASE if records is None else Of.RECORDS, "retention": kept["version"], "until": day}
        _propose(holder, client, _document("destruction", roster, case_id, holder.code, about), yes)


def _document(kind: str, roster: Roster, case: str, proposer: str, about: dict[str, Any]) -> dict[str, Any]:
    place = {"vault": roster.vault, "roster": roster.version, "case": case}
    made = {"proposer": proposer, "day": today().isoformat()}
    return {"format": f"witness-vault/v1/{kind}", **place, **about, **made}


def _propose(holder: Custodian, client: Client, document: Document, yes: bool) -> None:
    known = holder.profile.rosters()
    for line in in_words(document, known[-1], Sight(client, known)):
        say(line, err=True)
    confirm("Propose this?", yes)
    say(put_forward(client, document))


def _of(client: Client, case: str) -> dict[str, Any]:
    for one in _listed(client):
        if one["case"] == case:
            return one
    raise NotFound("There is no such case: `witness-vault custodian cases` lists them.")


def _listed(client: Client) -> list[dict[str, Any]]:
    return list(client.call("GET", "/api/retention")["cases"])


def _in_words(one: dict[str, Any]) -> Iterator[str]:
    """How long a case lasts, by the server's word. Raises Tampered for what no vault says."""
    try:
        yield f"{one['case']}  {one['code']}: {_STAGES[Stage(one['stage'])].format(until=one['until'])}"
        if (waits := one["waits"]) is not None:
            name = b64(unb64(waits["proposal"], 32))
            what = _WAITS[Of(waits["of"])].format(until=waits["until"])
            yield f"    {what}, from {waits['first']} on, by a reader of the case."
            yield f"    Until it is done, call it off with `witness-vault custodian withdraw {name}`."
    except (KeyError, TypeError, ValueError, Invalid):
        raise Tampered("The server does not list cases as a vault does. Tell the custodians.") from None


COMMANDS = (cases, set_last_day, destroy)
