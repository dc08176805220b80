"""How a researcher fills the interview page, by what it shows."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.spoken import Say, english
from tests.browser.visit import arrived

FURTHER = {"smelled", "attended", "saw_aftermath", "saw_on_recording", "inferred", "unknown"}
CONSENT = ("Counting.", "Exact numbers.", "Details.", "Your words.")


def begin(page: Page, case: str, incident: str, say: Say = english) -> None:
    """Log an interview on an incident of the case."""
    page.goto(f"/cases/{case}")
    row = page.get_by_role("listitem").filter(has_text=incident)
    row.get_by_role("button", name=say("Log an interview")).click()
    arrived(page, say("Interview"))


def step(page: Page, part: str, say: Say = english) -> None:
    """Go to a part of the form: without scripts it is the same page, and a scroll away."""
    parts = page.get_by_role("navigation", name=say("Parts of this page"))
    parts.get_by_role("link", name=say(part)).click()


def fill(page: Page, interview: dict[str, Any], say: Say = english) -> None:
    """Everything but the identity, as the story tells it; then one stands before what was perceived."""
    step(page, "Consent", say)
    page.locator("#consent-recording").check()
    for sentence in CONSENT:
        page.get_by_role("checkbox", name=say(sentence)).check()
    step(page, "The conversation", say)
    page.get_by_label(say("Day of the interview")).fill(interview["date"])
    page.get_by_role("textbox", name=say("Language")).fill("ar")
    step(page, "Their words", say)
    page.get_by_label(say("What the witness told you")).fill(interview["testimony"])
    step(page, "What was perceived", say)
    for observation in interview["observations"]:
        observe(page, observation, say)


def observe(page: Page, observation: dict[str, Any], say: Say = english) -> None:
    """Code one observation on its claim's line."""
    row = line(page, observation["subject"])
    unfold(page.locator("details.group").filter(has=row))
    modality, links = observation["modality"], observation.get("chain", [])
    if FURTHER & set(observation["perception"]) or modality != "affirmed" or links:
        more(row, say)
    for perception in observation["perception"]:
        row.locator(f"input[value={perception}]").check()
    value = observation["value"]
    if isinstance(value, int):
        row.get_by_label(say("From")).fill(str(value))
    elif value != "yes":
        row.get_by_label(say("Which"), exact=True).select_option(value)
    if modality != "affirmed":
        row.get_by_role("combobox", name=say("The witness"), exact=True).select_option(modality)
    for place, link in enumerate(links):
        row.locator("[name$=chain_kind]").nth(place).select_option(link["kind"])


def more(row: Locator, say: Say = english) -> None:
    """Have everything about a claim on the page."""
    if row.locator(".all").count() == 0:
        row.get_by_role("button", name=say("More"), exact=True).click()


def line(page: Page, subject: str) -> Locator:
    """The line of a claim."""
    return page.locator(".claim", has=page.locator(f"input[value='{subject}']")).first


def ticked(page: Page) -> set[str]:
    """What is coded on the page, as `claim perception`."""
    page.wait_for_load_state()
    return set(
        page.locator(".claim :checked").evaluate_all(
            """(ticked) => ticked.filter((one) => one.type === "checkbox").map((one) =>
                `${one.closest(".claim").querySelector("input[type=hidden]").value} ${one.value}`)"""
        )
    )


def unfold(details: Locator) -> None:
    """Open a part that is folded away."""
    if details.get_attribute("open") is None:
        details.locator("summary").first.click()


def name(page: Page, identity: dict[str, str], say: Say = english) -> None:
    """Type an identity, field by field."""
    step(page, "Identity", say)
    for label, text in identity.items():
        page.get_by_label(say(label), exact=True).fill(text)


def hand_in(page: Page, say: Say = english) -> None:
    """Press the button of the last part."""
    step(page, "Check and hand in", say)
    page.get_by_role("button", name=say("Deposit"), exact=True).click()


def deposit(page: Page, say: Say = english) -> str:
    """Hand the interview in; the pseudonym on the receipt."""
    hand_in(page, say)
    expect(page.get_by_role("heading", name=say("It is sealed"))).to_be_visible()
    return page.locator("dd.words").inner_text()
