"""A second coder in a browser: the words in sight above the claims, by keyboard; and asked before it is sealed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import PHONE, Visit, arrived, overflow
from tests.cast import R1, V2
from tests.cli.line import served
from tests.readers import told
from tests.stage import Scene

WORDS = "Before dawn, in the yard, I heard it and saw nothing. " * 60


@pytest.fixture
def visits(scene: Scene, chromium: Browser) -> Iterator[list[Visit]]:
    """V2, signed in on a desktop and on a phone, before a testimony of R1's."""
    scene.deposit(R1, scene.said("heard"), testimony=WORDS)
    ((one,), _) = told(scene)
    with served(scene.app()) as server:
        opened = [Visit(chromium, server), Visit(chromium, server, viewport=PHONE)]
        for visit in opened:
            visit.sign_in(V2)
            visit.page.goto(f"/cases/{scene.case}/testimony/{one.record}")
            visit.page.get_by_role("link", name="Field hospital").click()
            arrived(visit.page, "A second coding")
        yield opened
        for visit in opened:
            visit.context.close()


def in_sight(page: Page) -> bool:
    """Whether at least five lines of the words can be read while the last claim stands in the window."""
    page.locator(".group > summary").last.scroll_into_view_if_needed()
    box = page.locator(".recoded .testimony").bounding_box()
    assert box is not None
    return box["y"] >= 0 and box["height"] >= 130


def test_the_words_stay_in_sight_and_the_coding_is_looked_over(scene: Scene, visits: list[Visit]) -> None:
    for visit in visits:
        assert in_sight(visit.page)
        assert overflow(visit.page) == 0
    page = visits[0].page
    page.locator(".claim").first.locator("input[type=checkbox]").first.focus()
    page.keyboard.press("5")
    page.get_by_label("Remarks").fill("The wind was loud.")
    page.get_by_role("button", name="Look it over").click()
    expect(page.get_by_text("did not hear")).to_be_visible()
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Remarks")).to_have_value("The wind was loud.")
    page.get_by_role("button", name="Look it over").click()
    assert scene.taken()["observations"] == 1
    page.get_by_role("button", name="Seal it").click()
    expect(page.get_by_role("heading", name="It is sealed")).to_be_visible()
    assert scene.taken()["observations"] == 2
    assert [visit.complaints for visit in visits] == [[], []]
