"""How a researcher fills the interview page, by what it shows."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.visit import arrived

FURTHER = {"smelled", "attended", "saw_aftermath", "saw_on_recording", "inferred", "unknown"}
CONSENT = ("Writing it down", "Counting", "Exact numbers", "Details", "Your words")


def begin(page: Page, case: str, incident: str) -> None:
    """Log an interview on an incident of the case."""
    page.goto(f"/cases/{case}")
    row = page.get_by_role("listitem").filter(has_text=incident)
    row.get_by_role("button", name="Log an interview").click()
    arrived(page, "Interview")


def step(page: Page, part: str) -> None:
    """Go to a part of the form: without scripts it is the same page, and a scroll away."""
    page.get_by_role("navigation", name="Parts of this page").get_by_role("link", name=part).click()


def fill(page: Page, interview: dict[str, Any]) -> None:
    """Everything but the identity, as the story tells it; then one stands before what was perceived."""
    step(page, "Consent")
    for sentence in CONSENT:
        page.get_by_role("checkbox", name=sentence).check()
    step(page, "The conversation")
    page.get_by_label("Day of the interview").fill(interview["date"])
    page.get_by_role("textbox", name="Language").fill("ar")
    step(page, "Testimony")
    page.get_by_label("What the witness told you").fill(interview["testimony"])
    step(page, "What was perceived")
    for observation in interview["observations"]:
        observe(page, observation)


def observe(page: Page, observation: dict[str, Any]) -> None:
    """Code one observation on its claim's line."""
    row = line(page, observation["subject"])
    unfold(page.locator("details.group").filter(has=row))
    modality, links = observation["modality"], observation.get("chain", [])
    if FURTHER & set(observation["perception"]) or modality != "affirmed" or links:
        more(row)
    for perception in observation["perception"]:
        row.locator(f"input[value={perception}]").check()
    value = observation["value"]
    if isinstance(value, int):
        row.get_by_label("From").fill(str(value))
    elif value != "yes":
        row.get_by_label("Which", exact=True).select_option(value)
    if modality != "affirmed":
        row.get_by_role("combobox", name="The witness", exact=True).select_option(modality)
    for place, link in enumerate(links):
        row.locator("[name$=chain_kind]").nth(place).select_option(link["kind"])


def more(row: Locator) -> None:
    """Have everything about a claim on the page."""
    if row.locator(".all").count() == 0:
        row.get_by_role("button", name="More", exact=True).click()


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


def name(page: Page, identity: dict[str, str]) -> None:
    """Type an identity, field by field."""
    step(page, "Identity")
    for label, text in identity.items():
        page.get_by_label(label, exact=True).fill(text)


def hand_in(page: Page) -> None:
    """Press the button of the last part."""
    step(page, "Check and hand in")
    page.get_by_role("button", name="Deposit", exact=True).click()


def deposit(page: Page) -> str:
    """Hand the interview in; the pseudonym on the receipt."""
    hand_in(page)
    expect(page.get_by_role("heading", name="It is sealed")).to_be_visible()
    return page.locator("dd.words").inner_text()
