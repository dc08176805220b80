"""What is not signed by a researcher of the case, or not whole, is set aside visibly, and stops nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests import forging
from tests.cast import OUTSIDER, R1, R2, V1, V2, Person
from tests.stage import DAY, PLAN, Scene, actor
from vault import cases, corroboration, editions, testimonies
from vault.sealing.digests import b64


def set_aside(scene: Scene, case: str = "") -> dict[str, str]:
    """What the first edition of a case sets aside."""
    with scene.writing() as uow:
        corroboration.cut(scene.vault, uow, actor(V1), case or scene.case, DAY)
        found = editions.read(uow, actor(V1), case or scene.case, 1, DAY)
    return dict(found.document["set_aside"])


def direct(scene: Scene) -> int:
    """How many perceived the aircraft directly, in the first edition."""
    with scene.writing() as uow:
        claims = editions.read(uow, actor(V1), scene.case, 1, DAY).table(scene.hospital)["claims"]
    return int(claims[0]["direct"]["max"])


NOTHING = {"unsigned": "none", "repeated": "none", "misdirected": "none"}


def test_honest_deposits_are_not_set_aside(scene: Scene) -> None:
    for _ in range(3):
        forging.plant(scene, "observations", forging.observations(scene), R1)
    assert set_aside(scene) == NOTHING
    assert direct(scene) == 3


@pytest.mark.parametrize("by", [V1, OUTSIDER], ids=["a reviewer", "an outsider"])
def test_what_no_researcher_signed_is_set_aside(scene: Scene, by: Person) -> None:
    for _ in range(3):
        forging.plant(scene, "observations", forging.observations(scene), R1)
    forging.plant(scene, "observations", forging.observations(scene), by)
    assert set_aside(scene) == {**NOTHING, "unsigned": "fewer than 3"}
    assert direct(scene) == 3


def test_a_signature_in_anothers_name_is_set_aside(scene: Scene) -> None:
    for _ in range(3):
        forging.plant(scene, "observations", forging.observations(scene), V1, depositor="R1")
    assert set_aside(scene) == {**NOTHING, "unsigned": "3 or more"}


def test_a_researcher_who_is_not_on_the_case_is_set_aside(scene: Scene) -> None:
    team = {"R1": ["brief"], "V1": ["brief", "corroboration", "editions"]}
    other = scene.open_case({**PLAN, "code": "S2"}, team)
    with scene.reading() as uow:
        incident = cases.show(uow, actor(V1), other).incidents[0]["incident"]
    said = [{"incident": incident, "subject": "aircraft.present", "perception": ["saw"]}]
    forging.plant(scene, "observations", forging.observations(scene, observations=said), R2, case=other)
    assert set_aside(scene, other) == {**NOTHING, "unsigned": "fewer than 3"}


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "withdrawal-request"},
        {"kind": "correction"},
        {"supersedes": b64(bytes(32))},
        {"roster": 99},
        {"vault": b64(bytes(16))},
    ],
    ids=repr,
)
def test_a_statement_that_does_not_fit_is_set_aside(scene: Scene, facts: dict[str, Any]) -> None:
    forging.plant(scene, "observations", forging.observations(scene), R1, **facts)
    assert set_aside(scene) == {**NOTHING, "unsigned": "fewer than 3"}


@pytest.mark.parametrize(
    "body",
    [
        {"witness": ["a list"]},
        {"witness": "a tag that is much longer than a tag"},
        {"together_with": [["a list"]]},
        {"present": "a tag"},
        {"household": [1]},
        {"introducer": None},
        {"interpreter": "a tag that is much longer than a tag"},
        {"shown_before": ["clip", "clip"]},
        {"consent": "yes"},
        {"observations": [{"incident": "elsewhere", "subject": "aircraft.present", "perception": ["saw"]}]},
        {"observations": "none"},
        {"more": 1},
    ],
    ids=repr,
)
def test_a_signed_body_that_is_not_well_formed_is_set_aside_and_stops_no_cut(
    scene: Scene, body: dict[str, Any]
) -> None:
    for _ in range(3):
        forging.plant(scene, "observations", forging.observations(scene), R1)
    forging.plant(scene, "observations", forging.observations(scene, **body), R1)
    assert set_aside(scene) == {**NOTHING, "unsigned": "fewer than 3"}
    assert direct(scene) == 3


@pytest.mark.parametrize(
    "body",
    [
        *(
            {"interview": []},
            {"interview": {}},
            {"consent": None},
            {"pseudonym": 1},
            {"kind": "x"},
            {"more": 1},
        ),
        *({"said": "x"}, {"said": ["x"]}, {"said": [{"words": 1}]}),
    ],
    ids=repr,
)
def test_a_testimony_that_is_not_well_formed_does_not_hide_the_others(
    scene: Scene, body: dict[str, Any]
) -> None:
    forging.plant(scene, "testimony", forging.testimony(), R1)
    forging.plant(scene, "testimony", forging.testimony(**body), R1)
    with scene.writing() as uow:
        listed, unsound = testimonies.listing(uow, actor(V2), scene.case, DAY)
    assert (len(listed), unsound) == (1, 1)
