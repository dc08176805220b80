"""Passphrases: what is taken, what is refused, and that the check itself cannot be made to work for long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid
from vault.rules import passphrases
from vault.sealing.words import random_words


@given(st.integers(4, 12))
def test_unrelated_words_are_taken(words: int) -> None:
    passphrases.check(random_words(words))


@pytest.mark.parametrize(
    "guessable",
    [
        "",
        "short",
        "password1234",
        "qwertyuiop12",
        "a" * 73,
        "a" * 256,
        "ab" * 100,
        "abcde" * 40,
        "password" * 20,
        "\uff41" * 40,  # full-width letters are the plain ones in disguise
        "\ufdfa",  # one sign that stands for eighteen
        "\ufdfa" * 20,
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaXqW",
    ],
)
def test_a_guessable_passphrase_is_refused_however_long_it_is(guessable: str) -> None:
    with pytest.raises(Invalid, match="could be guessed"):
        passphrases.check(guessable, guessable)


@given(st.text("abcde", min_size=1, max_size=passphrases.LONGEST))
def test_few_distinct_characters_are_refused_in_any_order(typed: str) -> None:
    with pytest.raises(Invalid, match="could be guessed"):
        passphrases.check(typed)


def test_what_is_too_long_is_refused_before_anything_is_made_of_it() -> None:
    words = random_words(6)
    longest = words + "x" * (passphrases.LONGEST - len(words))
    passphrases.check(longest)
    assert passphrases.fits(longest)
    for endless in (longest + "x", "\ufdfa" * 450_000):
        assert not passphrases.fits(endless)
        with pytest.raises(Invalid, match="at most 256 characters"):
            passphrases.check(endless)


def test_both_must_be_typed_alike_where_it_is_asked_for_twice() -> None:
    words = random_words(6)
    passphrases.check(words, words)
    with pytest.raises(Invalid, match="differ"):
        passphrases.check(words, words + "x")
    with pytest.raises(Invalid, match="differ"):
        passphrases.check(words, "")


@given(st.text(max_size=300))
def test_any_text_is_taken_or_refused_in_one_sentence(typed: str) -> None:
    try:
        passphrases.check(typed)
    except Invalid as refusal:
        assert refusal.message.endswith(".")  # noqa: PT017 - most texts are refused, some are taken


def test_twelve_characters_and_six_distinct_ones_are_just_enough() -> None:
    for taken, fewer in (("xq7vKp2mRw9z", "xq7vKp2mRw9"), ("kzqxwjzkxqjwkqzjw", "kzqxwkzkxqkwkqzkw")):
        passphrases.check(taken)
        with pytest.raises(Invalid, match="could be guessed"):
            passphrases.check(fewer)
