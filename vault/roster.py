"""Who is who: the server's copy of the signed rosters."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from vault.errors import N_, Conflict, NotFound
from vault.sealing import rosters
from vault.sealing.digests import stored
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed
from vault.store.remembered import forget, once
from vault.store.testimony import RosterRow
from vault.store.unit_of_work import UnitOfWork, run

_READ = "rosters"  # what a session keeps of them
_TABLE = RosterRow.__table__.c
_ROWS = select(_TABLE.signed).order_by(_TABLE.version)


def chain(uow: UnitOfWork) -> list[Signed]:
    """Every signed version, oldest first, for clients to verify themselves. Raises Tampered for what is none."""
    return [stored(text) for text in texts(uow)]


def history(uow: UnitOfWork) -> tuple[Roster, ...]:
    """Every version, verified. Raises NotFound before the founding, Tampered when a row was changed."""
    known = texts(uow)
    if not known:
        raise NotFound("This vault is not founded yet: the custodians have to sign the first roster.")
    return verified(known)


def current(uow: UnitOfWork) -> Roster:
    """The newest version."""
    return history(uow)[-1]


def found(uow: UnitOfWork, signed: Any) -> Roster:
    """Take version 1, signed by all custodians. Raises Conflict when the vault is founded already."""
    if texts(uow):
        raise Conflict("This vault is founded already.")
    roster = rosters.found(signed)
    _keep(uow, roster, signed)
    return roster


def advance(uow: UnitOfWork, signed: Any) -> Roster:
    """Take the next version, signed by k of the old and k of the new custodians."""
    roster = rosters.follow(current(uow), signed)
    _keep(uow, roster, signed)
    return roster


def warning(roster: Roster, today: date) -> str | None:
    """A sentence for every page when the roster has run out."""
    if today.isoformat() <= roster.expires:
        return None
    return N_(
        "The list of members and keys has run out; the custodians must sign it again. You can go on depositing."
    )


def _keep(uow: UnitOfWork, roster: Roster, signed: Any) -> None:
    uow.testimony.add(RosterRow(version=roster.version, signed=json.dumps(signed)))
    uow.testimony.flush()
    forget(uow.testimony, _READ)


def texts(uow: UnitOfWork) -> tuple[str, ...]:
    """The rows: what was verified of them is known by their very text."""
    return once(uow.testimony, _READ, lambda: tuple(run(uow.testimony, _ROWS).scalars()))


@lru_cache(maxsize=8)
def verified(known: tuple[str, ...]) -> tuple[Roster, ...]:
    """What these rows say. Raises Tampered."""
    return rosters.verify_chain([stored(text) for text in known])
