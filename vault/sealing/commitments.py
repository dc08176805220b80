"""Commitments to what an edition counted: salted leaves, padded trees in the order of hashes (docs/FORMATS.md §15).

Nothing is stored of a leaf but its hash. Its salt follows from the shred keys of the records behind it: while they
stand it can be opened, and when one of them is destroyed it is noise like the dummies around it.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.errors import Invalid
from vault.sealing import merkle
from vault.sealing.digests import Document, Json, b64, canonical, context, digest

SALT_SIZE = 32
NONCE_SIZE = 32
EDITION_SIZE = 4096
ENTRY_SIZE = 16
GROWTH = 4


@dataclass(frozen=True)
class Group:
    """Accounts that count as one, in one column of one claim."""

    incident: str
    subject: str
    value: Json
    column: str

    def to_json(self) -> dict[str, Json]:
        """The members that say where the group is counted."""
        return {
            "incident": self.incident,
            "subject": self.subject,
            "value": self.value,
            "column": self.column,
        }


def salt(shred_keys: Sequence[bytes], nonce: bytes, edition: tuple[str, int], group: Group) -> bytes:
    """The salt of a group counted in an edition (its case and number).

    The shred keys stand in the ascending order of their records; the nonce is the edition's.
    """
    return salts(nonce, edition, group)(shred_keys)


def salts(nonce: bytes, edition: tuple[str, int], group: Group) -> Callable[[Sequence[bytes]], bytes]:
    """What gives, of shred keys, the salt of each group that stands in one column of one claim."""
    case, number = edition
    info = context("commitment", {"case": case, "edition": number, **group.to_json()})

    def of(shred_keys: Sequence[bytes]) -> bytes:
        keys = digest("shred-keys", b"".join(shred_keys))
        return HKDF(SHA256(), SALT_SIZE, nonce, info).derive(keys)

    return of


def leaf(vault: str, group: Group, salted: bytes) -> dict[str, Json]:
    """What a leaf commits to: shown to a court, it opens the leaf."""
    return {
        "format": "witness-vault/v1/commitment",
        "vault": vault,
        **group.to_json(),
        "salt": b64(salted),
    }


def leaf_hash(opened: Document) -> bytes:
    """The hash that stands in the tree for a leaf."""
    return merkle.leaf_hash(canonical(opened))


def line_digest(leaves: Iterable[bytes]) -> str:
    """How a statement's line names its leaves, without showing one."""
    return b64(hashlib.sha256(b"".join(sorted(leaves))).digest())


def edition_tree(leaves: Iterable[bytes]) -> tuple[bytes, ...]:
    """The leaf hashes of an edition among dummies, in ascending order: neither size nor place says anything."""
    return _padded(list(leaves), EDITION_SIZE)


def entry_values(roots: Iterable[bytes]) -> tuple[bytes, ...]:
    """The edition roots of one entry of the log among dummies, in ascending order."""
    return _padded(list(roots), ENTRY_SIZE)


def entry_tree(values: Iterable[bytes]) -> tuple[bytes, ...]:
    """The leaf hashes of the tree over an entry's values."""
    return tuple(merkle.leaf_hash(value) for value in values)


def path_to(leaves: Sequence[bytes], wanted: bytes) -> dict[str, Json]:
    """Where a leaf stands in a tree, as proofs write it. Raises Invalid when it does not."""
    if wanted not in leaves:
        raise Invalid("This tree does not contain what was asked for.")
    index = leaves.index(wanted)
    path = merkle.inclusion(leaves, index)
    return {"index": index, "size": len(leaves), "path": [b64(one) for one in path]}


def _padded(values: list[bytes], smallest: int) -> tuple[bytes, ...]:
    size = smallest
    while size < len(values):
        size *= GROWTH
    dummies = [secrets.token_bytes(merkle.HASH_SIZE) for _ in range(size - len(values))]
    return tuple(sorted(values + dummies))
