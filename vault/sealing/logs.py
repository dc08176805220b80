"""The log's entries and what is proved of them: documents without rows (docs/FORMATS.md §15)."""

from __future__ import annotations

from collections.abc import Sequence

from vault.sealing import commitments, merkle, notes
from vault.sealing.digests import Document, Json, b64, canonical
from vault.sealing.keypairs import SigningKey
from vault.sealing.notes import Checkpoint


def origin(vault: str) -> str:
    """What the log of a vault is called, and its key."""
    return f"witness-vault/{vault}"


def entry(vault: str, number: int, day: str, values: Sequence[bytes]) -> dict[str, Json]:
    """The entry of this number, over the padded roots of the editions since the one before."""
    return {
        "format": "witness-vault/v1/log-entry",
        "vault": vault,
        "number": number,
        "day": day,
        "root": b64(merkle.root(commitments.entry_tree(values))),
    }


def entry_hash(document: Document) -> bytes:
    """The leaf of the log for an entry."""
    return merkle.leaf_hash(canonical(document))


def checkpoint(vault: str, hashes: Sequence[bytes], key: SigningKey) -> str:
    """The state of the log with these leaves, signed."""
    state = Checkpoint(origin(vault), len(hashes), merkle.root(hashes))
    return notes.sign_note(state.text(), state.origin, key)


def consistency(hashes: Sequence[bytes], first: int) -> dict[str, Json]:
    """That the log with these leaves continues the one of the first so many. Raises Invalid."""
    path = merkle.consistency(hashes, first)
    return {
        "format": "witness-vault/v1/consistency",
        "first": first,
        "second": len(hashes),
        "path": [b64(one) for one in path],
    }


def proof(
    root: bytes, values: Sequence[bytes], document: Document, hashes: Sequence[bytes], note: str
) -> dict[str, Json]:
    """The proof of an edition's root: in the values of an entry, which is in the log of this checkpoint.

    Raises Invalid when either does not contain the other. Stamps are added to it.
    """
    return {
        "edition": commitments.path_to(commitments.entry_tree(values), merkle.leaf_hash(root)),
        "entry": dict(document),
        "log": commitments.path_to(hashes, entry_hash(document)),
        "checkpoint": note,
        "stamps": [],
    }
