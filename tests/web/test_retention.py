"""How long a case lasts, as its team and the custodians see it; and the reader who carries out that it is destroyed."""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.cast import CUSTODIANS, R1, THRESHOLD, V1, V2, Person, signed_by
from tests.dossier import with_file
from tests.readers import audited, cut, told
from tests.retention import ending, lasting, since
from tests.sitting import D1, set_up
from tests.stage import DAY, Scene, actor, later
from tests.visitor import Api, Visitor, sentences
from tests.web.test_uploads import FACTS
from vault import destruction, retention, shredding
from vault.rules.retention import Stage


def shown(scene: Scene, person: Person, path: str = "") -> str:
    return Visitor(scene.app(), person).get(path or f"/cases/{scene.case}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("until", "ended", "words"),
    [
        (200, None, "Its records are kept until"),
        (80, None, "unless custodians prolong it"),
        (-1, None, "is over. Nothing happens by itself"),
        (-9, 2, "Each of them can still call it off"),
        (-9, 8, "Whoever reads its testimony can do it now"),
    ],
)
def test_everybody_of_the_team_sees_in_time_that_a_case_ends(
    scene: Scene, until: int, ended: int | None, words: str
) -> None:
    since(scene, until, ended)
    for person in (R1, V1):
        page = shown(scene, person)
        assert words in page
        assert "/destruction" not in page


def test_a_case_without_a_last_day_says_nothing_of_it(scene: Scene) -> None:
    assert "records" not in shown(scene, V1)


def test_the_custodians_see_which_cases_end_by_code_alone(scene: Scene) -> None:
    since(scene, -1)
    set_up(scene)
    assert "A case is past its last day" in shown(scene, D1, "/")
    page = shown(scene, D1, "/custody")
    assert "is over. Nothing happens by itself" in page
    assert "S1" in page
    assert scene.case not in page


