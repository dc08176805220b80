"""Who holds which key: an actor's own keys, the keys of cases that were granted to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import bindparam, select

from vault import revocations
from vault.errors import Refused
from vault.rules.access import Role
from vault.sealing import locks
from vault.sealing.casefiles import CaseFile, KeyVersion
from vault.sealing.digests import unb64
from vault.sealing.grants import open_grant
from vault.sealing.keypairs import MemberSecret, SealingKey
from vault.sealing.rosters import Roster
from vault.store.testimony import GrantRow
from vault.store.unit_of_work import UnitOfWork, run

_ROW = GrantRow.__table__.c
_NAME = ("case", "key", "version", "member")
_GRANT = select(_ROW.sealed).where(*(_ROW[part] == bindparam(part) for part in _NAME))


@dataclass(frozen=True)
class Actor:
    """Whoever acts: code, role by the roster, and (members only) the private keys for this one request."""

    code: str
    role: Role
    secret: MemberSecret | None = field(default=None, repr=False)

    @property
    def keys(self) -> MemberSecret:
        """The member's private keys. Raises Refused for a custodian's client, whose keys never come here."""
        if self.secret is None:
            raise Refused("This needs a member's sign-in.")
        return self.secret


def standing(roster: Roster, code: str, secret: MemberSecret) -> Role:
    """The role under which the roster lists these very keys; `pending` if it does not list them."""
    listed = roster.members.get(code)
    if listed is None or (listed.sealing, listed.signing) != (secret.sealing.public, secret.signing.public):
        return Role.PENDING
    return Role(listed.role)


def draft_key(secret: MemberSecret) -> bytes:
    """By this a member, and whoever remembers it of their session, knows which drafts are theirs."""
    return locks.derive(secret.sealing.seed, "draft-key", locks.KEY_SIZE)


def case_keys(
    uow: UnitOfWork, actor: Actor, file: CaseFile, key: str
) -> tuple[tuple[KeyVersion, SealingKey], ...]:
    """The private halves of every version of one of a case's keys, newest first. Raises Refused when one is missing.

    What the quorum's case does not promise is not opened, whatever lies in the table.
    """
    names = file.versions(key) if may_hold(uow, actor, file, key) else []
    grants = [(name, _grant(uow, file, name, actor.code)) for name in names]
    held = [(name, sealed) for name, sealed in grants if sealed is not None]
    if not held or len(held) < len(names):
        raise Refused(
            "You do not hold every key that this needs in this case; the case's page says how to get it."
        )
    return tuple(
        (name, open_grant(file, name, actor.code, actor.keys.sealing, sealed))
        for name, sealed in reversed(held)
    )


def holds(uow: UnitOfWork, actor: Actor, file: CaseFile, key: str) -> bool:
    """Whether the case promises this key to the actor, and every version of it was handed over."""
    if not may_hold(uow, actor, file, key):
        return False
    return all(_grant(uow, file, name, actor.code) is not None for name in file.versions(key))


def may_hold(uow: UnitOfWork, actor: Actor, file: CaseFile, key: str) -> bool:
    """Whether the newest version of the case promises this key to the actor, and nobody has revoked it."""
    return file.promises(actor.code, key) and not is_revoked(uow, file, actor.code)


def is_revoked(uow: UnitOfWork, file: CaseFile, member: str) -> bool:
    """Whether this member's keys were revoked, in the newest version of the case or everywhere."""
    return revocations.in_case(uow, file, member) is not None


def _grant(uow: UnitOfWork, file: CaseFile, name: KeyVersion, member: str) -> bytes | None:
    key, version = name
    values = {"case": unb64(file.id), "key": key, "version": version, "member": member}
    found: bytes | None = run(uow.testimony, _GRANT, **values).scalar()
    return found
