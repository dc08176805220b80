"""What waits for a member or custodian, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from vault.cli import parts
from vault.cli.common import Custodian, Member, today, with_someone
from vault.cli.screen import say
from vault.errors import Tampered
from vault.sealing.digests import Json
from vault.sealing.rosters import Roster

ROSTER_NEAR_END = timedelta(days=30)
DRILL_WITHIN = timedelta(days=90)


@parts.command()
@with_someone
def inbox(somebody: Member | Custodian) -> None:
    """Say what waits for you, and by which command you go on."""
    with somebody.signed_in() as (client, roster):
        found = client.call("GET", "/api/inbox")
    try:
        lines = list(_in_words(found, roster, isinstance(somebody, Custodian), today()))
    except (KeyError, TypeError, ValueError):
        raise Tampered("The server does not say what waits for you: ask a custodian.") from None
    for line in lines or ["Nothing waits for you."]:
        say(line)


def _in_words(found: dict[str, Any], roster: Roster, custodian: bool, day: date) -> Iterator[str]:
    if found["decisions"]:
        yield f"{_counted(found['decisions'], 'request')} for your decision: `witness-vault opening inbox`"
    if found["signatures"]:
        yield f"{_counted(found['signatures'], 'proposal')} for your signature: `witness-vault custodian proposals`"
    if found["collectable"]:
        yield f"{_counted(found['collectable'], 'opening')} to be collected: `witness-vault opening status` says how"
    for code in found["keys"]:
        yield f"Case {code}: a key that you are promised was not handed to you: `witness-vault access show` says which"
    for code in found["rotations"]:
        yield f"Case {code}: keys are due to be replaced by a reviewer: `witness-vault access rotate`"
    if found["alarm"]:
        yield str(found["alarm"])
    yield from _roster(roster, custodian, day)
    if custodian:
        yield from _drill(found["drill"], day)


def _counted(count: Json, what: str) -> str:
    return f"{int(count)} {what} waits" if count == 1 else f"{int(count)} {what}s wait"


def _roster(roster: Roster, custodian: bool, day: date) -> Iterator[str]:
    left = (date.fromisoformat(roster.expires) - day).days
    if left <= ROSTER_NEAR_END.days:
        when = "has run out" if left < 0 else f"runs out on {roster.expires}"
        do = "`witness-vault custodian renew`" if custodian else "tell a custodian"
        yield f"The roster {when}: {do}"


def _drill(day_of: str | None, day: date) -> Iterator[str]:
    newest = None if day_of is None else date.fromisoformat(day_of)
    if newest is None:
        yield "You have not proved yet that your shares open: `witness-vault custodian drill`"
    elif day - newest > DRILL_WITHIN:
        yield f"You last proved on {newest} that your shares open: `witness-vault custodian drill`"
