"""The interview page of a vault that is served: without scripts, by keyboard alone, after the session has ended."""

from __future__ import annotations

from urllib.parse import unquote_plus, urlsplit

from playwright.sync_api import Page, Route, expect

from tests.browser import interviewer
from tests.browser.conftest import Enter
from tests.browser.house import MOSQUE, NEWCOMER, STORY
from tests.browser.newcomer import Newcomer

ACCOUNT = STORY["interviews"][2]
IDENTITY = {"Name": "Fabula Thistlewick", "Where they live or lived": "Behind the imaginary well"}


def test_without_scripts_an_interview_without_identity_is_deposited(newcomer: Newcomer, enter: Enter) -> None:
    visit = enter(java_script_enabled=False)
    interviewer.begin(visit.page, newcomer.case, MOSQUE)
    expect(visit.page.locator("noscript p")).to_contain_text("the identity cannot be sealed here")
    expect(visit.page.locator("noscript p")).to_be_visible()
    expect(visit.page.get_by_label("Name", exact=True)).to_be_hidden()
    interviewer.fill(visit.page, ACCOUNT)
    interviewer.hand_in(visit.page)
    expect(visit.page.get_by_text("No identity was sealed with it.")).to_be_visible()


def test_a_session_that_ends_under_somebodys_hands_costs_nothing(newcomer: Newcomer, enter: Enter) -> None:
    visit = enter()
    page = visit.page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, ACCOUNT)
    interviewer.name(page, IDENTITY)
    newcomer.house.end_sessions()
    interviewer.hand_in(page)
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    with visit.context.expect_page() as elsewhere:
        page.locator("#session-ended a").click()
    elsewhere.value.get_by_label("Your code").fill(NEWCOMER)
    elsewhere.value.get_by_label("Passphrase").fill(newcomer.house.stage.passphrases[NEWCOMER])
    elsewhere.value.get_by_role("button", name="Sign in").click()
    expect(elsewhere.value.get_by_role("heading", name="Your drafts")).to_be_visible()
    page.bring_to_front()
    interviewer.deposit(page)
    expect(page.get_by_text("The identity was sealed with it.")).to_be_visible()


def test_an_identity_that_was_sealed_in_vain_is_asked_for_again(newcomer: Newcomer, enter: Enter) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, ACCOUNT)
    interviewer.step(page, "Consent")
    page.get_by_role("checkbox", name="Writing it down").uncheck()
    interviewer.name(page, IDENTITY)
    page.route(
        "**/drafts/*",
        lambda route: (
            route.fulfill(status=204) if "act=check" in (route.request.post_data or "") else route.continue_()
        ),
    )
    interviewer.hand_in(page)
    expect(page.get_by_role("link", name="Type the identity again: it was not kept.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_each_step_keeps_what_was_typed_but_no_identity_and_back_is_the_browsers_own(
    newcomer: Newcomer, enter: Enter
) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    expect(page.locator("[aria-current=step]")).to_have_text("Consent")
    interviewer.name(page, IDENTITY)
    interviewer.step(page, "Their words")
    page.get_by_label("What the witness told you").fill("It came down by the well.")
    with page.expect_request(lambda request: "act=keep" in (request.post_data or "")) as kept:
        page.get_by_role("button", name="Next").click()
    sent = unquote_plus(kept.value.post_data or "")
    assert "It came down by the well." in sent
    assert not [text for text in IDENTITY.values() if text in sent]
    expect(page.locator("#kept")).to_have_text("Draft saved.")
    expect(page.locator("#part-perceived")).to_be_focused()
    expect(page.locator(".part:visible")).to_have_count(1)
    page.go_back()
    expect(page.locator("#part-testimony")).to_be_focused()
    assert urlsplit(page.url).fragment == "part-testimony"
    expect(page.get_by_label("Name", exact=True)).to_have_value(IDENTITY["Name"])
    page.reload()
    expect(page.get_by_label("What the witness told you")).to_have_value("It came down by the well.")
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_the_last_step_sums_up_what_is_handed_in_and_a_draft_that_is_not_saved_says_so(
    newcomer: Newcomer, enter: Enter
) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, ACCOUNT)
    interviewer.step(page, "The conversation")
    page.route("**/drafts/*", lambda route: route.abort())
    page.get_by_label("Day of the interview").fill("")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#kept")).to_contain_text("Nothing on this page is lost.")
    page.unroute("**/drafts/*")
    interviewer.name(page, IDENTITY)
    expect(page.locator("#kept")).to_have_text("Draft saved.")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#summed-consent")).to_contain_text("Exact numbers.")
    claims = {observation["subject"] for observation in ACCOUNT["observations"]}
    expect(page.locator("#summed-claims")).to_have_text(f"Claims marked: {len(claims)}")
    expect(page.get_by_text("The identity will be sealed on this device")).to_be_visible()
    page.locator("#summed-missing").get_by_role("link", name="Day of the interview").click()
    expect(page.get_by_label("Day of the interview")).to_be_focused()


