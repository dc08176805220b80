"""The warning that a testimony names its witness: in any script, and without crying wolf."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.conftest import Site

GIVEN = [
    ({"name": "أحمد العلي"}, "رأيت وأحمد هناك", True),
    ({"name": "أَحْمَد"}, "قال احمد", True),
    ({"name": "علي"}, "رآه عـــلى أمس", True),
    ({"name": "فاطمة"}, "قالت فاطمه", True),
    ({"name": "أحمد"}, "قال محمود", False),
    ({"name": "محمد"}, "في المحمدية", False),
    ({"name": "Ali Ümit"}, "then UMIT said", True),
    ({"name": "Ali Ümit"}, "it was Ali\u2019s car", True),
    ({"name": "Ali Ümit"}, "we are alive", False),
    ({"name": "Al B"}, "Al, then B", False),
    ({"other_names": "Abu Omar"}, "abu-omar knew", True),
    ({"notes": "Ahmad, baker"}, "Ahmad the baker", False),
    ({"contact": "+963 944 123 456"}, "ring 0944-123456 now", True),
    ({"contact": "+963 944 123 456"}, "on 20.10.2015 (0944) 123 456", True),
    ({"contact": "+963 944 123 456"}, "٠٩٤٤١٢٣٤٥٦", True),
    ({"contact": "۰۹۴۴۱۲۳۴۵۶"}, "00963944123456", True),
    ({"contact": "+963 944 123 456"}, "at 10:15 on 20 October 2015, 13 dead", False),
    ({"contact": "12345"}, "12345", False),
    ({"address": "Sermin, main road"}, "in sermin", True),
    ({"address": "Sermin, main road"}, "on the main road", False),
    ({}, "anything at all", False),
]


def test_a_text_mentions_its_witness_by_name_number_or_address(chromium: Browser, site: Site) -> None:
    empty = {"name": "", "other_names": "", "contact": "", "address": "", "notes": ""}
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(site.url)
        found = page.evaluate(
            "async (given) => { const { mentions } = await import('/static/mentions.js');"
            " return given.map(([identity, text]) => mentions(identity, text)); }",
            [[{**empty, **identity}, text] for identity, text, _ in GIVEN],
        )
    assert dict(zip(map(str, GIVEN), found, strict=True)) == {str(case): case[2] for case in GIVEN}
