"""A reviewer proposes a case in a real browser: the custodians hear the same six words, sign, and the case opens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import Enter
from tests.browser.house import NEWCOMER, House
from tests.browser.newcomer import Newcomer
from tests.browser.visit import PHONE, Visit, arrived, overflow
from vault.cli import custodian
from vault.sealing.casefiles import KEYS
from vault.sealing.digests import b64, unb64
from vault.sealing.keypairs import SealingKey

pytestmark = pytest.mark.usefixtures("newcomer")

TITLE = "Strikes on bakeries, winter 2015"
PROPOSED = "Proposed; now the custodians"
# Every 32 bytes that the page draws: the case's private keys are among them.
WATCHED = """
    globalThis.drawn = [];
    const draw = crypto.getRandomValues.bind(crypto);
    crypto.getRandomValues = (array) => {
      draw(array);
      if (array.length === 32) { drawn.push(Array.from(array)); }
      return array;
    };
"""


def begin(visit: Visit, code: str) -> Page:
    """The form, filled in as far as a case needs."""
    page = visit.page
    page.goto("/")
    page.get_by_role("link", name="Propose a case").click()
    arrived(page, "Propose a case")
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_label("Title", exact=True).fill(TITLE)
    first = page.get_by_role("group", name="Incident 1")
    first.get_by_label("What happened").fill("مخبز سرمين")
    first.get_by_label("Place").fill("سرمين")
    first.get_by_label("Date").fill("2015-12-01")
    page.get_by_label(f"{NEWCOMER}: On the team").check()
    page.get_by_label("V2: Reads testimony").check()
    return page


def look(page: Page) -> None:
    page.get_by_role("button", name="Look at it once more").click()
    arrived(page, "Propose this case?")


def propose(page: Page) -> str:
    """The six words."""
    page.get_by_role("button", name="Propose this case").click()
    expect(page.get_by_role("heading", name=PROPOSED)).to_be_focused()
    return page.locator("#six-words").inner_text()


def waiting(house: House) -> list[str]:
    """What a custodian's own program says of the proposals."""
    printed, _ = house.run("C1", custodian.proposals)
    return printed.splitlines()


@pytest.fixture(scope="module")
def proposed(newcomer: Newcomer, chromium: Browser) -> Iterator[dict[str, Any]]:
    """V1's browser after the proposal: the visit, the words, all that was drawn, and what was handed in."""
    visit = newcomer.house.enter(chromium, "V1")
    visit.context.add_init_script(WATCHED)
    page = begin(visit, "b1")
    look(page)
    with page.expect_request("**/api/cases/new/proposal") as handed_in:
        words = propose(page)
    fields = handed_in.value.post_data_json or {}
    drawn = [bytes(one) for one in page.evaluate("drawn")]
    document = json.loads(fields["document"])
    yield {"visit": visit, "words": words, "drawn": drawn, "document": document, "fields": fields}
    visit.context.close()


def test_custodians_see_the_words_that_the_browser_made(newcomer: Newcomer, proposed: dict[str, Any]) -> None:
    lines = waiting(newcomer.house)
    assert f"    Its six words: {proposed['words']}" in lines
    assert any("Open case B1, proposed by V1" in line for line in lines)


def test_the_private_keys_never_left_the_browser(proposed: dict[str, Any]) -> None:
    publics = {unb64(entry["public"]) for entry in proposed["document"]["keys"].values()}
    seeds = [seed for seed in proposed["drawn"] if SealingKey(seed).public in publics]
    assert len(seeds) == len(KEYS)
    visit: Visit = proposed["visit"]
    sent = b"\n".join(visit.sent)
    assert visit.told([b64(seed) for seed in seeds]) == []
    assert not [seed for seed in seeds if seed in sent or seed.hex().encode() in sent]
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, history.state, location.href, document.title])"
    assert not [seed for seed in seeds if b64(seed) in visit.page.evaluate(kept)]


def test_the_server_is_sent_the_title_to_sign_and_not_to_keep(proposed: dict[str, Any]) -> None:
    assert TITLE not in proposed["fields"]["document"] + proposed["fields"]["attachments"]


def test_page_and_desk_say_how_many_have_signed(newcomer: Newcomer, proposed: dict[str, Any]) -> None:
    page = proposed["visit"].page
    expect(page.locator("#after")).to_contain_text("signed by 0 of 3")
    expect(page.locator("#before")).to_be_hidden()
    house = newcomer.house
    name = next(line for line in waiting(house) if not line.startswith(" ")).split()[0]
    house.run("C2", custodian.sign, "--yes", "--", name)
    page.get_by_role("link", name="To the desk").click()
    row = page.get_by_role("listitem").filter(has_text=proposed["words"])
    expect(row).to_contain_text("B1")
    expect(row).to_contain_text("signed by 1 of 3: C2")


