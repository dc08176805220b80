"""The way of a file over HTTP: where to go on is always said, nobody else is told of it, and no other site sends."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.cast import R1, R2
from tests.readers import audited
from tests.sending import film
from tests.stage import DAY, Scene, actor
from tests.visitor import ADDRESS, Api, Visitor
from vault import uploads
from vault.sealing.pieces import PIECE
from vault.uploads import Facts

FILM = film(3 * PIECE + 9)
FACTS = {"size": len(FILM), "media": "video/mp4", "head": Facts.of(FILM, "video/mp4").head}


@pytest.fixture
def api(scene: Scene) -> Api:
    """R1's client."""
    return Api(scene.app(), R1)


def put(api: Api, name: str, place: int, data: bytes) -> TestResponse:
    return api.call("PUT", f"/api/uploads/{name}/{place}", data=data)


def begun(scene: Scene, api: Api) -> dict[str, Any]:
    state: dict[str, Any] = api.call("POST", f"/api/cases/{scene.case}/uploads", FACTS).get_json()
    return state


def test_a_file_arrives_piece_by_piece_and_the_answer_says_where_to_go_on(scene: Scene, api: Api) -> None:
    before = len(audited(scene))
    state = begun(scene, api)
    assert (state["needed"], state["received"], state["case"]) == (4, 0, scene.case)
    name = state["upload"]
    assert put(api, name, 0, FILM[: 2 * PIECE]).get_json()["received"] == 2
    for place in (0, 3):
        out_of_order = put(api, name, place, FILM[:PIECE])
        assert (out_of_order.status_code, out_of_order.get_json()["received"]) == (409, 2)
    assert put(api, name, 2, FILM[2 * PIECE :]).get_json()["received"] == 4
    assert api.call("GET", f"/api/cases/{scene.case}/uploads").get_json() == [
        api.call("GET", f"/api/uploads/{name}").get_json()
    ]
    assert uploads.check(scene.vault, actor(R1), name, DAY)["size"] == len(FILM)
    assert "key" not in state
    assert len(audited(scene)) == before  # neither a member nor a day is tied to it


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"head": None}, 422),
        ({"size": -1}, 422),
        ({"size": 2**41}, 422),
        ({"size": "1"}, 422),
        ({"sha256": "short"}, 422),
        ({"item": "short"}, 422),
        ({"name": "holiday.mp4"}, 422),
    ],
)
def test_what_says_too_little_or_too_much_of_a_file_is_refused(
    scene: Scene, api: Api, facts: dict[str, Any], status: int
) -> None:
    answer = api.call("POST", f"/api/cases/{scene.case}/uploads", {**FACTS, **facts})
    assert answer.status_code == status
    assert "holiday" not in answer.get_data(as_text=True)


def test_nobody_else_is_told_of_an_upload(scene: Scene, api: Api) -> None:
    name, other = begun(scene, api)["upload"], Api(api.client.application, R2)
    assert other.call("GET", f"/api/cases/{scene.case}/uploads").get_json() == []
    for method, path in (("GET", ""), ("PUT", "/0")):
        assert other.call(method, f"/api/uploads/{name}{path}").status_code == 404
    assert other.call("DELETE", f"/api/uploads/{name}").status_code == 204
    assert api.call("GET", f"/api/uploads/{name}").status_code == 200
    assert api.call("DELETE", f"/api/uploads/{name}").status_code == 204
    assert api.call("GET", f"/api/uploads/{name}").status_code == 404


def test_a_request_that_is_larger_than_is_taken_at_once_changes_nothing(scene: Scene, api: Api) -> None:
    name = begun(scene, api)["upload"]
    assert put(api, name, 0, bytes(5 * 1024 * 1024)).status_code == 413
    assert put(api, name, 0, bytes(PIECE - 1)).status_code == 422
    assert api.call("GET", f"/api/uploads/{name}").get_json()["received"] == 0


@pytest.mark.parametrize("header", [{}, {"X-CSRF": "made up"}, {"X-CSRF": ""}])
def test_a_browser_sends_nothing_without_the_header_that_other_sites_cannot_send(
    scene: Scene, header: dict[str, str]
) -> None:
    visitor = Visitor(scene.app(), R1)
    path = f"/api/cases/{scene.case}/uploads"
    refused = visitor.client.post(path, json=FACTS, base_url=ADDRESS, headers=header)
    assert refused.status_code == 403
    taken = visitor.client.post(path, json=FACTS, base_url=ADDRESS, headers={"X-CSRF": visitor.csrf})
    assert taken.status_code == 200
    name = taken.get_json()["upload"]
    for method in ("PUT", "DELETE"):
        path = f"/api/uploads/{name}/0" if method == "PUT" else f"/api/uploads/{name}"
        refused = visitor.client.open(path, method=method, data=FILM, base_url=ADDRESS, headers=header)
        assert refused.status_code == 403


def test_leaving_no_trace_leaves_no_upload(scene: Scene) -> None:
    visitor = Visitor(scene.app(), R1)
    own = uploads.start(scene.vault, actor(R1), scene.case, Facts.of(FILM, "video/mp4"), DAY)
    other = uploads.start(scene.vault, actor(R2), scene.case, Facts.of(FILM, "video/mp4"), DAY)
    for person, one in ((R1, own), (R2, other)):
        uploads.receive(scene.vault, actor(person), one.id, (0, FILM), DAY)
    assert visitor.post("/sign-out", {"travel": "yes"}).status_code in (200, 303)
    assert uploads.waiting(scene.vault, actor(R1), scene.case) == []
    assert [path.name for path in scene.vault.files.iterdir()] == [other.stored.name.hex()]
