"""vault.sealing.segments: an index opens whole, where it belongs, with both of its keys, or not at all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.errors import Tampered
from vault.sealing import locks
from vault.sealing.segments import CAPACITY, SEGMENT_SIZE, Shelf, seal, unseal

ABOUT = {"vault": "A", "case": "B"}
SHELF = Shelf.of(ABOUT, b"definition", bytes(32), b"\1" * 32)
LONG = bytes(range(256)) * (3 * CAPACITY // 256)


def sealed(text: bytes, shelf: Shelf = SHELF) -> tuple[bytes, list[bytes]]:
    generation, segments = seal(shelf, text)
    return generation, list(segments)


@settings(max_examples=20)
@given(st.sampled_from([0, 1, CAPACITY - 8, CAPACITY - 7, CAPACITY, 2 * CAPACITY, 3 * CAPACITY]))
def test_it_opens_as_it_was_and_its_size_is_a_power_of_two_segments(size: int) -> None:
    text = LONG[:size]
    generation, segments = sealed(text)
    assert bytes(unseal(SHELF, generation, segments)) == text
    assert {len(segment) for segment in segments} == {SEGMENT_SIZE}
    assert len(segments) in (1, 2, 4)
    assert 2 * len(segments) * CAPACITY >= size + 8 > (len(segments) // 2) * CAPACITY


OTHERS = {
    "another shred key": Shelf.of(ABOUT, b"definition", bytes(31) + b"\1", b"\1" * 32),
    "another corroboration key": Shelf.of(ABOUT, b"definition", bytes(32), b"\2" * 32),
    "another case": replace(SHELF, about={"vault": "A", "case": "C"}),
    "another definition": replace(SHELF, definition=b"another"),
}


@pytest.mark.parametrize("what", OTHERS)
def test_nothing_else_opens_it_and_nothing_else_makes_one_that_passes(what: str) -> None:
    generation, segments = sealed(b"text")
    with pytest.raises(Tampered):
        unseal(OTHERS[what], generation, segments)
    generation, segments = sealed(b"text", OTHERS[what])
    with pytest.raises(Tampered):
        unseal(SHELF, generation, segments)


def test_a_changed_dropped_moved_or_older_segment_opens_nothing() -> None:
    generation, segments = sealed(LONG)
    before, older = sealed(LONG)
    one, two, *rest = segments
    flipped = one[:-1] + bytes([one[-1] ^ 1])
    for damaged in (
        [flipped, two, *rest],
        [two, one, *rest],
        segments[:-1],
        segments[:2],
        [*segments, rest[-1]],
        [one[:-1], two, *rest],
        [one, older[1], *rest],
        [],
    ):
        with pytest.raises(Tampered):
            unseal(SHELF, generation, damaged)
    with pytest.raises(Tampered):
        unseal(SHELF, before, segments)


def test_a_length_beyond_the_segments_opens_nothing() -> None:
    generation = bytes(16)
    segment = locks.lock(SHELF.key, SHELF.place(generation, 0, 1), b"\xff" * CAPACITY)
    with pytest.raises(Tampered):
        unseal(SHELF, generation, [segment])
