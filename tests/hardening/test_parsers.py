"""Whatever is handed in: taken, or refused in one sentence that repeats nothing of it; never another fault."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hardening.mutating import CANARY, MARKS, TEXTS, atoms, nested
from tests.hardening.targets import TARGETS, Target

EACH = pytest.mark.parametrize("target", TARGETS.values(), ids=lambda one: one.name)
# As many as the suite has time for, since there are many readers; `make fuzz` goes on, led by what code is reached.
SOME = hypothesis.settings(max_examples=hypothesis.settings().max_examples * 2 // 5)


@EACH
def test_what_is_valid_is_taken(target: Target) -> None:
    for one in target.valid:
        assert target.given(one) is None


@EACH
@SOME
@given(st.data())
def test_a_variation_is_taken_or_refused_without_an_echo(target: Target, data: st.DataObject) -> None:
    target.attempt(lambda number: data.draw(st.integers(0, number - 1)))


HUGE = [MARKS, CANARY * 200_000, "[" * 1_000_000, '{"a":' * 500_000, "9" * 1_000_000, "\0" * 500_000]


@EACH
def test_what_is_nothing_like_it_is_refused_and_so_is_what_is_huge(target: Target) -> None:
    if isinstance(target.valid[0], str):
        others: list[Any] = [*TEXTS, *HUGE]
    elif isinstance(target.valid[0], bytes):
        others = [text.encode("utf-8", "surrogatepass") for text in (*TEXTS, *HUGE)]
    else:
        others = [*atoms(), nested(990), MARKS, [CANARY] * 100_000]
    for one in others:
        target.given(one)


ENDLESS = ["version = " + "9" * 5_000, "groups = " + "[" * 100_000]


@pytest.mark.parametrize("endless", ENDLESS, ids=["a number", "a list"])
@pytest.mark.parametrize("name", ["vocabulary air-strike", "labels", "wording"])
def test_what_is_without_end_in_a_table_of_words_is_refused(name: str, endless: str) -> None:
    assert TARGETS[name].given(endless)
