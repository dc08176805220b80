"""A second reading of the formats, from the RFCs alone: what the vault seals must open with this too."""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_X_WING = b"\\.//^\\"
_KEM_SUITE = b"HPKE" + bytes.fromhex("647a 0001 0002")  # X-Wing, HKDF-SHA256, AES-256-GCM


def hkdf_extract(salt: bytes, material: bytes) -> bytes:
    """RFC 5869 §2.2 with SHA-256."""
    return hmac.new(salt or bytes(32), material, hashlib.sha256).digest()


def hkdf_expand(key: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869 §2.3 with SHA-256."""
    output, block = b"", b""
    for counter in range(1, -(-size // 32) + 1):
        block = hmac.new(key, block + info + bytes([counter]), hashlib.sha256).digest()
        output += block
    return output[:size]


def hkdf(material: bytes, salt: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869."""
    return hkdf_expand(hkdf_extract(salt, material), info, size)


def decapsulate(seed: bytes, encapsulated: bytes) -> bytes:
    """The shared secret of X-Wing (draft-connolly-cfrg-xwing-kem §5.5)."""
    expanded = hashlib.shake_256(seed).digest(96)
    lattice = mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
    curve = x25519.X25519PrivateKey.from_private_bytes(expanded[64:])
    theirs = encapsulated[1088:]
    shared = curve.exchange(x25519.X25519PublicKey.from_public_bytes(theirs))
    mine = curve.public_key().public_bytes_raw()
    return hashlib.sha3_256(
        lattice.decapsulate(encapsulated[:1088]) + shared + theirs + mine + _X_WING
    ).digest()


def open_hpke(seed: bytes, info: bytes, message: bytes) -> bytes:
    """Single-shot base mode of RFC 9180 (§5.1, §6.1): enc, then ciphertext; empty associated data."""
    shared = decapsulate(seed, message[:1120])
    context = b"\0" + _extract(b"", b"psk_id_hash", b"") + _extract(b"", b"info_hash", info)
    secret = _extract(shared, b"secret", b"")
    key, nonce = _expand(secret, b"key", context, 32), _expand(secret, b"base_nonce", context, 12)
    return AESGCM(key).decrypt(nonce, message[1120:], b"")


def _extract(salt: bytes, label: bytes, material: bytes) -> bytes:
    return hkdf_extract(salt, b"HPKE-v1" + _KEM_SUITE + label + material)


def _expand(key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return hkdf_expand(key, size.to_bytes(2, "big") + b"HPKE-v1" + _KEM_SUITE + label + info, size)
