"""Shamir's secret sharing over GF(2^8), byte by byte (docs/FORMATS.md §2.7). It knows no people.

Branch-free and table-free: which branch is taken or which table line is read must not depend on a secret byte
(table look-ups leaked key shares of a well-known product). All coefficients are uniform, zero included:
excluding zero would tell k - 1 holders something about the secret.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import lru_cache

from vault.errors import Invalid

SECRET_SIZE = 32
MOST_SHARES = 9
_LANES = int.from_bytes(b"\x01" * SECRET_SIZE, "big")


def split(
    secret: bytes, threshold: int, total: int, random: Callable[[int], bytes] = secrets.token_bytes
) -> list[bytes]:
    """`total` shares of a 32-byte secret: index byte, then value. Fewer than `threshold` say nothing."""
    if len(secret) != SECRET_SIZE or not 2 <= threshold <= total <= MOST_SHARES:
        raise Invalid("A secret is split among two to nine custodians, with a quorum of at least two.")
    coefficients = [int.from_bytes(random(SECRET_SIZE), "big") for _ in range(threshold - 1)]
    return [bytes([x]) + _evaluate(secret, coefficients, x) for x in range(1, total + 1)]


def combine(shares: Sequence[bytes]) -> bytes:
    """The value at 0 of the polynomial through these shares. Raises Invalid for wrong lengths or indices."""
    indices = [share[0] for share in shares if len(share) == SECRET_SIZE + 1]
    if len(indices) != len(shares) or len(shares) < 2 or len(set(indices)) != len(indices) or 0 in indices:
        raise Invalid("These shares do not belong together.")
    secret = 0
    for share in shares:
        weight = 1
        for other in indices:
            if other != share[0]:
                weight = _byte_times(weight, _byte_times(other, _byte_inverse(other ^ share[0])))
        secret ^= _times(int.from_bytes(share[1:], "big"), weight)
    return secret.to_bytes(SECRET_SIZE, "big")


def _evaluate(secret: bytes, coefficients: Sequence[int], x: int) -> bytes:
    value = 0
    for coefficient in reversed(coefficients):
        value = _times(value ^ coefficient, x)
    return (value ^ int.from_bytes(secret, "big")).to_bytes(SECRET_SIZE, "big")


def _times(lanes: int, factor: int) -> int:
    """Multiply each of 32 secret bytes, packed in one integer, by a public byte."""
    product = 0
    for bit in range(8):
        product ^= lanes * (factor >> bit & 1)
        carry = lanes >> 7 & _LANES
        lanes = (lanes & (_LANES * 0x7F)) << 1 ^ carry * 0x1B
    return product


def _byte_times(a: int, b: int) -> int:
    product = 0
    for bit in range(8):
        product ^= a * (b >> bit & 1)
        a = (a << 1) ^ (a >> 7) * 0x11B
    return product


@lru_cache(maxsize=16)
def _byte_inverse(a: int) -> int:
    """a^254, the inverse in GF(2^8) by Fermat. Kept, because it comes from indices alone, which are public."""
    square, product = a, 1
    for _ in range(7):
        square = _byte_times(square, square)
        product = _byte_times(product, square)
    return product
