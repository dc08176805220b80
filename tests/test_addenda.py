"""Drafts say nowhere whose they are; a form that comes late is added to one, and never makes or changes one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.cast import MEMBERS, R1, R2, V1, Person
from tests.stage import Scene, actor
from vault import drafts
from vault.drafts import Draft
from vault.errors import NotFound, Refused, Tampered
from vault.keyrings import draft_key
from vault.sealing import boxes
from vault.sealing.digests import b64, canonical, pad, unb64
from vault.sealing.locks import lock
from vault.sealing.signatures import sign
from vault.sealing.words import new_pseudonym
from vault.sessions import Former
from vault.shredding import shreddable, unshredded
from vault.store.shreds import DraftRow

TYPED = {"testimony": "First the siren."}
LATE = {"testimony": "First the siren, then the roof."}


def _former(person: Person) -> Former:
    return Former(person.code, draft_key(person.secret))


def _save(scene: Scene, name: str, form: dict[str, Any], person: Person = R1) -> None:
    with scene.writing() as uow:
        drafts.save(uow, actor(person), name, form)


def _add(scene: Scene, name: str, form: dict[str, Any], person: Person = R1) -> None:
    with scene.writing() as uow:
        drafts.save_after_end(uow, _former(person), name, form)


def _find(scene: Scene, name: str, person: Person = R1) -> Draft:
    with scene.reading() as uow:
        return drafts.find_draft(uow, actor(person), name)


def _listed(scene: Scene, person: Person) -> list[str]:
    with scene.reading() as uow:
        return [draft.id for draft in drafts.listing(uow, actor(person))]


@pytest.mark.sqlite
def test_only_its_researcher_can_tell_whose_a_draft_is(scene: Scene) -> None:
    own = {person: [scene.start(person).id for _ in range(3)] for person in (R1, R2)}
    for person, names in own.items():
        assert sorted(_listed(scene, person)) == sorted(names)
    with scene.reading() as uow:
        rows = uow.shreds.scalars(select(DraftRow)).all()
        owners = [row.owner for row in rows]
    assert len(set(owners)) == 6  # nothing in common between drafts of one member
    columns = {column.name for column in DraftRow.__table__.columns}
    assert columns == {"id", "owner", "content", "addendum"}
    kept = (scene.folder / "shreds.db").read_bytes()
    assert not any(f'"{person.code}"'.encode() in kept for person in MEMBERS)


def test_what_comes_late_stands_until_the_draft_is_saved_again(scene: Scene) -> None:
    draft = scene.start(R1)
    _save(scene, draft.id, TYPED)
    _add(scene, draft.id, LATE)
    assert _find(scene, draft.id).form == LATE
    _save(scene, draft.id, TYPED)
    assert _find(scene, draft.id).form == TYPED


def test_what_comes_late_changes_neither_token_nor_pseudonym_nor_place(scene: Scene) -> None:
    draft = scene.start(R1)
    planted = {
        **LATE,
        "token": b64(bytes(32)),
        "pseudonym": "a-b-c-d",
        "new_pseudonym": "a-b-c-d",
        "case": "",
    }
    _add(scene, draft.id, planted)
    found = _find(scene, draft.id)
    assert (found.token, found.pseudonym, found.case, found.incident) == (
        draft.token,
        draft.pseudonym,
        draft.case,
        draft.incident,
    )


@pytest.mark.parametrize("name", [b64(bytes(16)), "x", ""])
def test_nothing_that_comes_late_makes_a_draft(scene: Scene, name: str) -> None:
    before = scene.contents()
    with pytest.raises(NotFound):
        _add(scene, name, LATE)
    assert scene.contents() == before


@pytest.mark.parametrize(("person", "refusal"), [(R2, NotFound), (V1, Refused)])
def test_nobody_else_adds_to_a_draft(scene: Scene, person: Person, refusal: type[Exception]) -> None:
    draft = scene.start(R1)
    before = scene.contents()
    with pytest.raises(refusal):
        _add(scene, draft.id, LATE, person)
    assert scene.contents() == before


@pytest.mark.parametrize("planted", [b"", b"noise"])
def test_an_addendum_that_does_not_open_is_as_if_there_were_none(scene: Scene, planted: bytes) -> None:
    draft = scene.start(R1)
    _save(scene, draft.id, TYPED)
    with scene.writing() as uow:
        row = uow.shreds.scalars(select(DraftRow)).one()
        row.addendum = planted and shreddable(uow, row.id, planted)
    assert _find(scene, draft.id).form == TYPED


def test_the_content_of_a_draft_is_no_addendum_to_it(scene: Scene) -> None:
    draft = scene.start(R1)
    with scene.writing() as uow:
        row = uow.shreds.scalars(select(DraftRow)).one()
        row.addendum = row.content
    assert _find(scene, draft.id).form == {}


def test_saving_does_not_bring_back_what_was_deposited_or_discarded(scene: Scene) -> None:
    deposited, discarded = scene.start(R1), scene.start(R1)
    scene.hand_in(R1, deposited, scene.interview(scene.said("heard")))
    with scene.writing() as uow:
        drafts.discard(uow, actor(R1), discarded.id)
    for draft in (deposited, discarded):
        with pytest.raises(NotFound):
            _save(scene, draft.id, TYPED)
        with pytest.raises(NotFound):
            _add(scene, draft.id, TYPED)
        with pytest.raises(NotFound), scene.writing() as uow:
            drafts.discard(uow, actor(R1), draft.id)
    assert _listed(scene, R1) == []


def test_nobody_discards_or_saves_over_the_draft_of_another(scene: Scene) -> None:
    draft = scene.start(R1)
    before = scene.contents()
    for act in (drafts.discard, drafts.find_draft):
        with pytest.raises(NotFound), scene.writing() as uow:
            act(uow, actor(R2), draft.id)
    with pytest.raises(NotFound):
        _save(scene, draft.id, TYPED, R2)
    with scene.writing() as uow:
        drafts.forget(uow, actor(R2), draft.id)
    assert scene.contents() == before


def test_all_of_a_members_drafts_go_at_once_and_nobody_elses(scene: Scene) -> None:
    for person in (R1, R1, R2):
        scene.start(person)
    with scene.writing() as uow:
        drafts.forget_all(uow, draft_key(R1.secret))
    assert (_listed(scene, R1), len(_listed(scene, R2))) == ([], 1)


def _planted(scene: Scene, name: str, content: bytes, column: str) -> None:
    """Somebody with a hand in the database puts this in a draft's place."""
    with scene.writing() as uow:
        row = uow.shreds.get_one(DraftRow, unb64(name))
        setattr(row, column, shreddable(uow, row.id, content))


