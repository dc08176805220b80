"""The commands for findings: a version proposed from a file, listed, shown with its factors, decided on by another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Member, confirm, in_file, with_member, yes_option
from vault.cli.screen import say
from vault.errors import NotFound
from vault.profile import read_file

case_option = click.option("--case", "case_id", required=True, help="The case's id.")
finding_option = click.option("--finding", required=True, help="The finding's id, as `list` shows it.")
_FIRST = {"finding": None, "version": 1}


@parts.group()
def finding() -> None:
    """How likely something is, and by what: propose findings, read them, decide on what another proposed."""


@finding.command()
@click.argument("file", type=in_file)
@with_member
@case_option
@yes_option
def propose(member: Member, file: Path, case_id: str, yes: bool) -> None:
    """Propose a version of a finding from a JSON file (docs/FORMATS.md §21): of a new one, unless it names one."""
    content = {**_FIRST, **read_file(file)}
    factors = content.get("factors")
    count = len(factors) if isinstance(factors, list) else 0
    confirm(
        f"A version of a finding with {count} factors. It is signed with your key, and everyone who reads this case's "
        "editions reads it. It stands once another reviewer upholds it; nothing is erased. Propose it?",
        yes,
    )
    with member.signed_in() as (client, _):
        answer = client.call("POST", _path(case_id), {"act": "finding", **content})
    say(f"Proposed. The finding is called: {answer['finding']}")


@finding.command(name="list")
@with_member
@case_option
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §21).")
def list_findings(member: Member, case_id: str, as_json: bool) -> None:
    """List the findings of a case, each by the version that stands, or else the newest."""
    with member.signed_in() as (client, _):
        found = client.call("GET", _path(case_id))
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        state = "stands" if one["stands"] else "does not stand"
        waits = "; its newest version waits for a decision" if one["waits"] else ""
        say(f"{one['finding']}  {_headline(one)}; version {one['version']} {state}{waits}")
        say(f"  rests on {_sources(one['sources'])}")


@finding.command()
@with_member
@case_option
@finding_option
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §21).")
def show(member: Member, case_id: str, finding: str, as_json: bool) -> None:
    """Show every version of a finding, newest first, and what its factors say today."""
    found = _versions(member, case_id, finding)
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for one in found:
        for line in _lines(one):
            say(line)


@finding.command()
@with_member
@case_option
@finding_option
@click.option("--uphold/--reject", required=True, help="What you decide on the newest version that waits.")
@click.option("--reason", prompt="Why, in words", help="Why; asked for if it is not given.")
@yes_option
def decide(member: Member, case_id: str, finding: str, uphold: bool, reason: str, yes: bool) -> None:
    """Decide on the newest version of a finding that waits, which another reviewer wrote."""
    waiting = [one for one in _versions(member, case_id, finding) if one["decision"] is None]
    if not waiting:
        raise NotFound("No version of this finding waits for a decision.")
    one = waiting[0]
    for line in _lines(one):
        say(line)
    effect = "uphold it: it stands from now on" if uphold else "reject it: what stood before goes on standing"
    confirm(f"You {effect}. It is signed with your key, and a version is decided once. Sign?", yes)
    said = {"act": "decision", "motion": one["name"], "upheld": uphold, "reason": reason}
    with member.signed_in() as (client, _):
        client.call("POST", _path(case_id), said)
    say("Signed.")


def _versions(member: Member, case: str, finding: str) -> list[dict[str, Any]]:
    with member.signed_in() as (client, _):
        return list(client.call("GET", f"{_path(case)}/{finding}"))


def _path(case: str) -> str:
    return f"/api/cases/{case}/findings"


def _headline(one: Mapping[str, Any]) -> str:
    words = " / ".join(f"“{text}”" for text in one["proposition"].values())
    return f"{one['likelihood']}: {words} (incident {one['incident']})"


def _sources(sources: Mapping[str, Mapping[str, int]]) -> str:
    """Kinds of sources beside each other, never added."""
    counts = (f"{_words(kind)}: {many}" for of in sources.values() for kind, many in of.items())
    return ", ".join(counts) or "nothing"


def _lines(one: Mapping[str, Any]) -> Iterator[str]:
    """A version, its factors as they are today, and the decision on it."""
    yield f"version {one['version']}, {_headline(one)}; by {one['author']} on {one['day']}"
    for factor in one["factors"]:
        why = f": {factor['why']}" if factor["why"] else ""
        yield f"  {factor['weight']}  {_factor(factor)}{why}"
        if factor["now"]:
            yield f"    now: {factor['now']}"
    yield f"  why: {one['reasons']}"
    taken = one["decision"]
    if taken is None:
        yield "  not decided on"
    else:
        yield f"  {'upheld' if taken['upheld'] else 'rejected'} by {taken['author']}: {taken['reason']}"


def _factor(factor: Mapping[str, Any]) -> str:
    says = factor["says"]
    if says is None:
        return f"{factor['kind']} (to read what it says you need this case's evidence key)"
    if factor["kind"] == "claim":
        low, high = says["number"]["min"], says["number"]["max"]
        claim = f"{factor['subject']} {_value(factor['value'])}"
        number = f"{low}" if low == high else f"{low} to {high}"
        return f"edition {factor['edition']}, {claim}, {_words(factor['column'])}: {number}"
    if factor["kind"] == "response":
        words = " / ".join(f"“{text}”" for text in says["words"].values())
        return f"{words}, {says['who']}, {says['said']}: {_words(says['as'])}"
    item = f"{_words(says['evidence'])} “{says['title']}”"
    if factor["kind"] == "evidence":
        return item
    return f"{item}, “{says['question']}”: {_words(says['answer'])}, says {says['expert']} ({_words(says['field'])})"


def _value(value: Any) -> str:
    return f"{value['min']} to {value['max']}" if isinstance(value, dict) else str(value)


def _words(code: str) -> str:
    return str(code).replace("_", " ")
