"""Across incidents: what may be read in editions, counted together, and nothing else."""

from __future__ import annotations

import pytest

from tests.cast import R1, R2, V1, V2, Person
from tests.readers import audited, cut
from tests.stage import DAY, Scene, actor
from tests.visitor import Visitor
from vault import across, cases
from vault.across import Across
from vault.errors import Refused


def look(scene: Scene, by: Person = V2) -> tuple[Across, ...]:
    with scene.writing() as uow:
        return across.look(scene.vault, uow, actor(by), DAY)


def told(scene: Scene, *counts: int) -> None:
    """Incidents of which so many people saw an aircraft; the first two are those of the founding."""
    known = [scene.hospital, scene.mosque]
    for extra in range(len(counts) - 2):
        with scene.writing() as uow:
            facts = {"title": f"Bakery {extra}", "place": "", "date": "2015-10-22"}
            known.append(cases.add_incident(uow, actor(V1), scene.case, facts, DAY))
    for incident, count in zip(known, counts, strict=True):
        for _ in range(count):
            scene.deposit(R1, scene.said("saw", incident=incident))


def test_incidents_are_counted_by_how_many_perceived_the_same(scene: Scene) -> None:
    told(scene, 5, 3, 3)
    cut(scene)
    (found,) = look(scene)
    assert found.to_json()["patterns"] == [
        {"subject": "aircraft.present", "incidents": {"3": 3, "5": None, "8": None}}
    ]
    assert [one.reached for one in found.incidents] == [{"aircraft.present": step} for step in (5, 3, 3)]


def test_fewer_than_three_incidents_are_not_told_apart_on_the_page(scene: Scene) -> None:
    told(scene, 5, 3)
    cut(scene)
    page = Visitor(scene.app(), V2).get("/patterns").get_data(as_text=True)
    assert page.count("fewer than 3</span></td>") == 3
    assert "at least five in incident 1; at least three in incident 2" in page


def test_what_no_edition_has_counted_is_seen_nowhere(scene: Scene) -> None:
    told(scene, 3, 3, 3)
    assert look(scene) == ()
    page = Visitor(scene.app(), V2).get("/patterns").get_data(as_text=True)
    assert "No edition that you may read has figures." in page


def test_an_incident_without_figures_is_left_out(scene: Scene) -> None:
    told(scene, 3, 2)
    cut(scene)
    (found,) = look(scene)
    assert [one.incident["incident"] for one in found.incidents] == [scene.hospital]


def test_a_case_whose_editions_were_not_granted_is_left_out(scene: Scene) -> None:
    told(scene, 3, 3)
    cut(scene)
    team = {"V1": ["brief", "corroboration"], "V2": ["brief", "editions"], "R1": ["brief"]}
    scene.open_case({"code": "S9", "title": "Another", "incidents": []}, team)
    (found,) = look(scene, V1)
    assert {one.case for one in found.incidents} == {scene.case}
    with pytest.raises(Refused):
        look(scene, R2)


def test_looking_across_is_one_audit_entry(scene: Scene) -> None:
    told(scene, 3, 3)
    cut(scene)
    before = len(audited(scene))
    look(scene)
    (entry,) = audited(scene)[before:]
    assert (entry["actor"], entry["act"], entry["about"]) == ("V2", "patterns read", {})
