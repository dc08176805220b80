"""Locking under a symmetric key, with key commitment and context binding (docs/FORMATS.md §2.3)."""

from __future__ import annotations

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import N_, Tampered
from vault.sealing.digests import Document, context, label

KEY_SIZE = 32
MARKER = b"WV\x01\x02"
OVERHEAD = 4 + 32 + 32 + 16
HEAD = 4 + 32 + 32  # marker, salt, commitment: what tells whether a key is the right one, and nothing else
_MISPLACED = N_("A sealed thing is damaged or stands where it does not belong.")
_NONCE = bytes(12)  # safe: the random salt gives every message an AES key of its own


def lock(key: bytes, about: tuple[str, Document], plaintext: bytes) -> bytes:
    """`plaintext` under `key`, bound to `about` (context kind and object); 84 bytes longer."""
    locked = bytearray(len(plaintext) + OVERHEAD)
    lock_into(key, about, plaintext, memoryview(locked))
    return bytes(locked)


def lock_into(
    key: bytes, about: tuple[str, Document], plaintext: bytes | memoryview, into: memoryview
) -> None:
    """The same, written where it is wanted: large things are not copied. `into` has exactly its size."""
    salt = secrets.token_bytes(32)
    cipher_key, commitment = _expand(key, salt)
    into[:HEAD] = MARKER + salt + commitment
    AESGCM(cipher_key).encrypt_into(_NONCE, plaintext, context(*about), into[HEAD:])


def unlock(key: bytes, about: tuple[str, Document], locked: bytes) -> bytes:
    """What `lock` was given. Raises Tampered for a wrong key, context, version or a changed byte."""
    cipher = _cipher(key, locked)
    try:
        return cipher.decrypt(_NONCE, locked[HEAD:], context(*about))
    except InvalidTag:
        raise Tampered(_MISPLACED) from None


def unlock_into(
    key: bytes, about: tuple[str, Document], locked: bytes | memoryview, into: memoryview
) -> None:
    """The same, written where it is wanted: large things are not copied. `into` has exactly its size."""
    cipher = _cipher(key, locked)
    try:
        cipher.decrypt_into(_NONCE, memoryview(locked)[HEAD:], context(*about), into)
    except InvalidTag:
        raise Tampered(_MISPLACED) from None


def commits(key: bytes, head: bytes) -> bool:
    """Whether what begins with this head was locked under `key`, told without the ciphertext."""
    if len(head) != HEAD or head[:4] != MARKER:
        return False
    return hmac.compare_digest(_expand(key, head[4:36])[1], head[36:])


def derive(key: bytes, kind: str, size: int) -> bytes:
    """`size` bytes derived from `key` under the label of `kind` (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), size, salt=None, info=label(kind)).derive(key)


def _cipher(key: bytes, locked: bytes | memoryview) -> AESGCM:
    head = bytes(locked[:HEAD])
    if len(locked) < OVERHEAD or head[:4] != MARKER:
        raise Tampered("A sealed thing is damaged or of another version.")
    cipher_key, commitment = _expand(key, head[4:36])
    # GCM alone opens under several keys; the commitment is what makes "it opened" mean "with this key".
    if not hmac.compare_digest(commitment, head[36:]):
        raise Tampered("A sealed thing does not open with this key.")
    return AESGCM(cipher_key)


def _expand(key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    expanded = HKDF(SHA256(), 64, salt=salt, info=label("locked")).derive(key)
    return expanded[:32], expanded[32:]
