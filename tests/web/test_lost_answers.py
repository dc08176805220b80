"""An answer that was lost on the line can be asked for again: one deposit, one receipt."""

from __future__ import annotations

import pytest

from tests.cast import R1, R2
from tests.stage import Scene
from tests.visitor import Api
from vault.sealing.digests import Json


@pytest.fixture
def api(scene: Scene) -> Api:
    return Api(scene.app(), R1)


def started(api: Api, scene: Scene) -> tuple[str, Json]:
    """Where to deposit, and an interview that says which attempt it is."""
    answer = api.call("POST", f"/api/cases/{scene.case}/drafts", {"incident": scene.hospital})
    told = answer.get_json()
    attempt = {"case": scene.case, "incident": scene.hospital, "token": told["token"]}
    interview = scene.interview(scene.said("heard"))
    path = f"/api/drafts/{told['draft']}/deposit"
    return path, {**interview, "attempt": {**attempt, "new_pseudonym": told["pseudonym"]}}


def test_a_second_attempt_gets_the_same_receipt_and_deposits_nothing(api: Api, scene: Scene) -> None:
    path, interview = started(api, scene)
    first = api.call("POST", path, interview)
    taken = scene.taken()
    again = api.call("POST", path, interview)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.get_json() == again.get_json()
    assert scene.taken() == taken


def test_a_second_attempt_with_something_else_is_refused(api: Api, scene: Scene) -> None:
    path, interview = started(api, scene)
    api.call("POST", path, interview)
    taken = scene.taken()
    assert api.call("POST", path, {**interview, "testimony": "Something else."}).status_code == 409
    assert scene.taken() == taken


@pytest.mark.parametrize("attempt", [None, {}, {"token": "AAAA"}, "again"])
def test_whoever_cannot_say_which_attempt_it_was_gets_nothing(api: Api, scene: Scene, attempt: Json) -> None:
    path, interview = started(api, scene)
    api.call("POST", path, interview)
    assert api.call("POST", path, {**interview, "attempt": attempt}).status_code == 404


def test_nobody_deposits_in_a_draft_of_somebody_else(api: Api, scene: Scene) -> None:
    path, interview = started(api, scene)
    before = scene.taken()
    assert Api(scene.app(), R2).call("POST", path, interview).status_code == 404
    assert scene.taken() == before
