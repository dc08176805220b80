"""Pieces: each opens at its own place in its own file, or is named; their number tells little of the size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import C1, R1
from vault.errors import Invalid, Tampered
from vault.sealing import pieces
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE, SEALED, FileKey

SECRET = bytes(range(32))
KEY = FileKey("V" * 22, "C" * 22, b64(pieces.name_of(SECRET)), 4, SECRET)
OTHERS = {
    "another vault": replace(KEY, vault="W" * 22),
    "another case": replace(KEY, case="D" * 22),
    "another file": replace(KEY, file="G" * 22),
    "a file of another number of pieces": replace(KEY, pieces=5),
    "another key": replace(KEY, key=bytes(32)),
}
# PURBs (Nikitin et al., PETS 2019), algorithm 2, worked by hand.
ALLOWED = {
    0: 1,
    1: 1,
    2: 2,
    3: 3,
    7: 7,
    8: 8,
    9: 10,
    10: 10,
    15: 16,
    17: 18,
    31: 32,
    33: 36,
    100: 104,
    1000: 1024,
}


def lock(place: int, plain: bytes, key: FileKey = KEY) -> bytes:
    """One piece."""
    return b"".join(map(bytes, key.lock(place, memoryview(plain))))


def unlock(place: int, sealed: bytes, key: FileKey = KEY) -> bytes:
    """The whole piece."""
    plain = bytearray(PIECE)
    key.unlock(place, sealed, memoryview(plain))
    return bytes(plain)


@pytest.mark.parametrize("needed", ALLOWED)
def test_the_number_of_pieces_is_one_that_padme_allows(needed: int) -> None:
    assert pieces.count(needed * PIECE) == ALLOWED[needed]


@given(st.integers(0, 2**44))
def test_the_pieces_hold_the_file_and_at_most_an_eighth_more(size: int) -> None:
    needed, made = max(1, -(-size // PIECE)), pieces.count(size)
    assert needed <= made <= needed + needed / 8 + 1
    assert pieces.count(made * PIECE) == made


@settings(max_examples=10)
@given(st.integers(0, 3), st.sampled_from([1, 1000, PIECE - 1, PIECE]))
def test_a_piece_opens_at_its_place_filled_with_zeros(place: int, size: int) -> None:
    sealed = lock(place, b"x" * size)
    assert len(sealed) == SEALED
    assert unlock(place, sealed) == (b"x" * size).ljust(PIECE, b"\0")


def test_pieces_that_are_sealed_together_are_those_that_are_sealed_alone() -> None:
    plain = bytes(range(256)) * (PIECE // 128)
    together = [bytes(sealed) for sealed in KEY.lock(1, memoryview(plain))]
    assert [unlock(place, sealed) for place, sealed in enumerate(together, start=1)] == [
        plain[:PIECE],
        plain[PIECE:],
    ]


@settings(max_examples=20)
@given(st.integers(0, SEALED - 1), st.integers(1, 255))
def test_a_changed_byte_is_refused_and_the_piece_is_named(at: int, by: int) -> None:
    sealed = bytearray(lock(2, b"film"))
    sealed[at] ^= by
    with pytest.raises(Tampered, match="Piece 3 of this file is damaged or was exchanged"):
        unlock(2, bytes(sealed))


@pytest.mark.parametrize("what", OTHERS)
def test_a_piece_of_something_else_is_refused(what: str) -> None:
    with pytest.raises(Tampered, match="Piece 1 "):
        unlock(0, lock(0, b"film", OTHERS[what]))


def test_a_piece_from_another_place_is_refused() -> None:
    with pytest.raises(Tampered, match="Piece 2 "):
        unlock(1, lock(0, b"film"))


@pytest.mark.parametrize("cut", [0, 1, 84, SEALED - 1])
def test_a_piece_that_was_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(Tampered, match="Piece 1 "):
        unlock(0, lock(0, b"film")[:cut])


@pytest.mark.parametrize(("place", "size"), [(3, PIECE + 1), (4, 1), (-1, 1)])
def test_what_is_no_piece_of_the_file_is_not_sealed(place: int, size: int) -> None:
    with pytest.raises(Invalid):
        lock(place, bytes(size))


def test_a_preview_opens_with_the_key_of_its_file_alone_and_hides_its_size() -> None:
    sealed = KEY.lock_preview(b"picture")
    assert KEY.unlock_preview(sealed) == b"picture"
    assert len(sealed) == len(KEY.lock_preview(b"p" * 9000))
    assert KEY.unlock_preview(KEY.lock_preview(b"")) == b""
    with pytest.raises(Tampered):
        OTHERS["another file"].unlock_preview(sealed)


def test_the_key_of_a_file_opens_with_the_evidence_key_at_its_place_alone() -> None:
    box = KEY.boxed(R1.secret.sealing.public)
    place = (KEY.vault, KEY.case, KEY.file)
    assert pieces.unboxed(place, 4, [C1.secret.sealing, R1.secret.sealing], box) == KEY
    for other in ((KEY.vault, KEY.case, "G" * 22), (KEY.vault, "D" * 22, KEY.file)):
        with pytest.raises(Tampered):
            pieces.unboxed(other, 4, [R1.secret.sealing], box)


def test_a_file_is_called_by_its_key_and_no_other_key_opens_it() -> None:
    """Whoever may not open the box can seal another one: whom it is from, it does not say."""
    another = replace(KEY, key=bytes(32)).boxed(R1.secret.sealing.public)
    with pytest.raises(Tampered, match="was exchanged"):
        pieces.unboxed((KEY.vault, KEY.case, KEY.file), 4, [R1.secret.sealing], another)
