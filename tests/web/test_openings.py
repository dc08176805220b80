"""The requester's page: own requests and how they stand, requests handed in, files handed out."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest

from tests.asking import Opening, sealed_identity
from tests.cast import C1, C2, C3, CUSTODIANS, R1, THRESHOLD, V1, V2
from tests.stage import After, later
from tests.visitor import Visitor, sentences
from tests.web.desks import Desk, Watch
from vault.sealing.rosters import verify_chain

REASON = "to warn them"


@pytest.fixture
def opening(after: After) -> Opening:
    scene, sealed = after(sealed_identity)
    return replace(sealed, scene=scene)


@pytest.fixture
def visitor(opening: Opening) -> Visitor:
    return Visitor(opening.scene.app(), V2)


def page(visitor: Visitor) -> str:
    return visitor.get("/openings").get_data(as_text=True)


def request_file(opening: Opening) -> str:
    opening.terms = opening.signed_terms()
    return json.dumps({"format": "witness-vault/v1/request-file", "terms": opening.terms})


def agree(opening: Opening) -> None:
    for custodian in CUSTODIANS[:THRESHOLD]:
        opening.decide(custodian)


@pytest.mark.parametrize("pasted", [True, False])
def test_a_request_is_handed_in_pasted_or_as_a_file(opening: Opening, visitor: Visitor, pasted: bool) -> None:
    text = request_file(opening)
    fields: dict[str, Any] = (
        {"text": text} if pasted else {"file": (io.BytesIO(text.encode()), "r.json"), "text": ""}
    )
    answer = visitor.post("/openings", fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/openings")
    shown = page(visitor)
    assert REASON in shown
    assert "Approved by 0 of 3" in shown
    assert f'datetime="{later(30)}"' in shown
    assert len(opening.inbox(C1)) == 1


def test_a_member_sees_only_their_own_requests(opening: Opening, visitor: Visitor) -> None:
    opening.ask()
    assert REASON in page(visitor)
    for other in (V1, R1):
        shown = page(Visitor(opening.scene.app(), other))
        assert REASON not in shown
        assert "asked for nothing" in shown


def test_the_page_says_who_approved_who_refused_and_until_when_it_can_be_collected(
    opening: Opening, visitor: Visitor
) -> None:
    opening.ask()
    opening.decide(C1, opening.decision(C1, "I do not know why"))
    shown = page(visitor)
    assert "0 of 3 custodians have approved" in shown
    assert 'class="refused"' in shown
    assert "I do not know why" not in shown
    assert "Collect" not in shown
    for custodian in CUSTODIANS[1 : THRESHOLD + 1]:
        opening.decide(custodian)
    shown = page(visitor)
    assert "Collect the file" in shown
    assert f'datetime="{later(7)}"' in shown


def test_what_is_collected_opens_with_the_key_of_the_request_and_has_a_name_that_says_nothing(
    opening: Opening, visitor: Visitor
) -> None:
    name = opening.ask()
    agree(opening)
    for _ in range(2):
        answer = visitor.post(f"/openings/{name}/collect")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="handed-over-{name[:6]}.json"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert opening.opened(answer.get_json())["name"] == "Balthazar Quillfeather"
    assert "Quillfeather" not in page(visitor)


def test_nobody_else_collects_it(opening: Opening, visitor: Visitor) -> None:
    name = opening.ask()
    assert visitor.post(f"/openings/{name}/collect").status_code == 403  # not agreed yet
    agree(opening)
    for other in (V1, R1):
        assert Visitor(opening.scene.app(), other).post(f"/openings/{name}/collect").status_code == 404
    assert visitor.get(f"/openings/{name}/collect").status_code == 405


PRIVATE = {
    "key file": json.dumps(C1.key_file),
    "key of a request": json.dumps(
        {"format": "witness-vault/v1/opening-file", "terms": {}, "key": "ZEPHYRINE"}
    ),
    "wrapped keys": json.dumps({"code": "V2", "device_key": "ZEPHYRINE", "request_key": {}, "factor": "x"}),
}


@pytest.mark.parametrize("what", PRIVATE)
@pytest.mark.parametrize("pasted", [True, False])
def test_what_must_not_leave_a_device_is_refused_and_kept_nowhere(
    desk: Desk, watch: Watch, what: str, pasted: bool
) -> None:
    text = PRIVATE[what]
    fields: dict[str, Any] = {"text": text} if pasted else {"file": (io.BytesIO(text.encode()), "x.json")}
    with watch.over(desk):
        answer = desk.reviewer.post("/openings", fields)
    assert answer.status_code == 422
    (said,) = sentences(answer)
    assert what in said
    assert "not kept" in said
    assert text not in answer.get_data(as_text=True)
    assert "ZEPHYRINE" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Choose a file"),
        ({"text": "  "}, "Choose a file"),
        ({"text": "{}"}, "not a file of this vault"),
        ({"text": "[" * 5000}, "cannot read|can read"),
        ({"file": (io.BytesIO(b"\xff\xfe\x00"), "x.json")}, "not text"),
    ],
)
def test_what_is_no_request_is_refused_in_a_sentence(desk: Desk, fields: dict[str, Any], said: str) -> None:
    answer = desk.reviewer.post("/openings", fields)
    assert answer.status_code == 422
    (sentence,) = sentences(answer)
    assert any(part in sentence for part in said.split("|"))


def test_a_request_of_somebody_else_is_not_taken_from_a_page_either(opening: Opening) -> None:
    answer = Visitor(opening.scene.app(), V1).post("/openings", {"text": request_file(opening)})
    assert answer.status_code == 403
    assert opening.inbox(C3) == []


def test_the_rosters_are_handed_out_signed(opening: Opening, visitor: Visitor) -> None:
    answer = visitor.get("/rosters.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rosters.json"'
    content = answer.get_json()
    assert content["format"] == "witness-vault/v1/roster-file"
    assert verify_chain(content["rosters"])[-1].digest == opening.scene.roster().digest


@pytest.mark.sqlite
def test_terms_do_not_rest_on_the_server_in_the_clear(opening: Opening, visitor: Visitor) -> None:
    visitor.post("/openings", {"text": request_file(opening)})
    opening.decide(C2, opening.decision(C2, "I do not know why"))
    stored = b"".join(path.read_bytes() for path in opening.scene.folder.glob("*.db"))
    for canary in (REASON, "I do not know why", opening.escrow):
        assert canary.encode() not in stored
