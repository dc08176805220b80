"""vault.sealing.deposits.Unsealing: frame by frame the same as all at once."""

from __future__ import annotations

from random import Random

import pytest

from vault.sealing.deposits import FRAME_DATA, Place, Unsealing, seal_half, unseal_halves
from vault.sealing.digests import Json
from vault.sealing.keypairs import SealingKey

KEY = SealingKey.generate()
PLACE = Place("A", "B", "corroboration", 1)


def half(number: int, size: int) -> dict[bytes, bytes]:
    """The frames of one half, several where it is long."""
    body = {"words": "x" * size, "number": number}
    signed: Json = {"document": {}, "signatures": []}
    return seal_half(signed, body, KEY.public, PLACE, lambda part: bytes([number, part]) * 8)


def one_by_one(frames: dict[bytes, bytes]) -> tuple[dict[bytes, Json], int]:
    unsealing, found = Unsealing([(PLACE, KEY)]), {}
    for record, box in frames.items():
        opened = unsealing.take(record, box)
        if opened is not None:
            found[record] = opened
    found |= {parts[0]: opened for parts, opened in unsealing.rest()}
    return found, unsealing.unsound


FRAMES = {**half(1, 10), **half(2, 3 * FRAME_DATA), **half(3, FRAME_DATA), **half(4, 10)}


@pytest.mark.parametrize("lost", [(), (0,), (1,), (2,), (4,), (0, 5), tuple(range(8))])
@pytest.mark.parametrize("spoilt", [True, False])
def test_frame_by_frame_it_is_the_same_as_all_at_once(lost: tuple[int, ...], spoilt: bool) -> None:
    frames = dict(FRAMES)
    for place in lost:
        record = list(FRAMES)[place]
        frames[record] = frames[record][:-1] + b"x"
        if not spoilt:
            del frames[record]
    order = list(frames)
    Random(len(lost)).shuffle(order)
    assert one_by_one({record: frames[record] for record in order}) == unseal_halves(frames, [(PLACE, KEY)])


def test_of_a_half_that_lies_in_several_frames_all_are_named_the_first_one_first() -> None:
    unsealing = Unsealing([(PLACE, KEY)])
    frames = half(2, 2 * FRAME_DATA)
    for record, box in reversed(frames.items()):
        assert unsealing.take(record, box) is None
    ((parts, _),) = unsealing.rest()
    assert parts == list(frames)
