"""Faults: error pages need neither a database nor a user, and no log gets a path, a text or a traceback."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from gunicorn.config import Config  # type: ignore[import-untyped]

from tests.cast import R1
from tests.stage import Scene
from tests.visitor import ADDRESS, Api, Visitor, sentences
from tests.web.desks import Desk
from vault.errors import Busy, Conflict, Invalid, NotFound, Refused
from web.auth import allow
from web.faults import Logger
from web.interview_form import status_of

CANARY = "zephyrine-quorndon"


@contextmanager
def _databases_gone(scene: Scene, app: Flask) -> Iterator[None]:
    away = scene.folder.with_name("away")
    app.extensions["vault"].store.dispose()
    scene.folder.rename(away)
    try:
        yield
    finally:
        app.extensions["vault"].store.dispose()
        away.rename(scene.folder)


@pytest.mark.sqlite
@pytest.mark.parametrize("path", ["/", "/sign-in", "/about", "/cases/x", f"/{CANARY}"])
def test_without_its_databases_the_vault_says_so_in_one_sentence(
    scene: Scene, capfd: pytest.CaptureFixture[str], path: str
) -> None:
    visitor = Visitor(scene.app(), R1)
    capfd.readouterr()
    with _databases_gone(scene, visitor.client.application):
        answer = visitor.get(path)
        said = sentences(answer)
    assert answer.status_code in (200, 404, 409)
    assert len(said) == 1 or answer.status_code == 200
    assert capfd.readouterr() == ("", "")
    assert visitor.get("/").status_code == 200  # it was not signed out by that


@pytest.mark.sqlite
def test_a_long_form_that_meets_no_database_is_not_taken_for_one_of_an_ended_session(desk: Desk) -> None:
    with _databases_gone(desk.scene, desk.app):
        answer = desk.post()
    assert answer.status_code == 409
    assert "Sign in" not in sentences(answer)[0]
    assert desk.post().status_code == 200


@pytest.mark.sqlite
def test_clients_are_answered_without_databases_too(scene: Scene) -> None:
    client = Api(scene.app(), R1)
    with _databases_gone(scene, client.client.application):
        for method, path in [("GET", "/api/cases"), ("POST", "/api/challenge")]:
            answer = client.call(method, path)
            assert (answer.status_code, answer.is_json) == (409, True)


def _break(app: Flask) -> None:
    @allow(None)
    def broken(word: str) -> str:
        raise ValueError(f"{word} cannot be read")

    app.add_url_rule("/broken/<word>", "broken", broken)


def _told(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> str:
    out, err = capfd.readouterr()
    return out + err + caplog.text


@pytest.mark.parametrize("page", ["drawn", "missing"])
def test_a_fault_is_told_by_kind_and_place_alone(
    scene: Scene, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, page: str
) -> None:
    caplog.set_level(logging.DEBUG)
    app = scene.app(new=True)
    _break(app)
    if page == "missing":  # then the page that tells of the fault is a fault itself
        app.jinja_loader = None
    answer = Visitor(app).get(f"/broken/{CANARY}")
    told = _told(capfd, caplog)
    assert answer.status_code == 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert "nothing was half done" in answer.get_data(as_text=True)
    assert "fault: ValueError at tests.web.test_faults:" in told
    assert CANARY not in told + answer.get_data(as_text=True)
    assert "Traceback" not in told


def test_what_escapes_the_application_itself_is_answered_plainly(
    scene: Scene, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    app = scene.app(new=True)

    def spoil(_response: object) -> object:
        raise KeyError(CANARY)

    app.after_request(spoil)
    answer = Visitor(app).get(f"/about?{CANARY}")
    told = _told(capfd, caplog)
    assert answer.status_code == 500
    assert CANARY not in told + answer.get_data(as_text=True)
    assert "Traceback" not in told


def test_the_servers_own_log_tells_no_more(capfd: pytest.CaptureFixture[str]) -> None:
    log = Logger(Config())
    try:
        raise ValueError(CANARY)
    except ValueError:
        log.exception("Error handling request %s", f"/drafts/{CANARY}")
    out, err = capfd.readouterr()
    assert out.startswith("fault: ValueError at tests.web.test_faults:")
    assert CANARY not in out + err


def test_an_error_page_shows_the_way_on_and_nobodys_code(scene: Scene) -> None:
    visitor = Visitor(scene.app(), R1)
    page = visitor.get("/nothing").get_data(as_text=True)
    assert 'href="/"' in page
    assert visitor.client.get("/", base_url=ADDRESS).status_code == 200


def test_a_form_comes_back_with_a_status_of_its_own_for_every_refusal() -> None:
    said = [Invalid("x"), Refused("x"), NotFound("x"), Conflict("x"), Busy("x")]
    assert [status_of(error) for error in said] == [422, 422, 404, 409, 409]