def test_a_reader_sees_what_goes_and_what_stays_and_gives_the_passphrase(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    since(scene, -9, 8)
    reader, path = Visitor(scene.app(), V2), f"/cases/{scene.case}/destruction"
    assert "Records can be destroyed" in reader.get("/").get_data(as_text=True)
    assert path in reader.get(f"/cases/{scene.case}").get_data(as_text=True)
    page = reader.get(path).get_data(as_text=True)
    for words in ("One interview is destroyed", "What proves the published counts stays"):
        assert words in page
    wrong = reader.post(path, {"passphrase": "wrong"})
    assert wrong.status_code in (401, 403, 422)
    assert len(told(scene)[0]) == 1
    done = reader.post(path, {"passphrase": V2.passphrase})
    assert (done.status_code, "The records are destroyed" in done.get_data(as_text=True)) == (200, True)
    assert told(scene) == ([], 0)
    assert lasting(scene).stage(DAY) is Stage.DESTROYED
    after = reader.get(f"/cases/{scene.case}").get_data(as_text=True)
    assert "Its records were destroyed" in after
    assert not {"Cut an edition", "Hand in evidence", "Add an incident"} & set(
        re.findall(r">([^<]+)<", shown(scene, V1))
    )
    for place, gone in (("testimony", "Nothing has been deposited"), ("evidence", "Hand in evidence")):
        page = shown(scene, V2, f"/cases/{scene.case}/{place}")
        assert ("Its records were destroyed" in page, gone in page) == (True, False)
    assert "Its records were destroyed" in shown(scene, V1, f"/cases/{scene.case}/editions")
    assert reader.post(path, {"passphrase": V2.passphrase}).status_code == 409


def test_what_would_come_into_a_destroyed_case_is_refused_where_its_form_is_opened(scene: Scene) -> None:
    app, at = scene.app(), f"/cases/{scene.case}"
    item = with_file(scene, b"FILM", by=V1)
    researcher, reviewer = Visitor(app, R1), Visitor(app, V1)
    draft, form = researcher.start(scene.case, scene.hospital)
    assert "Verify" in reviewer.get(f"{at}/evidence/{item}").text
    since(scene, -9, 8)
    destruction.carry_out(scene.vault, actor(V2), scene.case, DAY)
    asked = [
        *(researcher.get(path) for path in (f"{at}/consent", f"{at}/evidence/new", draft)),
        *(reviewer.get(f"{at}/{path}") for path in ("evidence/new", "incidents/table", "editions/cut")),
        researcher.post(f"{at}/interviews", {"incident": scene.hospital}),
        researcher.post(draft, {**form, "act": "deposit"}),
        Api(app, R1).call("POST", f"/api{at}/drafts", {"incident": scene.hospital}),
        Api(app, R1).call("POST", f"/api{at}/uploads", FACTS),
    ]
    for answer in asked:
        (sentence,) = sentences(answer)
        assert (answer.status_code, "destroyed" in sentence) == (409, True)
        assert "</textarea>" not in answer.text
    shown = reviewer.get(f"{at}/evidence/{item}").text
    assert ("The records of this case were destroyed" in shown, "SHA-256" in shown) == (True, True)
    assert not {"Verify", "Take it out", "Show it", "Add it"} & set(re.findall(r">([^<]+)<", shown))
    desk = researcher.get("/").text
    assert not {f"{at}/interviews", f"{at}/consent"} & set(re.findall(r'(?:action|href)="([^"]+)"', desk))
    assert ("Its records were destroyed" in desk, "Destroy this draft" in desk) == (True, True)
    assert researcher.post(draft, {**form, "act": "discard"}).status_code == 303


def test_before_the_week_is_over_the_page_only_says_so(scene: Scene) -> None:
    since(scene, -9, 2)
    reader, path = Visitor(scene.app(), V2), f"/cases/{scene.case}/destruction"
    assert "passphrase" not in reader.get(path).get_data(as_text=True)
    assert reader.post(path, {"passphrase": V2.passphrase}).status_code == 403


def test_where_nothing_was_agreed_on_the_page_says_so_and_leads_back(scene: Scene) -> None:
    page = shown(scene, V2, f"/cases/{scene.case}/destruction")
    assert "No quorum of custodians has agreed" in page
    assert "Back to the case" in page
    assert "passphrase" not in page


def test_nobody_sees_it_without_the_key_to_the_testimony(scene: Scene) -> None:
    since(scene, -9, 8)
    answer = Visitor(scene.app(), V1).get(f"/cases/{scene.case}/destruction")
    assert answer.status_code == 403
    assert Visitor(scene.app(), V1).get("/api/retention").status_code == 403


def test_a_reader_sees_which_testimony_is_past_the_day_that_its_witness_set(scene: Scene) -> None:
    consent = {"recording": True, "uses": ["internal", "corroboration"], "until": later(-1).isoformat()}
    scene.deposit(R1, scene.said("heard"), consent=consent)
    reader, path = Visitor(scene.app(), V2), f"/cases/{scene.case}/testimony"
    assert "its time is over" in reader.get(path).get_data(as_text=True)
    page = reader.get(f"{path}/{told(scene)[0][0].record}").get_data(as_text=True)
    assert "The day until which the witness allowed this is over" in page
    assert "Have it destroyed" in page
    assert set(cut(scene).document["set_aside"].values()) == {"none"}


def agreed_on_records(scene: Scene, until: date) -> None:
    signed = signed_by(ending(scene, until, -8, of="records", retention=0), CUSTODIANS[:THRESHOLD])
    with scene.writing() as uow:
        retention.agree(uow, signed, later(-8))


def test_where_no_interview_is_past_that_day_the_reader_only_notes_that_it_is_done(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"), consent={"recording": True, "until": later(-8).isoformat()})
    agreed_on_records(scene, later(-9))
    page = shown(scene, V2, f"/cases/{scene.case}/destruction")
    assert "There is nothing left to destroy" in page
    assert not {"Destroy the records", "is destroyed."} & set(re.findall(r"[\w .]+", page))


def test_what_an_interrupted_destruction_left_undone_is_noted_by_the_reader_who_does_it_again(
    scene: Scene,
) -> None:
    scene.deposit(R1, scene.said("heard"), consent={"recording": True, "until": later(-10).isoformat()})
    agreed_on_records(scene, later(-9))
    with scene.vault.store.work("shreds") as uow:  # killed after the commit that takes the keys
        shredding.destroy_all(uow, list(shredding.every(uow)))
        uow.commit()
    reader, path = Visitor(scene.app(), V2), f"/cases/{scene.case}/destruction"
    assert "Note it as done" in reader.get(path).get_data(as_text=True)
    assert reader.post(path, {"passphrase": V2.passphrase}).status_code == 200
    assert lasting(scene).waits is None
    assert "records destroyed" in [entry["act"] for entry in audited(scene)]


def test_a_reader_is_led_to_what_custodians_agreed_on_and_sees_how_many_go(scene: Scene) -> None:
    consent = {"recording": True, "uses": ["corroboration"], "until": later(-20).isoformat()}
    for _ in range(2):
        scene.deposit(R1, scene.said("heard"), consent=consent)
    scene.deposit(R1, scene.said("heard"))
    reader, path = Visitor(scene.app(), V2), f"/cases/{scene.case}/testimony"
    assert "The time of 2 interviews is over." in reader.get(path).get_data(as_text=True)
    agreed_on_records(scene, later(-9))
    for place in (path, f"/cases/{scene.case}"):
        assert f"/cases/{scene.case}/destruction" in reader.get(place).get_data(as_text=True)
    set_up(scene)
    assert "that those records be destroyed whose witnesses set" in shown(scene, D1, "/custody")
    page = reader.get(f"/cases/{scene.case}/destruction").get_data(as_text=True)
    assert "2 interviews are destroyed." in page
    ended = next(one.record for one in told(scene)[0] if one.allowed.until)
    assert '<option value="time_is_over" selected>' in reader.get(f"{path}/{ended}/withdraw").text
    reader.post(f"/cases/{scene.case}/destruction", {"passphrase": V2.passphrase})
    assert len(told(scene)[0]) == 1
    assert "to be destroyed" not in shown(scene, V1)
