"""The commands for assessments: the accounts behind an edition's figures, ratings, motions and decisions."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import click

from vault.cli import parts
from vault.cli.common import Member, confirm, with_member, yes_option
from vault.cli.screen import say
from vault.errors import NotFound
from vault.rules.circumstances import Band
from vault.rules.credibility import Excluded, Information, Reliability
from vault.rules.dependence import LinkKind
from vault.sealing.digests import Json

_ACCOUNT = click.IntRange(min=1)
_FOR_STATEMENTS = "Another reviewer who may count decides; statements rest on what they uphold."
_TAKES_TWO = "Another reviewer who may count decides; what they uphold takes effect with the next edition."


def _codes(kind: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([str(code) for code in kind])


reason_option = click.option("--reason", prompt="Why, in words", help="Why; asked for if it is not given.")
motion_option = click.option("--motion", required=True, help="The motion's name, as `sources` lists it.")
account_option = click.option("--account", type=_ACCOUNT, required=True, help="Its number in this edition.")


@dataclass(frozen=True)
class Figures:
    """One incident in one edition of a case, and who looks behind its figures."""

    member: Member
    case: str
    incident: str
    number: int

    @property
    def path(self) -> str:
        return f"/api/cases/{self.case}/editions/{self.number}/{self.incident}/sources"

    def look(self) -> Any:
        """The accounts, their links, and what was moved."""
        with self.member.signed_in() as (client, _):
            return client.call("GET", self.path)

    def motion(self, name: str) -> dict[str, Any]:
        """One motion. Raises NotFound."""
        for one in self.look()["motions"]:
            if one["motion"] == name:
                return dict(one)
        raise NotFound("There is no such motion here: `witness-vault assess sources` lists them.")

    def sign(self, act: str, said: dict[str, Json], question: str, yes: bool) -> None:
        """Hand in an entry of the case's log, once the question is agreed to."""
        confirm(f"{question} It is signed with your key, and stays in the case's log.", yes)
        with self.member.signed_in() as (client, _):
            client.call("POST", self.path, {"act": act, **said})
        say("Signed.")