def test_a_draft_can_be_destroyed(newcomer: Newcomer, enter: Enter) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    draft = page.url
    page.goto("/")
    row = page.get_by_role("listitem").filter(has=page.locator(f"a[href='{urlsplit(draft).path}']"))
    row.get_by_text("Discard").click()
    row.get_by_role("button", name="Destroy this draft").click()
    expect(row).to_have_count(0)
    answer = page.goto(draft)
    assert answer is not None
    assert answer.status == 404


def test_a_fault_in_a_folded_part_is_brought_into_view(newcomer: Newcomer, enter: Enter) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, ACCOUNT)
    line = interviewer.line(page, "aircraft.number")
    line.get_by_label("From").fill("0")
    page.get_by_role("heading", name="The aircraft").click()
    expect(line).to_be_hidden()
    interviewer.hand_in(page)
    expect(line.get_by_label("From")).to_be_focused()


def test_the_keyboard_is_enough(newcomer: Newcomer, enter: Enter) -> None:
    visit = enter()
    interviewer.begin(visit.page, newcomer.case, MOSQUE)
    keys = visit.page.keyboard
    for selector, typed in (
        ("#consent-recording", " "),
        ("#consent-uses", " "),
        ("#next", "\n"),
        ("#date", "11032015"),
        ("#language", "ar"),
        ("#next", "\n"),
        ("#testimony", "I heard it come down."),
        ("#next", "\n"),
        ("[name=obs-0-perception][value=heard]", " "),
        ("#next", "\n"),
        ("#next", "\n"),
    ):
        _tab_to(visit.page, selector)
        keys.type(typed)
    assert interviewer.ticked(visit.page) == {"strike.took_place heard"}
    _tab_to(visit.page, "[value=deposit]")
    keys.press("Enter")
    expect(visit.page.get_by_role("heading", name="It is sealed")).to_be_visible()


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"The Tab key never reaches {selector}")


def test_signing_out_ends_the_session_and_keeps_the_device(enter: Enter) -> None:
    visit = enter()
    visit.page.get_by_role("button", name="Sign out").click()
    expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(visit.page.get_by_label("Device key")).to_be_hidden()
    assert visit.cookies().keys() == {f"__Host-device-{NEWCOMER}"}


def test_leaving_no_trace_takes_the_device_key_and_the_drafts(newcomer: Newcomer, enter: Enter) -> None:
    visit = enter()
    interviewer.begin(visit.page, newcomer.case, MOSQUE)
    visit.page.locator(".leave summary").click()
    visit.page.get_by_role("button", name="Leave no trace on this device").click()
    expect(visit.page.get_by_label("Device key")).to_be_visible()
    assert visit.cookies() == {}
    again = enter()
    expect(again.page.get_by_role("heading", name="Your drafts")).to_be_hidden()


def test_claims_are_found_and_coded_without_leaving_the_keyboard(newcomer: Newcomer, enter: Enter) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.step(page, "What was perceived")
    keys = page.keyboard
    page.get_by_label("Find a line").focus()
    keys.type("aircraft")
    expect(interviewer.line(page, "strike.took_place")).to_be_hidden()
    keys.press("Enter")
    keys.press("4")  # did not see
    keys.press("5")  # did not hear
    keys.press("ArrowDown")
    keys.press("1")
    keys.press("0")  # more
    keys.press("Space")  # the first of what is rarely said: smelled
    keys.press("/")
    keys.press("Escape")
    expect(interviewer.line(page, "strike.took_place")).to_be_visible()
    assert interviewer.ticked(page) == {
        "aircraft.present did_not_see",
        "aircraft.present did_not_hear",
        "aircraft.number saw",
        "aircraft.number smelled",
    }


