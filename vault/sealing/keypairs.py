"""Sealing and signing key pairs from seeds; private halves under Argon2id (docs/FORMATS.md §2.1, §2.5)."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hpke import MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey

from vault.errors import Invalid, Tampered
from vault.sealing.digests import Document, Json, b64, unb64
from vault.sealing.locks import KEY_SIZE, lock, unlock

SEED_SIZE = 32
SEALING_PUBLIC_SIZE = 1184 + 32
SIGNING_PUBLIC_SIZE = 32
DEVICE_KEY_SIZE = 32


@dataclass(frozen=True)
class CostProfile:
    """What one guess at a passphrase costs (Argon2id, RFC 9106)."""

    memory_kib: int
    iterations: int
    lanes: int


MEMBER = CostProfile(memory_kib=64 * 1024, iterations=3, lanes=4)  # RFC 9106's second choice
KEY_FILE = CostProfile(
    memory_kib=64 * 1024, iterations=3, lanes=1
)  # the same work where only one core is to be had
CHEAPEST = CostProfile(memory_kib=8, iterations=1, lanes=1)  # for tests only; settings refuse it elsewhere


@dataclass(frozen=True)
class SealingKey:
    """An X-Wing private key, kept as its 32-byte seed."""

    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> SealingKey:
        return cls(secrets.token_bytes(SEED_SIZE))

    @cached_property
    def private(self) -> MLKEM768X25519PrivateKey:
        """The expanded pair: SHAKE-256 of the seed gives the ML-KEM seed, then the X25519 key."""
        return MLKEM768X25519PrivateKey(*self._halves)

    @cached_property
    def public(self) -> bytes:
        """1216 bytes: ML-KEM-768 encapsulation key, then X25519 public key."""
        kem, curve = (half.public_key().public_bytes_raw() for half in self._halves)
        return kem + curve

    @cached_property
    def _halves(self) -> tuple[mlkem.MLKEM768PrivateKey, x25519.X25519PrivateKey]:
        expanded = hashlib.shake_256(self.seed).digest(96)
        return (
            mlkem.MLKEM768PrivateKey.from_seed_bytes(expanded[:64]),
            x25519.X25519PrivateKey.from_private_bytes(expanded[64:]),
        )


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 private key, kept as its 32-byte seed."""

    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> SigningKey:
        return cls(secrets.token_bytes(SEED_SIZE))

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()


@dataclass(frozen=True)
class MemberSecret:
    """The two private keys of a member or custodian: 64 bytes."""

    sealing: SealingKey
    signing: SigningKey

    @classmethod
    def generate(cls) -> MemberSecret:
        return cls(SealingKey.generate(), SigningKey.generate())

    @classmethod
    def from_bytes(cls, data: bytes) -> MemberSecret:
        if len(data) != 2 * SEED_SIZE:
            raise Tampered("The stored keys are damaged.")
        return cls(SealingKey(data[:SEED_SIZE]), SigningKey(data[SEED_SIZE:]))

    def to_bytes(self) -> bytes:
        return self.sealing.seed + self.signing.seed


@lru_cache(maxsize=256)
def sealing_public(data: bytes) -> MLKEM768X25519PublicKey:
    """The public key that these 1216 bytes are. Raises Invalid."""
    if len(data) != SEALING_PUBLIC_SIZE:
        raise Invalid("This is not a sealing key of this vault.")
    try:
        return MLKEM768X25519PublicKey(
            mlkem.MLKEM768PublicKey.from_public_bytes(data[:1184]),
            x25519.X25519PublicKey.from_public_bytes(data[1184:]),
        )
    except ValueError:
        raise Invalid("This is not a sealing key of this vault.") from None


def wrap(
    secret: bytes, passphrase: str, factor: bytes, about: tuple[str, Document], cost: CostProfile
) -> Document:
    """`secret` locked under Argon2id(factor, passphrase), bound to `about` (context kind and object)."""
    salt = secrets.token_bytes(16)
    return _wrapped(cost, salt, lock(_derive(passphrase, factor, salt, cost), about, secret))


def wrapped_for_nobody(size: int, about: tuple[str, Document], cost: CostProfile) -> Document:
    """As if a secret of so many bytes were wrapped: unwrapping it fails, as slowly as a wrong passphrase does."""
    return _wrapped(cost, secrets.token_bytes(16), lock(secrets.token_bytes(KEY_SIZE), about, bytes(size)))


def _wrapped(cost: CostProfile, salt: bytes, locked: bytes) -> Document:
    return {
        "format": "witness-vault/v1/wrapped",
        "kdf": {
            "name": "argon2id",
            "memory_kib": cost.memory_kib,
            "iterations": cost.iterations,
            "lanes": cost.lanes,
            "salt": b64(salt),
        },
        "locked": b64(locked),
    }


def unwrap(wrapped: Json, passphrase: str, factor: bytes, about: tuple[str, Document]) -> bytes:
    """What `wrap` was given. Raises Tampered for a wrong passphrase, factor or context, which look alike."""
    cost, salt, locked = _read(wrapped)
    return unlock(_derive(passphrase, factor, salt, cost), about, locked)


def cost_of(wrapped: Json) -> CostProfile:
    """What a guess costs. Raises Invalid unless `wrapped` has the form, and the bounds, of docs/FORMATS.md §2.5."""
    return _read(wrapped)[0]


def require_post_quantum() -> None:
    """Raises Invalid when this installation's OpenSSL lacks ML-KEM (as a distribution's may)."""
    try:
        sealing_public(SealingKey(bytes(SEED_SIZE)).public)
    except UnsupportedAlgorithm:  # pragma: no cover - only on an OpenSSL older than 3.5
        raise Invalid(
            "Install the `cryptography` wheel from PyPI: this one cannot seal post-quantum."
        ) from None


def _read(wrapped: Json) -> tuple[CostProfile, bytes, bytes]:
    match wrapped:
        case {
            "format": "witness-vault/v1/wrapped",
            "kdf": {
                "name": "argon2id",
                "memory_kib": int(memory),
                "iterations": int(iterations),
                "lanes": int(lanes),
                "salt": str(salt),
            },
            "locked": str(locked),
        } if _bearable(memory, iterations, lanes):
            return CostProfile(memory, iterations, lanes), unb64(salt, 16), unb64(locked)
    raise Invalid("This is not a wrapped key of this vault.")


def _bearable(memory: int, iterations: int, lanes: int) -> bool:
    numbers = not any(isinstance(number, bool) for number in (memory, iterations, lanes))
    return numbers and 8 * lanes <= memory <= 1024 * 1024 and 1 <= iterations <= 16 and 1 <= lanes <= 16


def _derive(passphrase: str, factor: bytes, salt: bytes, cost: CostProfile) -> bytes:
    return hash_secret_raw(
        factor + unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass"),
        salt,
        time_cost=cost.iterations,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=32,
        type=Type.ID,
    )
