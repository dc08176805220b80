"""The whole of it in a browser, against a real server: a researcher enrols, logs three interviews, a reviewer counts
them, a reader reads them, and three custodians open one identity that was sealed on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import interviewer
from tests.browser.conftest import Enter
from tests.browser.house import HOSPITAL, NEWCOMER, STORY, House
from tests.browser.newcomer import Newcomer
from tests.browser.visit import Visit, arrived
from vault.cli import decisions, openings, requests
from vault.errors import Refused

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
class Logged:
    """What the researcher's browser did, and what was on its receipts."""

    visit: Visit
    case: str
    pseudonyms: list[str] = field(default_factory=list)
    seen: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def logged(house: House, newcomer: Newcomer, chromium: Browser) -> Logged:
    """Three witnesses; the first by way of a draft, the second after a mistake."""
    told = Logged(house.enter(chromium, NEWCOMER), newcomer.case)
    page = told.visit.page
    first, second, third = STORY["interviews"]

    interviewer.begin(page, newcomer.case, HOSPITAL)
    interviewer.fill(page, first)
    interviewer.name(page, IDENTITIES[0])
    draft = urlsplit(page.url).path
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("region", name="Your drafts").locator(f"a[href='{draft}']").click()
    arrived(page, "Interview")
    interviewer.step(page, "What was perceived")
    told.seen["refilled"] = {
        "testimony": page.get_by_label("What the witness told you").input_value(),
        "ticked": interviewer.ticked(page),
        "modality": _chosen(page, "aircraft.present", "The witness"),
        "told by": _chosen(page, "communications.intercepted", "Told by"),
        "name": page.get_by_label("Name", exact=True).input_value(),
    }
    interviewer.name(page, IDENTITIES[0])
    told.pseudonyms.append(interviewer.deposit(page))

    interviewer.begin(page, newcomer.case, HOSPITAL)
    interviewer.fill(page, second)
    interviewer.step(page, "Consent")
    page.get_by_role("checkbox", name="Writing it down").uncheck()
    interviewer.name(page, IDENTITIES[1])
    interviewer.hand_in(page)
    expect(page.locator("#not-yet")).to_be_focused()
    told.seen["mistake"] = page.locator("#not-yet").inner_text()
    assert "422" in told.visit.complaints.pop()  # Chromium notes it, as it should
    told.seen["kept"] = page.get_by_label("Name", exact=True).input_value()
    interviewer.step(page, "Consent")
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
    assert newcomer.listed.split()[0] == NEWCOMER
    assert newcomer.kit["words"] in newcomer.listed


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
    visit = Visit(chromium, house.stage.server)
    visit.page.goto("/sign-in")
    visit.page.get_by_label("Your code").fill("R9")
    visit.page.get_by_label("Passphrase").fill(SECRETS[0])
    visit.page.get_by_label("Device key").fill("wrong")
    visit.page.get_by_role("button", name="Sign in").click()
    expect(visit.page.get_by_role("alert")).to_be_visible()
    assert visit.told(SECRETS) == [SECRETS[0]]
    visit.context.close()


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


def test_the_researcher_can_deposit_and_not_read(logged: Logged, reviewer: Visit, enter: Enter) -> None:
    visit = enter()
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
    (record,) = re.findall(r"--record (\S+)", command)
    printed, aside = house.run(
        "V2", openings.request, "--record", record, "--reason", "to bring them to safety"
    )
    opening, code = printed.strip(), aside.strip().rpartition(": ")[2]
    for holder in ("C1", "C2"):
        waiting, _ = house.run(holder, decisions.inbox)
        assert "to bring them to safety" in waiting
        house.run(holder, decisions.decide_on, "--yes", "--", opening)
    with pytest.raises(Refused):
        house.run("V2", openings.combine_and_show, "--yes", "--", opening, **{requests.CODE: code})
    house.run("C4", decisions.decide_on, "--yes", "--", opening)
    shown, _ = house.run("V2", openings.combine_and_show, "--yes", "--", opening, **{requests.CODE: code})
    identity = IDENTITIES[0]
    assert dict(line.split(": ", 1) for line in shown.splitlines()) == {
        "Pseudonym": logged.pseudonyms[0],
        "Name": identity["Name"],
        "Other names": identity["Other names"],
        "Contact": identity["How to reach them safely"],
        "Address": identity["Where they live or lived"],
        "Notes": identity["Notes"],
    }


def test_nothing_is_asked_of_strangers_and_nothing_violates_the_policy(
    newcomer: Newcomer, logged: Logged, reviewer: Visit, reader: Visit
) -> None:
    for visit in (newcomer.visit, logged.visit, reviewer, reader):
        assert visit.strangers() == []
        assert visit.complaints == []