def test_hearsay_of_three_mouths_and_another_value_are_kept_in_the_draft(
    newcomer: Newcomer, enter: Enter
) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.step(page, "What was perceived")
    row = interviewer.line(page, "aircraft.number")
    interviewer.unfold(page.locator("details.group").filter(has=row))
    row.locator("[value=learnt_from_others]").check()
    for place, kind in enumerate(("neighbour", "medic", "spotter")):
        row.locator("[name$=chain_kind]").nth(place).select_option(kind)
    row.get_by_label("In their own words").fill("three, he said")
    row.get_by_role("button", name="Another value").click()
    again = page.locator(".claim.again")
    expect(again.get_by_label("From")).to_be_focused()
    again.get_by_label("From").fill("2")
    again.locator("[value=heard]").check()
    draft = page.url
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_role("heading", name="Desk")).to_be_visible()
    page.goto(draft)
    chosen = row.locator("[name$=chain_kind]").evaluate_all("(all) => all.map(({ value }) => value)")
    assert chosen == ["neighbour", "medic", "spotter", ""]
    expect(row.get_by_label("In their own words")).to_have_value("three, he said")
    expect(again.get_by_label("From")).to_have_value("2")
    assert interviewer.ticked(page) == {"aircraft.number learnt_from_others", "aircraft.number heard"}


def test_what_was_done_before_the_scripts_listened_is_taken_up_and_no_identity_could_be_typed(
    newcomer: Newcomer, enter: Enter
) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/claims.js", hold)
    with page.expect_request("**/claims.js"):
        page.goto(page.url, wait_until="commit")
    row = interviewer.line(page, "strike.took_place")
    row.locator("[value=learnt_from_others]").check()
    page.get_by_label("Claims in").select_option("ar")
    page.get_by_label("Find a line").fill("strike")
    expect(page.get_by_label("Name", exact=True)).to_be_disabled()
    held.pop().continue_()
    expect(page.get_by_label("Name", exact=True)).to_be_enabled()
    interviewer.step(page, "What was perceived")
    expect(page.locator("#found")).to_contain_text("found")
    expect(row.locator(".chain")).to_be_visible()
    expect(row.locator(".label > span")).to_have_attribute("lang", "ar")


def test_other_words_for_the_claims_cost_nothing_that_was_typed(newcomer: Newcomer, enter: Enter) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.name(page, IDENTITY)
    interviewer.step(page, "What was perceived")
    label = interviewer.line(page, "strike.took_place").locator(".label > span")
    english = label.inner_text()
    page.get_by_label("Claims in").select_option("ar")
    expect(label).to_have_attribute("lang", "ar")
    expect(label).not_to_have_text(english)
    expect(page.get_by_text("not yet reviewed by a native speaker")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value(IDENTITY["Name"])


def test_without_scripts_more_is_asked_of_the_server_and_nothing_is_lost(
    newcomer: Newcomer, enter: Enter
) -> None:
    page = enter(java_script_enabled=False).page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, ACCOUNT)
    before = interviewer.ticked(page)
    row = interviewer.line(page, "strike.second")
    row.get_by_role("button", name="More", exact=True).click()
    expect(row.get_by_text("Smelled")).to_be_visible()
    expect(row.get_by_label("Smelled")).to_be_focused()
    assert interviewer.ticked(page) == before
    interviewer.hand_in(page)
    expect(page.get_by_role("heading", name="It is sealed")).to_be_visible()


def test_a_fault_that_the_server_finds_leads_to_its_line(newcomer: Newcomer, enter: Enter) -> None:
    page = enter().page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, ACCOUNT)
    row = interviewer.line(page, "aircraft.markings")
    interviewer.unfold(page.locator("details.group").filter(has=row))
    interviewer.more(row)
    row.get_by_label("In their own words").fill("a white sign")
    interviewer.hand_in(page)
    expect(page.locator("#errors")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row).to_be_focused()
    expect(row.get_by_label("In their own words")).to_have_value("a white sign")
