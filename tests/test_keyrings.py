"""Who holds which key: roles and keys come from what was signed and sealed, never from a row that says so."""

from __future__ import annotations

import pytest

from tests.cast import C1, MEMBERS, OUTSIDER, R1, R2, V1, V2, Person
from tests.stage import TEAM, Scene, actor
from vault import cases, keyrings
from vault.errors import Refused
from vault.keyrings import Actor, draft_key, standing
from vault.rules.access import Role
from vault.sealing.casefiles import KEYS
from vault.sealing.digests import unb64
from vault.sealing.keypairs import MemberSecret
from vault.store.testimony import GrantRow


@pytest.mark.parametrize("person", MEMBERS, ids=lambda person: person.code)
def test_a_member_stands_as_the_roster_lists_these_very_keys(scene: Scene, person: Person) -> None:
    roster, own = scene.roster(), person.secret
    assert standing(roster, person.code, own) is Role(person.role)
    for other in (
        OUTSIDER.secret,
        MemberSecret(own.sealing, OUTSIDER.secret.signing),
        MemberSecret(OUTSIDER.secret.sealing, own.signing),
    ):
        assert standing(roster, person.code, other) is Role.PENDING


@pytest.mark.parametrize("code", ["X1", "C1", "", "r1"])
def test_whoever_is_not_listed_is_pending(scene: Scene, code: str) -> None:
    assert standing(scene.roster(), code, R1.secret) is Role.PENDING


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("person", [R1, R2, V1, V2], ids=lambda person: person.code)
def test_a_case_key_is_had_by_those_to_whom_it_was_granted(scene: Scene, person: Person, key: str) -> None:
    with scene.reading() as uow:
        file = cases.find(uow, scene.case)
        granted = key in TEAM[person.code]
        assert keyrings.holds(uow, actor(person), file, key) is granted
        if granted:
            ((_, opened),) = keyrings.case_keys(uow, actor(person), file, key)
            assert opened.public == file.keys[key]
        else:
            with pytest.raises(Refused):
                keyrings.case_keys(uow, actor(person), file, key)


def test_a_grant_that_was_taken_away_is_gone(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.delete(uow.testimony.get_one(GrantRow, (unb64(scene.case), "testimony", 1, "V2")))
    with scene.reading() as uow, pytest.raises(Refused):
        keyrings.case_keys(uow, actor(V2), cases.find(uow, scene.case), "testimony")


def test_a_custodians_session_holds_no_key() -> None:
    with pytest.raises(Refused, match="member's sign-in"):
        _ = actor(C1).keys


def test_keys_are_not_shown_when_an_actor_is_printed() -> None:
    shown = repr(Actor("R1", Role.RESEARCHER, R1.secret))
    assert shown == "Actor(code='R1', role=<Role.RESEARCHER: 'researcher'>)"


def test_drafts_are_known_by_a_key_of_their_own() -> None:
    keys = {draft_key(person.secret) for person in MEMBERS}
    assert len(keys) == len(MEMBERS)
    assert not keys & {person.secret.sealing.seed for person in MEMBERS}
