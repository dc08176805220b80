"""A large case is cut while the reviewer looks on: by one work, which any tab of the session finds again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cast import R1, V1, V2
from tests.readers import audited, cut
from tests.stage import Scene
from tests.visitor import Visitor
from vault import works
from web import cutting


@pytest.fixture(autouse=True)
def every_case_is_large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(cutting, "AT_ONCE", -1)
    yield
    rest()


def rest() -> None:
    """Until no cut goes on."""
    for thread in threading.enumerate():
        if thread.name == "cut":
            thread.join()


@contextmanager
def held() -> Iterator[None]:
    """Another cut of this process goes first."""
    with works._TURN:
        yield


def ask(visitor: Visitor, scene: Scene) -> str:
    answer = visitor.post(f"/cases/{scene.case}/editions/cut")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def ended(visitor: Visitor, path: str) -> tuple[int, str]:
    """What the page says at last, and where it leads."""
    rest()
    answer = visitor.get(path)
    assert "Refresh" not in answer.headers
    return answer.status_code, answer.headers.get("Location", answer.get_data(as_text=True))


def test_the_page_tells_how_far_it_is_and_then_leads_to_the_editions(scene: Scene) -> None:
    for _ in range(3):
        scene.deposit(R1, scene.said("saw"))
    reviewer = Visitor(scene.app(), V1)
    with held():
        path = ask(reviewer, scene)
        page = reviewer.get(path)
        assert page.headers["Refresh"] == "2"
        assert "<progress" in page.get_data(as_text=True)
    assert ended(reviewer, path) == (303, f"/cases/{scene.case}/editions")
    assert ended(reviewer, path) == (303, f"/cases/{scene.case}/editions")
    assert scene.contents()["editions"].total() == 1


def test_two_clicks_and_a_second_tab_see_the_same_cut_and_nobody_else_sees_it(scene: Scene) -> None:
    app = scene.app()
    reviewer, elsewhere, other = Visitor(app, V1), Visitor(app, V1), Visitor(app, V2)
    with held():
        path = ask(reviewer, scene)
        assert ask(reviewer, scene) == path
        assert reviewer.get(path).get_data() == reviewer.get(path).get_data()
        assert elsewhere.get(path).status_code == 404
        assert other.get(path).status_code == 404
        assert reviewer.get(path.replace(scene.case, "A" * 22)).status_code == 404
    assert ended(reviewer, path)[0] == 303
    assert scene.contents()["editions"].total() == 1


def test_a_cut_that_is_refused_meanwhile_says_why_and_is_written_down(scene: Scene) -> None:
    reviewer = Visitor(scene.app(), V1)
    with held():
        path = ask(reviewer, scene)
        cut(scene)  # somebody else was faster
        before = len(audited(scene))
    status, text = ended(reviewer, path)
    assert status == 409
    assert "The next edition can be cut on" in text
    assert [one["act"] for one in audited(scene)[before:]] == ["act refused"]
    assert scene.contents()["editions"].total() == 1


def test_a_cut_of_which_nothing_is_heard_any_more_says_so_and_can_be_asked_for_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = Visitor(scene.app(), V1)
    with held():
        path = ask(reviewer, scene)
        with monkeypatch.context() as later:
            later.setattr(works, "UNHEARD", -works.UNHEARD)
            page = reviewer.get(path)
            assert "Refresh" not in page.headers
            assert "Nothing is half done" in page.get_data(as_text=True)
            again = ask(reviewer, scene)
        assert again != path
        assert reviewer.get(path).status_code == 404
    assert ended(reviewer, again)[0] == 303
    assert scene.contents()["editions"].total() == 1


def test_signing_out_stops_it(scene: Scene) -> None:
    reviewer = Visitor(scene.app(), V1)
    with held():
        ask(reviewer, scene)
        assert reviewer.post("/sign-out").status_code == 303
    rest()
    assert scene.contents()["editions"].total() == 0


def test_leaving_no_trace_on_another_device_stops_it_too(scene: Scene) -> None:
    app = scene.app()
    reviewer, elsewhere = Visitor(app, V1), Visitor(app, V1)
    with held():
        ask(reviewer, scene)
        assert elsewhere.post("/sign-out", {"travel": "yes"}).status_code == 303
    rest()
    assert scene.contents()["editions"].total() == 0


def test_a_small_case_is_cut_at_once(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "AT_ONCE", 100)
    assert ask(Visitor(scene.app(), V1), scene) == f"/cases/{scene.case}/editions"
    assert scene.contents()["editions"].total() == 1
