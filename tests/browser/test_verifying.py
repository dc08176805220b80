"""The page that verifies a statement, opened from disk: it refuses at the step at which the verifier refuses."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import PHONE, overflow
from tests.proofs import AT_LEAST, PROVEN, QUOTED
from tests.test_verifier import FORGED, FORK, WRONG_QUOTES, another, places, put
from vault import verifier
from vault.sealing.digests import canonical
from vault.verifier import DATE_ASSERTED, FAILED, NOT_IN_LOG

PLACE = Path(__file__).parents[2] / "web" / "static" / "verify" / "index.html"
CONCLUDE = """async (files) => {
  const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const found = [];
  for (const [published, openings, checkpoint] of files) {
    const more = { openings: openings.map(bytes), checkpoint: checkpoint && bytes(checkpoint) };
    const report = await globalThis.verifyStatement({ published: bytes(published), ...more });
    found.push([report.code, report.failed]);
  }
  return found;
}"""
Case = tuple[bytes, Sequence[bytes], bytes | None]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """The page from disk, on a telephone. At the end it has asked nobody for anything, and nothing went wrong."""
    context = chromium.new_context(viewport={"width": PHONE["width"], "height": PHONE["height"]})
    opened, asked, wrong = context.new_page(), list[str](), list[str]()
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda message: wrong.append(message.text))
    opened.goto(PLACE.as_uri())
    yield opened
    assert {Path(url).parent.name for url in asked} == {"verify"}
    assert wrong == []
    context.close()


def both(page: Page, cases: Sequence[Case]) -> tuple[list[Any], list[Any]]:
    """What the page concludes, and what the verifier does."""

    def spelled(data: bytes) -> str:
        return base64.b64encode(data).decode()

    sent = [[spelled(a), [spelled(one) for one in b], c and spelled(c)] for a, b, c in cases]
    here = []
    for published, openings, checkpoint in cases:
        given = verifier.Given(published, openings, checkpoint=checkpoint)
        report = verifier.conclude(lambda given=given: given)  # type: ignore[misc]
        here.append([report.code, report.failed])
    return page.evaluate(CONCLUDE, sent), here


def quoting(quotes: Any) -> bytes:
    return QUOTED.changed(lambda raw: raw["statement"]["document"].update(quotes=quotes)).data


def test_the_page_and_the_verifier_conclude_alike(page: Page) -> None:
    opened = [canonical(PROVEN.openings(line)) for line in range(3)]
    moved = PROVEN.openings(0)
    moved["leaves"][0]["salt"] = moved["leaves"][1]["salt"]
    cases: list[Case] = [
        (PROVEN.data, (), None),
        (PROVEN.data + b"\n", opened, PROVEN.proof["checkpoint"].encode()),
        (PROVEN.data, (), FORK),
        (AT_LEAST.data, [canonical(AT_LEAST.openings(line)) for line in range(2)], None),
        (AT_LEAST.data, (canonical(AT_LEAST.openings(2)),), None),
        (AT_LEAST.data, opened[:1], None),
        (PROVEN.data, (canonical(moved),), None),
        (PROVEN.changed(lambda raw: raw.update(proof=None)).data, opened[:1], None),
        (PROVEN.stamped(b"a stamp").data, (), None),
        (QUOTED.data, (), None),
        *((quoting(one), (), None) for one in WRONG_QUOTES),
        *((text, (), None) for text in (b"", b"{}", b"null", b"\xff", b" " + PROVEN.data, b'{"a":1.5}')),
        *((PROVEN.changed(lambda raw, x=x: raw.update(rosters=x)).data, (), None) for x in FORGED.values()),  # type: ignore[misc]
    ]
    there, here = both(page, cases)
    assert there == here
    assert {code for code, _ in here} == {DATE_ASSERTED, FAILED, NOT_IN_LOG}


def test_the_page_refuses_any_changed_value_at_the_same_step(page: Page) -> None:
    found = [place for place in places(PROVEN.published) if place[0] != "rosters"][::2]
    found += [place for place in places(PROVEN.published) if place[0] == "rosters"][::20]
    changed = [PROVEN.changed(lambda raw, place=place: put(raw, place, another)) for place in found]  # type: ignore[misc]
    there, here = both(page, [(one.data, (), None) for one in changed])
    assert there == here
    assert {code for code, _ in here} == {FAILED}


def test_a_reader_chooses_files_and_reads_what_was_found(page: Page, tmp_path: Path) -> None:
    file, opened = tmp_path / "published.json", tmp_path / "openings.json"
    file.write_bytes(PROVEN.data)
    opened.write_bytes(canonical(PROVEN.openings(1)))
    page.get_by_label("The published file").set_input_files(file)
    page.get_by_text("I have more").click()
    page.get_by_label("Openings that a court was given").set_input_files(opened)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", name="Date asserted, not proved")).to_be_focused()
    expect(page.get_by_text("2 different accounts stand behind line 1")).to_be_visible()
    expect(page.get_by_text("قصف مشفى ميداني في سرمين")).to_have_attribute("lang", "ar")
    expect(page.get_by_text("strike.took_place = yes, direct: 3")).to_be_visible()
    assert overflow(page) == 0
    file.write_bytes(PROVEN.data.replace(b"air-strike", b"car-strike"))
    page.get_by_label("The published file").set_input_files(file)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", name="Failed at signatures")).to_be_focused()
    expect(page.get_by_text("What the statement says")).to_be_hidden()
