"""The headers of every kind of answer: nothing runs that the page has not named, nobody frames it, nothing is kept."""

from __future__ import annotations

import re

import pytest

from tests.visitor import Visitor
from tests.web.desks import Desk
from vault.shipped import address

CLOSED = {
    "default-src": "'none'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
POWERS = (
    "camera",
    "microphone",
    "geolocation",
    "clipboard-read",
    "display-capture",
    "usb",
    "payment",
    "hid",
    "midi",
)


def _headers(visitor: Visitor, path: str) -> dict[str, str]:
    answer = visitor.get(path)
    answer.close()
    return dict(answer.headers)


def _policy(headers: dict[str, str]) -> dict[str, str]:
    parts = headers["Content-Security-Policy"].split("; ")
    return {name: sources for name, _, sources in (part.partition(" ") for part in parts)}


@pytest.mark.parametrize("path", ["/sign-in", "/about", "/", "/no/such/page", "/consent-script"])
def test_a_page_without_scripts_runs_none_and_asks_nobody(desk: Desk, path: str) -> None:
    for visitor in (desk.stranger, desk.researcher):
        assert _policy(_headers(visitor, path)) == CLOSED


def test_a_page_runs_scripts_and_asks_its_server_where_it_has_named_its_scripts(desk: Desk) -> None:
    assert _policy(_headers(desk.researcher, desk.path)) == {
        **CLOSED,
        "script-src": "'self'",
        "connect-src": "'self'",
    }


def test_what_is_no_page_may_load_nothing(desk: Desk) -> None:
    for path in ("/api/cases", f"{address()}/icon.svg", f"{address()}/interview.js"):
        assert _policy(_headers(desk.researcher, path)) == {
            "default-src": "'none'",
            "frame-ancestors": "'none'",
        }


@pytest.mark.parametrize("path", ["/sign-in", "/", "/no/such/page", "/api/cases"])
def test_an_answer_is_shut_off_from_every_other_site_and_kept_by_nobody(desk: Desk, path: str) -> None:
    for visitor in (desk.stranger, desk.researcher):
        headers = _headers(visitor, path)
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        denied = dict(one.split("=") for one in headers["Permissions-Policy"].split(", "))
        assert set(denied.values()) == {"()"}
        assert set(POWERS) <= denied.keys()


def test_a_file_that_pages_load_is_for_this_site_alone_and_asked_for_once(desk: Desk) -> None:
    headers = _headers(desk.stranger, f"{address()}/vault.css")
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"].endswith("immutable")


def test_what_is_not_there_is_not_kept(desk: Desk) -> None:
    for path in (f"{address()}/none.js", "/static/vault.css"):
        assert _headers(desk.stranger, path)["Cache-Control"] == "no-store"


def test_the_keys_of_the_custodians_lie_at_an_address_of_their_content(desk: Desk) -> None:
    page = desk.researcher.get(desk.path).get_data(as_text=True)
    (place,) = re.findall(r'data-address="([^"]+)"', page)
    answer = desk.researcher.get(place)
    listed = {one["code"]: one["sealing"] for one in answer.get_json()["custodians"]}
    assert listed == {one["code"]: one["sealing"] for one in desk.scene.roster().document["custodians"]}
    assert answer.headers["Cache-Control"].endswith("immutable")
    changed = desk.researcher.get(f"{place[:-1]}{'0' if place[-1] != '0' else '1'}")
    assert (changed.status_code, changed.headers["Cache-Control"]) == (404, "no-store")
    assert desk.stranger.get(place).headers["Cache-Control"] == "no-store"
