"""Commitments: salted, opened by whoever has every key, and noise without one of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import VAULT, identifier, seed
from vault.errors import Invalid
from vault.sealing import commitments, merkle
from vault.sealing.commitments import EDITION_SIZE, ENTRY_SIZE, Group
from vault.sealing.digests import b64

GROUP = Group(identifier("incident"), "aircraft.number", {"min": 2, "max": 3}, "saw")
KEYS = (seed("one"), seed("two"))
CUT = (identifier("case"), 1)
SALT = commitments.salt(KEYS, seed("nonce"), CUT, GROUP)


@pytest.mark.parametrize(
    "other",
    [
        commitments.salt(KEYS[:1], seed("nonce"), CUT, GROUP),
        commitments.salt(KEYS[::-1], seed("nonce"), CUT, GROUP),
        commitments.salt(KEYS, seed("another nonce"), CUT, GROUP),
        commitments.salt(KEYS, seed("nonce"), (CUT[0], 2), GROUP),
        commitments.salt(KEYS, seed("nonce"), CUT, replace(GROUP, column="heard")),
    ],
)
def test_a_salt_follows_from_every_key_and_its_place(other: bytes) -> None:
    assert commitments.salt(KEYS, seed("nonce"), CUT, GROUP) == SALT != other


def test_a_leaf_names_its_claim_and_nobody() -> None:
    leaf = commitments.leaf(VAULT, GROUP, SALT)
    assert leaf == {
        **{"format": "witness-vault/v1/commitment", "vault": VAULT, "incident": GROUP.incident},
        **{"subject": "aircraft.number", "value": {"min": 2, "max": 3}, "column": "saw", "salt": b64(SALT)},
    }


@given(st.integers(0, 40))
def test_every_entry_of_a_log_looks_alike(count: int) -> None:
    roots = [seed(str(number)) for number in range(count)]
    values = commitments.entry_values(roots)
    assert len(values) in (ENTRY_SIZE, 4 * ENTRY_SIZE)
    assert list(values) == sorted(values)
    assert set(roots) <= set(values)
    assert commitments.entry_tree(values) == tuple(merkle.leaf_hash(value) for value in values)


def test_an_edition_says_neither_how_much_it_counted_nor_in_which_order() -> None:
    leaves = [seed(str(number)) for number in range(3)]
    first, second = commitments.edition_tree(leaves), commitments.edition_tree([])
    assert len(first) == len(second) == EDITION_SIZE
    assert list(first) == sorted(first)
    assert not set(first) & set(second)


def test_a_tree_without_room_grows_fourfold() -> None:
    assert len(commitments.edition_tree([seed(str(n)) for n in range(EDITION_SIZE + 1)])) == 4 * EDITION_SIZE


def test_a_leaf_is_found_in_its_tree() -> None:
    tree = commitments.entry_values([SALT])
    place = commitments.path_to(tree, SALT)
    assert tree[place["index"]] == SALT
    assert place["size"] == ENTRY_SIZE
    with pytest.raises(Invalid):
        commitments.path_to(tree, seed("another"))


def test_a_line_names_its_leaves_in_no_order() -> None:
    assert commitments.line_digest(KEYS) == commitments.line_digest(KEYS[::-1])
