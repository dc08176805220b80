"""Merkle trees as RFC 6962 §2.1 hashes them: roots, proofs that a leaf is in a tree, proofs that a log only grew.

A tree is the sequence of its leaf hashes. Proofs are verified as RFC 9162 §2.1.3.2 and §2.1.4.2 do it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from vault.errors import N_, Invalid, Tampered

HASH_SIZE = 32
_NOT_IN_IT = N_("A tree does not contain what it is said to contain.")
_NOT_CONTINUED = N_(
    "A log is not the continuation of the one that was seen before: one of the two is a fork."
)


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry; its prefix keeps it from passing for that of a node."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over these leaf hashes; that of the empty tree is the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = _split(len(leaves))
    return node_hash(root(leaves[:cut]), root(leaves[cut:]))


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The path from a leaf to the root. Raises Invalid when there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise Invalid("This tree has no such leaf.")
    if len(leaves) == 1:
        return []
    cut = _split(len(leaves))
    if index < cut:
        return [*inclusion(leaves[:cut], index), root(leaves[cut:])]
    return [*inclusion(leaves[cut:], index - cut), root(leaves[:cut])]


def consistency(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """That the tree of the first so many leaves became this one. Raises Invalid when it has not so many."""
    if not 0 < first <= len(leaves):
        raise Invalid("This tree was never of that size.")
    return _subproof(leaves, first, whole=True)


def verify_inclusion(leaf: bytes, place: tuple[int, int], path: Sequence[bytes], expected: bytes) -> None:
    """Raises Tampered unless the leaf stands at `place`, index and size, of the tree with this root."""
    if climb(leaf, place, path) != expected:
        raise Tampered(_NOT_IN_IT)


def climb(leaf: bytes, place: tuple[int, int], path: Sequence[bytes]) -> bytes:
    """The root to which a path leads. Raises Tampered when no tree of this size has such a path."""
    index, last = place[0], place[1] - 1
    if not 0 <= index <= last:
        raise Tampered(_NOT_IN_IT)
    found = leaf
    for sibling in path:
        if last == 0:
            raise Tampered(_NOT_IN_IT)
        if index & 1 or index == last:
            found = node_hash(sibling, found)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        index, last = index >> 1, last >> 1
    if last != 0:
        raise Tampered(_NOT_IN_IT)
    return found


def verify_consistency(first: tuple[int, bytes], second: tuple[int, bytes], path: Sequence[bytes]) -> None:
    """Raises Tampered unless the tree `second` (size and root) begins with the tree `first`."""
    (size, old), (later, new) = first, second
    if not 0 < size <= later or (size == later and (path or old != new)):
        raise Tampered(_NOT_CONTINUED)
    if size == later:
        return
    proof = list(path) if size & (size - 1) else [old, *path]
    index, last = size - 1, later - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    if not proof:
        raise Tampered(_NOT_CONTINUED)
    before = after = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            raise Tampered(_NOT_CONTINUED)
        if index & 1 or index == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        index, last = index >> 1, last >> 1
    if last != 0 or (before, after) != (old, new):
        raise Tampered(_NOT_CONTINUED)


def _subproof(leaves: Sequence[bytes], first: int, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    cut = _split(len(leaves))
    if first <= cut:
        return [*_subproof(leaves[:cut], first, whole), root(leaves[cut:])]
    return [*_subproof(leaves[cut:], first - cut, whole=False), root(leaves[:cut])]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
