"""What people read aloud, type and write down comes back as it was meant, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vault.errors import Invalid
from vault.sealing import words
from vault.sealing.digests import digest

KEYS = st.binary(min_size=32, max_size=32)


def test_the_list_has_distinct_plain_words() -> None:
    listed = words.word_list()
    assert len(listed) == len(set(listed)) == 7510
    assert all(word.isascii() and word.isalpha() and word.islower() for word in listed)
    assert list(listed) == sorted(listed)


@given(st.integers(0, 2**256 - 1), st.integers(1, 10))
def test_words_are_remainders_least_significant_first(number: int, count: int) -> None:
    listed, expected, left = words.word_list(), [], number
    for _ in range(count):
        expected.append(listed[left % 7510])
        left //= 7510
    assert words.words(number.to_bytes(32, "big"), count) == expected


def test_a_fingerprint_is_six_words() -> None:
    assert words.fingerprint(bytes(32)) == " ".join(["abacus"] * 6)
    assert words.fingerprint(digest("document", b"1")) != words.fingerprint(digest("document", b"2"))


def test_random_words_are_as_many_as_asked_for_and_new_each_time() -> None:
    assert len(words.random_words(10).split()) == 10
    assert words.random_words(10) != words.random_words(10)
    assert set(words.random_words(10).split()) <= set(words.word_list())


class TestPseudonyms:
    def test_a_new_one_is_three_words_and_a_check_word(self) -> None:
        pseudonym = words.new_pseudonym()
        stem, check = pseudonym.rsplit("-", 1)
        assert len(pseudonym.split("-")) == 4
        assert [check] == words.words(digest("pseudonym", stem.encode()), 1)
        assert pseudonym != words.new_pseudonym()

    @given(st.sampled_from(["-", " ", "  ", " - ", "\t"]), st.booleans(), st.sampled_from(["", " ", "\n"]))
    def test_it_may_be_typed_with_spaces_and_capitals(
        self, between: str, capitals: bool, around: str
    ) -> None:
        pseudonym = words.new_pseudonym()
        typed = around + between.join(pseudonym.split("-")) + around
        assert words.check_pseudonym(typed.upper() if capitals else typed) == pseudonym

    @given(st.integers(0, 3), st.sampled_from(words.word_list()))
    def test_the_check_word_tells_a_mistyped_word(self, position: int, word: str) -> None:
        typed = words.new_pseudonym().split("-")
        assume(typed[position] != word)
        typed[position] = word
        stem = "-".join(typed[:3])
        assume(words.words(digest("pseudonym", stem.encode()), 1) != typed[3:])
        with pytest.raises(Invalid):
            words.check_pseudonym("-".join(typed))

    @pytest.mark.parametrize(
        "typed", ["", "-", "---", "one-two-three", "a-b-c-d-e", "a\ud800-b-c-d", "\0-b-c-d"]
    )
    def test_what_is_no_pseudonym_is_refused(self, typed: str) -> None:
        with pytest.raises(Invalid):
            words.check_pseudonym(typed)

    def test_the_refusal_does_not_repeat_what_was_typed(self) -> None:
        with pytest.raises(Invalid) as raised:
            words.check_pseudonym("maryam-of-the-hospital")
        assert "maryam" not in raised.value.message


class TestDeviceKeys:
    @given(KEYS)
    def test_one_is_spelled_as_thirteen_groups_of_four_and_read_back(self, key: bytes) -> None:
        spelled = words.spell_device_key(key)
        assert [len(group) for group in spelled.split("-")] == [4] * 13
        assert words.read_device_key(spelled) == key

    @given(KEYS, st.sampled_from(["", " ", "--", " \n"]))
    def test_case_white_space_and_hyphens_do_not_matter(self, key: bytes, between: str) -> None:
        spelled = words.spell_device_key(key)
        assert words.read_device_key(f" {spelled.lower().replace('-', between)}\n") == key

    @given(KEYS, st.integers(0, 51), st.characters())
    def test_a_changed_character_is_another_key_or_none(self, key: bytes, position: int, typed: str) -> None:
        spelled = words.spell_device_key(key).replace("-", "")
        changed = spelled[:position] + typed + spelled[position + 1 :]
        try:
            read = words.read_device_key(changed)
        except Invalid:
            return
        assert (read == key) == (changed.upper() == spelled)

    @pytest.mark.parametrize(
        "typed", ["", "AAAA", "A" * 51, "A" * 53, "A" * 51 + "B", "0" * 52, "A" * 52 + "====", "ä" * 52]
    )
    def test_what_is_no_device_key_is_refused(self, typed: str) -> None:
        with pytest.raises(Invalid):
            words.read_device_key(typed)


class TestOpeningCodes:
    def test_the_same_words_give_the_same_key_however_they_are_typed(self) -> None:
        code = words.random_words(words.OPENING_CODE_WORDS)
        assert words.opening_key(code) == words.opening_key(f" {code.upper().replace(' ', '-')} ")
        assert len(words.opening_key(code)) == 32

    @pytest.mark.parametrize("typed", ["", "other words", "\ud800"])
    def test_other_words_give_another_key(self, typed: str) -> None:
        assert words.opening_key(typed) != words.opening_key("these words")
