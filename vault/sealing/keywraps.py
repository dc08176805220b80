"""Shred keys as they lie in their rows: wrapped under the key-encryption key of the shreds (docs/FORMATS.md §4.1)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.errors import Tampered
from vault.sealing.digests import label
from vault.sealing.locks import KEY_SIZE

_NONCE = 12
WRAPPED = _NONCE + KEY_SIZE + 16


@dataclass(frozen=True)
class Kek:
    """A key-encryption key. It wraps far fewer than 2³² keys before it is destroyed, so random nonces are safe."""

    cipher: AESGCM = field(repr=False)

    @classmethod
    def of(cls, key: bytes) -> Kek:
        return cls(AESGCM(key))

    def wrap(self, name: bytes, key: bytes) -> bytes:
        """`key`, bound to the row whose id is `name`: 60 bytes that look like any others."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self.cipher.encrypt(nonce, key, label("shred-row") + b"\0" + name)

    def unwrap(self, name: bytes, wrapped: bytes) -> bytes:
        """What `wrap` was given. Raises Tampered for another key, row or byte."""
        try:
            return self.cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], label("shred-row") + b"\0" + name)
        except (InvalidTag, ValueError):
            raise Tampered("The key of a record is damaged or stands where it does not belong.") from None
