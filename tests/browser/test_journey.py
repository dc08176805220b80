"""The whole of it in a browser, against a real server: a researcher enrols, logs three interviews, a reviewer counts
them, a reader reads them, and three custodians open one identity that was sealed on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import interviewer
from tests.browser.house import NEWCOMER, STORY, House, served
from tests.browser.visit import PHONE, Visit, overflow, pages
from vault.cli import custodian, openings
from vault.errors import Refused

HOSPITAL, MOSQUE = (incident["title"] for incident in STORY["case"]["incidents"])
IDENTITIES = (
    {
        "Name": "زرياب المخترَع القمري",
        "Other names": "Zaryab Quillfeather",
        "How to reach them safely": "+963 999 000 111",
        "Where they live or lived": "Invented Lane 7, Nowhereville",
        "Notes": "walks with a carved stick",
    },
    {"Name": "Inventa Marrowdale", "How to reach them safely": "inventa@nowhere.invalid"},
    {"Name": "Fabula Thistlewick", "Where they live or lived": "Behind the imaginary well"},
)
SECRETS = tuple(text for identity in IDENTITIES for text in identity.values())


@dataclass
class Newcomer:
    """What somebody who enrols in a browser comes to see: the desk before the roster lists them, what a custodian
    reads of their card, and then the case.
    """

    visit: Visit
    compared: tuple[str, str]
    kit: dict[str, str]
    waiting: str
    listed: str
    case: str


@dataclass
class Logged:
    """What the researcher's browser did, and what was on its receipts."""

    visit: Visit
    case: str
    pseudonyms: list[str] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with served(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture(scope="module")
def newcomer(house: House, chromium: Browser) -> Newcomer:
    link = house.invite(NEWCOMER)
    visit = Visit(chromium, house.stage.server)
    page = visit.page
    page.goto(link)
    compared = page.locator("#words-from-link").inner_text(), page.locator("#words-of-server").inner_text()
    passphrase = page.locator(".offer").inner_text()
    page.get_by_label("Passphrase", exact=True).fill(passphrase)
    page.get_by_label("The same passphrase again").fill(passphrase)
    page.get_by_role("button", name="Make my keys").click()
    expect(page.get_by_role("heading", name="Print this now, or copy it by hand")).to_be_visible()
    kit = {
        "code": page.locator("dd.mono").inner_text(),
        "key": "-".join(page.locator(".device-key li").all_inner_texts()),
        "words": page.locator("dd.words").inner_text(),
    }
    page.get_by_role("link", name="I have it on paper").click()
    page.get_by_label("Your code").fill(NEWCOMER)
    page.get_by_label("Passphrase").fill(passphrase)  # this browser keeps the device key
    page.get_by_role("button", name="Sign in").click()
    waiting = page.locator("main").inner_text()
    listed, _ = house.run("C1", custodian.cards)
    house.stage.passphrases[NEWCOMER], house.device_keys[NEWCOMER] = passphrase, kit["key"]
    house.admit(NEWCOMER)
    return Newcomer(visit, compared, kit, waiting, listed, house.open_case())


@pytest.fixture(scope="module")
def logged(house: House, newcomer: Newcomer, chromium: Browser) -> Logged:
    """Three witnesses; the first by way of a draft, the second after a mistake."""
    told = Logged(house.enter(chromium, NEWCOMER), newcomer.case)
    page = told.visit.page
    first, second, third = STORY["interviews"]

    interviewer.begin(page, newcomer.case, HOSPITAL)
    interviewer.fill(page, first)
    interviewer.name(page, IDENTITIES[0])
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("region", name="Your drafts").get_by_role("link").click()
    told.seen["refilled"] = {
        "testimony": page.get_by_label("What the witness told you").input_value(),
        "ticked": _ticked(page),
        "modality": _chosen(page, "aircraft.present", "The witness"),
        "told by": _chosen(page, "communications.intercepted", "Told by"),
        "name": page.get_by_label("Name", exact=True).input_value(),
    }
    interviewer.name(page, IDENTITIES[0])
    told.pseudonyms.append(interviewer.deposit(page))

    interviewer.begin(page, newcomer.case, HOSPITAL)
    interviewer.fill(page, second)
    page.get_by_role("checkbox", name="Writing it down").uncheck()
    interviewer.name(page, IDENTITIES[1])
    page.get_by_role("button", name="Deposit", exact=True).click()
    expect(page.locator("#not-yet")).to_be_focused()
    told.seen["mistake"] = page.locator("#not-yet").inner_text()
    assert "422" in told.visit.complaints.pop()  # Chromium notes it, as it should
    told.seen["kept"] = page.get_by_label("Name", exact=True).input_value()
    page.get_by_role("checkbox", name="Writing it down").check()
    told.pseudonyms.append(interviewer.deposit(page))

    interviewer.begin(page, newcomer.case, HOSPITAL)
    interviewer.fill(page, third)
    interviewer.name(page, IDENTITIES[2])
    told.pseudonyms.append(interviewer.deposit(page))
    return told


@pytest.fixture(scope="module")
def reviewer(house: House, logged: Logged, chromium: Browser) -> Visit:
    """V1, who has cut the first edition and stands on the hospital's table."""
    visit = house.enter(chromium, "V1")
    visit.page.goto(f"/cases/{logged.case}")
    visit.page.get_by_role("link", name="Editions").click()
    visit.page.get_by_role("link", name="Cut an edition").click()
    visit.page.get_by_role("button", name="Cut the edition").click()
    visit.page.get_by_role("link", name=HOSPITAL).click()
    expect(visit.page.get_by_role("heading", name=HOSPITAL)).to_be_visible()
    return visit


@pytest.fixture(scope="module")
def reader(house: House, logged: Logged, chromium: Browser) -> Visit:
    """V2, who holds the testimony key."""
    visit = house.enter(chromium, "V2")
    visit.page.goto(f"/cases/{logged.case}/testimony")
    return visit


def _ticked(page: Page) -> set[str]:
    return set(
        page.locator(".claim :checked").evaluate_all(
            """(ticked) => ticked.filter((one) => one.type === "checkbox").map((one) =>
                `${one.closest(".claim").querySelector("input[type=hidden]").value} ${one.value}`)"""
        )
    )


def _chosen(page: Page, subject: str, name: str) -> str:
    return interviewer.line(page, subject).get_by_role("combobox", name=name, exact=True).input_value()


def _coded(interview: dict[str, Any]) -> set[str]:
    return {f"{said['subject']} {how}" for said in interview["observations"] for how in said["perception"]}


def _row(page: Page, claim: str) -> Locator:
    return page.locator("tbody").filter(has=page.get_by_role("rowheader", name=claim))


def test_the_invitation_lets_a_person_compare_the_vaults_words(newcomer: Newcomer) -> None:
    in_link, on_server = newcomer.compared
    assert in_link == on_server
    assert len(in_link.split()) == 6


def test_the_kit_carries_code_key_and_the_words_that_a_custodian_reads(newcomer: Newcomer) -> None:
    assert newcomer.kit["code"] == NEWCOMER
    assert re.fullmatch(r"([A-Z2-7]{4}-){12}[A-Z2-7]{4}", newcomer.kit["key"])
    assert newcomer.listed.split() == [NEWCOMER, "researcher", *newcomer.kit["words"].split()]


def test_until_the_roster_lists_them_there_is_nothing_to_see(newcomer: Newcomer) -> None:
    assert "Almost there" in newcomer.waiting
    assert newcomer.kit["words"] in newcomer.waiting


def test_cookies_are_bound_to_the_host_and_out_of_reach_of_scripts(newcomer: Newcomer) -> None:
    cookies = newcomer.visit.cookies()
    assert cookies.keys() == {"__Host-session", f"__Host-device-{NEWCOMER}"}
    for cookie in cookies.values():
        assert cookie["secure"]
        assert cookie["httpOnly"]
        assert cookie["sameSite"] == "Strict"
        assert cookie["path"] == "/"


def test_a_draft_comes_back_as_it_was_but_for_the_identity(logged: Logged) -> None:
    first = STORY["interviews"][0]
    assert logged.seen["refilled"] == {
        "testimony": first["testimony"],
        "ticked": _coded(first),
        "modality": "not_able_to_say",
        "told by": "armed_group_member",
        "name": "",
    }


def test_a_mistake_costs_nobody_the_identity_that_they_typed(logged: Logged) -> None:
    assert "The witness has not agreed to a record" in logged.seen["mistake"]
    assert logged.seen["kept"] == IDENTITIES[1]["Name"]


def test_the_server_is_never_told_an_identity(logged: Logged) -> None:
    assert (
        sum(
            b'"witness-vault/v1/escrow"' in body or b"sealed_identity=%7B" in body
            for body in logged.visit.sent
        )
        == 3
    )
    assert logged.visit.told(SECRETS) == []


def test_the_watch_would_have_caught_an_identity(house: House, chromium: Browser) -> None:
    with chromium.new_context():
        visit = Visit(chromium, house.stage.server)
        visit.page.goto("/sign-in")
        visit.page.get_by_label("Your code").evaluate("(input) => { input.maxLength = 99; }")
        visit.page.get_by_label("Your code").fill(SECRETS[0])
        visit.page.get_by_label("Passphrase").fill("wrong")
        visit.page.get_by_label("Device key").fill("wrong")
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.get_by_role("alert")).to_be_visible()
        assert visit.told(SECRETS) == [SECRETS[0]]


