"""The claims' rows of the form: what was typed stays beside its claim, whatever the page was when it was typed."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from tests.rules.cast import AIR_STRIKE
from tests.web.desks import Desk
from vault.rules.vocabulary import Vocabulary
from web.claim_sheet import Row, Sheet

TICKED = re.compile(r'name="(obs-[0-9]+)-perception" value="([a-z_]+)" checked')
FEWER = ("strike.took_place", "aircraft.present", "aircraft.number", "aircraft.altitude")
OLDER = replace(AIR_STRIKE, subjects=tuple(one for one in AIR_STRIKE.subjects if one.code in FEWER))
SAID = [
    ("strike.took_place", "heard", ""),
    ("aircraft.number", "saw", "2"),
    ("aircraft.altitude", "saw", "high"),
    ("aircraft.number", "learnt_from_others", "3"),
]


def typed(vocabulary: Vocabulary) -> dict[str, Any]:
    """A form in which these claims were ticked: a second value behind all first ones."""
    claims = [subject.code for subject in vocabulary.subjects]
    form: dict[str, Any] = {f"obs-{number}-subject": claim for number, claim in enumerate(claims)}
    for claim, perception, value in SAID:
        again = f"obs-{claims.index(claim)}-perception" in form
        row = f"obs-{len(claims) if again else claims.index(claim)}"
        form |= {f"{row}-subject": claim, f"{row}-perception": [perception], f"{row}-value": value}
    return form


def rows(sheet: Sheet) -> list[Row]:
    return [row for _, of_group in sheet.groups for row in of_group]


def said(sheet: Sheet) -> list[tuple[str, str, str]]:
    ticked = [row for row in rows(sheet) if row.ticked]
    return [(row.subject.code, row.ticked[0], row.typed["value"]) for row in ticked]


def test_each_claim_has_a_row_under_its_place_in_the_vocabulary() -> None:
    assert [(row.number, row.subject) for row in rows(Sheet.of(AIR_STRIKE, {}))] == list(
        enumerate(AIR_STRIKE.subjects)
    )
    assert not any(row.touched for row in rows(Sheet.of(AIR_STRIKE, {})))


def test_what_was_typed_under_an_older_vocabulary_stands_beside_its_claim() -> None:
    assert sorted(said(Sheet.of(AIR_STRIKE, typed(OLDER)))) == sorted(SAID)
    assert said(Sheet.of(AIR_STRIKE, typed(OLDER))) == said(Sheet.of(AIR_STRIKE, typed(AIR_STRIKE)))


def test_rows_have_numbers_of_their_own_and_a_further_value_stands_under_its_claim() -> None:
    sheet = Sheet.of(AIR_STRIKE, typed(OLDER))
    assert len({row.number for row in rows(sheet)}) == len(rows(sheet)) == len(AIR_STRIKE.subjects) + 1
    (place,) = (place for place, row in enumerate(rows(sheet)) if row.again)
    assert rows(sheet)[place - 1].subject == rows(sheet)[place].subject
    assert sheet.now("obs-4") == f"obs-{len(AIR_STRIKE.subjects)}"
    assert (sheet.now("testimony"), sheet.now(None)) == ("testimony", None)


def test_a_row_of_a_claim_that_there_is_not_is_left_out() -> None:
    form = {"obs-0-subject": "aircraft.colour", "obs-0-perception": ["saw"], "obs-1-perception": ["saw"]}
    assert said(Sheet.of(AIR_STRIKE, {**form, "reason": "r"})) == []


def test_an_empty_row_of_an_older_form_does_not_come_back() -> None:
    form = {"obs-0-subject": "aircraft.number", "obs-1-subject": "aircraft.number", "obs-1-value": ""}
    assert not any(row.again for row in rows(Sheet.of(AIR_STRIKE, form)))


def test_more_opens_one_row_and_another_value_adds_one() -> None:
    form = typed(AIR_STRIKE)
    before = [row.opened for row in rows(Sheet.of(AIR_STRIKE, form))]
    opened = rows(Sheet.of(AIR_STRIKE, form, "more 0"))
    assert [row.number for row in opened if row.asked] == [0]
    assert [row.opened for row in opened] == [True, *before[1:]]
    added = rows(Sheet.of(AIR_STRIKE, form, "again 1"))
    (new,) = (row for row in added if row.asked)
    assert (new.subject, new.again, new.touched, len(added)) == (
        AIR_STRIKE.subjects[1],
        True,
        True,
        len(before) + 1,
    )
    for strange in ("more", "more 999", "again x", "less 1"):
        assert rows(Sheet.of(AIR_STRIKE, form, strange)) == rows(Sheet.of(AIR_STRIKE, form))


def test_an_older_draft_is_shown_with_its_ticks_beside_their_claims(desk: Desk) -> None:
    csrf = {"csrf": desk.researcher.csrf, "act": "save"}
    assert desk.researcher.post(desk.path, {**typed(OLDER), **csrf}).status_code == 303
    page = desk.researcher.get(desk.path).get_data(as_text=True)
    assert set(TICKED.findall(page)) == {
        (desk.claim("strike.took_place"), "heard"),
        (desk.claim("aircraft.number"), "saw"),
        (desk.claim("aircraft.altitude"), "saw"),
        (f"obs-{len(AIR_STRIKE.subjects)}", "learnt_from_others"),
    }
