"""Drafts: sealed to their researcher, gone with their deposit, and never holding an identity."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from tests.cast import C1, CUSTODIANS, R1, R2, V1, Person
from tests.stage import Scene, actor
from vault import drafts
from vault.drafts import Draft
from vault.errors import NotFound, Refused, Tampered
from vault.sealing import boxes
from vault.sealing.digests import b64, unb64
from vault.sealing.words import check_pseudonym
from vault.shredding import unshredded
from vault.store.shreds import DraftRow, ShredRow
from web.interview_form import refill

pytestmark = pytest.mark.both

TYPED = {"testimony": "Halcyon morning, then the blast."}


def _save(scene: Scene, draft: Draft, form: dict[str, str]) -> None:
    with scene.writing() as uow:
        drafts.save(uow, actor(R1), draft.id, form)


def _found(scene: Scene, draft: Draft, person: Person = R1) -> Draft:
    with scene.reading() as uow:
        return drafts.find_draft(uow, actor(person), draft.id)


def test_what_was_typed_comes_back_to_its_researcher_alone(scene: Scene) -> None:
    draft = scene.start(R1)
    _save(scene, draft, TYPED)
    assert _found(scene, draft).form == TYPED
    with pytest.raises(NotFound):
        _found(scene, draft, R2)
    for person in (V1, C1):
        with pytest.raises(Refused):
            _found(scene, draft, person)


def test_a_draft_keeps_its_pseudonym_and_token_through_every_saving(scene: Scene) -> None:
    draft = scene.start(R1)
    assert check_pseudonym(draft.pseudonym) == draft.pseudonym
    for _ in range(3):
        _save(scene, draft, TYPED)
    found = _found(scene, draft)
    assert (found.pseudonym, found.token, found.case) == (draft.pseudonym, draft.token, scene.case)


def test_no_two_drafts_share_a_token_or_a_pseudonym(scene: Scene) -> None:
    started = [scene.start(R1) for _ in range(20)]
    assert len({draft.token for draft in started}) == len({draft.pseudonym for draft in started}) == 20


def test_only_the_researchers_own_key_opens_a_draft(scene: Scene) -> None:
    draft = scene.start(R1)
    _save(scene, draft, TYPED)
    about = ("draft", {"member": "R1", "draft": draft.id})
    with scene.reading() as uow:
        row = uow.shreds.scalars(select(DraftRow)).one()
        box = unshredded(uow, row.id, row.content)
    assert b"Halcyon" in boxes.unseal(R1.secret.sealing, about, box)
    for person in (R2, V1, *CUSTODIANS):
        with pytest.raises(Tampered):
            boxes.unseal(person.secret.sealing, about, box)


def test_the_size_of_a_draft_says_little(scene: Scene) -> None:
    sizes = set()
    for length in (0, 1, 5_000):
        draft = scene.start(R1)
        _save(scene, draft, {"testimony": "x" * length})
        with scene.reading() as uow:
            row = uow.shreds.get_one(DraftRow, unb64(draft.id))
            sizes.add(len(row.content))
    assert len(sizes) == 1


@pytest.mark.sqlite
def test_a_discarded_draft_leaves_neither_row_nor_key(scene: Scene) -> None:
    draft = scene.start(R1)
    with scene.reading() as uow:
        content = uow.shreds.scalars(select(DraftRow.content)).one()
        taken = uow.shreds.scalars(select(ShredRow.key).where(ShredRow.taken.is_(True))).all()
    with scene.writing() as uow:
        drafts.discard(uow, actor(R1), draft.id)
    assert scene.contents()["drafts"].total() == 0
    everything = (scene.folder / "shreds.db").read_bytes()
    assert content[:64] not in everything
    assert not [key for key in taken if key in everything]


def test_a_researcher_lists_their_own_drafts(scene: Scene) -> None:
    mine, others = [scene.start(R1) for _ in range(3)], scene.start(R2)
    with scene.reading() as uow:
        assert {one.id for one in drafts.listing(uow, actor(R1))} == {one.id for one in mine}
        assert [one.id for one in drafts.listing(uow, actor(R2))] == [others.id]


def test_a_draft_stands_on_an_incident_of_a_case_of_ones_own(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.start(R1, incident=b64(bytes(16)))
    with pytest.raises(NotFound):
        scene.start(R1, case=b64(bytes(16)))
    with pytest.raises(Refused):
        scene.start(V1)


def test_no_part_of_an_identity_and_no_token_is_refilled() -> None:
    form = MultiDict(
        {
            "sealed_identity": "{}",
            "csrf": "x",
            "act": "save",
            "token": "x",
            "new_pseudonym": "x",
            "case": "x",
            "incident": "x",
            "testimony": "kept",
        }
    )
    assert refill(form) == {"testimony": "kept"}


@pytest.mark.parametrize("name", ["", "x", "A" * 22, "A" * 23, "\0", "é"])
def test_any_other_name_is_no_draft(scene: Scene, name: str) -> None:
    scene.start(R1)
    with scene.reading() as uow, pytest.raises(NotFound):
        drafts.find_draft(uow, actor(R1), name)
