"""The pinned page in other languages: the same acts, the same bytes signed, and no sentence left in English."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.pinned import Open, Pinned
from tests.browser.test_pinned_audit import audit_file, chained
from tests.browser.travelling import ESCROW, IDENTITY, PIN, REASON, approve, packet_file, request
from tests.browser.visit import PHONE, overflow
from tests.cast import C1, C3, C4, ROSTER
from vault.opening import combine
from vault.sealing.digests import canonical

# What the page itself says where it stands: neither what people wrote, nor codes, words to compare and file names.
SAID = """() => [...document.querySelectorAll("title, body *")]
  .filter((one) => !one.closest("[translate=no], bdi, code, script, style, noscript, textarea"))
  .flatMap((one) => [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => node.textContent.trim())).filter((text) => text !== "")"""


def english(pinned: Pinned) -> list[str]:
    """What is said in Latin letters, shown now or not yet, where the language has others."""
    return [
        one
        for one in pinned.page.evaluate(SAID)
        if re.search("[A-Za-z]{2}", re.sub(r"SHA-256|[\w-]+\.json", "", one))
    ]


def reach(pinned: Pinned, selector: str) -> None:
    """Press the key that goes on from one field to the next until this one has the focus."""
    for _ in range(30):
        pinned.page.keyboard.press("Tab")
        if pinned.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with the keyboard")


def press(pinned: Pinned, selector: str, key: str = "Enter") -> None:
    reach(pinned, selector)
    pinned.page.keyboard.press(key)


def read_request(pinned: Pinned, terms: Any, key_file: Any = C1.key_file) -> None:
    """Read it with the keyboard alone; what a dialogue of the system would choose is given to the field."""
    press(pinned, "[data-go=custodian]")
    for field, content in (("#key-file", key_file), ("#packet", packet_file(C1, terms))):
        pinned.give(field, content)
    reach(pinned, "#key-passphrase")
    pinned.page.keyboard.type(C1.passphrase)
    pinned.page.keyboard.press("Enter")
    expect(pinned.page.locator("#terms")).to_be_visible()


def test_in_arabic_a_request_is_approved_by_keyboard_and_nothing_is_said_in_english(opened: Open) -> None:
    pinned = opened(locale="ar-SY", viewport=PHONE)
    page = pinned.page
    root = page.locator("html")
    expect(root).to_have_attribute("lang", "ar")
    expect(root).to_have_attribute("dir", "rtl")
    terms, key = request()
    assert english(pinned) == []
    assert overflow(page) == 0
    read_request(pinned, terms)
    assert page.evaluate("document.activeElement.id") == "terms-title"
    assert english(pinned) == []
    assert overflow(page) == 0
    assert REASON in pinned.text()
    press(pinned, "#terms form button")  # nothing is chosen yet
    expect(pinned.wrong).to_be_visible()
    assert english(pinned) == []
    page.locator("#terms-title").focus()
    press(pinned, "[name=decision][value=approve]", "Space")
    press(pinned, "#compared", "Space")
    press(pinned, "#terms form button")
    expect(page.locator("#confirm")).to_be_visible()
    assert english(pinned) == []
    press(pinned, "#confirm-yes")
    expect(page.locator("#decided")).to_be_visible()
    assert english(pinned) == []
    save = page.locator("#decided-offers button").first
    assert save.inner_text() == "حفظ decision.json"
    with page.expect_download() as download:
        save.press("Enter")
    decision = json.loads(download.value.path().read_text("utf-8"))
    others = [approve(person, terms) for person in (C3, C4)]
    assert combine(terms["document"], key, ESCROW, [decision, *others], ROSTER) == canonical(IDENTITY)


def test_in_russian_what_an_entry_is_about_is_named_in_russian_too(opened: Open) -> None:
    pinned = opened(locale="ru")
    press(pinned, "[data-go=audit]")
    for field, content in (("#audit-key", C1.key_file), ("#audit-file", audit_file(chained()))):
        pinned.give(field, content)
    pinned.page.locator("#audit-passphrase").fill(C1.passphrase)
    pinned.page.keyboard.press("Enter")
    expect(pinned.page.locator("#entries")).to_be_visible()
    assert english(pinned) == []
    named = " ".join(pinned.page.locator("#entries-rows .soft").all_inner_texts())
    assert not re.search("[A-Za-z]", named)
    assert "Выпуск сводки" in pinned.text()
    pinned.page.locator("#entries-act").select_option(label="Выпуск сводки (1)")
    assert pinned.page.locator("#entries-rows > tr").count() == 1


def test_the_language_changes_under_what_is_shown_and_typed(opened: Open) -> None:
    pinned = opened(locale="pt-BR")  # not one of the page's: it speaks English
    page = pinned.page
    read_request(pinned, request()[0], {**C1.key_file, "pin": PIN})
    pinned.check("I refuse")
    pinned.fill("Why you refuse", "Ask her first.")
    pinned.page.get_by_label("Language").select_option("uk")
    expect(page.locator("html")).to_have_attribute("lang", "uk")
    assert english(pinned) == []
    expect(page).to_have_title("Запити й рішення")
    assert "22 грудня 2026" in pinned.text()
    assert REASON in pinned.text()
    press(pinned, "#terms form button")
    expect(page.locator("#confirm-says")).to_contain_text("Ви відмовляєте. V2 прочитає вашу причину")
    page.locator("#language").select_option("en")
    expect(page.locator("#confirm-says")).to_contain_text("You refuse. V2 will read your reason")
    pinned.go("Begin again")
    expect(page.locator("#confirm-says")).not_to_contain_text("V2")
    page.locator("#language").select_option("fr")
    assert "V2" not in page.locator("#confirm").inner_text()
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
