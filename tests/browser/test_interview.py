"""The interview page's script: the identity leaves the device sealed, or not at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import POLICY, STATIC, Site
from tests.vectors.make import made, roster
from tests.vectors.reader import open_escrow
from vault.rules.matching import MatchRecord
from vault.sealing import matches
from vault.sealing.digests import b64, canonical

RECORD, MATCH = b64(made("record", 16)), b64(made("match record", 16))
SEEDS = {f"C{i}": made(f"custodian {i}") for i in (1, 2, 3)}
ROSTER = {**roster(SEEDS), "threshold": 2}
CONTRACT = Path(__file__).with_name("interview.html").read_text("utf-8")
NAME = "أحمد العلي"
IDENTITY = {
    "name": NAME,
    "other names": "",
    "contact": "+963 944 123 456",
    "address": "Sermin",
    "notes": "tall",
}


@pytest.fixture
def page(chromium: Browser, site: Site) -> Iterator[Page]:
    """The form, as the vault would serve it: under its policy, with the custodians of a roster of 2 of 3."""
    site.posted.clear()
    site.checked.clear()
    minimal = {key: ROSTER[key] for key in ("vault", "version", "epoch", "threshold", "custodians")}
    html = CONTRACT.replace("CUSTODIANS", json.dumps(minimal))
    html = html.replace("VAULT", ROSTER["vault"]).replace("RECORD", RECORD).replace("MATCH", MATCH)
    headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html; charset=utf-8"}
    with chromium.new_context() as context:
        opened = context.new_page()
        opened.route("**/interview", lambda route: route.fulfill(body=html, headers=headers))
        opened.goto(f"{site.url}/interview")
        yield opened


def fill(page: Page, **fields: str) -> None:
    for label, text in {**IDENTITY, "testimony": "I heard two aircraft.", **fields}.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(text)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def posted(page: Page, site: Site) -> dict[str, Any]:
    """The one form that the server received, once the browser shows its answer."""
    expect(page).to_have_title("posted")
    assert len(site.posted) == 1
    return {name: values[0] for name, values in site.posted[0].items()}


def opened(form: dict[str, Any]) -> dict[str, Any]:
    record = json.loads(form["sealed_identity"])
    assert canonical(record).decode() == form["sealed_identity"]
    assert record["record"] == RECORD
    payload: dict[str, Any] = json.loads(open_escrow(record, {1: b64(SEEDS["C1"]), 3: b64(SEEDS["C3"])}))
    return payload


def test_the_server_gets_the_identity_sealed_and_custodians_open_it(page: Page, site: Site) -> None:
    fill(page)
    press(page, "Deposit")
    form = posted(page, site)
    assert form["act"] == "deposit"
    assert opened(form) == {
        "format": "witness-vault/v1/identity",
        "pseudonym": "apple-basil-cedar-delta",
        "name": NAME,
        "other_names": "",
        "contact": "+963 944 123 456",
        "address": "Sermin",
        "notes": "tall",
    }


def compared(form: dict[str, Any]) -> MatchRecord:
    """What custodians find in the match record."""
    record = json.loads(form["sealed_match"])
    assert (record["purpose"], record["record"]) == ("match", MATCH)
    return MatchRecord.parse(
        matches.read_payload(open_escrow(record, {1: b64(SEEDS["C1"]), 2: b64(SEEDS["C2"])}))
    )


def test_what_tells_one_person_is_sealed_apart_and_custodians_read_it(page: Page, site: Site) -> None:
    fill(page, as_it_sounds="Yusuf", place="Sermin", birth="1972", give_or_take="3", phone="٤٧١١")
    press(page, "Deposit")
    form = posted(page, site)
    assert compared(form) == MatchRecord("Yusuf", (1969, 1975), "Sermin", "٤٧١١")
    assert not [text for text in ("Yusuf", "1972", "٤٧١١") if text in json.dumps(form, ensure_ascii=False)]


def test_the_name_of_the_identity_serves_where_no_other_is_typed(page: Page, site: Site) -> None:
    fill(page)
    press(page, "Deposit")
    assert compared(posted(page, site)) == MatchRecord(NAME, None, "", "")


def test_it_is_sealed_where_no_identity_is_typed_too(page: Page, site: Site) -> None:
    page.get_by_label("as it sounds").fill("Yusuf")
    press(page, "Deposit")
    form = posted(page, site)
    assert form["sealed_identity"] == ""
    assert compared(form) == MatchRecord("Yusuf", None, "", "")


def test_nothing_is_sent_while_what_tells_one_person_has_no_name(page: Page, site: Site) -> None:
    page.get_by_label("phone").fill("4711")
    press(page, "Deposit")
    expect(page.locator("#match-needs-name")).to_be_focused()
    assert not site.posted
    assert not site.checked


@pytest.mark.parametrize("button", ["Deposit", "Save draft"])
def test_no_word_of_the_identity_is_posted_in_the_clear(page: Page, site: Site, button: str) -> None:
    fill(page)
    press(page, button)
    form = posted(page, site)
    assert not [text for text in IDENTITY.values() if text and text in json.dumps(form, ensure_ascii=False)]
    assert form.keys() == {
        "csrf",
        "sealed_identity",
        "sealed_match",
        "kind",
        "pseudonym",
        "reason",
        "testimony",
        "act",
    }


def test_the_server_is_asked_first_without_the_identity(page: Page, site: Site) -> None:
    fill(page)
    press(page, "Deposit")
    form = posted(page, site)
    (asked,) = site.checked
    assert asked == {
        **{name: [value] for name, value in form.items() if not name.startswith("sealed_")},
        "act": ["check"],
    }


def test_what_the_server_would_refuse_is_said_and_everything_typed_stays(page: Page, site: Site) -> None:
    page.route("**/deposit", lambda route: route.fulfill(status=422, json={"error": "Choose a <b>day</b>."}))
    fill(page)
    press(page, "Deposit")
    expect(page.locator("#not-yet")).to_be_focused()
    expect(page.locator("#not-yet")).to_have_text("Choose a <b>day</b>.")
    expect(page.get_by_label("name", exact=True)).to_have_value(NAME)
    page.unroute("**/deposit")
    press(page, "Deposit")
    assert opened(posted(page, site))["name"] == NAME


@pytest.mark.parametrize(("status", "notice"), [(401, "session-ended"), (500, "no-answer"), (0, "no-answer")])
def test_without_a_good_answer_the_identity_stays_on_the_page(page: Page, status: int, notice: str) -> None:
    page.route("**/deposit", lambda route: route.fulfill(status=status) if status else route.abort())
    fill(page)
    press(page, "Deposit")
    expect(page.locator(f"#{notice}")).to_be_focused()
    expect(page.get_by_label("name", exact=True)).to_have_value(NAME)
    expect(page.get_by_role("button", name="Deposit", exact=True)).to_be_enabled()


def test_typing_renews_the_session_at_most_once_a_minute(page: Page) -> None:
    renewals: list[str | None] = []

    def renew(route: Route) -> None:
        renewals.append(route.request.post_data)
        route.fulfill(status=204)

    page.route("**/renew", renew)
    page.clock.install()
    page.reload()
    for seconds, renews in ((30, False), (40, True), (20, False), (50, True)):
        page.clock.fast_forward(seconds * 1000)
        with page.expect_response("**/renew") if renews else nullcontext():
            page.get_by_label("testimony").press_sequentially("ab")
    expect(page.get_by_label("testimony")).to_have_value("abababab")
    assert renewals == ["csrf=token"] * 2


def test_a_session_begun_in_another_window_takes_the_form_up(page: Page, site: Site) -> None:
    later = (
        page.locator("html").evaluate("(page) => page.outerHTML").replace('value="token"', 'value="fresh"')
    )

    def answer(route: Route) -> None:
        if route.request.method == "GET":
            route.fulfill(body=later)
        elif "csrf=token" in (route.request.post_data or ""):
            route.fulfill(status=403)
        else:
            route.continue_()

    page.route("**/deposit", answer)
    fill(page)
    press(page, "Deposit")
    assert opened(posted(page, site))["name"] == NAME


def test_a_draft_holds_no_identity_not_even_sealed(page: Page, site: Site) -> None:
    fill(page)
    press(page, "Save draft")
    assert posted(page, site)["sealed_identity"] == ""


def test_without_an_identity_nothing_is_sealed(page: Page, site: Site) -> None:
    page.get_by_label("testimony").fill("I heard two aircraft.")
    press(page, "Deposit")
    assert posted(page, site)["sealed_identity"] == ""


def test_a_follow_up_is_sealed_under_the_pseudonym_that_was_typed(page: Page, site: Site) -> None:
    fill(page, pseudonym="  Walnut birch-Maple  olive ")
    page.get_by_label("again").check()
    press(page, "Deposit")
    assert opened(posted(page, site))["pseudonym"] == "walnut-birch-maple-olive"


@pytest.mark.parametrize(
    "said",
    [
        {"testimony": "ثم قال وأَحْمَد إنه رأى"},
        {"testimony": "Call me on 0944-123456."},
        {"testimony": "اتصل ٠٩٤٤١٢٣٤٥٦"},
        {"testimony": "I live in SERMIN."},
        {"reason": "It was العلي himself who asked"},
    ],
)
def test_a_testimony_that_names_its_witness_is_stopped_once(
    page: Page, site: Site, said: dict[str, str]
) -> None:
    fill(page, **said)
    press(page, "Deposit")
    expect(page.locator("#identity-in-testimony")).to_be_focused()
    assert site.posted == []
    press(page, "Deposit anyway")
    assert opened(posted(page, site))["name"] == NAME


def test_the_warning_goes_when_the_testimony_is_mended(page: Page, site: Site) -> None:
    fill(page, testimony="I am أحمد.")
    press(page, "Deposit")
    page.get_by_label("testimony").fill("I am a neighbour.")
    press(page, "Deposit")
    assert opened(posted(page, site))["name"] == NAME


def test_a_draft_may_name_its_witness(page: Page, site: Site) -> None:
    fill(page, testimony="I am أحمد.")
    press(page, "Save draft")
    assert posted(page, site)["act"] == "save"


def test_an_identity_that_is_too_long_stays_on_the_page(page: Page, site: Site) -> None:
    fill(page, notes="ن" * 1000)
    press(page, "Deposit")
    expect(page.locator("#identity-too-long")).to_be_focused()
    expect(page.get_by_label("name", exact=True)).to_have_value(NAME)
    assert site.posted == []


def test_when_sealing_fails_nothing_is_sent_and_the_page_says_so(page: Page, site: Site) -> None:
    page.locator("#custodians").evaluate("(block) => { block.textContent = '{}'; }")
    fill(page)
    press(page, "Deposit")
    expect(page.locator("#identity-not-sealed")).to_be_focused()
    expect(page.get_by_role("button", name="Deposit", exact=True)).to_be_enabled()
    assert site.posted == []


def test_custodians_keys_are_asked_for_until_they_are_here(page: Page, site: Site) -> None:
    """On a poor line the first answer is lost; after a session's end another page comes in their place."""
    block = '<script type="application/json" id="custodians" data-address="/keys"></script>'
    html = f'<!doctype html>{block}<input><script type="module" src="/static/custodians.js"></script>'
    policy = {"Content-Security-Policy": POLICY}
    page.route(
        "**/keys-form", lambda route: route.fulfill(body=html, content_type="text/html", headers=policy)
    )
    answers = iter(["lost", "elsewhere", "here"])

    def answer(route: Route) -> None:
        match next(answers):
            case "lost":
                route.abort()
            case "elsewhere":
                route.fulfill(status=303, headers={"Location": "/static/vault.css"})
            case _:
                route.fulfill(body="{}", content_type="application/json")

    page.route("**/keys", answer)
    page.goto(f"{site.url}/keys-form")
    for typed in ("one", "two"):
        expect(page.locator("#custodians")).to_have_js_property("textContent", "")
        page.locator("input").fill(typed)
        page.locator("input").blur()
    expect(page.locator("#custodians")).to_have_js_property("textContent", "{}")


