"""Who is who: the server's copy of the rosters is worth what its signatures are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from tests.cast import CUSTODIANS, OUTSIDER, R1, Person, following, founding, signed_by
from tests.stage import DAY, DAYS, LAST, Scene, later
from vault import roster as rosters
from vault.errors import Conflict, NotFound, Tampered
from vault.sealing.rosters import verify_chain
from vault.store.testimony import RosterRow

R9 = Person("R9", "researcher")


def _edit(scene: Scene, version: int, change: Callable[[dict[str, Any]], None]) -> None:
    with scene.writing() as uow:
        row = uow.testimony.get_one(RosterRow, version)
        signed = json.loads(row.signed)
        change(signed)
        row.signed = json.dumps(signed)


def _promote(signed: dict[str, Any]) -> None:
    signed["document"]["members"][0]["role"] = "reviewer"


def _swap_keys(signed: dict[str, Any]) -> None:
    one, other = signed["document"]["members"][:2]
    one["sealing"], other["sealing"] = other["sealing"], one["sealing"]


def _own_key(signed: dict[str, Any]) -> None:
    signed["document"]["custodians"][0]["sealing"] = OUTSIDER.card["document"]["sealing"]


def _lower(signed: dict[str, Any]) -> None:
    signed["document"]["threshold"] = 2


def _prolong(signed: dict[str, Any]) -> None:
    signed["document"]["expires"] = later(200).isoformat()


def _forget(signed: dict[str, Any]) -> None:
    signed["document"]["members"] = signed["document"]["members"][1:]


def _unsign(signed: dict[str, Any]) -> None:
    signed["signatures"] = signed["signatures"][:2]


def _empty(signed: dict[str, Any]) -> None:
    signed.clear()


ANY_VERSION = [_own_key, _lower, _prolong, _unsign, _empty]
EDITS = [(1, change) for change in ANY_VERSION] + [
    (2, change) for change in (*ANY_VERSION, _promote, _swap_keys, _forget)
]


@pytest.mark.parametrize(("version", "change"), EDITS)
def test_an_edited_roster_is_nobodys(
    scene: Scene, version: int, change: Callable[[dict[str, Any]], None]
) -> None:
    _edit(scene, version, change)
    with pytest.raises(Tampered):
        scene.roster()


def test_a_roster_in_the_middle_cannot_be_taken_away(scene: Scene) -> None:
    scene.carry(CUSTODIANS[0], following(scene.roster(), (R9,), **DAYS))
    with scene.writing() as uow:
        uow.testimony.execute(delete(RosterRow).where(RosterRow.version == 2))
    with pytest.raises(Tampered):
        scene.roster()


def test_a_rollback_of_the_database_is_seen_by_whoever_has_pinned_what_came_after(scene: Scene) -> None:
    scene.carry(CUSTODIANS[0], following(scene.roster(), (R9,), **DAYS))
    pinned = scene.roster()
    with scene.writing() as uow:
        uow.testimony.execute(delete(RosterRow).where(RosterRow.version == 3))
    assert scene.roster().version == 2  # the server cannot know; clients do
    with scene.reading() as uow, pytest.raises(Tampered):
        verify_chain(rosters.chain(uow), pinned)


def test_a_vault_is_founded_once(scene: Scene) -> None:
    with scene.writing() as uow, pytest.raises(Conflict):
        rosters.found(uow, signed_by({**founding(), **DAYS}, CUSTODIANS))


def test_before_the_founding_there_is_nobody(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(RosterRow))
    with pytest.raises(NotFound):
        scene.roster()


@pytest.mark.parametrize("signers", [0, 1, 2])
def test_without_a_quorum_no_roster_follows(scene: Scene, signers: int) -> None:
    document = following(scene.roster(), (R9,), **DAYS)
    with scene.writing() as uow, pytest.raises(Tampered):
        rosters.advance(uow, signed_by(document, CUSTODIANS[:signers]))
    assert scene.roster().version == 2


def test_signatures_of_members_and_strangers_make_no_quorum(scene: Scene) -> None:
    document = following(scene.roster(), (R9,), **DAYS)
    with scene.writing() as uow, pytest.raises(Tampered):
        rosters.advance(uow, signed_by(document, (*CUSTODIANS[:2], R1, OUTSIDER)))


def test_a_version_is_followed_once(scene: Scene) -> None:
    document = following(scene.roster(), (R9,), **DAYS)
    with scene.writing() as uow:
        rosters.advance(uow, signed_by(document, CUSTODIANS[:3]))
    with scene.writing() as uow, pytest.raises(Tampered):
        rosters.advance(uow, signed_by(document, CUSTODIANS[:3]))


def test_whoever_asks_gets_every_signed_version_to_verify_alone(scene: Scene) -> None:
    with scene.reading() as uow:
        chain = rosters.chain(uow)
        kept = uow.testimony.scalars(select(RosterRow.signed).order_by(RosterRow.version)).all()
    assert chain == [json.loads(text) for text in kept]
    assert verify_chain(chain)[-1].digest == scene.roster().digest


def test_its_last_day_is_still_a_day(scene: Scene) -> None:
    assert rosters.warning(scene.roster(), DAY) is None
    assert rosters.warning(scene.roster(), LAST) is None
    said = rosters.warning(scene.roster(), later((LAST - DAY).days + 1))
    assert said is not None
    assert "You can go on depositing" in said


def test_what_a_roster_says_is_not_read_twice_but_what_changes_is(scene: Scene) -> None:
    """Verified chains are remembered by their text: another text is verified anew."""
    assert scene.roster().version == scene.roster().version == 2
    _edit(scene, 2, _lower)
    with pytest.raises(Tampered):
        scene.roster()
