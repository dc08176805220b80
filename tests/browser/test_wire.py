"""What listens to the line knows when a page has all that it asked for, and waits for no page that was left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.conftest import Site
from tests.browser.wire import Wire

PAGE = "<script src='asks'></script>"
ASKS = "fetch('late').then(() => { document.title = 'answered'; }); setTimeout(() => fetch('release'), 300);"


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """Its script asks for something as it begins, and a moment later to have it."""
    page = chromium.new_page(base_url=site.url)
    page.route("**/page", lambda route: route.fulfill(content_type="text/html", body=PAGE))
    page.route("**/asks", lambda route: route.fulfill(content_type="text/javascript", body=ASKS))
    yield page
    page.context.close()


def test_what_a_script_asked_for_is_waited_for(page: Page) -> None:
    wire, late = Wire(page), list[Route]()

    def release(asked: Route) -> None:
        late.pop().fulfill()
        asked.fulfill()

    page.route("**/late", lambda route: late.append(route))  # noqa: PLW0108 - playwright takes no built-in
    page.route("**/release", release)
    page.goto("/page")
    wire.settle()
    assert page.title() == "answered"


def test_what_a_page_asked_for_before_it_was_left_is_not_waited_for(page: Page) -> None:
    wire, late = Wire(page), list[Route]()
    page.route("**/late", lambda route: late.append(route))  # noqa: PLW0108 - as above
    with page.expect_request("**/late"):
        page.goto("/page")
    page.goto("/static/vault.css")
    wire.settle()
    assert len(late) == 1
