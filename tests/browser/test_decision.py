"""A custodian's desk looks at a chosen file in the browser: only a signed decision goes into the form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site
from tests.cast import C1
from vault.sealing.digests import Json
from vault.sealing.signatures import sign

DECISION = sign({"format": "witness-vault/v1/approval"}, "C1", C1.secret.signing)
FORM = (
    '<form method="post"><input type="file" id="file">'
    '<p id="file-said" data-none-said="This is not a signed decision" data-private-said="This file holds a key"></p>'
    '<textarea id="text" name="text"></textarea><button>Hand in</button></form>'
)


@pytest.fixture
def desk(site: Site, chromium: Browser) -> Page:
    page = chromium.new_page()
    page.goto(f"{site.url}/")
    page.set_content(FORM)
    page.add_script_tag(url=f"{site.url}/static/decision.js", type="module")
    return page


def choose(desk: Page, folder: Path, content: Json) -> None:
    path = folder / "chosen.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    desk.set_input_files("#file", path)


def test_a_signed_decision_is_taken_over(desk: Page, tmp_path: Path) -> None:
    choose(desk, tmp_path, DECISION)
    expect(desk.locator("#text")).to_have_value(json.dumps(DECISION))
    expect(desk.locator("#file-said")).to_have_text("")


def test_a_file_that_was_chosen_before_anybody_listened_is_looked_at(
    site: Site, chromium: Browser, tmp_path: Path
) -> None:
    page = chromium.new_page()
    page.goto(f"{site.url}/")
    page.set_content(FORM)
    choose(page, tmp_path, C1.key_file)
    page.add_script_tag(url=f"{site.url}/static/decision.js", type="module")
    expect(page.locator("#file-said")).to_contain_text("holds a key")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (C1.key_file, "holds a key"),
        ({"format": "witness-vault/v1/opening-file", "key": "none"}, "holds a key"),
        ({"format": "witness-vault/v1/packet-file"}, "not a signed decision"),
        ("no JSON", "not a signed decision"),
        ("x" * 70_000, "not a signed decision"),
    ],
    ids=["key file", "opening file", "request", "no JSON", "too large"],
)
def test_nothing_else_reaches_the_form_or_the_server(
    desk: Page, site: Site, tmp_path: Path, content: Json, said: str
) -> None:
    choose(desk, tmp_path, content)
    expect(desk.locator("#file-said")).to_contain_text(said)
    expect(desk.locator("#text")).to_have_value("")
    posted = len(site.posted)
    desk.click("button")
    expect(desk).to_have_title("posted")
    assert site.posted[posted:] == [{"text": [""]}]