def test_a_double_press_deposits_once(page: Page, site: Site) -> None:
    fill(page)
    page.get_by_role("button", name="Deposit", exact=True).evaluate(
        "(button) => { button.click(); button.click(); }"
    )
    posted(page, site)


def test_the_identity_is_cleared_and_the_buttons_rest_once_the_form_is_on_its_way(page: Page) -> None:
    fill(page)
    page.route("**/deposit", lambda route: route.fulfill(status=204))  # no answer to show: the page stays
    press(page, "Deposit")
    expect(page.locator("#interview")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_label("name", exact=True)).to_have_value("")
    expect(page.get_by_role("button", name="Deposit", exact=True)).to_be_disabled()


def test_coming_back_to_the_page_starts_afresh(page: Page) -> None:
    fill(page)
    page.route("**/deposit", lambda route: route.fulfill(status=204))
    press(page, "Deposit")
    expect(page.get_by_label("name", exact=True)).to_have_value("")  # it is on its way
    page.evaluate("window.dispatchEvent(new Event('pageshow'))")
    expect(page.locator("[name=sealed_identity]")).to_have_value("")
    expect(page.get_by_role("button", name="Deposit", exact=True)).to_be_enabled()


def test_no_policy_is_violated(page: Page, site: Site) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.reload()
    fill(page)
    press(page, "Deposit")
    posted(page, site)
    assert said == []


def test_the_template_keeps_the_contract_of_the_script() -> None:
    template = (STATIC.parent / "templates" / "interview.html").read_text("utf-8")
    template = template.replace("{{ csrf_field() }}", '<input name="csrf" value="token">')
    for attribute in ("id", "data-identity", "name", "value"):
        wanted = set(re.findall(rf'\s{attribute}="([^"]*)"', CONTRACT)) - {""}
        assert wanted <= set(re.findall(rf'\s{attribute}="([^"]*)"', template))
    assert set(re.findall(r"\bdata-[a-z]+=", CONTRACT)) <= set(re.findall(r"\bdata-[a-z]+=", template))
    assert not re.search(r"<[^>]*data-identity=[^>]*\bname=", template)
