"""A file sent from a page: whatever breaks it off, it goes on where it was, and the form waits for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

from tests.browser.visit import PHONE, Visit, overflow
from tests.cast import R1
from tests.cli.line import served
from tests.sending import film
from tests.stage import DAY, Scene, actor
from vault import uploads
from vault.rules.access import Permission
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE
from vault.shipped import address
from vault.uploads import Upload
from web.auth import allow

FILM = film(20 * PIECE + 77)
PAGE = """
{% extends "base.html" %}{% from "_upload.html" import upload %}
{% block head %}{{ script('upload.js', asks=true) }}{% endblock %}
{% block main %}<h1>A file</h1>
<form method="post" enctype="multipart/form-data" data-case="{{ case }}">{{ csrf_field() }}
<input type="hidden" name="item">{{ upload("upload", "The file", "Of any size.") }}
<button>Hand it in</button></form>{% endblock %}
"""


def try_out(app: Flask, case: str) -> None:
    """A page with a file input, as the page of evidence has it."""

    @app.route("/try", methods=["GET", "POST"])
    @allow(Permission.ADD_EVIDENCE)
    def form() -> str:
        return render_template_string(PAGE, case=case)


@pytest.fixture
def visit(scene: Scene, chromium: Browser) -> Iterator[Visit]:
    """R1, signed in, before the page."""
    app = scene.app(new=True)
    try_out(app, scene.case)
    with served(app) as server:
        opened = Visit(chromium, server)
        opened.sign_in(R1)
        opened.page.goto("/try")
        yield opened
        opened.context.close()


def choose(page: Page, content: bytes = FILM) -> None:
    chosen = FilePayload(name="holiday.mp4", mimeType="video/mp4", buffer=content)
    page.get_by_label("The file", exact=True).set_input_files(chosen)


def waiting(scene: Scene) -> list[Upload]:
    return uploads.waiting(scene.vault, actor(R1), scene.case)


def places(visit: Visit) -> list[int]:
    """Where pieces were sent to, in order."""
    return [int(url.rpartition("/")[2]) for url in visit.asked if "/api/uploads/" in url]


def test_a_file_goes_on_over_a_failing_line_and_after_the_page_was_left(scene: Scene, visit: Visit) -> None:
    page, failing = visit.page, [False, True, True]

    def fail(route: Route) -> None:
        """The second and third time there is no answer; after ten pieces none at all."""
        after = int(route.request.url.rpartition("/")[2]) >= 7
        if after or (failing and failing.pop(0)):
            route.abort()
        else:
            route.continue_()

    page.route("**/api/uploads/*/*", fail)
    choose(page)
    expect(page.get_by_role("status")).to_contain_text("Trying again")
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_text("The file is still on its way")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Trying again in 2 sec")
    while (arrived := waiting(scene)[0].received) < 7:
        page.wait_for_timeout(200)
    page.on("dialog", lambda dialog: dialog.accept())  # leaving is warned of
    page.goto("/try")
    page.unroute("**/api/uploads/*/*")
    expect(page.get_by_text(f"{100 * arrived // 21}% of a file of 5.2 MB is here.")).to_be_visible()
    sent = len(places(visit))
    choose(page)
    expect(page.get_by_role("status")).to_contain_text("All of it has arrived: 5.2 MB")
    assert places(visit)[sent] == arrived
    (upload,) = waiting(scene)
    assert page.locator("[name=upload]").input_value() == upload.id
    assert page.locator("[name=item]").input_value() == upload.facts.item
    facts = uploads.check(scene.vault, actor(R1), upload.id, DAY)
    assert facts["sha256"] == b64(hashlib.sha256(FILM).digest())
    visit.sent.clear()
    page.get_by_role("button", name="Hand it in").click()
    page.wait_for_load_state()
    assert visit.told(["holiday"]) == []
    assert max(map(len, visit.sent)) < PIECE  # the file does not go with the form
    assert [line for line in visit.complaints if "ERR_FAILED" not in line] == []


def test_a_file_is_given_up_and_another_chosen_by_keyboard_on_a_phone(scene: Scene, visit: Visit) -> None:
    page = visit.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    choose(page, b"")
    expect(page.get_by_role("status")).to_contain_text("All of it has arrived")
    page.get_by_role("button", name="Give this file up").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("nothing of the file is kept")
    page.wait_for_load_state("networkidle")
    assert waiting(scene) == []
    assert page.locator("[name=upload]").input_value() == ""
    choose(page, FILM[:PIECE])
    expect(page.get_by_role("status")).to_contain_text("All of it has arrived")
    assert [one.facts.size for one in waiting(scene)] == [PIECE]
    assert overflow(page) == 0
    assert visit.complaints == []


def test_the_hash_of_what_comes_bit_by_bit_is_sha_256(visit: Visit) -> None:
    contents = [film(size) for size in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000)]
    made = visit.page.evaluate(
        """async ([sha256, contents]) => {
          const { Sha256 } = await import(sha256);
          return contents.map((content) => {
            const whole = new Sha256();
            for (let at = 0; at < content.length; at += 13) whole.update(Uint8Array.from(content.slice(at, at + 13)));
            return Array.from(whole.digest());
          });
        }""",
        [f"{address()}/sha256.js", [list(content) for content in contents]],
    )
    assert [bytes(one) for one in made] == [hashlib.sha256(content).digest() for content in contents]
