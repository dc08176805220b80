"""vault.rules.skeletons: incidents and the claims in question, read from a table"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import AIR_STRIKE
from vault.errors import Invalid
from vault.rules import tables
from vault.rules.skeletons import (
    COLUMNS,
    MOST_FAULTS,
    MOST_INCIDENTS,
    check_plan,
    claims_in_question,
    decode,
    in_question,
    read,
    spell_claim,
)

KNOWN = {"air-strike": AIR_STRIKE}
TABLE = """incident,place,date,vocabulary,claims
"Field hospital, Sermin",Sermin,2015-10-20,air-strike,strike.took_place; aircraft.number=2; aircraft.number
Mosque,Jisr al-Shughour,2015-10,,
"""
HOSPITAL = {
    "title": "Field hospital, Sermin",
    "place": "Sermin",
    "date": "2015-10-20",
    "vocabulary": "air-strike",
    "claims": [
        {"subject": "strike.took_place", "value": "yes"},
        {"subject": "aircraft.number", "value": 2},
        {"subject": "aircraft.number", "value": None},
    ],
}
MOSQUE = {"title": "Mosque", "place": "Jisr al-Shughour", "date": "2015-10", "vocabulary": "air-strike"}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_table_is_read_whatever_a_spreadsheet_made_of_it(separator: str, mark: str, ending: str) -> None:
    rows = [",".join(COLUMNS), *TABLE.splitlines()[1:]]
    cells = tables.read("\n".join(rows))
    text = ending.join(separator.join(f'"{cell}"' for cell in row) for row in cells)
    found = read(decode((mark + text + ending).encode()), KNOWN)
    assert found.faults == ()
    assert found.sound() == (HOSPITAL, MOSQUE)


def test_what_is_in_question_is_of_all_incidents_that_ask() -> None:
    assert in_question(HOSPITAL, MOSQUE) == {"strike.took_place", "aircraft.number"}


def test_a_column_may_be_absent_and_empty_rows_are_nothing() -> None:
    found = read("Incident , DATE\n\nA bridge\n,\n", KNOWN)
    assert found.sound() == ({"title": "A bridge", "place": "", "date": "", "vocabulary": "air-strike"},)


def test_a_table_that_was_taken_out_is_brought_in_again_under_new_ids() -> None:
    rows = [("AAAA", "=A bridge", "-", "", "air-strike", "aircraft.number=2-3")]
    found = read(tables.write(("id", *COLUMNS), rows), KNOWN).sound()
    claims = [{"subject": "aircraft.number", "value": {"min": 2, "max": 3}}]
    named = {"title": "=A bridge", "place": "-", "date": "", "vocabulary": "air-strike"}
    assert found == ({**named, "claims": claims},)


FAULTS = [
    (",Sermin,,,", "Row 2, incident: say in a few words what happened."),
    (f"{'x' * 201},,,,", "Row 2, incident: write one line of at most 200 characters."),
    ("x,a\u202eb,,,", "Row 2, place: write one line of at most 200 characters."),
    ("x,,20/10/2015,,", "Row 2, date: write it as 2015-10-20, 2015-10 or 2015."),
    ("x,,2015-02-31,,", "Row 2, date: write it as 2015-10-20, 2015-10 or 2015."),
    ("x,,,murder,", "Row 2, vocabulary: write one of air-strike."),
    ("x,,,,strike.took_place; zeppelin", "Row 2, claims: Claim 2: There is no such claim in the vocabulary"),
    ("x,,,,aircraft.number=many", 'Row 2, claims: Claim 1: For "'),
    ("x,,,,aircraft.number=3-2", 'Row 2, claims: Claim 1: For "'),
    ("x,,,,aircraft.number=", 'Row 2, claims: Claim 1: For "'),
    ("x,,,,strike.took_place=no", 'Row 2, claims: Claim 1: For "'),
    ("x,,,,strike.took_place;strike.took_place", "Row 2, claims: Claim 2 stands there twice."),
    ("x,,,," + ";".join(["strike.took_place"] * 51), 'Row 2, claims: An incident: "claims" must be'),
    ("x,y,,,,z", "Row 2 has more cells than the first: put a text with a comma in quotation marks."),
]


@pytest.mark.parametrize(("row", "sentence"), FAULTS)
def test_what_is_wrong_in_a_row_is_said_by_row_and_column_and_echoed_nowhere(row: str, sentence: str) -> None:
    found = read(f"{','.join(COLUMNS)}\n{row}\nA bridge,,,,\n", KNOWN)
    (fault,) = found.faults
    assert fault.startswith(sentence)
    assert "zeppelin" not in fault
    with pytest.raises(Invalid, match=r"^Row 2"):
        found.sound()


def test_of_many_faults_the_first_are_said() -> None:
    assert len(read("incident,date\n" + "x,y\n" * 400, KNOWN).faults) == MOST_FAULTS


HOSTILE = [
    (b"\xff\xfei\x00n\x00", "The table is not in UTF-8"),
    ("incident\nx".encode("utf-16-le"), "The table is not text"),
    (b"incident\n\x00", "The table is not text"),
    (b"incident\n\xe9", "The table is not in UTF-8"),
    (b"x" * 1_000_001, "The table is too large"),
    (b"", "The first row must name the columns"),
    (b"title,place\nx,y\n", "The first row must name the columns"),
    (b"incident,witness\nx,y\n", "The first row must name the columns"),
    (b"incident,incident\nx,y\n", "The first row must name the columns"),
    (b"incident,place\n", "The table has a heading"),
    (b"incident\n" + b"x\n" * (MOST_INCIDENTS + 1), "The table has too many rows"),
    (b'incident\n"x', "Row 2 cannot be read"),
    (b'incident\n"x"y\n', "Row 2 cannot be read"),
    (b"incident\n" + b"x" * 30_000, "Row 2 has a cell of more than"),
]


@pytest.mark.parametrize(("data", "sentence"), HOSTILE)
def test_what_is_no_such_table_is_refused_in_one_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as error:
        read(decode(data), KNOWN)
    assert error.value.message.startswith(sentence)
    assert error.value.message.endswith(".")


def test_a_text_is_bounded_however_it_came() -> None:
    with pytest.raises(Invalid, match="too large"):
        read("é" * 1_000_001, KNOWN)


@given(
    st.text(max_size=60)
    | st.text(st.sampled_from("incdet,;\"\n\r\t='"), max_size=60).map("incident\n".__add__)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Invalid):
        assert read(text, KNOWN).incidents


LINE = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=30).map(
    lambda text: " ".join(text.split())
)
SPELLED = ["aircraft.present", "aircraft.number=2", "aircraft.number=2-3", "aircraft.number"]


@given(LINE.filter(bool), LINE, st.lists(st.sampled_from(SPELLED), unique=True))
def test_what_is_taken_out_and_brought_in_is_the_same(title: str, place: str, spelled: list[str]) -> None:
    row = [title, place, "2015", "air-strike", "; ".join(spelled)]
    (found,) = read(tables.write(COLUMNS, [row]), KNOWN).sound()
    assert (found["title"], found["place"]) == (title, place)
    assert [spell_claim(one["subject"], one["value"]) for one in found.get("claims", [])] == spelled


def test_claims_are_spelled_as_they_are_read() -> None:
    assert spell_claim("aircraft.number", {"min": 2, "max": 3}) == "aircraft.number=2-3"
    assert spell_claim("aircraft.type", "fixed_wing") == "aircraft.type=fixed_wing"


@pytest.mark.parametrize("raw", [{}, ["x"], [{"subject": 1}], [{"subject": "aircraft.number", "value": "2"}]])
def test_claims_that_are_none_are_refused(raw: object) -> None:
    with pytest.raises(Invalid):
        claims_in_question(raw, AIR_STRIKE)
    with pytest.raises(Invalid):
        check_plan({"incidents": [{"title": "x", "claims": raw}]}, KNOWN)


@pytest.mark.parametrize(
    "plan",
    [None, {}, {"incidents": 3}, {"incidents": ["x", {"title": "x"}, {"claims": 3, "vocabulary": []}]}],
)
def test_what_is_no_plan_is_left_to_whoever_founds_a_case(plan: Any) -> None:
    check_plan(plan, KNOWN)
