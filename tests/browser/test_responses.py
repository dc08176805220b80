"""What the accused says in a browser: written down on a phone, a row more where one looks, and from point to point."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.answers import record, undisputed
from tests.browser.visit import PHONE, Visit, arrived, overflow
from tests.cast import V1
from tests.cli.line import served
from tests.stage import Scene


@pytest.fixture
def page(scene: Scene, chromium: Browser) -> Iterator[Page]:
    """V1 on a phone, before what the accused said first."""
    record(scene, undisputed(scene))
    with served(scene.app()) as server:
        visit = Visit(chromium, server, viewport=PHONE)
        visit.sign_in(V1)
        visit.page.goto(f"/cases/{scene.case}/responses")
        yield visit.page
        visit.context.close()


def test_a_denial_is_written_down_on_a_phone_and_leads_to_what_it_contradicts(page: Page) -> None:
    page.get_by_role("link", name="Write down what they said").click()
    arrived(page, "Write down what they said")
    assert overflow(page) == 0
    page.get_by_label("Who said it").fill("وزارة الدفاع")
    page.get_by_label("When: the day").fill("2015-12-23")
    page.get_by_label("Where or how").fill("Press conference")
    page.get_by_role("button", name="One more point").click()
    expect(page.locator("#point-3-words-1")).to_be_focused()
    page.get_by_label("Their words, in English").last.fill("There was no air strike at all.")
    page.get_by_label("With which claim").last.select_option("strike.took_place")
    page.get_by_role("button", name="Sign and keep it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Choose what they do with it").click()
    expect(page.locator("#point-3-kind")).to_be_focused()
    page.locator("#point-3-kind").select_option("denies")
    page.get_by_role("button", name="Sign and keep it").click()
    arrived(page, "What the accused says")
    assert overflow(page) == 0
    page.get_by_role("link", name="The other point").first.click()
    expect(page).to_have_url(re.compile("#said-.*-1$"))
    expect(page.locator(":target")).to_contain_text("The hospital was not hit.")
