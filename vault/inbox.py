"""What waits for somebody: counts and codes, nothing of what it is about."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from vault import access, attendance, escrow, proposals, redemption
from vault import roster as rosters
from vault.errors import Refused
from vault.keyrings import Actor
from vault.rules.access import Permission, Role, allows
from vault.rules.openings import State
from vault.store.unit_of_work import UnitOfWork

ROSTER_NEAR_END = timedelta(days=30)


@dataclass(frozen=True)
class Inbox:
    """What waits for one person; what does not concern their role is empty."""

    decisions: int = 0  # requests on which they have not decided
    signatures: int = 0  # proposals that they have not signed
    collectable: int = 0  # requests of their own that can be collected
    keys: tuple[str, ...] = ()  # cases that promise them a key which was not handed over
    rotations: tuple[str, ...] = ()  # cases whose keys are due for rotation
    alarm: str | None = None  # too few custodians can be reached
    drill: date | None = None  # the day of their newest drill


def inbox(uow: UnitOfWork, actor: Actor, today: date) -> Inbox:
    """What waits for the actor."""
    if actor.role is Role.CUSTODIAN:
        return _custodians(uow, actor, today)
    seen = access.listing(uow, actor) if allows(actor.role, Permission.SEE_ACCESS) else []
    collectable = 0
    with suppress(Refused):  # not their role, or too many requests to look theirs up
        own = redemption.own(uow, actor, today)
        collectable = sum(one.state is State.DUE for one in own)
    return Inbox(
        collectable=collectable,
        keys=tuple(sorted({one.file.code for one in seen if one.waiting})),
        rotations=tuple(sorted({one.file.code for one in seen if one.due})),
    )


def due_for_notice(uow: UnitOfWork, today: date) -> list[str]:
    """The custodians for whom something waits: a decision, a signature, or a roster that is about to run out."""
    roster = rosters.current(uow)
    near = date.fromisoformat(roster.expires) - today <= ROSTER_NEAR_END
    return [
        code
        for code in roster.codes
        for found in [_custodians(uow, Actor(code, Role.CUSTODIAN), today)]
        if near or found.decisions or found.signatures
    ]


def _custodians(uow: UnitOfWork, actor: Actor, today: date) -> Inbox:
    requests = [one for one in escrow.waiting(uow, actor, today) if one.state is State.WAITING]
    proposed = proposals.waiting(uow, actor.role)
    present = attendance.attendance(uow, actor.role)
    drill = next((one.drill for one in present.custodians if one.code == actor.code), None)
    return Inbox(
        decisions=sum(actor.code not in one.decided for one in requests),
        signatures=sum(actor.code not in one.signed_by for one in proposed),
        alarm=present.alarm(today),
        drill=drill,
    )
