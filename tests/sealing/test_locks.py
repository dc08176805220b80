"""Locks: whoever has the key and the context opens; nobody else, and never with a byte changed."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from tests.sealing.reference import hkdf
from vault.errors import Tampered
from vault.sealing import locks
from vault.sealing.digests import Document, context, label

KEYS = st.binary(min_size=32, max_size=32)
ABOUT: tuple[str, Document] = ("slot", {"record": "AAAAAAAAAAAAAAAAAAAAAA"})


@pytest.mark.parametrize(
    ("material", "salt", "info", "size", "expected"),
    [
        (
            "0b" * 22,
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            "0b" * 22,
            "",
            "",
            42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
    ids=["A.1", "A.3"],
)
def test_the_reference_meets_rfc_5869(material: str, salt: str, info: str, size: int, expected: str) -> None:
    derived = hkdf(bytes.fromhex(material), bytes.fromhex(salt), bytes.fromhex(info), size)
    assert derived.hex() == expected


@given(st.binary(min_size=1, max_size=64), st.integers(1, 100))
def test_deriving_is_hkdf_under_the_label_of_its_kind(key: bytes, size: int) -> None:
    assert locks.derive(key, "id/testimony", size) == hkdf(key, b"", label("id/testimony"), size)


def test_another_kind_derives_other_bytes() -> None:
    assert locks.derive(bytes(32), "id/testimony", 16) != locks.derive(bytes(32), "id/identity", 16)


@given(KEYS, st.binary(max_size=300))
def test_what_was_locked_unlocks_and_is_84_bytes_longer(key: bytes, plaintext: bytes) -> None:
    locked = locks.lock(key, ABOUT, plaintext)
    assert locks.unlock(key, ABOUT, locked) == plaintext
    assert len(locked) == len(plaintext) + 84 == len(plaintext) + locks.OVERHEAD


@given(KEYS, st.binary(max_size=100))
def test_the_layout_is_that_of_the_formats(key: bytes, plaintext: bytes) -> None:
    locked = locks.lock(key, ABOUT, plaintext)
    expanded = hkdf(key, locked[4:36], label("locked"), 64)
    assert locked[:4] == b"WV\x01\x02"
    assert locked[36:68] == expanded[32:]
    assert AESGCM(expanded[:32]).decrypt(bytes(12), locked[68:], context(*ABOUT)) == plaintext


def test_the_same_plaintext_never_locks_twice_to_the_same_bytes() -> None:
    assert len({locks.lock(bytes(32), ABOUT, b"the same")[4:36] for _ in range(20)}) == 20


@given(KEYS, KEYS)
def test_another_key_is_refused(key: bytes, other: bytes) -> None:
    locked = locks.lock(key, ABOUT, b"something")
    if key != other:
        with pytest.raises(Tampered):
            locks.unlock(other, ABOUT, locked)


@pytest.mark.parametrize(
    "about",
    [
        ("session", ABOUT[1]),
        ("slot", {}),
        ("slot", {"record": "AAAAAAAAAAAAAAAAAAAAAQ"}),
        ("slot", {**ABOUT[1], "more": 1}),
        ("slot", {"Record": ABOUT[1]["record"]}),
    ],
)
def test_another_context_is_refused(about: tuple[str, Document]) -> None:
    with pytest.raises(Tampered):
        locks.unlock(bytes(32), about, locks.lock(bytes(32), ABOUT, b"something"))


@given(st.data(), st.binary(max_size=40), st.integers(1, 255))
def test_any_changed_byte_is_refused(data: st.DataObject, plaintext: bytes, change: int) -> None:
    locked = bytearray(locks.lock(bytes(32), ABOUT, plaintext))
    locked[data.draw(st.integers(0, len(locked) - 1))] ^= change
    with pytest.raises(Tampered):
        locks.unlock(bytes(32), ABOUT, bytes(locked))


@given(st.integers(0, 93))
def test_a_shortened_one_is_refused(length: int) -> None:
    with pytest.raises(Tampered):
        locks.unlock(bytes(32), ABOUT, locks.lock(bytes(32), ABOUT, b"ten  bytes")[:length])


def test_a_good_ciphertext_under_the_commitment_of_another_key_is_refused() -> None:
    mine, theirs = (locks.lock(bytes([number]) * 32, ABOUT, b"something") for number in (1, 2))
    with pytest.raises(Tampered, match="with this key"):
        locks.unlock(b"\1" * 32, ABOUT, mine[:36] + theirs[36:68] + mine[68:])


def test_the_head_of_what_was_locked_tells_the_right_key_without_the_rest() -> None:
    key = bytes(range(32))
    head = locks.lock(key, ("test", {}), b"content")[: locks.HEAD]
    assert locks.commits(key, head)
    assert not locks.commits(bytes(32), head)
    assert not locks.commits(key, head[:-1])
    assert not locks.commits(key, b"XX" + head[2:])
