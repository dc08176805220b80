"""The page on which a reader codes a testimony a second time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cast import R1, V1, V2
from tests.readers import audited, told
from tests.stage import After, Scene
from tests.visitor import Visitor, hidden, sentences
from tests.web.desks import MISTYPED_PSEUDONYM, TESTIMONY, Desk, Seat, Watch, seat


@dataclass
class Reader:
    """V2, with the page open on what R1 deposited."""

    scene: Scene
    visitor: Visitor
    path: str
    hidden: dict[str, str]

    def post(self, subject: str = "aircraft.present", **changes: Any) -> TestResponse:
        """The form, with a claim's perception and whatever else is typed; None leaves a field out."""
        row = next(name.removesuffix("-subject") for name, value in self.hidden.items() if value == subject)
        filled = {**self.hidden, f"{row}-perception": ["did_not_hear"], "act": "look", **changes}
        return self.visitor.post(self.path, {key: said for key, said in filled.items() if said is not None})


def _heard(scene: Scene) -> Seat:
    scene.deposit(R1, scene.said("heard"), testimony=TESTIMONY)
    return seat(scene)


@pytest.fixture
def desk(after: After) -> Desk:
    return Desk(*after(_heard))


@pytest.fixture
def reader(desk: Desk) -> Reader:
    scene, visitor = desk.scene, Visitor(desk.app, V2)
    (one,) = told(scene)[0]
    path = f"/cases/{scene.case}/testimony/{one.record}/coding/{scene.hospital}"
    page = visitor.get(path)
    assert page.status_code == 200
    return Reader(scene, visitor, path, hidden(page))


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def test_the_words_stand_above_the_claims_and_the_first_coding_is_not_there(reader: Reader) -> None:
    page = text(reader.visitor.get(reader.path))
    assert TESTIMONY in page
    assert "not shown, on purpose" in page
    assert " checked" not in page


def test_to_open_it_is_to_read_the_testimony_and_is_audited_and_to_seal_is_not(reader: Reader) -> None:
    before = [entry["act"] for entry in audited(reader.scene)]
    assert before.count("testimony read") == 1
    reader.post(act="seal")
    assert [entry["act"] for entry in audited(reader.scene)] == before


def test_it_is_looked_over_before_it_is_sealed(reader: Reader) -> None:
    look = reader.post()
    assert look.status_code == 200
    assert "did not hear" in text(look)
    assert TESTIMONY not in text(look)
    assert reader.scene.taken()["observations"] == 1
    receipt = reader.visitor.post(reader.path, {**hidden(look), "act": "seal"})
    assert receipt.status_code == 200
    assert reader.scene.taken()["observations"] == 2
    ((one,), _) = told(reader.scene)
    assert [again.incidents for again in one.again] == [(reader.scene.hospital,)]
    shown = re.sub(r"<[^>]*>|\s", "", text(receipt))
    assert one.again[0].digest in shown


def test_whoever_looks_it_over_can_still_change_it(reader: Reader) -> None:
    look = reader.post(note="Hard to hear.")
    page = text(reader.visitor.post(reader.path, {**hidden(look), "act": "show"}))
    assert 'value="did_not_hear" checked' in page
    assert "Hard to hear." in page


def test_sealed_twice_it_lies_there_once_and_another_one_beside_it(reader: Reader) -> None:
    assert text(reader.post(act="seal")) == text(reader.post(act="seal"))
    assert reader.scene.taken()["observations"] == 2
    reader.post(act="seal", note="More.")
    assert reader.scene.taken()["observations"] == 3


def test_who_has_coded_before_is_asked_whether_this_replaces_it(reader: Reader) -> None:
    reader.post(act="seal")
    (before,) = told(reader.scene)[0][0].again
    page = reader.visitor.get(reader.path)
    assert "before" in text(page)
    again = reader.post(act="seal", supersedes=before.digest)
    assert again.status_code == 200
    (now,) = told(reader.scene)[0][0].again
    assert now.digest != before.digest


def test_the_testimony_says_that_it_was_coded_a_second_time_and_by_whom(reader: Reader) -> None:
    show = reader.path.partition("/coding/")[0]
    assert "Not yet." in text(reader.visitor.get(show))
    assert reader.path in text(reader.visitor.get(show))
    reader.post(act="seal", note="Hard to hear.")
    page = text(reader.visitor.get(show))
    assert "Hard to hear." in page
    assert "coded a second time" in text(reader.visitor.get(show.rpartition("/")[0]))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"act": "look", "note": "x" * 2_001}, (422, "2,000")),
        ({"act": "seal", "codes": "elsewhere"}, (404, "has this receipt")),
        ({"act": "seal", "supersedes": "A" * 43}, (422, "your own codings")),
        ({"act": "look", "codes": None}, (404, "has this receipt")),
    ],
    ids=str,
)
def test_what_does_not_fit_is_said_in_one_sentence_and_nothing_is_lost(
    reader: Reader, desk: Desk, watch: Watch, changes: dict[str, Any], said: tuple[int, str]
) -> None:
    taken = reader.scene.taken()
    with watch.over(desk, keeps=False):
        answer = reader.post(**changes)
    (sentence,) = sentences(answer)
    assert (answer.status_code, said[1] in sentence) == (said[0], True)
    assert 'value="did_not_hear" checked' in text(answer)
    assert reader.scene.taken() == taken


def test_a_coding_of_nothing_needs_a_note(reader: Reader) -> None:
    nothing = {name: value for name, value in reader.hidden.items() if "perception" not in name}
    empty = reader.visitor.post(reader.path, {**nothing, "act": "look"})
    assert (empty.status_code, "nothing to hand in" in sentences(empty)[0]) == (422, True)
    noted = reader.visitor.post(reader.path, {**nothing, "act": "look", "note": "Nothing of it."})
    assert "found nothing" in text(noted)


def test_a_mistyped_witness_is_not_repeated(reader: Reader) -> None:
    row = next(
        name.removesuffix("-subject") for name, said in reader.hidden.items() if said == "aircraft.present"
    )
    told_by: dict[str, Any] = {f"{row}-perception": ["learnt_from_others"], f"{row}-chain_kind": "neighbour"}
    answer = reader.post(**{**told_by, f"{row}-chain_witness": MISTYPED_PSEUDONYM, "act": "seal"})
    assert answer.status_code == 422
    assert MISTYPED_PSEUDONYM not in sentences(answer)[0]


def test_nobody_else_gets_the_page(reader: Reader, desk: Desk) -> None:
    for visitor in (Visitor(desk.app, V1), desk.researcher):
        for act in ({}, {"act": "look"}, {"act": "seal"}):
            answer = visitor.post(reader.path, {**reader.hidden, **act})
            assert answer.status_code == 403
            assert TESTIMONY not in text(answer)
        assert visitor.get(reader.path).status_code == 403
    assert desk.stranger.get(reader.path).status_code == 303
    assert reader.scene.taken()["observations"] == 1


def test_an_incident_or_a_testimony_that_there_is_not_is_not_found(reader: Reader) -> None:
    missing = "A" * 22
    for path in (
        reader.path.replace(reader.scene.hospital, missing),
        re.sub(r"(?<=testimony/)[^/]+", missing, reader.path),
    ):
        assert reader.visitor.get(path).status_code == 404
