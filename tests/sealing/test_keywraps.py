"""A wrapped key opens under its own key, in its own row, and no other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import seed
from vault.errors import Tampered
from vault.sealing.keywraps import WRAPPED, Kek

KEK, KEY, NAME = Kek.of(seed("kek")), seed("key"), seed("name")


def test_a_wrapped_key_comes_back_and_is_never_wrapped_alike() -> None:
    first, second = (KEK.wrap(NAME, KEY) for _ in range(2))
    assert KEK.unwrap(NAME, first) == KEK.unwrap(NAME, second) == KEY
    assert first != second
    assert len(first) == WRAPPED
    assert KEY not in first


@given(st.integers(0, WRAPPED - 1), st.integers(1, 255))
def test_no_changed_byte_is_taken(place: int, change: int) -> None:
    wrapped = bytearray(KEK.wrap(NAME, KEY))
    wrapped[place] ^= change
    with pytest.raises(Tampered):
        KEK.unwrap(NAME, bytes(wrapped))


@pytest.mark.parametrize("wrapped", [b"", bytes(11), bytes(WRAPPED), bytes(WRAPPED + 1)])
def test_what_was_never_wrapped_is_refused(wrapped: bytes) -> None:
    with pytest.raises(Tampered):
        KEK.unwrap(NAME, wrapped)


def test_another_key_or_row_opens_nothing() -> None:
    wrapped = KEK.wrap(NAME, KEY)
    for kek, name in ((Kek.of(seed("other")), NAME), (KEK, seed("other"))):
        with pytest.raises(Tampered):
            kek.unwrap(name, wrapped)
