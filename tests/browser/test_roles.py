"""Each role's way through the Sermin case, in English and Arabic, with scripts, and without where nothing is sealed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import interviewer
from tests.browser.house import HOSPITAL, STORY, House, served
from tests.browser.spoken import Say, spoken
from tests.browser.visit import PHONE, Visit, arrived
from vault.cli import decisions, openings

LANGUAGES = ("en", "ar")
SCRIPTS = (True, False)
IDENTITY = {"Name": "Fabula Thistlewick", "Where they live or lived": "Behind the imaginary well"}
_PEOPLE = "Perceived directly by %(people)s independent person"
_SAID = {  # of a figure: English says it in words, other languages turn the sentence so that it stands alone
    "en": "Perceived directly by three independent persons",
    "ar": spoken("ar")(_PEOPLE) % {"people": "3"},
}


@dataclass
class Company:
    """A house with a case for each language, and what was handed in there."""

    house: House
    browser: Browser
    cases: dict[str, tuple[str, str]] = field(default_factory=dict)
    receipts: dict[tuple[str, bool], str] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)

    def enter(self, code: str, language: str, scripts: bool, **options: Any) -> tuple[Page, Say]:
        """Somebody chooses their language, and signs in."""
        visit = Visit(self.browser, self.house.stage.server, java_script_enabled=scripts, **options)
        self.visits.append(visit)
        page, say = visit.page, spoken(language)
        page.goto("/sign-in")
        page.locator(f"[name=language][value={language}]").first.click()
        way = "rtl" if language == "ar" else "ltr"
        expect(page.locator(f"html[lang={language}][dir={way}]")).to_have_count(1)
        page.get_by_label(say("Your code")).fill(code)
        passphrases = self.house.stage.passphrases
        page.get_by_label(say("Passphrase")).fill(passphrases[self.house.stage.signs_in_as(code)])
        page.get_by_role("textbox", name=say("Device key")).fill(self.house.device_key(code))
        page.get_by_role("button", name=say("Sign in")).click()
        arrived(page, say("Desk"))
        return page, say


@pytest.fixture(scope="module")
def company(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with served(tmp_path_factory.mktemp("roles")) as house:
        made = Company(house, chromium)
        for number, language in enumerate(LANGUAGES):
            case, hospital = house.stage._open_case({**STORY["case"], "code": f"S{number}"}, number)
            made.cases[language] = case, hospital
            house.stage._log(case, hospital, STORY["interviews"][1], number)
        yield made
        for visit in made.visits:
            visit.context.close()


@pytest.fixture(scope="module")
def logged(company: Company) -> Company:
    """R1 has logged two interviews in each case: with scripts, and without."""
    for language in LANGUAGES:
        for scripts, interview in zip(SCRIPTS, STORY["interviews"][::2], strict=True):
            page, say = company.enter("R1", language, scripts, viewport=PHONE)
            interviewer.begin(page, company.cases[language][0], HOSPITAL, say)
            interviewer.fill(page, interview, say)
            if scripts:
                interviewer.name(page, IDENTITY, say)
            interviewer.deposit(page, say)
            company.receipts[language, scripts] = page.locator("main").inner_text()
    return company


@pytest.fixture(scope="module")
def cut(logged: Company) -> dict[str, Page]:
    """V1 has cut each case's first edition, in one without scripts, and stands on the hospital's table."""
    tables = {}
    for language, scripts in zip(LANGUAGES, SCRIPTS, strict=True):
        page, say = logged.enter("V1", language, scripts)
        page.goto(f"/cases/{logged.cases[language][0]}")
        page.get_by_role("link", name=say("Cut an edition")).click()
        page.get_by_role("button", name=say("Cut the edition")).click()
        page.get_by_role("link", name=HOSPITAL).click()
        arrived(page, HOSPITAL)
        tables[language] = page
    return tables


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("scripts", SCRIPTS)
def test_a_researcher_logs_an_interview(logged: Company, language: str, scripts: bool) -> None:
    """Without scripts an identity cannot be sealed: the page says so, and everything else goes on."""
    say, receipt = spoken(language), logged.receipts[language, scripts]
    assert say("Withdrawal token") in receipt
    without = re.sub(
        r"</?b>",
        "",
        say("<b>No identity was sealed with it.</b> If you had written one, deposit again as a correction."),
    )
    assert (without in receipt) is not scripts


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reviewer_cuts_an_edition_and_reads_how_many_perceived_it(
    cut: dict[str, Page], language: str
) -> None:
    expect(cut[language].locator(".corroboration")).to_contain_text(_SAID[language])


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("language", LANGUAGES)
def test_one_reviewer_moves_and_another_decides(logged: Company, language: str) -> None:
    case, hospital = logged.cases[language]
    for code, scripts in (("V1", False), ("V2", True)):
        page, say = logged.enter(code, language, scripts)
        page.goto(f"/cases/{case}/editions/1/{hospital}/sources")
        if code == "V1":
            page.get_by_text(say("Say how many could have perceived something")).click()
            form = page.locator("form:has([name=act][value=pool])")
            form.get_by_label(say("How it is known")).fill("Counted on a map.")
            form.get_by_role("button", name=say("Move it")).click()
            expect(page.get_by_text("Counted on a map.")).to_be_visible()
        else:
            page.locator("summary", has_text=say("Decide")).first.click()
            form = page.locator("form:has([name=act][value=decision])")
            form.get_by_text(say("Uphold it: statements rest on it")).click()
            form.get_by_role("textbox").fill("The map shows it.")
            form.get_by_role("button", name=say("Sign the decision")).click()
            upheld = say("Upheld by %(code)s:").partition("%")[0].strip()
            expect(page.locator("li", has_text="The map shows it.")).to_contain_text(upheld)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_custodian_sees_what_waits_and_hands_in_a_decision(
    logged: Company, tmp_path: Path, language: str
) -> None:
    """In one language from a file, in the other as text, without scripts. The key file never meets a page."""
    house = logged.house
    reader, say = logged.enter("V2", language, True)
    reader.goto(f"/cases/{logged.cases[language][0]}/testimony")
    reader.locator("main li a").first.click()
    (record,) = re.findall(r"--record (\S+)", reader.locator(".command").inner_text())
    opening, _ = house.run("V2", openings.request, "--record", record, "--reason", "to bring them to safety")
    scripts = language == "en"
    page, _ = logged.enter("C1", language, scripts)
    page.get_by_role("link", name=say("Custody"), exact=True).first.click()
    expect(page.get_by_text(say("You have not decided.")).first).to_be_visible()
    house.run("C1", decisions.inbox, "--out", str(tmp_path))
    packet = next(tmp_path.glob(f"*{opening.strip()}.json"))
    decided = tmp_path / "decision.json"
    house.run("C1", decisions.decide_on, str(packet), "--offline", "--out", str(decided), "--yes")
    if scripts:
        page.get_by_label(say("Decision file")).set_input_files(decided)
    else:
        page.get_by_label(say("Its text")).fill(json.dumps(json.loads(decided.read_text("utf-8"))))
    page.get_by_role("button", name=say("Hand in the decision")).click()
    expect(page.get_by_text(say("You approved.")).first).to_be_visible()


def test_nothing_was_asked_of_strangers_and_nothing_complained(logged: Company) -> None:
    assert [url for visit in logged.visits for url in visit.strangers()] == []
    assert [said for visit in logged.visits for said in visit.complaints] == []
