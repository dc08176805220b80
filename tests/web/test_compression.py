"""Compression: the same content in fewer bytes, honest to caches, and a length that tells nothing exact."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.visitor import Visitor
from tests.web.desks import Desk
from vault.shipped import address
from web.compression import PADDING

ACCEPTED = {"Accept-Encoding": "gzip, deflate, br"}
STYLE = f"{address()}/vault.css"


@pytest.fixture
def stranger(desk: Desk) -> Visitor:
    return desk.stranger


def _get(visitor: Visitor, path: str, **headers: Any) -> TestResponse:
    """The answer, read to its end."""
    answer = visitor.get(path, headers=headers)
    answer.get_data()
    answer.close()
    return answer


def _squeezed(visitor: Visitor, path: str, **headers: Any) -> TestResponse:
    return _get(visitor, path, **ACCEPTED, **headers)


@pytest.mark.parametrize(
    "path", ["/sign-in", STYLE, f"{address()}/vendor/hpke.min.js", f"{address()}/verify/index.html"]
)
def test_what_is_unpacked_is_what_travels_uncompressed_to_others(stranger: Visitor, path: str) -> None:
    plain, packed = _get(stranger, path), _squeezed(stranger, path)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert "Content-Encoding" not in plain.headers
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("accepted", ["", "identity", "br", "gzip;q=0"])
def test_whoever_does_not_accept_it_gets_it_as_it_is(stranger: Visitor, accepted: str) -> None:
    for path in ("/sign-in", STYLE):
        answer = _get(stranger, path, **{"Accept-Encoding": accepted})
        assert "Content-Encoding" not in answer.headers


def test_a_file_that_has_not_changed_is_not_sent_again(stranger: Visitor) -> None:
    first = _squeezed(stranger, STYLE)
    assert first.headers["ETag"].startswith('W/"')
    again = _squeezed(stranger, STYLE, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert "Accept-Encoding" in again.headers["Vary"]


def test_a_file_is_given_whole_whatever_part_is_asked_for(stranger: Visitor) -> None:
    whole, asked = _get(stranger, STYLE), _get(stranger, STYLE, Range="bytes=10-29")
    assert (asked.status_code, asked.data) == (200, whole.data)
    assert "Accept-Ranges" not in asked.headers


def test_the_length_of_a_page_differs_from_answer_to_answer(stranger: Visitor) -> None:
    lengths = {len(_squeezed(stranger, "/sign-in").data) for _ in range(30)}
    assert len(lengths) > 5
    assert max(lengths) - min(lengths) <= PADDING


def test_an_answer_without_content_stays_without(stranger: Visitor) -> None:
    asked = stranger.client.head("/sign-in", base_url="http://127.0.0.1", headers=ACCEPTED)
    assert asked.data == b""


def test_what_a_client_hands_in_and_fetches_sealed_is_left_as_it_is(desk: Desk) -> None:
    answer = desk.client.client.get(
        "/api/cases",
        base_url="http://127.0.0.1",
        headers={**ACCEPTED, "Authorization": f"Bearer {desk.client.token}"},
    )
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_what_pages_load_is_the_same_for_everybody(stranger: Visitor) -> None:
    """Else a browser would ask for it again after each sign-in and each choice of a language."""
    assert _get(stranger, STYLE).headers["Vary"] == "Accept-Encoding"