@pytest.mark.usefixtures("logged")
def test_no_identity_lies_in_any_file_of_the_vault(house: House) -> None:
    kept = b"".join(path.read_bytes() for path in house.stage.folder.glob("*.db*"))
    assert [secret for secret in SECRETS if secret.encode() in kept] == []


def test_the_table_says_that_two_independent_persons_perceived_aircraft(reviewer: Visit) -> None:
    row = _row(reviewer.page, "Aircraft: present")
    expect(row.get_by_role("cell").nth(0)).to_have_text(re.compile(r"^\s*2"))
    expect(row).to_contain_text("Perceived directly by two independent persons")
    expect(row).to_contain_text("one did not perceive it, which does not contradict")
    expect(_row(reviewer.page, "Strike: it took place")).to_contain_text(
        "directly by three independent persons"
    )
    expect(_row(reviewer.page, "Aircraft: how many")).to_contain_text("directly by one independent person;")


def test_the_researcher_can_deposit_and_not_read(
    house: House, logged: Logged, reviewer: Visit, chromium: Browser
) -> None:
    visit = house.enter(chromium, NEWCOMER)
    case = f"/cases/{logged.case}"
    assert visit.status(case) == 200
    refused = [
        f"{case}/testimony",
        f"{case}/testimony/AAAAAAAAAAAAAAAAAAAAAA",
        f"{case}/editions",
        reviewer.page.url,
    ]
    assert {visit.status(url) for url in refused} <= {403, 404}


