"""Reading testimony: by whoever was granted its key, under pseudonyms, and never unseen by the custodians."""

from __future__ import annotations

import pytest

from tests.cast import C1, OUTSIDER, R1, R2, V1, V2, Person
from tests.readers import told
from tests.stage import DAY, PLAN, Scene, actor
from vault import cases, testimonies
from vault.errors import NotFound, Refused


@pytest.mark.parametrize("person", [R1, V1, C1, OUTSIDER], ids=lambda person: person.code)
def test_nobody_reads_without_the_role_and_the_key(scene: Scene, person: Person) -> None:
    scene.deposit(R1, scene.said("heard"))
    with pytest.raises(Refused):
        told(scene, person)


def test_a_researcher_to_whom_the_key_was_granted_reads(scene: Scene) -> None:
    team = {"V1": ["brief"], "R1": ["brief"], "R2": ["brief", "testimony"]}
    case = scene.open_case({**PLAN, "code": "S2"}, team)
    draft = scene.start(R1, case, _first(scene, case))
    scene.hand_in(R1, draft, scene.interview(testimony="For R2 to read."))
    with scene.unkept() as uow:
        (one,), unsound = testimonies.listing(uow, actor(R2), case, DAY)
        assert (one.half.body["testimony"], unsound) == ("For R2 to read.", 0)
        with pytest.raises(Refused):
            testimonies.listing(uow, actor(R1), case, DAY)
        with pytest.raises(NotFound):
            testimonies.listing(uow, actor(V2), case, DAY)


def _first(scene: Scene, case: str) -> str:
    with scene.reading() as uow:
        return str(cases.show(uow, actor(V1), case).incidents[0]["incident"])


def test_what_was_deposited_stands_in_the_order_of_interviews(scene: Scene) -> None:
    for day in ("2015-12-24", "2015-11-03", "2016-01-01"):
        facts = {"date": day, "language": "ar", "mode": "in_person"}
        scene.deposit(R1, scene.said("heard"), interview=facts)
    found, _ = told(scene)
    assert [one.half.body["interview"]["date"] for one in found] == ["2015-11-03", "2015-12-24", "2016-01-01"]


def test_one_testimony_is_found_by_its_record_alone(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    (one,), _ = told(scene)
    with scene.unkept() as uow:
        assert testimonies.show(uow, actor(V2), scene.case, one.record, DAY) == one
        for name in ("", "x", "A" * 22, one.half.digest):
            with pytest.raises(NotFound):
                testimonies.show(uow, actor(V2), scene.case, name, DAY)


def test_listing_and_reading_are_entered_in_the_audit(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    (one,), _ = told(scene)
    before = scene.contents()["audit"].total()
    with scene.writing() as uow:
        testimonies.listing(uow, actor(V2), scene.case, DAY)
        testimonies.show(uow, actor(V2), scene.case, one.record, DAY)
    assert scene.contents()["audit"].total() == before + 2


def test_an_empty_case_is_empty(scene: Scene) -> None:
    assert told(scene) == ([], 0)
