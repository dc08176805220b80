"""vault.rules.tables: what a spreadsheet gets, and gets no formula with"""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid
from vault.rules.tables import LONGEST_CELL, guard, read, unguard, write

SIGNS = st.sampled_from(list("=+-@'\",;|\t\r\n a1\uff1d\u00a0\u200f"))
HOSTILE = st.text(SIGNS, max_size=12) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
)
ROWS = st.lists(st.lists(HOSTILE, min_size=2, max_size=2), max_size=4)
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@given(HOSTILE)
def test_what_is_guarded_comes_back_as_it_was(text: str) -> None:
    assert unguard(guard(text)) == text


@given(ROWS)
def test_a_table_comes_back_as_it_was(rows: list[list[str]]) -> None:
    assert read(write(("one", "two"), rows)) == [["one", "two"], *rows]


@given(ROWS, st.sampled_from([",", ";", "\t", "|"]))
def test_no_cell_begins_with_a_formula_at_whatever_sign_a_spreadsheet_splits(
    rows: list[list[str]], separator: str
) -> None:
    text = write(("one", "two"), rows).removeprefix("\ufeff")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        for cell in row:
            begun = cell.lstrip().lstrip("\"'").lstrip() if not cell.startswith("'") else ""
            assert not begun.startswith(FORMULA)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n1", " =1", '"=1', "\uff1d1"]
)
def test_whatever_begins_a_formula_begins_with_an_apostrophe(text: str) -> None:
    assert guard(text).startswith("'")
    assert guard(f"place;{text}") != f"place;{text}" or text == "\n1"


def test_what_is_no_formula_stays_as_it_is() -> None:
    for text in ("field hospital - Sermin", "it's", "'quoted'", "aircraft.number=2; aircraft.present", ""):
        assert guard(text) == text


@pytest.mark.parametrize("text", ['"not closed', 'a,b\r\n"x"y,z\r\n', '"a","b\r\n'])
def test_a_quotation_mark_out_of_place_is_named_by_its_row(text: str) -> None:
    with pytest.raises(Invalid, match=r"^Row [12] cannot be read: a quotation mark"):
        read(text)


@pytest.mark.parametrize("length", [LONGEST_CELL + 1, 200_000])
def test_a_cell_without_end_is_refused(length: int) -> None:
    with pytest.raises(Invalid, match=r"^Row 2 "):
        read("a\r\n" + "x" * length)
