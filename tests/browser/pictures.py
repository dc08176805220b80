"""`make screenshots`: the pictures of the guides, taken in a browser from the demonstration.

With a folder as argument it also draws every desk there in both writing directions, dark and on a phone, and a page on
which they lie side by side to be looked at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from rich.progress import track

from tests.browser import interviewer
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.house import HOSPITAL, STORY, House, served
from tests.browser.visit import DESKTOP, PHONE

GUIDES = Path(__file__).parents[2] / "docs" / "img"
_COLOURS = 64  # calm pages have few
_LANGUAGES = ("en", "ar")


@dataclass(frozen=True)
class Shot:
    """A picture: its file's name, who sees it, on how large a screen, and the way there from the desk."""

    name: str
    code: str
    screen: dict[str, int]
    go: Callable[[Page], None]


def _desk(_page: Page) -> None:
    """Where they are already."""


def _form(page: Page) -> None:
    page.get_by_role("button", name="Log an interview").first.click()
    page.get_by_role("heading", level=1, name="Interview").wait_for()


def _claims(page: Page) -> None:
    _form(page)
    interviewer.fill(page, STORY["interviews"][1])


def _receipt(page: Page) -> None:
    _claims(page)
    interviewer.name(page, {"Name": "Fabula Thistlewick"})
    interviewer.deposit(page)


def _table(page: Page) -> None:
    page.get_by_role("link", name="Editions").first.click()
    page.get_by_role("link", name=HOSPITAL).click()
    page.locator(".corroboration").wait_for()


def _public(page: Page) -> None:
    page.goto("/public")
    page.locator("h2 a").first.click()


def _case(page: Page) -> None:
    page.get_by_role("link", name="Air strikes").first.click()
    page.get_by_role("heading", name="Incidents").wait_for()


def _custody(page: Page) -> None:
    page.get_by_role("link", name="Custody", exact=True).first.click()
    page.get_by_role("heading", level=1, name="Custody").wait_for()


def _quorum(page: Page) -> None:
    _custody(page)
    quorum = page.locator("summary", has_text="The quorum")
    quorum.click()
    quorum.evaluate("(it) => it.scrollIntoView({behavior: 'instant'})")


SHOTS = (
    Shot("researcher-desk", "R1", PHONE, _desk),
    Shot("researcher-interview", "R1", PHONE, _form),
    Shot("researcher-claims", "R1", PHONE, _claims),
    Shot("researcher-receipt", "R1", PHONE, _receipt),
    Shot("reviewer-desk", "V1", DESKTOP, _desk),
    Shot("reviewer-case", "V1", DESKTOP, _case),
    Shot("reviewer-table", "V1", DESKTOP, _table),
    Shot("reviewer-statement", "V1", DESKTOP, _public),
    Shot("custodian-desk", "C1", DESKTOP, _desk),
    Shot("custodian-custody", "C1", DESKTOP, _custody),
    Shot("custodian-quorum", "C1", DESKTOP, _quorum),
)


def main() -> None:
    """Take them all; with a folder as argument, the sheet of every desk too."""
    with (
        tempfile.TemporaryDirectory(prefix="witness-vault-pictures-") as folder,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with served(Path(folder)) as house:
            house.demonstrate()
            for shot in track(SHOTS, "The guides' pictures"):
                _keep(_taken(house, browser, shot), GUIDES / f"{shot.name}.png")
            for place in map(Path, sys.argv[1:2]):
                _sheet(house, browser, place)
        browser.close()


def _sheet(house: House, browser: Browser, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    names = []
    for shot in track([shot for shot in SHOTS if shot.name.endswith("-desk")], "The sheet"):
        for language in _LANGUAGES:
            for scheme in ("light", "dark"):
                for width, screen in (("wide", DESKTOP), ("phone", PHONE)):
                    names.append(f"{shot.name}-{language}-{scheme}-{width}.png")
                    on = Shot(shot.name, shot.code, screen, shot.go)
                    _keep(_taken(house, browser, on, language, color_scheme=scheme), place / names[-1])
    pictures = "".join(
        f'<figure><img src="{name}" alt=""><figcaption>{name}</figcaption></figure>' for name in names
    )
    (place / "index.html").write_text(f"<!doctype html><title>Pictures</title>{pictures}", "utf-8")


def _taken(house: House, browser: Browser, shot: Shot, language: str = "en", **options: str) -> bytes:
    visit = house.enter(browser, shot.code, viewport=shot.screen, **options)
    if language != "en":
        visit.page.locator(f"[name=language][value={language}]").click()
        visit.page.locator(f"html[lang={language}]").wait_for()
    shot.go(visit.page)
    visit.page.wait_for_load_state()
    picture = visit.page.screenshot()
    visit.context.close()
    return picture


def _keep(picture: bytes, path: Path) -> None:
    """With few colours: a guide must be light too."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    main()
