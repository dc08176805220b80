"""What leaves the vault: only as the witness allows today, and never without an entry in the ledger."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from tests.cast import R1, V1, V2, Person
from tests.readers import cut, told
from tests.stage import DAY, Scene, actor
from tests.visitor import Visitor
from vault import exports
from vault.errors import Refused, Tampered
from vault.exports import Export
from vault.rules.exports import Figures
from vault.store.testimony import ExportRow

TERMS = {"recipient": "icc", "use": "legal", "identity": "none"}


def left(scene: Scene, by: Person = V2) -> tuple[Export, ...]:
    with scene.writing() as uow:
        return exports.listing(uow, actor(by), scene.case, DAY)


@pytest.fixture
def record(scene: Scene) -> str:
    allows = {"recording": True, "uses": ["corroboration", "legal"], "recipients": {"icc": "coded"}}
    for _ in range(3):
        scene.deposit(R1, scene.said("heard"), consent=allows, testimony="It flew over the VERMILLOTH.")
    return told(scene)[0][0].record


@pytest.mark.parametrize("changes", [{"recipient": "media"}, {"use": "verbatim"}])
def test_what_the_witness_does_not_allow_does_not_leave_and_leaves_no_entry(
    scene: Scene, record: str, changes: dict[str, str]
) -> None:
    with scene.writing() as uow, pytest.raises(Refused):
        exports.hand_over(uow, actor(V2), (scene.case, record), {**TERMS, **changes}, DAY)
    assert left(scene) == ()


def test_what_leaves_is_in_the_ledger_of_those_who_may_know_and_of_nobody_else(
    scene: Scene, record: str
) -> None:
    page = Visitor(scene.app(), V2).post(f"/cases/{scene.case}/testimony/{record}/out", TERMS)
    assert page.status_code == 200
    (words,) = left(scene)
    digests = {one.record: one.half.digest for one in told(scene)[0]}
    assert words.what.to_json() == {"testimony": digests[record], **TERMS}
    cut(scene)
    with scene.writing() as uow:
        exports.take_table(uow, actor(V1), scene.case, (1, scene.hospital), DAY)
    assert [one.what for one in left(scene, V1)] == [Figures(1, scene.hospital)]
    assert len(left(scene)) == 2
    with pytest.raises(Refused):
        left(scene, R1)
    shown = Visitor(scene.app(), V2).get(f"/cases/{scene.case}/exports").get_data(as_text=True)
    assert "The International Criminal Court" in shown
    assert "Edition 1 as data" in shown


def test_an_entry_that_was_changed_is_noticed(scene: Scene, record: str) -> None:
    for _ in range(2):
        with scene.writing() as uow:
            exports.hand_over(uow, actor(V2), (scene.case, record), TERMS, DAY)
    with scene.writing() as uow:
        uow.testimony.execute(delete(ExportRow).where(ExportRow.position == 1))
    with pytest.raises(Tampered):
        left(scene)


def test_a_withdrawn_testimony_is_not_read_any_more(scene: Scene, record: str) -> None:
    one = next(one for one in told(scene)[0] if one.record == record)
    nothing = {"recording": False, "uses": []}
    changed = {"kind": "consent", "pseudonym": one.half.body["pseudonym"], "testimony": "By the well."}
    scene.deposit(R1, **changed, consent=nothing)
    path = f"/cases/{scene.case}/testimony/{record}"
    page = Visitor(scene.app(), V2).get(path).get_data(as_text=True)
    assert "VERMILLOTH" not in page
    assert "no longer allows" in page
    with scene.writing() as uow, pytest.raises(Refused):
        exports.hand_over(uow, actor(V2), (scene.case, record), TERMS, DAY)
