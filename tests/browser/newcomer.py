"""Somebody new, who enrols from an invitation in a browser and waits until the roster lists them."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser

from tests.browser.house import NEWCOMER, House
from tests.browser.visit import Visit, arrived
from vault.cli import rosters


@dataclass
class Newcomer:
    """What they come to see: the vault's words in link and page, the kit, the desk before the roster lists them; what a
    custodian reads of their card; and the case that is opened then.
    """

    house: House
    visit: Visit
    compared: tuple[str, str]
    kit: dict[str, str]
    waiting: str
    listed: str
    case: str


def enrol(house: House, chromium: Browser) -> Newcomer:
    """From the link to the open case."""
    link = house.invite(NEWCOMER)
    visit = Visit(chromium, house.stage.server)
    page = visit.page
    page.goto(link)
    compared = page.locator("#words-from-link").inner_text(), page.locator("#words-of-server").inner_text()
    passphrase = page.locator(".offer").inner_text()
    page.get_by_label("Passphrase", exact=True).fill(passphrase)
    page.get_by_label("The same passphrase again").fill(passphrase)
    page.get_by_role("button", name="Make my keys").click()
    arrived(page, "Print this now, or copy it by hand")
    kit = {
        "code": page.locator("dd.mono").inner_text(),
        "key": "-".join(page.locator(".device-key li").all_inner_texts()),
        "words": page.locator("dd.words").inner_text(),
    }
    page.get_by_role("link", name="I have it on paper").click()
    page.get_by_label("Your code").fill(NEWCOMER)
    page.get_by_label("Passphrase").fill(passphrase)  # this browser keeps the device key
    page.get_by_role("button", name="Sign in").click()
    arrived(page, f"Almost there, {NEWCOMER}")
    waiting = page.locator("main").inner_text()
    listed, _ = house.run("C1", rosters.cards)
    house.stage.passphrases[NEWCOMER], house.device_keys[NEWCOMER] = passphrase, kit["key"]
    house.admit(NEWCOMER)
    return Newcomer(house, visit, compared, kit, waiting, listed, house.open_case())