def test_a_draft_that_somebody_else_sealed_is_not_taken_for_ones_own(scene: Scene) -> None:
    """Whoever chose the withdrawal token could find the deposit's records by it."""
    name, other = scene.start(R1).id, scene.start(R1).id
    typed = {"case": scene.case, "incident": scene.hospital, "day": "2026-11-22", "form": {}}
    chosen = {"draft": name, "token": b64(bytes(32)), "pseudonym": new_pseudonym(), **typed}
    document = {"format": "witness-vault/v1/draft", **chosen}
    about = ("draft", {"member": "R1", "draft": name})
    for signed in (document, sign(document, "R1", R2.secret.signing)):
        padded = pad(canonical(signed), 16 * 1024)
        _planted(scene, name, boxes.seal(R1.secret.sealing.public, about, padded), "content")
        with pytest.raises(Tampered):
            _find(scene, name)
        assert _listed(scene, R1) == [other]


def test_one_draft_does_not_stand_in_for_another(scene: Scene) -> None:
    one, other = scene.start(R1), scene.start(R1)
    with scene.reading() as uow:
        row = uow.shreds.get_one(DraftRow, unb64(one.id))
        box = unshredded(uow, row.id, row.content)
    _planted(scene, other.id, box, "content")
    with pytest.raises(Tampered):
        _find(scene, other.id)


def test_an_addendum_that_no_session_of_the_member_made_is_ignored(scene: Scene) -> None:
    name = scene.start(R1).id
    _save(scene, name, TYPED)
    about = ("draft-addendum", {"member": "R1", "draft": name})
    box = boxes.seal(R1.secret.sealing.public, about, pad(canonical(LATE), 16 * 1024))
    for forged in (box, lock(bytes(32), about, box)):
        _planted(scene, name, forged, "addendum")
        assert _find(scene, name).form == TYPED
