"""Incidents from a table: looked at before they are added, added once, and asked about first."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from tests.cast import R1, V1, V2
from tests.stage import Scene, actor
from tests.visitor import Api, Visitor, sentences
from vault import cases

TABLE = """incident;place;date;claims
A bridge;Upriver;2015-10-05;"aircraft.number=2-3; aircraft.altitude; strike.took_place"
=A market;Sermin;2015-10;
Field hospital, Sermin;Sermin;2015-10-20;
A bridge;Upriver;2015-10-05;
"""
CLAIMS: list[dict[str, Any]] = [
    {"subject": "aircraft.number", "value": {"min": 2, "max": 3}},
    {"subject": "aircraft.altitude", "value": None},
    {"subject": "strike.took_place", "value": "yes"},
]


def titles(scene: Scene) -> list[str]:
    with scene.reading() as uow:
        return [one["title"] for one in cases.show(uow, actor(V2), scene.case).incidents]


def test_a_table_is_shown_before_it_is_added_and_what_the_case_has_is_left_out(scene: Scene) -> None:
    reviewer, path = Visitor(scene.app(), V1), f"/cases/{scene.case}/incidents/table"
    before = titles(scene)
    look = reviewer.post(path, {"act": "look", "file": (io.BytesIO(TABLE.encode("utf-8-sig")), "x.csv")})
    page = look.get_data(as_text=True)
    assert "2 incidents</b> would be added" in page
    assert "2 more of the table are in this case already" in page
    assert "how many: 2 to 3</span>" in page
    assert titles(scene) == before
    for _ in range(2):
        assert reviewer.post(path, {"act": "add", "text": TABLE}).status_code == 303
    assert titles(scene) == [*before, "A bridge", "=A market"]
    again = reviewer.post(path, {"act": "look", "text": TABLE}).get_data(as_text=True)
    assert "in the case already" in again


def test_what_is_in_question_stands_first_and_open_in_the_interview(scene: Scene) -> None:
    added = Api(scene.app(), V1).call("POST", f"/api/cases/{scene.case}/incidents/table", {"table": TABLE})
    bridge, market = added.get_json()["incidents"]
    with scene.reading() as uow:
        incident = cases.show(uow, actor(R1), scene.case).incident(bridge)
    assert incident["claims"] == CLAIMS
    researcher = Visitor(scene.app(), R1)
    path, _ = researcher.start(scene.case, bridge)
    page = researcher.get(path).get_data(as_text=True)
    asked = page.partition("In question")[2].partition("</details>")[0]
    assert set(re.findall(r'-subject" value="([^"]+)"', asked)) == {one["subject"] for one in CLAIMS}
    subjects = re.findall(r'-subject" value="([^"]+)"', page)
    assert len(subjects) == len(set(subjects)) == len(scene.vault.vocabularies["air-strike"].subjects)
    form = researcher.get(f"/cases/{scene.case}/evidence/new").get_data(as_text=True)
    offered = form.partition("<optgroup")[2].partition("</optgroup>")[0]
    assert "In question" in offered
    assert {one["subject"] for one in CLAIMS} == {
        code.partition("=")[0] for code in re.findall(r'<option value="([^"]+)"', offered)
    }
    path, _ = researcher.start(scene.case, market)
    assert "In question" not in researcher.get(path).get_data(as_text=True)


FAULTS = [
    (b"", "", "Choose a file, or paste the table."),
    (TABLE.encode("utf-16"), "", "The table is not in UTF-8: save it as “CSV UTF-8”."),
    (b"", "incident,date\nx,1/2\n", "Row 2, date: write it as 2015-10-20, 2015-10 or 2015."),
]


@pytest.mark.parametrize(("file", "text", "sentence"), FAULTS)
@pytest.mark.parametrize("act", ["look", "add"])
def test_a_table_with_a_fault_adds_nothing(
    scene: Scene, file: bytes, text: str, sentence: str, act: str
) -> None:
    before = titles(scene)
    sent = {"act": act, "text": text, "file": (io.BytesIO(file), "x.csv")}
    answer = Visitor(scene.app(), V1).post(f"/cases/{scene.case}/incidents/table", sent)
    assert (answer.status_code, sentences(answer)) == (422, [sentence])
    assert titles(scene) == before


def test_a_table_can_be_changed_after_the_look(scene: Scene) -> None:
    page = Visitor(scene.app(), V1).post(
        f"/cases/{scene.case}/incidents/table", {"act": "change", "text": TABLE}
    )
    assert "A bridge;Upriver" in page.get_data(as_text=True)
