"""A key file on paper: whatever was printed comes back, and a mistyped word is found in its line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import C1, VAULT, seed
from tests.sealing.epochs import anew
from vault.errors import Invalid, Tampered
from vault.sealing import paperkeys
from vault.sealing.digests import b64, digest
from vault.sealing.keypairs import CHEAPEST
from vault.sealing.members import KeyFile, open_key_file
from vault.sealing.words import word_list, words

PIN = {"vault": VAULT, "version": 7, "digest": b64(seed("roster"))}
OPENED = KeyFile("C1", (C1.card, anew(C1).card), (C1.secret, anew(C1).secret), PIN)
PAPER = paperkeys.to_paper(OPENED, PIN, (C1.passphrase, CHEAPEST))
LINES = paperkeys.to_words(PAPER)


def test_the_key_file_comes_back_from_its_words_with_cards_keys_and_pin() -> None:
    file = paperkeys.from_paper(paperkeys.from_words("\n".join(LINES)), C1.passphrase)
    opened = open_key_file(file, C1.passphrase)
    assert (opened.code, opened.secrets, opened.cards, opened.pin) == (
        "C1",
        OPENED.secrets,
        OPENED.cards,
        PIN,
    )


def test_a_key_file_that_has_seen_no_roster_comes_back_so() -> None:
    alone = KeyFile("C1", (C1.card,), (C1.secret,), None)
    file = paperkeys.from_paper(paperkeys.to_paper(alone, None, (C1.passphrase, CHEAPEST)), C1.passphrase)
    assert file["pin"] is None
    assert file["cards"] == [C1.card]


def test_the_paper_opens_with_the_passphrase_alone() -> None:
    with pytest.raises(Tampered):
        paperkeys.from_paper(PAPER, "another passphrase")
    for secret in OPENED.secrets:
        assert secret.sealing.seed not in PAPER
        assert secret.signing.seed not in PAPER


@given(st.binary(max_size=300))
def test_whatever_was_printed_comes_back(data: bytes) -> None:
    lines = paperkeys.to_words(data)
    numbered = "\n\n".join(f" {number}.  {line.upper()} " for number, line in enumerate(lines, start=1))
    assert paperkeys.from_words(numbered) == data


@given(st.integers(0, len(LINES) - 1), st.integers(0, 8), st.sampled_from(word_list()))
def test_a_mistyped_word_is_found_in_its_line(line: int, at: int, word: str) -> None:
    typed = [text.split() for text in LINES]
    if typed[line][at] == word:
        return
    typed[line][at] = word
    with pytest.raises(Invalid, match=f"^Line {line + 1} "):
        paperkeys.from_words("\n".join(" ".join(words) for words in typed))


@given(st.integers(0, len(LINES) - 2))
def test_lines_that_changed_places_or_are_missing_are_found(at: int) -> None:
    swapped = [*LINES]
    swapped[at], swapped[at + 1] = swapped[at + 1], swapped[at]
    for lines in (swapped, LINES[:at] + LINES[at + 1 :]):
        with pytest.raises(Invalid, match=f"^Line {at + 1} "):
            paperkeys.from_words("\n".join(lines))


def test_a_word_that_is_not_in_the_list_is_named_by_its_place() -> None:
    typed = [text.split() for text in LINES]
    typed[2][4] = "qqqq"
    with pytest.raises(Invalid, match="Line 3: the list has no such word as word 5"):
        paperkeys.from_words("\n".join(" ".join(words) for words in typed))


@pytest.mark.parametrize(
    "typed", ["", "one", "\n".join(LINES[:-1]), "\n".join([*LINES, LINES[0]]), "zoom " * 9]
)
def test_what_is_not_whole_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        paperkeys.from_words(typed)


def test_the_last_word_of_the_list_eight_times_is_no_line() -> None:
    largest = " ".join([word_list()[-1]] * 9)
    with pytest.raises(Invalid, match="Line 1 has a typing error"):
        paperkeys.from_words(largest)


def test_lines_that_hold_more_than_they_say_are_refused() -> None:
    piece = (3).to_bytes(2, "big") + b"abcdefghij"
    check = words(digest("paper-line", b"\x01" + piece), 1)
    with pytest.raises(Invalid, match="not the paper"):
        paperkeys.from_words(" ".join([*words(piece, 8), *check]))


def spoilt() -> list[Any]:
    return [
        b"",
        b"\x02" + PAPER[1:],
        PAPER[:40],
        PAPER[:-1],
        PAPER + b"x" * 32,
        PAPER[:4] + b"\x02" + PAPER[5:],
    ]


@pytest.mark.parametrize("paper", spoilt())
def test_another_paper_is_refused(paper: bytes) -> None:
    with pytest.raises((Invalid, Tampered)):
        paperkeys.from_paper(paper, C1.passphrase)