def test_the_case_opens_for_the_team_when_a_quorum_has_signed(
    newcomer: Newcomer, proposed: dict[str, Any], enter: Enter
) -> None:
    newcomer.house.stage._sign("a quorum signs the case")
    for visit in (proposed["visit"], enter(NEWCOMER), enter("V2")):
        visit.page.goto("/")
        visit.page.get_by_role("link", name=TITLE).click()
        expect(visit.page.get_by_role("heading", name="مخبز سرمين")).to_be_visible()
    page = proposed["visit"].page
    page.goto("/")
    page.get_by_role("listitem").filter(has_text=TITLE).get_by_role("link", name="Editions").click()
    expect(page.get_by_role("heading", name="Editions")).to_be_visible()
    assert proposed["visit"].strangers() == []
    assert proposed["visit"].complaints == []


def test_incidents_are_added_by_the_keyboard_alone(enter: Enter) -> None:
    page = begin(enter("V1"), "B2")
    more = page.get_by_role("button", name="Add another incident")
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("A fourth")
    page.keyboard.press("Enter")  # neither adds one nor goes on
    fourth = page.get_by_role("group", name="Incident 4")
    expect(fourth.get_by_label("What happened")).to_have_value("A fourth")
    more.focus()
    page.keyboard.press("Enter")
    page.keyboard.type("A fifth")
    expect(page.locator("#incidents").get_by_role("group")).to_have_count(5)
    look(page)
    expect(page.get_by_role("heading", name="A fifth")).to_be_visible()
    page.get_by_role("button", name="Change something").click()
    expect(page.get_by_role("group", name="Incident 5").get_by_label("What happened")).to_have_value(
        "A fifth"
    )
    expect(page.get_by_label("V2: Reads testimony")).to_be_checked()


def test_a_lost_answer_costs_nothing_and_proposes_the_same_case(newcomer: Newcomer, enter: Enter) -> None:
    visit = enter("V1")
    page = begin(visit, "B3")
    look(page)
    answers: list[str] = []

    def lose(route: Route) -> None:
        answers.append(route.fetch().text())
        route.abort()

    page.route("**/api/cases/new/proposal", lose, times=1)
    page.get_by_role("button", name="Propose this case").click()
    expect(page.locator("#no-answer")).to_be_focused()
    words = propose(page)
    heard = [line for line in waiting(newcomer.house) if words in line]
    assert len(heard) == len(answers) == 1
    assert sum("case B3" in line for line in waiting(newcomer.house)) == 1


def test_nothing_is_proposed_after_the_session_has_ended_and_nothing_is_lost(
    newcomer: Newcomer, enter: Enter
) -> None:
    page = begin(enter("V1"), "B4")
    newcomer.house.end_sessions()
    page.get_by_role("button", name="Look at it once more").click()
    expect(page.locator("#session-ended")).to_be_focused()
    expect(page.get_by_label("Title", exact=True)).to_have_value(TITLE)
    other = page.context.new_page()
    other.goto("/sign-in")
    other.get_by_label("Your code").fill("V1")
    other.get_by_label("Passphrase").fill(newcomer.house.stage.passphrases["V1"])
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Desk")).to_be_visible()
    look(page)
    newcomer.house.end_sessions()
    page.get_by_role("button", name="Propose this case").click()
    expect(page.locator("#session-ended")).to_be_focused()
    assert not any("case B4" in line for line in waiting(newcomer.house))


def test_a_server_that_names_another_proposal_is_told_of(enter: Enter) -> None:
    page = begin(enter("V1"), "B5")
    look(page)
    other = json.dumps({"digest": b64(bytes(32))})
    page.route("**/api/cases/new/proposal", lambda route: route.fulfill(body=other), times=1)
    page.get_by_role("button", name="Propose this case").click()
    expect(page.locator("#another")).to_be_focused()
    expect(page.locator("#after")).to_be_hidden()


@pytest.mark.parametrize(
    "changed", [{"version": 2}, {"vault": b64(bytes(16))}, {"author": "V2"}, {"roster": 99}]
)
def test_no_keys_are_made_for_another_brief_than_was_asked_for(enter: Enter, changed: dict[str, Any]) -> None:
    page = begin(enter("V1"), "B6")
    look(page)

    def mislead(route: Route) -> None:
        signed = route.fetch().json()
        route.fulfill(json={**signed, "document": {**signed["document"], **changed}})

    page.route("**/api/cases/new/brief", mislead)
    page.get_by_role("button", name="Propose this case").click()
    notice = "changed" if "roster" in changed else "refused" if "author" in changed else "not-made"
    expect(page.locator(f"#{notice}")).to_be_focused()


def test_without_scripts_it_says_where_keys_are_born(enter: Enter) -> None:
    page = begin(enter("V1", java_script_enabled=False), "B7")
    assert "must be born on your own device" in page.locator("noscript .notice").inner_text()
    look(page)
    expect(page.get_by_role("button", name="Propose this case")).to_be_hidden()
    assert "witness-vault case propose plan.json" in page.locator("noscript .command").last.inner_text()


@pytest.mark.parametrize("options", [{"viewport": PHONE}, {"viewport": {"width": 320, "height": 640}}])
def test_it_fits_a_phone(enter: Enter, options: dict[str, Any]) -> None:
    page = begin(enter("V1", **options), "B8")
    page.get_by_role("button", name="Add another incident").click()
    assert overflow(page) == 0
    look(page)
    assert overflow(page) == 0
