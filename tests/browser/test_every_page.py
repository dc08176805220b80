"""Every kind of page that a researcher, a reviewer and a custodian reach, over the whole demonstration: light, shut off
from everybody else, open to everybody who is to use it, and in the language that was chosen.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.house import House
from tests.browser.keyboard import stops
from tests.browser.visit import Visit
from tests.browser.walk import AXE, DOCUMENTS, Walks
from tests.browser.walk import walks as every_walk

FIRST_LOAD, LATER_PAGE = 60 * 1024, 20 * 1024  # bytes on the line, headers and all
# Two forms with every claim in them, in Arabic, of which each letter takes two bytes.
FORMS, LONGEST_FORM = ("/drafts/*", "/cases/*/responses/new?replaces=*"), 21 * 1024
_ANSWERED = "Failed to load resource: the server responded with a status of 4"  # and a page that says why
CONTROL = "<main><h1>Here</h1><img src='/x'><input><p style='color:#eee;background:#fff'>pale</p></main>"


@pytest.fixture(scope="module")
def walks(house: House, chromium: Browser) -> Iterator[Walks]:
    """One set-up for all that is looked at here."""
    yield from every_walk(house, chromium)


def test_nobody_is_kept_out_by_how_a_page_is_made_in_light_or_dark(walks: Walks) -> None:
    assert walks.met("barrier") == []


def test_what_looks_for_barriers_finds_them(chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_content(CONTROL)
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then((found) => found.violations.map((one) => one.id))")
    assert {"image-alt", "label", "color-contrast", "document-title", "html-has-lang"} <= set(found)
    page.context.close()


def test_nothing_is_cut_off_on_a_small_telephone_or_at_twice_the_size(walks: Walks) -> None:
    assert walks.met("lost") == []


def test_no_link_leads_where_whoever_sees_it_may_not_go(walks: Walks) -> None:
    assert walks.met("dead link") == []


def test_nothing_is_styled_run_or_moved_from_inside_a_page(walks: Walks) -> None:
    assert walks.met("inline") == []


def test_in_arabic_every_word_of_the_interface_is_arabic(walks: Walks) -> None:
    assert walks.met("foreign") == []


def test_nothing_is_asked_of_strangers_and_nothing_violates_the_policy(walks: Walks) -> None:
    for one in walks.made:
        assert one.visit.strangers() == []
        assert [said for said in one.visit.complaints if not said.startswith(_ANSWERED)] == []
    assert walks.met("broken") == []


def test_a_page_may_run_scripts_only_if_it_has_some(walks: Walks) -> None:
    assert walks.met("policy") == []


def test_the_first_load_is_light(walks: Walks) -> None:
    assert sum(walks.first.values()) <= FIRST_LOAD, walks.first


def test_every_later_page_is_light(walks: Walks) -> None:
    allowed = {**dict.fromkeys(FORMS, LONGEST_FORM), **dict.fromkeys(DOCUMENTS, 1 << 20)}
    heavy = {
        page: size
        for page, size in walks.weights().items()
        if size > allowed.get(page.split()[1], LATER_PAGE)
    }
    assert heavy == {}


@pytest.mark.parametrize(
    ("role", "kind"),
    [("R1", "/"), ("R1", "/drafts/*"), ("V2", "/cases/*/findings/*"), ("C1", "/"), ("C1", "/custody")],
)
def test_tab_leads_down_the_page_and_one_sees_where_one_is(walks: Walks, role: str, kind: str) -> None:
    made = walks.of(role)
    made.visit.page.goto(made.kinds[kind])
    met = stops(made.visit.page)
    assert len(met) > 5
    assert [stop for stop in met if not (stop["on"] and stop["ringed"] and stop["there"])] == []


def test_without_a_mouse_one_signs_in_skips_ahead_and_opens_what_is_folded(
    house: House, chromium: Browser
) -> None:
    stage, visit = house.stage, Visit(chromium, house.stage.server)
    page, keys = visit.page, visit.page.keyboard
    page.goto("/sign-in")
    page.locator("#member").focus()
    for typed in ("R1", stage.passphrases["R1"], house.device_key("R1")):
        keys.type(typed)
        keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url("**/")
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.locator("header summary").focus()
    keys.press("Enter")
    expect(page.locator("header details")).to_have_attribute("open", "")
    visit.context.close()
