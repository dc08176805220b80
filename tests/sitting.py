"""A custodian at their desk in the web, which has keys of its own and none of custody."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tests.cast import C1, Person, following, seed
from tests.stage import DAYS, Scene, invitations
from vault.keyrings import Actor
from vault.rules.access import Role
from vault.sealing.keypairs import MemberSecret, SealingKey, SigningKey


@dataclass(frozen=True)
class Desk(Person):
    """The desk of the custodian whose code it bears."""

    role: str = "custodian"

    @cached_property
    def secret(self) -> MemberSecret:
        return MemberSecret(
            SealingKey(seed(f"{self.code} desk sealing")), SigningKey(seed(f"{self.code} desk signing"))
        )

    @property
    def actor(self) -> Actor:
        return Actor(self.code, Role.CUSTODIAN, self.secret)


D1, D2 = DESKS = Desk("C1"), Desk("C2")


def set_up(scene: Scene, *desks: Desk) -> None:
    """Invite, enrol and list these desks."""
    chosen = desks or DESKS
    scene.carry(C1, invitations(scene.roster(), chosen))
    for desk in chosen:
        scene.enrol(desk)
    scene.carry(C1, following(scene.roster(), chosen, **DAYS))
