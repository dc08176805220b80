"""Shamir's scheme: any k of n shares give the secret back, fewer say nothing at all."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shamir_mnemonic import shamir as oracle  # type: ignore[import-untyped]

from vault.errors import Invalid
from vault.sealing.shares import combine, split

QUORUMS = [(k, n) for n in range(2, 10) for k in range(2, n + 1)]
SECRETS = st.binary(min_size=32, max_size=32)


def raw(shares: list[bytes]) -> list[oracle.RawShare]:
    return [oracle.RawShare(share[0], share[1:]) for share in shares]


def alike(byte: int) -> bytes:
    """32 bytes that are all alike: 32 polynomials over one byte."""
    return bytes([byte]) * 32


def drawing(*coefficients: bytes) -> Callable[[int], bytes]:
    """A source of these coefficients, one after the other."""
    left = iter(coefficients)
    return lambda _: next(left)


# Eight runs of 32 bytes that together are every value of a byte.
LANES = [bytes(range(start, start + 32)) for start in range(0, 256, 32)]


@pytest.mark.parametrize(("threshold", "total"), QUORUMS)
def test_every_quorum_gives_the_secret_back_in_any_order(threshold: int, total: int) -> None:
    secret = secrets.token_bytes(32)
    dealt = split(secret, threshold, total)
    assert [share[0] for share in dealt] == list(range(1, total + 1))
    for chosen in combinations(dealt, threshold):
        assert combine(chosen) == combine(chosen[::-1]) == secret


@pytest.mark.parametrize(("threshold", "total"), [quorum for quorum in QUORUMS if quorum[0] > 2])
def test_one_share_too_few_gives_something_else(threshold: int, total: int) -> None:
    secret = secrets.token_bytes(32)
    assert all(
        combine(chosen) != secret for chosen in combinations(split(secret, threshold, total), threshold - 1)
    )


@given(SECRETS, st.sampled_from(QUORUMS))
def test_the_field_is_that_of_slip_39(secret: bytes, quorum: tuple[int, int]) -> None:
    dealt = split(secret, *quorum)
    base = raw(dealt[: quorum[0]])
    assert oracle._interpolate(base, 0) == secret
    assert all(oracle._interpolate(base, share[0]) == share[1:] for share in dealt)


@given(SECRETS, st.lists(st.integers(1, 255), min_size=2, max_size=9, unique=True), st.data())
def test_combining_agrees_with_slip_39_at_every_index(
    secret: bytes, indices: list[int], data: st.DataObject
) -> None:
    values = [data.draw(SECRETS) for _ in indices[1:]]
    base = [oracle.RawShare(0, secret), *map(oracle.RawShare, indices[:-1], values)]
    last = bytes([indices[-1]]) + oracle._interpolate(base, indices[-1])
    dealt = [bytes([index]) + value for index, value in zip(indices, values, strict=False)]
    assert combine([*dealt, last]) == secret


@pytest.mark.parametrize("secret", [0, 1, 0x53, 0xFF])
@pytest.mark.parametrize("index", [0, 1])
def test_one_share_of_a_pair_fits_every_secret_equally_often(secret: int, index: int) -> None:
    """Exhaustive for one byte: over all coefficients, a secret's share takes each value once."""
    values = [byte for lane in LANES for byte in split(alike(secret), 2, 2, drawing(lane))[index][1:]]
    assert sorted(values) == list(range(256))


@pytest.mark.parametrize("secret", [0, 0xCA])
def test_two_shares_of_three_fit_every_secret_equally_often(secret: int) -> None:
    """Exhaustive for one byte: over all coefficients, two shares take each pair of values once."""
    pairs: set[tuple[int, int]] = set()
    for first in range(256):
        for lane in LANES:
            one, _, three = split(alike(secret), 3, 3, drawing(alike(first), lane))
            pairs.update(zip(one[1:], three[1:], strict=True))
    assert len(pairs) == 256 * 256


def test_coefficients_may_be_zero() -> None:
    dealt = split(alike(7), 3, 5, bytes)
    assert [share[1:] for share in dealt] == [alike(7)] * 5
    assert combine(dealt[:3]) == alike(7)


def test_a_fresh_polynomial_is_drawn_each_time() -> None:
    assert len({split(alike(7), 2, 2)[0] for _ in range(20)}) == 20


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_secret_of_another_size_is_refused(secret: bytes) -> None:
    with pytest.raises(Invalid):
        split(secret, 2, 3)


@pytest.mark.parametrize(
    ("threshold", "total"), [(0, 3), (1, 1), (1, 3), (-1, 3), (4, 3), (2, 10), (10, 10), (2, 0)]
)
def test_a_quorum_of_one_or_of_more_than_there_are_is_refused(threshold: int, total: int) -> None:
    with pytest.raises(Invalid):
        split(bytes(32), threshold, total)


ONE, TWO, THREE = split(bytes(32), 2, 3)


@pytest.mark.parametrize(
    "shares",
    [
        [],
        [ONE],
        [ONE, ONE],
        [ONE, TWO, ONE],
        [ONE, b"\1" + TWO[1:]],
        [ONE, b"\0" + TWO[1:]],
        [ONE, TWO[:-1]],
        [ONE, TWO + b"\0"],
        [ONE, b""],
    ],
    ids=["none", "one", "twice", "twice of three", "same index", "index zero", "short", "long", "empty"],
)
def test_shares_that_do_not_belong_together_are_refused(shares: list[bytes]) -> None:
    with pytest.raises(Invalid):
        combine(shares)
