"""Who holds which key: an actor's own keys, the keys of cases that were granted to them."""

from __future__ import annotations

from dataclasses import dataclass, field

from vault.errors import Refused
from vault.rules.access import Role
from vault.sealing import casefiles, locks
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import unb64
from vault.sealing.keypairs import MemberSecret, SealingKey
from vault.sealing.rosters import Roster
from vault.store.testimony import GrantRow
from vault.store.unit_of_work import UnitOfWork


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


def case_key(uow: UnitOfWork, actor: Actor, file: CaseFile, key: str) -> SealingKey:
    """The private half of one of a case's keys. Raises Refused when it was not granted to the actor."""
    row = uow.testimony.get(GrantRow, (unb64(file.id), key, casefiles.FIRST_VERSION, actor.code))
    if row is None:
        raise Refused("You do not hold the key that this needs in this case.")
    return casefiles.open_grant(file, key, actor.code, actor.keys.sealing, row.sealed)


def holds(uow: UnitOfWork, actor: Actor, file: CaseFile, key: str) -> bool:
    """Whether a grant of this key lies here for the actor."""
    return uow.testimony.get(GrantRow, (unb64(file.id), key, casefiles.FIRST_VERSION, actor.code)) is not None
