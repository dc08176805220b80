"""The language of the interface: offered where one begins, kept by the browser alone; dates written out in it."""

from __future__ import annotations

import re

import pytest

from tests.cast import R1, V1
from tests.stage import Scene
from tests.visitor import HOST, Visitor
from web.locales import COOKIE, LANGUAGES

STRUCK = {
    "en": "20 October 2015",
    "ar": "20 تشرين الأول/أكتوبر 2015",
    "fr": "20 octobre 2015",
    "es": "20 de octubre de 2015",
    "ru": "20.10.2015",
    "uk": "20.10.2015",
}


def offered(page: str, within: str) -> list[str]:
    """The codes that a part of a page offers."""
    part = re.search(rf"<{within} .*?</{within}>", page, re.DOTALL)
    return re.findall(r'name="language" value="(\w+)"', part[0] if part else "")


def test_it_is_offered_at_the_top_until_somebody_has_signed_in_and_below_from_then_on(scene: Scene) -> None:
    stranger, member = Visitor(scene.app()), Visitor(scene.app(), R1)
    first, later = stranger.get("/sign-in").text, member.get("/").text
    assert (offered(first, "header"), offered(first, "footer")) == (list(LANGUAGES), [])
    assert (offered(later, "header"), offered(later, "footer")) == ([], list(LANGUAGES))


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_choice_is_kept_and_shown_by_more_than_its_colour(scene: Scene, code: str) -> None:
    visitor = Visitor(scene.app())
    visitor.get("/sign-in")
    visitor.post("/language", {"language": code})
    page = visitor.get("/sign-in").text
    assert f'<html lang="{code}" dir="{"rtl" if code == "ar" else "ltr"}">' in page
    assert re.findall(r'value="(\w+)"[^>]*aria-current="true"', page) == [code]


@pytest.mark.parametrize("code", LANGUAGES)
def test_dates_are_written_out_in_it_and_kept_for_machines(scene: Scene, code: str) -> None:
    visitor = Visitor(scene.app(), V1)
    visitor.cookie(COOKIE, code)
    page = visitor.get(f"/cases/{scene.case}").text
    assert f'<time datetime="2015-10-20" dir="auto">{STRUCK[code]}</time>' in page
    assert not re.search(r">\s*\d{4}-\d\d-\d\d\s*<", page)


@pytest.mark.parametrize(
    "path", ["//elsewhere.example/x", r"/\\elsewhere.example", "/cases?labels=ar", "[/no-address"]
)
def test_a_choice_leads_back_to_this_server_and_to_no_other(scene: Scene, path: str) -> None:
    shown = {"Referer": f"https://elsewhere.example{path}"}
    answer = Visitor(scene.app()).post("/language", {"language": "ar"}, headers=shown)
    assert re.fullmatch(r"/(?![/\\]).*", answer.headers["Location"])


@pytest.mark.parametrize("kept", ["xx", "", "../en", "en; path=/", "\u0639"])
def test_a_kept_language_that_is_none_is_passed_over(scene: Scene, kept: str) -> None:
    visitor = Visitor(scene.app())
    visitor.cookie(COOKIE, kept)
    answer = visitor.get("/sign-in")
    assert answer.status_code == 200
    assert '<html lang="en" dir="ltr">' in answer.text


def test_leaving_no_trace_takes_the_choice_away_too(scene: Scene) -> None:
    visitor = Visitor(scene.app(), R1)
    visitor.post("/language", {"language": "ar"})
    assert visitor.client.get_cookie(COOKIE, HOST) is not None
    visitor.post("/sign-out", {"travel": "yes"})
    assert visitor.client.get_cookie(COOKIE, HOST) is None
