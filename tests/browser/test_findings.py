"""A finding in a browser: written on a phone, a row more where one looks; decided with its factors in sight."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import PHONE, Visit, arrived, overflow
from tests.cast import V1, V2
from tests.cli.line import served
from tests.stage import After
from tests.weighing import weighed


@pytest.fixture
def visits(after: After, chromium: Browser) -> Iterator[list[Visit]]:
    """V1 on a phone and V2 on a desktop, before the findings of a case in which there is something to weigh."""
    scene, there = after(weighed)
    with served(scene.app()) as server:
        opened = [Visit(chromium, server, viewport=PHONE), Visit(chromium, server)]
        for visit, person in zip(opened, (V1, V2), strict=True):
            visit.sign_in(person)
            visit.page.goto(f"/cases/{there.facts.case}/findings")
        yield opened
        for visit in opened:
            visit.context.close()


def test_a_finding_is_written_on_a_phone_and_upheld_with_its_factors_in_sight(visits: list[Visit]) -> None:
    page, other = (visit.page for visit in visits)
    page.get_by_role("link", name="Write a finding").first.click()
    arrived(page, "Write a finding")
    assert overflow(page) == 0
    page.get_by_label("The proposition, in English").fill("The hospital was hit from the air.")
    page.get_by_role("button", name="Room for two more").click()
    expect(page.locator("#factor-5-about")).to_be_focused()
    page.locator("#factor-5-about").select_option(label="Video: \u2068The hospital after the strike\u2069")
    page.locator("#factor-6-why").fill("They deny it.")
    page.get_by_label("Likely. Several").check()
    page.get_by_label("Why: how").fill("It follows.")
    page.get_by_role("button", name="Sign and propose it").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("link", name="Choose what this factor is").click()
    expect(page.locator("#factor-6-about")).to_be_focused()
    page.locator("#factor-6-about").select_option(index=1)
    page.locator("#factor-6-weight").select_option("against")
    page.get_by_role("button", name="Sign and propose it").click()
    arrived(page, "The hospital was hit from the air.")
    assert overflow(page) == 0
    other.reload()
    other.get_by_role("link", name="The hospital was hit").click()
    expect(other.get_by_role("region", name="Against it")).to_contain_text("They deny it.")
    other.get_by_label("Yes: uphold").check()
    other.get_by_label("Why", exact=True).fill("So it is.")
    other.get_by_role("button", name="Sign the decision").click()
    expect(other.get_by_text("upheld by")).to_be_visible()
    assert [complaint for visit in visits for complaint in visit.complaints if "422" not in complaint] == []