def with_figures(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the figures that it speaks of."""

    @with_member
    @click.option("--case", "case_id", required=True, help="The case's id.")
    @click.option("--incident", required=True, help="The incident's id.")
    @click.option(
        "--number", type=int, required=True, help="The edition; accounts have their numbers in it alone."
    )
    @functools.wraps(command)
    def run(member: Member, case_id: str, incident: str, number: int, **rest: Any) -> Any:
        return command(Figures(member, case_id, incident, number), **rest)

    return run


@parts.group()
def assess() -> None:
    """The accounts behind figures: rate one, dispute a link, set one aside, decide on what another reviewer moved."""


@assess.command(name="sources")
@with_figures
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/FORMATS.md §8.3).")
@yes_option
def list_sources(figures: Figures, as_json: bool, yes: bool) -> None:
    """List what each account behind an incident's figures says, what links them, and what was moved."""
    confirm(
        "What each account says will be shown, and that you looked is written into the audit. Show it?", yes
    )
    shown = figures.look()
    if as_json:
        say(json.dumps(shown, ensure_ascii=False))
        return
    for account in shown["accounts"]:
        say(f"account {account['account']}  {account['grade']}")
        for one in account["said"] or ():
            say(f"  {one['grade']}  {_claimed(one)}")
        if account["said"] is None:
            say("  no longer as this edition counted it")
    for link in shown["links"]:
        say(f"link  {_pair(link)}")
    for motion in shown["motions"]:
        say(f"{motion['motion']}  {_moved(motion)}")


@assess.command()
@with_figures
@account_option
@click.option("--reliability", type=_codes(Reliability), required=True, help="Of the source.")
@click.option("--information", type=_codes(Information), required=True, help="Of what it says.")
@yes_option
def rate(figures: Figures, account: int, reliability: str, information: str, yes: bool) -> None:
    """Rate an account, A to F and 2 to 6. It moves no figure; 1 is computed."""
    said = {"account": account, "reliability": reliability, "information": information}
    question = (
        f"Account {account} of edition {figures.number} is rated {reliability}{information}; no figure moves."
    )
    figures.sign("rating", said, question, yes)


@assess.command()
@with_figures
@click.option(
    "--accounts", nargs=2, type=_ACCOUNT, required=True, help="Two numbers; who was told stands first."
)
@click.option("--kind", type=_codes(LinkKind), required=True, help="How they are linked.")
@click.option("--subject", default="", help="For origin_of_account: the claim.")
@click.option("--holds/--does-not-hold", required=True, help="Whether the link is to count.")
@reason_option
@yes_option
def link(figures: Figures, accounts: tuple[int, int], kind: str, subject: str, **said: Any) -> None:
    """Move that two accounts depend on each other, or that a link between them does not hold."""
    one, other = accounts
    about = {"accounts": accounts, "kind": kind, "subject": subject or None, "dependent": said["holds"]}
    entry = {
        "one": one,
        "other": other,
        "kind": kind,
        "subject": subject,
        "dependent": "yes" if said["holds"] else "no",
        "reason": said["reason"],
    }
    figures.sign("link", entry, f"You move: {_moves(about)}. {_TAKES_TWO}", said["yes"])


@assess.command()
@with_figures
@account_option
@click.option("--why", type=_codes(Excluded), required=True, help="What the edition will say.")
@reason_option
@yes_option
def set_aside(figures: Figures, account: int, why: str, reason: str, yes: bool) -> None:
    """Move that an account does not count on this incident."""
    said = {"account": account, "excluded": why, "reason": reason}
    question = f"You move: {_moves(said)}. {_TAKES_TWO}"
    figures.sign("exclusion", said, question, yes)


@assess.command()
@with_figures
@click.option("--subject", required=True, help="The claim, such as aircraft.present.")
@click.option("--band", type=_codes(Band), required=True, help="About how many people.")
@reason_option
@yes_option
def pool(figures: Figures, subject: str, band: str, reason: str, yes: bool) -> None:
    """Move about how many people could have perceived something."""
    said = {"subject": subject, "band": band, "reason": reason}
    figures.sign("pool", said, f"You move: {_moves(said)}. {_FOR_STATEMENTS}", yes)


@assess.command()
@with_figures
@click.option(
    "--tally", type=click.IntRange(min=0), required=True, help="Since the last statement, or the incident."
)
@click.option(
    "--lately", type=click.IntRange(min=0), required=True, help="Of them, since the edition before."
)
@reason_option
@yes_option
def contacts(figures: Figures, tally: int, lately: int, reason: str, yes: bool) -> None:
    """Move how many who could have perceived the incident the team met before these figures were cut."""
    question = f"You move: {_moves({'contacts': tally, 'lately': lately})}. {_FOR_STATEMENTS}"
    met = {"tally": str(tally), "lately": str(lately), "reason": reason}
    figures.sign("contacts", met, question, yes)


@assess.command()
@with_figures
@motion_option
@reason_option
@yes_option
def contrary(figures: Figures, motion: str, reason: str, yes: bool) -> None:
    """Move the contrary of what was upheld."""
    question = f"You move the contrary of: {_moves(figures.motion(motion))}. {_TAKES_TWO}"
    figures.sign("contrary", {"motion": motion, "reason": reason}, question, yes)


@assess.command()
@with_figures
@motion_option
@click.option("--uphold/--reject", required=True, help="What you decide.")
@reason_option
@yes_option
def decide(figures: Figures, motion: str, uphold: bool, reason: str, yes: bool) -> None:
    """Decide on what another reviewer moved."""
    found = figures.motion(motion)
    around = "band" in found or "contacts" in found
    takes = "statements rest on it" if around else "it takes effect with the next edition"
    effect = f"Upheld, {takes}" if uphold else "Rejected, it changes nothing"
    question = f"{found['author']} moved: {_moves(found)}; {found['reason']} {effect}, and nobody decides on it again."
    said = {"motion": motion, "upheld": "yes" if uphold else "no", "reason": reason}
    figures.sign("decision", said, question, yes)


def _claimed(one: dict[str, Any]) -> str:
    value = one["value"]
    shown = f"{value['min']} to {value['max']}" if isinstance(value, dict) else str(value)
    modality = "" if one["modality"] == "affirmed" else f"; {_words(one['modality'])}"
    return f"{one['subject']} {shown}: {', '.join(_words(how) for how in one['perception'])}{modality}"


def _moved(motion: dict[str, Any]) -> str:
    taken = motion["decision"]
    if taken is None:
        decided = "not decided"
    else:
        decided = f"{'upheld' if taken['upheld'] else 'rejected'} by {taken['author']}: {taken['reason']}"
    return f"{_moves(motion)}; moved by {motion['author']}: {motion['reason']}; {decided}"


def _moves(motion: dict[str, Any]) -> str:
    if "accounts" in motion:
        return f"{'link' if motion['dependent'] else 'unlink'} {_pair(motion)}"
    if "band" in motion:
        return f"{_words(motion['band'])} people could have perceived {motion['subject']}"
    if "contacts" in motion:
        return f"the team met {motion['contacts']} people, {motion['lately']} since the edition before"
    who = _account(motion["account"])
    excluded = motion["excluded"]
    return f"let {who} count again" if excluded is None else f"set {who} aside: {_words(excluded)}"


def _pair(link: dict[str, Any]) -> str:
    one, other = (_account(number) for number in link["accounts"])
    about = f" on {link['subject']}" if link["subject"] else ""
    return f"{one} and {other}: {_words(link['kind'])}{about}"


def _account(number: int | None) -> str:
    return "an account behind no figure here" if number is None else f"account {number}"


def _words(code: str) -> str:
    return code.replace("_", " ")
