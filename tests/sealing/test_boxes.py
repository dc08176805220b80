"""Boxes: only the holder of the key opens, in the context that was meant, and never with a byte changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import OUTSIDER, R1
from tests.sealing import reference
from vault.errors import Invalid, Tampered
from vault.sealing import boxes
from vault.sealing.digests import Document, context
from vault.sealing.keypairs import SealingKey

KEY = R1.secret.sealing
ABOUT: tuple[str, Document] = ("share", {"index": 1, "custodian": "C1"})
X_WING = json.loads(Path(__file__).with_name("xwing.json").read_text("ascii"))


@given(st.binary(max_size=300))
def test_what_was_sealed_unseals_and_is_1140_bytes_longer(plaintext: bytes) -> None:
    box = boxes.seal(KEY.public, ABOUT, plaintext)
    assert boxes.unseal(KEY, ABOUT, box) == plaintext
    assert len(box) == len(plaintext) + 1140 == len(plaintext) + boxes.OVERHEAD


@given(st.binary(max_size=100))
def test_a_box_is_a_marker_and_single_shot_hpke_with_the_context_as_info(plaintext: bytes) -> None:
    box = boxes.seal(KEY.public, ABOUT, plaintext)
    assert box[:4] == b"WV\x01\x01"
    assert reference.open_hpke(KEY.seed, context(*ABOUT), box[4:]) == plaintext


def test_the_reference_meets_the_vector_of_the_x_wing_draft() -> None:
    seed = bytes.fromhex(X_WING["seed"])
    assert reference.decapsulate(seed, bytes.fromhex(X_WING["ct"])).hex() == X_WING["ss"]


def test_key_pairs_meet_the_vector_of_the_x_wing_draft() -> None:
    assert SealingKey(bytes.fromhex(X_WING["seed"])).public.hex() == X_WING["pk"]


def test_the_same_plaintext_never_seals_twice_to_the_same_bytes() -> None:
    assert len({boxes.seal(KEY.public, ABOUT, b"the same") for _ in range(10)}) == 10


def test_another_key_is_refused() -> None:
    with pytest.raises(Tampered):
        boxes.unseal(OUTSIDER.secret.sealing, ABOUT, boxes.seal(KEY.public, ABOUT, b"something"))


@pytest.mark.parametrize(
    "about",
    [
        ("handed-share", ABOUT[1]),
        ("share", {}),
        ("share", {**ABOUT[1], "index": 2}),
        ("share", {**ABOUT[1], "index": "1"}),
        ("share", {**ABOUT[1], "more": 1}),
    ],
)
def test_another_context_is_refused(about: tuple[str, Document]) -> None:
    with pytest.raises(Tampered):
        boxes.unseal(KEY, about, boxes.seal(KEY.public, ABOUT, b"something"))


@given(st.data(), st.binary(max_size=40), st.integers(1, 255))
def test_any_changed_byte_is_refused(data: st.DataObject, plaintext: bytes, change: int) -> None:
    box = bytearray(boxes.seal(KEY.public, ABOUT, plaintext))
    box[data.draw(st.integers(0, len(box) - 1))] ^= change
    with pytest.raises(Tampered):
        boxes.unseal(KEY, ABOUT, bytes(box))


@pytest.mark.parametrize("length", [0, 3, 4, 1124, 1139, 1140, 1148])
def test_a_shortened_one_is_refused(length: int) -> None:
    with pytest.raises(Tampered):
        boxes.unseal(KEY, ABOUT, boxes.seal(KEY.public, ABOUT, b"something")[:length])


def test_an_encapsulation_whose_curve_point_is_of_low_order_is_refused() -> None:
    box = boxes.seal(KEY.public, ABOUT, b"something")
    with pytest.raises(Tampered):
        boxes.unseal(KEY, ABOUT, box[: 4 + 1088] + bytes(32) + box[4 + 1120 :])


@pytest.mark.parametrize(
    "public",
    [b"", bytes(1215), bytes(1217), b"\xff" * 1216, KEY.public[:1184] + bytes(32)],
    ids=["empty", "short", "long", "no lattice key", "a curve point of low order"],
)
def test_nothing_is_sealed_to_what_is_no_key(public: bytes) -> None:
    with pytest.raises(Invalid):
        boxes.seal(public, ABOUT, b"something")