def test_the_reader_reads_every_testimony(logged: Logged, reader: Visit) -> None:
    page = reader.page
    for pseudonym, interview in zip(logged.pseudonyms, STORY["interviews"], strict=True):
        page.goto(f"/cases/{logged.case}/testimony")
        page.get_by_role("link", name=pseudonym).click()
        expect(page.locator(".testimony")).to_have_text(interview["testimony"])


def test_three_custodians_open_what_was_typed_and_two_do_not(
    house: House, logged: Logged, reader: Visit
) -> None:
    reader.page.goto(f"/cases/{logged.case}/testimony")
    reader.page.get_by_role("link", name=logged.pseudonyms[0]).click()
    command = reader.page.locator(".command").inner_text()
    (record,) = re.findall(r"--record (\S{22})", command)
    printed, aside = house.run(
        "V2", openings.request, "--record", record, "--reason", "to bring them to safety"
    )
    opening, code = printed.strip(), aside.strip().rpartition(": ")[2]
    for holder in ("C1", "C2"):
        waiting, _ = house.run(holder, openings.inbox)
        assert "to bring them to safety" in waiting
        house.run(holder, openings.decide_on, opening, "--yes")
    with pytest.raises(Refused):
        house.run("V2", openings.combine_and_show, opening, "--code", code, "--yes")
    house.run("C4", openings.decide_on, opening, "--yes")
    shown, _ = house.run("V2", openings.combine_and_show, opening, "--code", code, "--yes")
    identity = IDENTITIES[0]
    assert dict(line.split(": ", 1) for line in shown.splitlines()) == {
        "Pseudonym": logged.pseudonyms[0],
        "Name": identity["Name"],
        "Other names": identity["Other names"],
        "Contact": identity["How to reach them safely"],
        "Address": identity["Where they live or lived"],
        "Notes": identity["Notes"],
    }


def test_without_scripts_an_interview_without_identity_is_deposited(
    house: House, newcomer: Newcomer, chromium: Browser
) -> None:
    visit = house.enter(chromium, NEWCOMER, java_script_enabled=False)
    interviewer.begin(visit.page, newcomer.case, MOSQUE)
    expect(visit.page.locator("noscript p")).to_contain_text("the identity cannot be sealed here")
    expect(visit.page.locator("noscript p")).to_be_visible()
    expect(visit.page.get_by_label("Name", exact=True)).to_be_hidden()
    interviewer.fill(visit.page, STORY["interviews"][2])
    visit.page.get_by_role("button", name="Deposit", exact=True).click()
    expect(visit.page.get_by_text("No identity was sealed with it.")).to_be_visible()


def test_a_session_that_ends_under_somebodys_hands_costs_nothing(
    house: House, newcomer: Newcomer, chromium: Browser
) -> None:
    visit = house.enter(chromium, NEWCOMER)
    page = visit.page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, STORY["interviews"][2])
    interviewer.name(page, IDENTITIES[2])
    house.end_sessions()
    page.get_by_role("button", name="Deposit", exact=True).click()
    expect(page.get_by_text("Your session has ended.")).to_be_visible()
    with visit.context.expect_page() as elsewhere:
        page.get_by_role("link", name="Sign in again in another window").click()
    elsewhere.value.get_by_label("Your code").fill(NEWCOMER)
    elsewhere.value.get_by_label("Passphrase").fill(house.stage.passphrases[NEWCOMER])
    elsewhere.value.get_by_role("button", name="Sign in").click()
    expect(elsewhere.value.get_by_role("heading", name="Your drafts")).to_be_visible()
    page.bring_to_front()
    interviewer.deposit(page)
    expect(page.get_by_text("The identity was sealed with it.")).to_be_visible()


