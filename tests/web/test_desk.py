"""The three desks: what waits for whom, one tap to what is done most, and nothing else."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import update

from tests import quoting, speaking
from tests.asking import sealed_identity
from tests.cast import C1, R1, R2, V1, V2, Person, following
from tests.proofs import V3
from tests.readers import cut
from tests.sitting import D1, D2, Desk, set_up
from tests.stage import DAY, DAYS, PLAN, After, Scene, actor, invitations
from tests.visitor import Visitor
from vault import assessments
from vault.rules.assessments import Motion, Pool
from vault.rules.circumstances import Band
from vault.sealing.drills import report
from vault.store.testimony import AttendanceRow

NEW = Person("R9", "researcher")


def desk(scene: Scene, member: Person | Desk) -> str:
    return Visitor(scene.app(), member).get("/").get_data(as_text=True)


def waits(scene: Scene, member: Person | Desk) -> list[tuple[str, str]]:
    """What waits in the scene's case or beside every case, and where it leads."""
    listed = re.search(r'<ul class="rows waits">(.*?)</ul>', desk(scene, member), re.DOTALL)
    row = r'<a href="([^"]+)">(?:<span class="tag mono" translate="no">\w+</span>)?<span>([^<]+)'
    found = [(words, address) for address, words in re.findall(row, listed[1] if listed else "")]
    return [one for one in found if one[1].startswith((f"/cases/{scene.case}/", "/custody"))]


def drill(scene: Scene, custodian: Desk) -> None:
    """They have proved that their shares open."""
    desk(scene, custodian)
    with scene.writing() as uow:
        found = report(scene.roster(), ("C1", C1.secret.signing), DAY.isoformat(), {}, ())
        uow.testimony.execute(update(AttendanceRow).values(drill=json.dumps(found)))


def test_a_researcher_is_one_tap_from_the_form_of_each_incident(scene: Scene) -> None:
    visitor = Visitor(scene.app(), R1)
    shown = visitor.get("/").get_data(as_text=True)
    offered = re.findall(r'action="(/cases/[^"]+)">.*?name="incident" value="([^"]+)"', shown, re.DOTALL)
    assert {incident for _, incident in offered} == {scene.hospital, scene.mosque}
    answer = visitor.post(offered[0][0], {"incident": offered[0][1]})
    assert re.fullmatch(r"/drafts/[\w-]{22}", answer.headers["Location"])


def test_what_a_researcher_began_stands_before_everything_else(scene: Scene) -> None:
    assert "Your drafts" not in desk(scene, R1)
    begun = [scene.start(R1).id for _ in range(2)]
    shown = desk(scene, R1)
    assert set(re.findall(r'href="/drafts/([\w-]{22})"', shown)) == set(begun)
    assert shown.index("Your drafts") < shown.index("Log an interview")
    assert f'Saved <time datetime="{DAY}"' in shown
    assert "Your drafts" not in desk(scene, R2)


@pytest.mark.parametrize(
    ("member", "taught"),
    [
        (NEW, "A reviewer opens a case and names its team"),
        (V2, "Whatever another reviewer proposes appears here"),
        (D1, "Requests to open something and proposals to sign appear here."),
    ],
    ids=["researcher", "reviewer", "custodian"],
)
def test_an_empty_desk_says_what_will_come(scene: Scene, member: Person | Desk, taught: str) -> None:
    scene.carry(C1, invitations(scene.roster(), (NEW, D1)))
    scene.enrol(NEW)
    scene.enrol(D1)
    scene.carry(C1, following(scene.roster(), (NEW, D1), **DAYS))
    drill(scene, D1)
    assert taught in desk(scene, member)
    assert waits(scene, member) == []


def test_what_a_reviewer_proposes_waits_for_the_others_and_not_for_them(after: After) -> None:
    scene, _ = speaking.opened(after)
    name = speaking.prepare(scene)
    row = ("A statement to approve", f"/cases/{scene.case}/statements")
    assert (waits(scene, V1), waits(scene, V2), waits(scene, V3)) == ([], [row], [row])
    speaking.approve(scene, V2, name)
    assert (waits(scene, V2), waits(scene, V3)) == ([], [row])


def test_quotes_and_assessments_wait_for_another_reviewer(scene: Scene) -> None:
    quoting.propose(scene, quoting.told_by_a_doctor(scene))
    case = f"/cases/{scene.case}"
    about = Pool(scene.hospital, "aircraft.present", Band.FROM_50)
    with scene.writing() as uow:
        assessments.assess(uow, actor(V1), scene.case, Motion(about, "Counted twice"), DAY)
    rows = [("An assessment to decide on", f"{case}/editions"), ("A quote to decide on", f"{case}/quotes")]
    assert (waits(scene, V1), waits(scene, V2)) == ([], rows)


def test_an_edition_is_offered_on_the_days_on_which_it_can_be_cut(scene: Scene) -> None:
    place = f"/cases/{scene.case}/editions/cut"
    assert waits(scene, V1) == [("The first edition can be cut now", place)]
    cut(scene)
    assert waits(scene, V1) == []
    cut(scene, 31)
    assert re.search(
        r'Next edition: <time datetime="[\d-]+" dir="auto">\d+ \w+ \d{4}</time>', desk(scene, V1)
    )


def test_a_custodian_sees_what_lacks_their_decision_or_signature_and_no_case(scene: Scene) -> None:
    set_up(scene)
    asked = sealed_identity(scene)
    asked.ask()
    scene.open_case(PLAN, {"R1": ["brief"], "V1": ["brief"]})
    shown = desk(scene, D1)
    assert ("A request to decide on", "/custody#next") in waits(scene, D1)
    assert "witness-vault custodian drill" in shown
    assert scene.case not in shown
    places = {address.partition("#") for _, address in waits(scene, D1) if "#" in address}
    assert all(f'id="{place}"' in Visitor(scene.app(), D1).get(path).text for path, _, place in places)
    asked.decide(C1)
    assert ("A request to decide on", "/custody#next") not in waits(scene, D1)
    assert ("A request to decide on", "/custody#next") in waits(scene, D2)


def test_no_desk_counts_witnesses_or_deposits(scene: Scene) -> None:
    before = [re.sub(r"[\w-]{43}", "", desk(scene, member)) for member in (R1, V1)]
    scene.deposit(R2, scene.said("saw"))
    scene.deposit(R2, scene.said("heard"))
    assert [re.sub(r"[\w-]{43}", "", desk(scene, member)) for member in (R1, V1)] == before
