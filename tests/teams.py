"""Short ways to change a case's team and keys, to revoke, and to say what a member can do with all databases."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from tests.cast import Person
from tests.stage import DAY, TEAM, Scene, actor
from vault import access, cases, handing, keyrings
from vault.errors import VaultError
from vault.founding import Known, Reviewer, grants, next_version
from vault.rules.rotation import State
from vault.sealing.casefiles import KEYS, CaseFile, KeyVersion
from vault.sealing.digests import unb64
from vault.sealing.grants import open_grant
from vault.sealing.keypairs import SealingKey
from vault.sealing.revocations import Revocation, revocation
from vault.sealing.signatures import Signed, sign
from vault.store.testimony import GrantRow

Team = dict[str, list[str]]


READS = {**TEAM, "R2": ["brief", "testimony"]}


def without(code: str, team: Team = TEAM) -> Team:
    """The team without a member."""
    return {member: keys for member, keys in team.items() if member != code}


def file_of(scene: Scene) -> CaseFile:
    with scene.reading() as uow:
        return cases.find(uow, scene.case)


def known(scene: Scene, reviewer: Person) -> Known:
    """The case as this reviewer's client knows it."""
    with scene.reading() as uow:
        shown = cases.show(uow, actor(reviewer), scene.case)
        keys = {
            name: key
            for part in KEYS
            if keyrings.holds(uow, actor(reviewer), shown.file, part)
            for name, key in keyrings.case_keys(uow, actor(reviewer), shown.file, part)
        }
    return Known(shown.file, shown.brief, keys)


def prepared(
    scene: Scene, reviewer: Person, team: Team, rotate: Collection[str] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The next version, as this reviewer's client makes it."""
    by = Reviewer(reviewer.code, reviewer.secret.signing, scene.roster())
    return next_version(known(scene, reviewer), team, rotate, by)


def change(scene: Scene, reviewer: Person, team: Team, rotate: Collection[str] = ()) -> CaseFile:
    """A next version that a quorum has signed."""
    scene.carry(reviewer, *prepared(scene, reviewer, team, rotate))
    return file_of(scene)


def hand_over(scene: Scene, giver: Person, taker: Person, *names: KeyVersion) -> int:
    """A colleague's client wraps keys for a member."""
    held = known(scene, giver)
    made = grants(held.file, held.keys, scene.roster(), [(taker.code, name) for name in names])
    with scene.writing() as uow:
        return handing.take_grants(uow, actor(giver), scene.case, made, DAY)


def signed_revocation(
    scene: Scene, by: Person, member: str, everywhere: bool = False, changes: dict[str, Any] | None = None
) -> Signed:
    """What `by` signs to take a member's keys away."""
    file = None if everywhere else file_of(scene)
    document = revocation(file, member, by.code, scene.roster(), DAY.isoformat())
    return sign({**document, **(changes or {})}, by.code, by.secret.signing)


def revoke(scene: Scene, by: Person, member: str, everywhere: bool = False) -> Revocation:
    """Take a member's keys away."""
    signed = signed_revocation(scene, by, member, everywhere)
    with scene.writing() as uow:
        return handing.revoke(uow, actor(by), signed, DAY)


def can_open(scene: Scene, person: Person) -> dict[KeyVersion, SealingKey]:
    """Every key of the case that this member's own keys open, in whatever row of the whole database it lies."""
    file, found = file_of(scene), {}
    with scene.reading() as uow:
        rows = uow.testimony.scalars(select(GrantRow).where(GrantRow.case == unb64(scene.case))).all()
    for row in rows:
        for member in (row.member, person.code):
            try:
                name = row.key, row.version
                found[name] = open_grant(file, name, member, person.secret.sealing, row.sealed)
            except VaultError:
                continue
    return found


def glance(scene: Scene, person: Person, case: str = "") -> access.Glance:
    """The case as this person sees it."""
    with scene.reading() as uow:
        return access.show(uow, actor(person), case or scene.case)


def states(scene: Scene, viewer: Person, member: str) -> dict[str, State]:
    """How a member stands to each key, as another sees it."""
    return next(one for one in glance(scene, viewer).team if one.member == member).states


def holds(scene: Scene, person: Person, key: str) -> bool:
    with scene.reading() as uow:
        return keyrings.holds(uow, actor(person), cases.find(uow, scene.case), key)


def sees(scene: Scene, person: Person) -> bool:
    with scene.reading() as uow:
        return [case.id for case in cases.listing(uow, actor(person))] == [scene.case]
