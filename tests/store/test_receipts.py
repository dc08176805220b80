"""What tells a second attempt from another deposit, and ties no two slots together."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.cast import R1
from tests.stage import Scene
from vault.errors import Conflict, NotFound
from vault.sealing import deposits
from vault.sealing.digests import b64, digest, unb64
from vault.store.testimony import SlotRow

pytestmark = pytest.mark.both

LONG = "A word, and another one. " * 1500  # three frames


def test_no_two_slots_carry_the_same_value(scene: Scene) -> None:
    """The same one in both halves would say which codes belong to which words."""
    for _ in range(3):
        scene.deposit(R1, scene.said("heard"), testimony=LONG)
    with scene.reading() as uow:
        values = uow.testimony.scalars(select(SlotRow.receipt)).all()
        assert scene.taken()["testimony"] == 9
    assert {len(value) for value in values} == {32}
    assert len(set(values)) == len(values)


def test_the_check_stands_beside_the_first_observations_record_alone(scene: Scene) -> None:
    draft = scene.start(R1)
    receipt = scene.hand_in(R1, draft, scene.interview(scene.said("heard"), testimony=LONG))
    check = digest("receipt", draft.token + unb64(receipt.digest))
    with scene.reading() as uow:
        beside = uow.testimony.scalars(select(SlotRow.record).where(SlotRow.receipt == check)).all()
    assert beside == [deposits.record_id(draft.token, "observations")]


def test_a_second_attempt_gets_the_same_receipt_and_another_deposit_is_refused(scene: Scene) -> None:
    draft = scene.start(R1)
    said = scene.interview(scene.said("heard"), testimony=LONG)
    receipt = scene.hand_in(R1, draft, said)
    before = scene.contents()
    assert scene.hand_in(R1, draft, said) == receipt
    with pytest.raises(Conflict, match="your receipt stands"):
        scene.hand_in(R1, draft, {**said, "testimony": "Something else."})
    assert scene.contents() == before


def test_what_is_neither_deposited_nor_a_draft_is_not_found(scene: Scene) -> None:
    elsewhere = replace(scene.start(R1), id=b64(bytes(16)))
    with pytest.raises(NotFound, match="Open a new one"):
        scene.hand_in(R1, elsewhere, scene.interview(testimony="I heard it."))
