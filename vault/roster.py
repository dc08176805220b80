"""Who is who: the server's copy of the signed rosters."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from vault.errors import N_, Conflict, NotFound
from vault.sealing import rosters
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed
from vault.store.testimony import RosterRow
from vault.store.unit_of_work import UnitOfWork

_READ = "rosters"  # what a session keeps of them


def chain(uow: UnitOfWork) -> list[Signed]:
    """Every signed version, oldest first, for clients to verify themselves."""
    return [json.loads(text) for text in _texts(uow)]


def history(uow: UnitOfWork) -> tuple[Roster, ...]:
    """Every version, verified. Raises NotFound before the founding, Tampered when a row was changed."""
    texts = _texts(uow)
    if not texts:
        raise NotFound("This vault is not founded yet: the custodians have to sign the first roster.")
    return _verified(texts)


def current(uow: UnitOfWork) -> Roster:
    """The newest version."""
    return history(uow)[-1]


def found(uow: UnitOfWork, signed: Any) -> Roster:
    """Take version 1, signed by all custodians. Raises Conflict when the vault is founded already."""
    if _texts(uow):
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
    uow.testimony.info.pop(_READ, None)


def _texts(uow: UnitOfWork) -> tuple[str, ...]:
    """Read once in a transaction: all that is asked in it sees the same rows."""
    session = uow.testimony
    texts: tuple[str, ...]
    transaction, texts = session.info.get(_READ, (None, ()))
    if transaction is None or transaction is not session.get_transaction():
        texts = tuple(session.scalars(select(RosterRow.signed).order_by(RosterRow.version)))
        session.info[_READ] = session.get_transaction(), texts
    return texts


@lru_cache(maxsize=8)
def _verified(texts: tuple[str, ...]) -> tuple[Roster, ...]:
    return rosters.verify_chain([json.loads(text) for text in texts])
