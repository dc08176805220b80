"""The commands for quotes: proposed by whoever reads the testimony, decided on by another reviewer."""

from __future__ import annotations

import json
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Member, confirm, with_member, yes_option
from vault.cli.screen import say
from vault.errors import Invalid, NotFound
from vault.rules.circumstances import Band

case_option = click.option("--case", "case_id", required=True, help="The case's id.")


@parts.group()
def quote() -> None:
    """Words of witnesses that may stand in a statement: propose them, list them, decide on what another proposed."""


@quote.command(name="list")
@with_member
@case_option
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §8.6).")
@yes_option
def list_quotes(member: Member, case_id: str, as_json: bool, yes: bool) -> None:
    """List the quotes of a case, and which gates are shut for them."""
    confirm(
        "Words of testimonies will be shown, and that you looked is written into the audit. Show them?", yes
    )
    found = _listed(member, case_id)
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        say(f"{one['quote']}  {_words(one)}")
        for cure in one["refusals"]:
            say(f"  not now: {cure}")


@quote.command()
@with_member
@case_option
@click.option("--receipt", required=True, help="The receipt's digest, as it stands on the testimony's page.")
@click.option("--incident", required=True, help="The incident's id.")
@click.option("--words", prompt="The words", help="As they stand in the testimony; asked for if not given.")
@click.option("--claim", "claims", multiple=True, required=True, help="SUBJECT or SUBJECT=VALUE; repeatable.")
@click.option("--descriptor", required=True, help="What the witness is, such as doctor.")
@click.option(
    "--there-are",
    "bands",
    type=(str, click.Choice([str(band) for band in Band])),
    multiple=True,
    required=True,
    help="A descriptor, and about how many people there can be called so; repeatable.",
)
@yes_option
def propose(member: Member, case_id: str, claims: tuple[str, ...], bands: Any, **said: Any) -> None:
    """Propose a quote. Where too few can be called as the witness is, the next wider descriptor is taken."""
    yes = said.pop("yes")
    wish = {**said, "claims": [_claim(one) for one in claims], "bands": dict(bands)}
    confirm(
        "The quote is signed with your key, and read by everyone who may count in this case. Propose it?", yes
    )
    with member.signed_in() as (client, _):
        answer = client.call("POST", _path(case_id), {"act": "quote", **wish})
    say(f"Proposed. The witness is called: {answer['descriptor']}.")


@quote.command()
@with_member
@case_option
@click.option("--quote", "name", required=True, help="The quote's name, as `list` shows it.")
@click.option("--uphold/--reject", required=True, help="What you decide.")
@click.option("--reason", prompt="Why, in words", help="Why; asked for if it is not given.")
@yes_option
def decide(member: Member, case_id: str, name: str, uphold: bool, reason: str, yes: bool) -> None:
    """Decide on a quote that another reviewer proposed."""
    for one in _listed(member, case_id):
        if one["quote"] == name:
            break
    else:
        raise NotFound("There is no such quote here: `witness-vault quote list` shows them.")
    what = "uphold" if uphold else "reject"
    confirm(f"You {what}: {_words(one)}. It is signed with your key, and stays in the case's ledger.", yes)
    with member.signed_in() as (client, _):
        client.call(
            "POST", _path(case_id), {"act": "decision", "quote": name, "upheld": uphold, "reason": reason}
        )
    say("Signed.")


def _listed(member: Member, case: str) -> list[dict[str, Any]]:
    with member.signed_in() as (client, _):
        return list(client.call("GET", _path(case)))


def _path(case: str) -> str:
    return f"/api/cases/{case}/quotes"


def _claim(text: str) -> dict[str, Any]:
    """A claim as it is typed: a number, a range such as 2-3, a code; "yes" when no value is said."""
    subject, _, typed = text.partition("=")
    low, _, high = typed.partition("-")
    try:
        if low.isdecimal():
            value: Any = {"min": int(low), "max": int(high)} if high else int(low)
        else:
            value = typed or "yes"
    except ValueError:
        raise Invalid("Give a claim as SUBJECT, SUBJECT=2, SUBJECT=2-3 or SUBJECT=code.") from None
    return {"subject": subject, "value": value}


def _words(one: dict[str, Any]) -> str:
    claims = ", ".join(f"{claim['subject']} {_value(claim['value'])}" for claim in one["claims"])
    taken = one["decision"]
    if taken is None:
        decided = "not decided"
    else:
        decided = f"{'upheld' if taken['upheld'] else 'rejected'} by {taken['author']}: {taken['reason']}"
    called = f"{one['descriptor']}, {one['band']} there"
    return f"“{one['words']}” ({called}); asserts {claims}; proposed by {one['author']}; {decided}"


def _value(value: Any) -> str:
    return f"{value['min']} to {value['max']}" if isinstance(value, dict) else str(value)
