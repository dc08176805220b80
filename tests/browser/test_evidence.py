"""Evidence in a browser: handed in over a line that fails, by keyboard, on a phone, without scripts; then looked at."""

from __future__ import annotations

import hashlib
import io
import wave
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, Route, expect
from sqlalchemy import update

from tests.browser.visit import PHONE, Visit, arrived, overflow
from tests.cast import R1, V1
from tests.cli.line import served
from tests.dossier import OPINION, chain, go_on, waiting, with_file
from tests.sending import JPEG, film
from tests.stage import Scene
from tests.test_pictures import photo
from vault.rules.custody import What
from vault.rules.items import Act
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE
from vault.store.shreds import SessionRow

FILM = film(3 * 1024 * 1024)


@pytest.fixture
def server(scene: Scene) -> Iterator[str]:
    with served(scene.app()) as address:
        yield address


def choose(page: Page, content: bytes) -> None:
    chosen = FilePayload(name="holiday.mp4", mimeType="video/mp4", buffer=content)
    page.get_by_label("The file", exact=True).set_input_files(chosen)


def fill_in(page: Page) -> None:
    page.get_by_label("In one line, what it is").fill("The hospital after the strike")
    page.get_by_label("Kind").select_option("video")
    page.get_by_label("It was sent to us").check()


def handed_in(page: Page) -> str:
    """The item's id, as the receipt names it."""
    arrived(page, "It is sealed")
    return page.locator("dd[translate=no]").first.inner_text()


def test_a_film_goes_on_over_a_failing_line_and_is_handed_in_by_keyboard_on_a_phone(
    scene: Scene, chromium: Browser, server: str
) -> None:
    visit = Visit(chromium, server, viewport=PHONE)
    visit.sign_in(R1)
    page, failing = visit.page, [True, False]

    def fail(route: Route) -> None:
        (route.abort if failing and failing.pop() else route.continue_)()

    page.route("**/api/uploads/*/*", fail)
    page.goto(f"/cases/{scene.case}")
    page.get_by_role("link", name="Hand in evidence").first.click()
    choose(page, FILM)
    fill_in(page)
    expect(page.get_by_role("status")).to_contain_text("All of it has arrived: 3.1 MB")
    page.get_by_text("What it bears on").press("Enter")
    page.get_by_label("Which claim").first.select_option("strike.took_place")
    assert overflow(page) == 0
    page.get_by_role("button", name="Seal it and hand it in").press("Enter")
    found = chain(scene, handed_in(page)).item
    assert found.original is not None
    assert found.original.sha256 == b64(hashlib.sha256(FILM).digest())
    assert [one.about for one in found.bears] == [("strike.took_place", "yes")]
    assert waiting(scene) == 0
    assert overflow(page) == 0
    assert visit.told(["holiday"]) == []
    assert [line for line in visit.complaints if "ERR_FAILED" not in line] == []
    visit.context.close()


def test_without_scripts_a_small_file_comes_with_the_form(
    scene: Scene, chromium: Browser, server: str
) -> None:
    visit = Visit(chromium, server, java_script_enabled=False)
    visit.sign_in(R1)
    visit.page.goto(f"/cases/{scene.case}/evidence/new?incident={scene.hospital}")
    choose(visit.page, FILM[:PIECE])
    visit.page.get_by_label("In one line, what it is").fill("The hospital")
    visit.page.get_by_label("Kind").select_option("video")
    visit.page.get_by_label("It was sent to us").check()
    visit.page.get_by_role("button", name="Seal it and hand it in").click()
    found = chain(scene, handed_in(visit.page)).item
    assert found.original is not None
    assert found.original.size == PIECE
    visit.context.close()


def test_nothing_is_lost_when_the_session_has_ended(scene: Scene, chromium: Browser, server: str) -> None:
    visit = Visit(chromium, server)
    visit.sign_in(R1)
    page = visit.page
    page.goto(f"/cases/{scene.case}/evidence/new?incident={scene.hospital}")
    choose(page, FILM[:PIECE])
    fill_in(page)
    expect(page.get_by_role("status")).to_contain_text("All of it has arrived")
    with scene.writing() as uow:
        uow.shreds.execute(update(SessionRow).values(ends=0))
    send = page.get_by_role("button", name="Seal it and hand it in")
    send.click()
    expect(page.locator("#session-ended")).to_be_focused()
    visit.page = visit.context.new_page()
    visit.sign_in(R1)
    send.click()
    assert chain(scene, handed_in(page)).item.arrival.facts.title == "The hospital after the strike"
    visit.context.close()


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_a_picture_is_seen_once_somebody_asks_and_the_page_fits_a_phone(
    scene: Scene, chromium: Browser, server: str, direction: str
) -> None:
    item = with_file(scene, photo(), media=JPEG, kind="photo", title="الحفرة خلف المستشفى")
    go_on(scene, item, Act.OPINION, OPINION)
    visit = Visit(chromium, server, viewport=PHONE)
    visit.sign_in(V1)
    page = visit.page
    page.goto(f"/cases/{scene.case}/evidence")
    page.get_by_role("link", name="الحفرة خلف المستشفى").click()
    assert What.ACCESSED not in [event.what for event in chain(scene, item).item.events]
    page.get_by_role("link", name="Show it").click()
    page.wait_for_load_state("networkidle")
    assert page.locator(".viewer img").evaluate("(img) => img.naturalWidth") > 0
    assert [event.what for event in chain(scene, item).item.events].count(What.ACCESSED) == 1
    page.evaluate(f"document.documentElement.dir = '{direction}'")
    page.locator("details.explain").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
    assert overflow(page) == 0
    assert visit.complaints == []
    visit.context.close()


def test_a_recording_is_played_from_the_middle(scene: Scene, chromium: Browser, server: str) -> None:
    recording = io.BytesIO()
    with wave.open(recording, "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(bytes(2 * 16_000 * 60))
    item = with_file(scene, recording.getvalue(), media="audio/wav", kind="audio")
    visit = Visit(chromium, server)
    visit.sign_in(V1)
    page = visit.page
    page.goto(f"/cases/{scene.case}/evidence/{item}")
    page.get_by_role("link", name="Show it").click()
    audio = page.locator(".viewer audio")
    expect(audio).to_have_js_property("duration", 60)
    audio.evaluate("(audio) => { audio.currentTime = 45; }")
    expect(audio).to_have_js_property("seeking", False)
    expect(audio).to_have_js_property("currentTime", 45)
    assert visit.complaints == []
    visit.context.close()
