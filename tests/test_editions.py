"""Editions as a chain of signed documents, whatever the rows say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, update

from tests.cast import R1, V1, V2, Person
from tests.forging import insert_edition
from tests.stage import DAY, After, Scene, actor, later
from vault import corroboration, editions
from vault.editions import Edition
from vault.errors import NotFound, Refused, Tampered
from vault.sealing.digests import b64, document_digest
from vault.store.testimony import EditionRow


def cut(scene: Scene, day: date) -> int:
    with scene.writing() as uow:
        return corroboration.cut(scene.vault, uow, actor(V1), scene.case, day)


def read(scene: Scene, number: int, by: Person = V2) -> Edition:
    with scene.writing() as uow:
        return editions.read(uow, actor(by), scene.case, number, DAY)


def forged(edition: Edition, **changes: Any) -> dict[str, Any]:
    """The edition after this one, as somebody might make it up."""
    document = edition.document
    following = {"number": edition.number + 1, "previous": b64(document_digest(document))}
    return {**document, **following, **changes}


@pytest.fixture
def three(after: After) -> Scene:
    """A case with three editions."""
    return after(_cut_three)[0]


def _cut_three(scene: Scene) -> None:
    for month in range(3):
        cut(scene, later(30 * month))


def test_whoever_holds_the_editions_key_reads_every_edition(three: Scene) -> None:
    assert [read(three, number).number for number in (1, 2, 3)] == [1, 2, 3]
    with pytest.raises(NotFound):
        read(three, 4)


def test_a_researcher_reads_none(three: Scene) -> None:
    with pytest.raises(Refused):
        read(three, 1, by=R1)


def test_an_edition_that_is_missing_is_noticed(three: Scene) -> None:
    with three.writing() as uow:
        uow.testimony.execute(delete(EditionRow).where(EditionRow.number == 2))
    with pytest.raises(Tampered):
        read(three, 1)


def test_editions_that_changed_places_are_noticed(three: Scene) -> None:
    with three.writing() as uow:
        for old, new in ((2, 9), (3, 2), (9, 3)):
            uow.testimony.execute(update(EditionRow).where(EditionRow.number == old).values(number=new))
    with pytest.raises(Tampered):
        read(three, 1)


def test_a_reader_without_the_corroboration_key_cannot_sign_one(scene: Scene) -> None:
    cut(scene, DAY)
    insert_edition(scene, V2, forged(read(scene, 1), cutter="V2"))
    with pytest.raises(Tampered):
        read(scene, 2)


def test_a_researcher_cannot_sign_one(scene: Scene) -> None:
    cut(scene, DAY)
    insert_edition(scene, R1, forged(read(scene, 1), cutter="R1"))
    with pytest.raises(Tampered):
        read(scene, 2)


def test_nobody_signs_in_the_cutters_name(scene: Scene) -> None:
    cut(scene, DAY)
    insert_edition(scene, V2, forged(read(scene, 1)))
    with pytest.raises(Tampered):
        read(scene, 2)


@pytest.mark.parametrize(
    "changes", [{"previous": None}, {"number": 3}, {"roster": 1}, {"roster": 99}, {"case": "another"}]
)
def test_an_edition_that_does_not_follow_is_refused(scene: Scene, changes: dict[str, Any]) -> None:
    cut(scene, DAY)
    insert_edition(scene, V1, forged(read(scene, 1), **changes))
    with pytest.raises(Tampered):
        read(scene, 1)


def test_a_forged_basis_stops_the_next_cut(scene: Scene) -> None:
    cut(scene, DAY)
    insert_edition(scene, V1, read(scene, 1).document)
    with pytest.raises(Tampered):
        cut(scene, later(30))


def test_the_cutting_day_is_that_of_the_signed_editions(scene: Scene) -> None:
    cut(scene, DAY)
    with pytest.raises(Refused, match=later(30).isoformat()):
        cut(scene, later(29))
    assert cut(scene, later(30)) == 2


def test_looking_through_the_shelf_leaves_one_audit_entry(three: Scene) -> None:
    before = len(three.contents()["audit"])
    with three.writing() as uow:
        shelf = editions.browse(three.vault, uow, actor(V2), three.case, later(61))
    assert ([edition.number for edition in shelf.editions], shelf.next_day) == ([3, 2, 1], later(90))
    assert len(three.contents()["audit"]) == before + 1
