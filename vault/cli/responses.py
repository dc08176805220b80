"""The commands for what the accused says: written down from a file, listed; what they were asked, what came back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Member, confirm, in_file, with_member, yes_option
from vault.cli.screen import say
from vault.profile import read_file
from vault.rules.responses import Came, How

case_option = click.option("--case", "case_id", required=True, help="The case's id.")
_SIGNED = "It is signed with your key, and stays in the case's log: nothing there is erased."


@parts.group()
def response() -> None:
    """What the accused says, what they were asked, and what came back."""


@response.command()
@click.argument("file", type=in_file)
@with_member
@case_option
@yes_option
def record(member: Member, file: Path, case_id: str, yes: bool) -> None:
    """Write down a response from a JSON file (docs/FORMATS.md §20); `replaces` names one that it stands in place of."""
    content = read_file(file)
    points = content.get("points")
    confirm(
        f"A response with {len(points) if isinstance(points, list) else 0} points. {_SIGNED} Keep it?", yes
    )
    _keep(member, case_id, {**content, "act": "response"})


@response.command(name="list")
@with_member
@case_option
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §20).")
def list_responses(member: Member, case_id: str, as_json: bool) -> None:
    """List what they said, were asked and gave back, oldest entry first, and what contradicts what."""
    with member.signed_in() as (client, _):
        found = client.call("GET", _path(case_id))
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for entry in found["entries"]:
        say(f"{entry['name']}  {_entry(entry)}; written down by {entry['author']} on {entry['day']}")
        for line in _lines(entry["content"]):
            say(f"  {line}")
    for one in found["conflicts"]:
        first, second = (f"point {place['point'] + 1} of {place['response']}" for place in one["points"])
        say(f"They contradict themselves on {_claim(one['claim'])}: {first}, {second}")


@response.command()
@with_member
@case_option
@click.option("--day", required=True, help="The day on which they were asked, such as 2015-11-09.")
@click.option("--to", required=True, help="Who was asked.")
@click.option("--how", type=click.Choice([str(how) for how in How]), required=True, help="By what way.")
@click.option("--incident", "incidents", multiple=True, required=True, help="The incident's id; repeatable.")
@click.option("--asked", prompt="What was asked", help="What was asked; asked for if it is not given.")
@yes_option
def approach(member: Member, case_id: str, incidents: tuple[str, ...], yes: bool, **said: Any) -> None:
    """Write down that they were asked (right of reply)."""
    confirm(f"That they were asked on {said['day']}. {_SIGNED} Keep it?", yes)
    _keep(member, case_id, {"act": "approach", "incidents": list(incidents), **said})


@response.command()
@with_member
@case_option
@click.option("--approach", required=True, help="The approach's name, as `list` shows it.")
@click.option("--day", required=True, help="The day on which it came back.")
@click.option(
    "--kind", type=click.Choice([str(came) for came in Came]), required=True, help="What came back."
)
@click.option("--summary", prompt="What came back, in short", help="In short; asked for if it is not given.")
@click.option("--response", "held", help="The name of the response that holds what it says of the case.")
@yes_option
def returned(member: Member, case_id: str, held: str | None, yes: bool, **said: Any) -> None:
    """Write down what came back on an approach."""
    confirm(f"That something came back on {said['day']}. {_SIGNED} Keep it?", yes)
    _keep(member, case_id, {"act": "return", "response": held, **said})


def _keep(member: Member, case: str, entry: Mapping[str, Any]) -> None:
    with member.signed_in() as (client, _):
        answer = client.call("POST", _path(case), entry)
    say(f"Kept. It is called: {answer['name']}")


def _path(case: str) -> str:
    return f"/api/cases/{case}/responses"


def _entry(entry: Mapping[str, Any]) -> str:
    said = entry["content"]
    if entry["act"] == "response":
        instead = f", in place of {said['replaces']}" if said["replaces"] else ""
        return f"{said['said']}: {said['who']}, {said['where']}{instead}"
    if entry["act"] == "approach":
        return f"{said['day']}: asked {said['to']} ({_words(said['how'])}): {said['asked']}"
    return f"{said['day']}: on {said['approach']} came back ({_words(said['kind'])}): {said['summary']}"


def _lines(said: Mapping[str, Any]) -> Iterator[str]:
    """The points of a response, and the pictures that were shown."""
    for place, point in enumerate(said.get("points", ()), 1):
        words = " / ".join(f"“{text}”" for text in point["words"].values())
        about = "; ".join(_claim(claim) for claim in point["about"])
        yield f"{place}. {words}: {_words(point['kind'])}{f' {about}' if about else ''}"
    for image in said.get("imagery", ()):
        yield f"shown as “{image['shown_as']}”: {_words(image['finding'])}"


def _claim(claim: Mapping[str, Any]) -> str:
    value = claim["value"]
    shown = f"{value['min']} to {value['max']}" if isinstance(value, dict) else str(value)
    return f"{claim['subject']} {shown} (incident {claim['incident']})"


def _words(code: str) -> str:
    return str(code).replace("_", " ")