def test_an_identity_that_was_sealed_in_vain_is_asked_for_again(
    house: House, newcomer: Newcomer, chromium: Browser
) -> None:
    page = house.enter(chromium, NEWCOMER).page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, STORY["interviews"][2])
    page.get_by_role("checkbox", name="Writing it down").uncheck()
    interviewer.name(page, IDENTITIES[2])
    page.route(
        "**/drafts/*",
        lambda route: (
            route.fulfill(status=204) if "act=check" in (route.request.post_data or "") else route.continue_()
        ),
    )
    page.get_by_role("button", name="Deposit", exact=True).click()
    expect(page.get_by_role("link", name="Type the identity again: it was not kept.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_a_draft_can_be_destroyed(house: House, newcomer: Newcomer, chromium: Browser) -> None:
    page = house.enter(chromium, NEWCOMER).page
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


def test_a_fault_in_a_folded_part_is_brought_into_view(
    house: House, newcomer: Newcomer, chromium: Browser
) -> None:
    page = house.enter(chromium, NEWCOMER).page
    interviewer.begin(page, newcomer.case, MOSQUE)
    interviewer.fill(page, STORY["interviews"][2])
    line = interviewer.line(page, "aircraft.number")
    line.get_by_label("From").fill("0")
    page.get_by_role("heading", name="The aircraft").click()
    expect(line).to_be_hidden()
    page.get_by_role("button", name="Deposit", exact=True).click()
    expect(line.get_by_label("From")).to_be_focused()


def test_the_keyboard_is_enough(house: House, newcomer: Newcomer, chromium: Browser) -> None:
    visit = house.enter(chromium, NEWCOMER)
    interviewer.begin(visit.page, newcomer.case, MOSQUE)
    keys = visit.page.keyboard
    for selector, typed in (
        ("#consent-recording", " "),
        ("#consent-uses", " "),
        ("#date", "11032015"),
        ("#language", "ar"),
        ("#testimony", "I heard it come down."),
        ("[name=obs-0-perception][value=heard]", " "),
    ):
        _tab_to(visit.page, selector)
        keys.type(typed)
    assert _ticked(visit.page) == {"strike.took_place heard"}
    _tab_to(visit.page, "[value=deposit]")
    keys.press("Enter")
    expect(visit.page.get_by_role("heading", name="It is sealed")).to_be_visible()


def _tab_to(page: Page, selector: str) -> None:
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"The Tab key never reaches {selector}")


@pytest.mark.usefixtures("reviewer")
@pytest.mark.parametrize("code", [NEWCOMER, "V1", "V2"])
def test_no_page_is_wider_than_a_phone(
    house: House, newcomer: Newcomer, chromium: Browser, code: str
) -> None:
    visit = house.enter(chromium, code, viewport=PHONE)
    if code == NEWCOMER:
        interviewer.begin(visit.page, newcomer.case, MOSQUE)
        visit.page.get_by_role("button", name="Save draft").click()
    assert [url for url in pages(visit) if overflow(visit.page)] == []
    assert visit.complaints == []


def test_nothing_is_asked_of_strangers_and_nothing_violates_the_policy(
    newcomer: Newcomer, logged: Logged, reviewer: Visit, reader: Visit
) -> None:
    for visit in (newcomer.visit, logged.visit, reviewer, reader):
        assert visit.strangers() == []
        assert visit.complaints == []


@pytest.mark.usefixtures("newcomer")
def test_signing_out_ends_the_session_and_keeps_the_device(house: House, chromium: Browser) -> None:
    visit = house.enter(chromium, NEWCOMER)
    visit.page.get_by_role("button", name="Sign out").click()
    expect(visit.page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(visit.page.get_by_label("Device key")).to_be_hidden()
    assert visit.cookies().keys() == {f"__Host-device-{NEWCOMER}"}


def test_leaving_no_trace_takes_the_device_key_and_the_drafts(
    house: House, newcomer: Newcomer, chromium: Browser
) -> None:
    visit = house.enter(chromium, NEWCOMER)
    interviewer.begin(visit.page, newcomer.case, MOSQUE)
    visit.page.locator(".leave summary").click()
    visit.page.get_by_role("button", name="Leave no trace on this device").click()
    expect(visit.page.get_by_label("Device key")).to_be_visible()
    assert visit.cookies() == {}
    again = house.enter(chromium, NEWCOMER)
    expect(again.page.get_by_role("heading", name="Your drafts")).to_be_hidden()
