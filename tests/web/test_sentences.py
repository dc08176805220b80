"""A row in words says what its figures say, and no more."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from vault.rules.independence import COLUMNS
from web.locales import LANGUAGES, begin
from web.sentences import number, picture, sentence


def row(low: int, high: int | None = None, **figures: int) -> dict[str, object]:
    """A row of the table with these figures."""
    return {
        "direct": {"min": low, "max": low if high is None else high},
        **dict.fromkeys(COLUMNS, 0),
        **figures,
    }


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (row(0), "Perceived directly by nobody."),
        (row(1, saw=1), "Perceived directly by one independent person; seen by one."),
        (
            row(2, saw=1, heard=2, not_perceived=1),
            "Perceived directly by two independent persons; seen by one, heard by two; "
            "one did not perceive it, which does not contradict.",
        ),
        (row(2, 3, felt=3, smelled=1), "Perceived directly by two to three independent persons; "
         "felt by three, smelled by one."),
        (row(1, attended=1), "Perceived directly by one independent person; one gave help at the scene."),
        (row(0, aftermath=2, recording=1), "Perceived directly by nobody; two saw the aftermath; "
         "one saw a recording."),
        (row(0, denied=1), "Perceived directly by nobody; one in a place to perceive it denied it."),
        (row(0, hearsay=1, inferred=12), "Perceived directly by nobody; one had it from others; "
         "12 concluded it."),
    ],
)  # fmt: skip
def test_a_row_is_said_in_words(shown: dict[str, object], said: str) -> None:
    assert sentence(shown) == said


def test_every_column_is_said() -> None:
    silent = sentence(row(1))
    assert all(sentence(row(1, **{column: 1})) != silent for column in COLUMNS)


def test_the_dots_are_said() -> None:
    assert picture(row(2, not_perceived=1)) == "two perceived it, one did not"
    assert picture(row(2, 4)) == "two to four perceived it"


def test_large_numbers_are_written_in_digits() -> None:
    assert [number(count) for count in (10, 11, 1234)] == ["ten", "11", "1,234"]


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__)
    begin(app)
    return app


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_elsewhere_than_in_english_a_number_is_western_figures_which_ask_for_no_ending(
    app: Flask, code: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": code}):
        assert [number(count) for count in (0, 2, 10)] == ["0", "2", "10"]
        said = sentence(row(2, 3, saw=2, not_perceived=4))
        assert re.findall(r"\d", said) == ["2", "3", "2", "4"]
        assert re.findall(r"\d", picture(row(2, not_perceived=1))) == ["2", "1"]


def test_english_is_said_in_words_to_whoever_chose_it(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert sentence(row(1, saw=1)) == "Perceived directly by one independent person; seen by one."
