"""Match records: names in other scripts, what confirms, what contradicts, and what is left to two custodians."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid
from vault.rules.matching import ALIKE, SIMILAR, MatchRecord, Verdict, compare, likeness, pairs, skeleton

ONE_NAME = [
    ("محمد أحمد الحسن", "Mohammed Ahmad al-Hassan"),
    ("محمد أحمد الحسن", "Мухаммад Ахмад аль-Хасан"),
    ("Мухаммад Ахмад Хасан", "Mohamed Ahmed Hassan"),
    ("خالد العيسى", "Khaled al-Issa"),
    ("خالد العيسى", "Халед аль-Исса"),
    ("يوسف إبراهيم", "Youssef Ibrahim"),
    ("Юсуф Ибрагим", "Yusuf Ibrahim"),
    ("فاطمة الزهراء قاسم", "Fatima Zahra Qasem"),
    ("Fatma Kassem", "فاطمة قاسم"),
    ("عبد الرحمن مصطفى", "Abdulrahman Mustafa"),
    ("عبد الرحمن مصطفى", "Abdurrahman Mustapha"),
    ("جمال سعيد", "Djamal Said"),
    ("Gamal Said", "Jamal Saeed"),
    ("Ольга Шевченко", "Olha Shevchenko"),
    ("Володимир Зеленко", "Vladimir Zelenko"),
    ("Ibrahim Youssef", "يوسف إبراهيم"),
]
OTHER_NAMES = [
    ("Mohammed Ahmad", "Mahmoud Hamdan"),
    ("Khaled Issa", "Khalil Mousa"),
    ("Fatima Kassem", "Mariam Yousef"),
    ("Omar Saleh", "Samir Nasser"),
    ("Mustafa Karim", "Mustafa Salem"),
    ("خالد العيسى", "Mohammed Ahmad"),
    ("", "Ahmad"),
]
names = st.sampled_from([name for both in (*ONE_NAME, *OTHER_NAMES) for name in both]) | st.text(max_size=30)
records = st.builds(
    MatchRecord,
    names,
    st.none() | st.tuples(st.integers(1900, 1950), st.integers(1950, 2000)),
    st.sampled_from(["", "Sermin", "سرمين"]),
    st.sampled_from(["", "4711", "٤٧١١", "1234", "7"]),
)


def record(name: str = "Yusuf Ibrahim", **more: Any) -> MatchRecord:
    return MatchRecord(**{"name": name, "birth": None, "place": "", "phone": "", **more})


@pytest.mark.parametrize(("one", "other"), ONE_NAME)
def test_a_name_is_known_again_in_another_script_and_spelling(one: str, other: str) -> None:
    assert likeness(one, other) >= ALIKE


@pytest.mark.parametrize(("one", "other"), OTHER_NAMES)
def test_names_of_others_are_not_alike(one: str, other: str) -> None:
    assert likeness(one, other) < ALIKE


def test_one_word_in_common_is_little_evidence() -> None:
    assert likeness("Ahmad", "Ahmad Hassan") == SIMILAR
    assert compare(record("Ahmad"), record("Ahmad Hassan")) is Verdict.DIFFERENT


def test_titles_and_articles_are_no_part_of_a_name() -> None:
    assert skeleton("Abu al-Khalid bin Omar") == skeleton("Khaled Umar")


@given(records, records)
def test_the_order_does_not_matter(one: MatchRecord, other: MatchRecord) -> None:
    assert compare(one, other) is compare(other, one)


@given(records)
def test_a_record_never_differs_from_itself_where_it_has_a_name(one: MatchRecord) -> None:
    assert not skeleton(one.name) or compare(one, one) is not Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ({"phone": "4711"}, {"name": "يوسف إبراهيم", "phone": "٤٧١١"}, Verdict.SAME),
        ({"phone": "88 4711"}, {"name": "Юсуф Ибрагим", "phone": "4711"}, Verdict.SAME),
        ({}, {"name": "يوسف إبراهيم"}, Verdict.DOUBTFUL),
        ({"phone": "4711"}, {"name": "Mariam Said", "phone": "4711"}, Verdict.DOUBTFUL),
        (
            {"phone": "4711", "birth": (1970, 1970)},
            {"phone": "4711", "birth": (1990, 1990)},
            Verdict.DOUBTFUL,
        ),
        ({"birth": (1970, 1975)}, {"birth": (1990, 1990)}, Verdict.DIFFERENT),
        ({"birth": (1970, 1975)}, {"birth": (1978, 1980)}, Verdict.DOUBTFUL),
        ({"phone": "47"}, {"name": "Mariam Said", "phone": "47"}, Verdict.DIFFERENT),
        ({"name": "Ahmad", "place": "Sermin"}, {"name": "Ahmad Hassan", "place": "سرمين"}, Verdict.DOUBTFUL),
    ],
)
def test_what_stands_beside_a_name_confirms_or_contradicts_it(
    one: dict[str, Any], other: dict[str, Any], verdict: Verdict
) -> None:
    assert compare(record(**one), record(**other)) is verdict


def test_pairs_of_whom_nothing_is_to_be_said_are_left_out() -> None:
    known = {"b": record(phone="4711"), "a": record("يوسف إبراهيم", phone="4711"), "c": record("Omar Saleh")}
    assert list(pairs(known)) == [(Verdict.SAME, "a", "b")]


def test_a_record_comes_back_from_its_json_form() -> None:
    for one in (record(), record(birth=(1970, 1975), place="Sermin", phone="4711")):
        assert MatchRecord.parse(one.to_json()) == one


@pytest.mark.parametrize(
    "raw",
    [
        [],
        {},
        {"name": " "},
        {"name": "x" * 201},
        {"name": "Yusuf", "birth_from": 1970},
        {"name": "Yusuf", "birth_from": 1975, "birth_to": 1970},
        {"name": "Yusuf", "birth_from": "1970", "birth_to": 1975},
        {"name": "Yusuf", "phone": "0123456789012"},
        {"name": "Yusuf", "notes": ""},
    ],
)
def test_a_record_that_names_nobody_or_says_too_much_is_refused(raw: object) -> None:
    with pytest.raises(Invalid) as refused:
        MatchRecord.parse(raw)
    assert "Yusuf" not in str(refused.value)
