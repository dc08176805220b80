"""What a new roster ends: sessions and grants of whoever is no longer listed so, requests of the epoch before."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete

from vault import enrolment, sessions
from vault.sealing.rosters import Roster
from vault.store.testimony import GrantRow, MemberRow, PacketRow
from vault.store.unit_of_work import UnitOfWork


def take_effect(uow: UnitOfWork, before: Roster, after: Roster) -> None:
    """In the transaction in which `after` becomes the roster."""
    gone = before.members.keys() - after.members.keys()
    changed = {code for code, member in after.members.items() if member != before.members.get(code)}
    enrolment.close(uow, changed | gone)
    _end(uow, {code for code in changed & before.members.keys() if _acts_otherwise(code, before, after)})
    _end(uow, gone)
    # With their wrapped keys goes what a passphrase that is extorted later could still open here.
    uow.testimony.execute(delete(MemberRow).where(MemberRow.code.in_(gone)))
    if after.epoch != before.epoch:
        uow.testimony.execute(delete(PacketRow))  # a new epoch ends every request made before it


def _acts_otherwise(code: str, before: Roster, after: Roster) -> bool:
    """Whether the member has other keys or another role; another request key changes neither."""
    old, new = before.members[code], after.members[code]
    return (old.role, old.sealing, old.signing) != (new.role, new.sealing, new.signing)


def _end(uow: UnitOfWork, codes: Collection[str]) -> None:
    """Grants to former keys open no more, and must not open for whoever was let go."""
    for code in codes:
        sessions.end_sessions(uow, code)
    uow.testimony.execute(delete(GrantRow).where(GrantRow.member.in_(codes)))
