"""Merkle trees: the vectors of RFC 6962's reference implementation, and `pymerkle` as an oracle."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from tests.cast import seed
from vault.errors import Invalid, Tampered
from vault.sealing import merkle

ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
PATHS = {  # of a leaf, by its index and the size of the tree
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
LEAVES = [merkle.leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
SIZES = st.integers(1, 40)


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


def oracle(size: int) -> Any:
    tree = InmemoryTree(algorithm="sha256")
    for number in range(size):
        tree.append_entry(str(number).encode())
    return tree


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize("place", PATHS)
def test_paths_are_those_of_the_reference(place: tuple[int, int]) -> None:
    assert [one.hex() for one in merkle.inclusion(LEAVES[: place[1]], place[0])] == PATHS[place]


@given(SIZES, st.data())
def test_paths_and_roots_are_those_of_another_implementation(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    known, found = oracle(size), leaves(size)
    assert merkle.root(found) == known.get_root()
    # the oracle counts from one, lists the leaf too, and orders by side
    expected = known.prove_inclusion(index + 1).serialize()["path"]
    assert sorted([found[index], *merkle.inclusion(found, index)]) == sorted(map(bytes.fromhex, expected))


@given(SIZES, st.data())
def test_a_leaf_is_proved_in_its_place_and_in_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    found = leaves(size)
    path, top = merkle.inclusion(found, index), merkle.root(found)
    merkle.verify_inclusion(found[index], (index, size), path, top)
    other = data.draw(st.integers(-1, size))
    for wrong in (
        (seed("other"), (index, size), path, top),
        (found[index], (index, size), [*path, seed("more")], top),
        (found[index], (index, size), [seed("changed"), *path[1:]], top),
        (found[index], (index, size), path, seed("root")),
    ):
        with pytest.raises(Tampered):
            merkle.verify_inclusion(*wrong)
    if other != index:
        with pytest.raises(Tampered):
            merkle.verify_inclusion(found[index], (other, size), path, top)
    if path:
        with pytest.raises(Tampered):
            merkle.verify_inclusion(found[index], (index, size), path[:-1], top)


@given(SIZES, st.data())
def test_a_log_that_only_grew_is_known_from_a_fork(size: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(1, size))
    found = leaves(size)
    path = merkle.consistency(found, first)
    before, after = (first, merkle.root(found[:first])), (size, merkle.root(found))
    merkle.verify_consistency(before, after, path)
    for wrong in (
        (after, before, path) if first != size else ((first, seed("fork")), after, path),
        ((first, seed("fork")), after, path),
        (before, (size, seed("fork")), path),
        (before, after, [*path, seed("more")]),
        ((0, merkle.root([])), after, path),
    ):
        with pytest.raises(Tampered):
            merkle.verify_consistency(*wrong)
    if path:
        with pytest.raises(Tampered):
            merkle.verify_consistency(before, after, path[:-1])


def test_a_proof_that_says_nothing_is_refused() -> None:
    found = leaves(7)
    with pytest.raises(Tampered):
        merkle.verify_consistency((3, merkle.root(found[:3])), (7, merkle.root(found)), [])


def test_only_what_is_there_is_proved() -> None:
    for index in (-1, 3):
        with pytest.raises(Invalid):
            merkle.inclusion(leaves(3), index)
    for first in (0, 4):
        with pytest.raises(Invalid):
            merkle.consistency(leaves(3), first)


def test_a_node_does_not_pass_for_a_leaf() -> None:
    pair = leaves(2)
    assert (
        merkle.leaf_hash(pair[0] + pair[1]) != merkle.root(pair) != hashlib.sha256(pair[0] + pair[1]).digest()
    )
