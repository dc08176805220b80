"""Sealing to one public key: post-quantum HPKE (RFC 9180 with X-Wing; docs/FORMATS.md §2.2)."""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from vault.errors import Invalid, Tampered
from vault.sealing.digests import Document, context
from vault.sealing.keypairs import SealingKey, sealing_public

MARKER = b"WV\x01\x01"
OVERHEAD = 4 + 1120 + 16
_SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def seal(public: bytes, about: tuple[str, Document], plaintext: bytes) -> bytes:
    """`plaintext` for the holder of `public`, bound to `about`; 1140 bytes longer.

    It proves no author: sign inside. Raises Invalid for a public key to which nothing can be sealed.
    """
    key, info = sealing_public(public), context(*about)
    try:
        return MARKER + _SUITE.encrypt(plaintext, key, info=info)
    except (
        ValueError
    ):  # X25519 refuses a point of low order, with which whoever listens would share the secret
        raise Invalid("This is not a sealing key of this vault.") from None


def unseal(key: SealingKey, about: tuple[str, Document], box: bytes) -> bytes:
    """What `seal` was given. Raises Tampered for another key, context or version, or a changed byte."""
    if len(box) < OVERHEAD or box[:4] != MARKER:
        raise Tampered("A sealed thing is damaged or of another version.")
    try:
        return _SUITE.decrypt(box[4:], key.private, info=context(*about))
    except (InvalidTag, ValueError):
        raise Tampered("A sealed thing does not open with this key.") from None


def unseal_with(keys: Iterable[SealingKey], about: tuple[str, Document], box: bytes) -> bytes:
    """What was sealed to one of these keys: no box says to which version of a key it was. Raises Tampered."""
    for key in keys:
        try:
            return unseal(key, about, box)
        except Tampered:
            continue
    raise Tampered("A sealed thing does not open with these keys.")
