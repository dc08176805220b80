"""The index: only a faster way to the same figures, made anew from the deposits whenever it is not what it was."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, update

from tests.cast import R1, V1
from tests.readers import cut, direct, gathered, row, shred
from tests.stage import DAY, Scene, actor
from vault import cases, corroboration, index, keyrings, shredding
from vault.errors import Refused
from vault.interviews import vocabularies
from vault.receipts import Receipt
from vault.sealing.deposits import Unsealing, record_id
from vault.sealing.digests import digest, unb64
from vault.sealing.segments import SEGMENT_SIZE
from vault.store.testimony import SegmentRow, SlotRow


def _heard(scene: Scene, times: int) -> list[Receipt]:
    return [scene.deposit(R1, scene.said("heard")) for _ in range(times)]


def _lying(scene: Scene) -> list[bytes]:
    with scene.reading() as uow:
        return list(uow.testimony.scalars(select(SegmentRow.content).order_by(SegmentRow.number)))


def _key(scene: Scene) -> bytes | None:
    with scene.reading() as uow:
        return shredding.find(uow, digest("shred", digest("index", unb64(scene.case))[:16]))


@pytest.fixture
def unsealed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The records of every frame that is unsealed from here on."""
    found: list[bytes] = []
    take = Unsealing.take

    def seen(self: Unsealing, record: bytes, box: bytes) -> object:
        found.append(record)
        return take(self, record, box)

    monkeypatch.setattr(Unsealing, "take", seen)
    return found


def test_a_cut_unseals_what_is_new_and_nothing_else(scene: Scene, unsealed: list[bytes]) -> None:
    first = _heard(scene, 3)
    cut(scene)
    assert len(unsealed) == 3
    (new,) = _heard(scene, 1)
    unsealed.clear()
    cut(scene, 30)
    assert unsealed == [record_id(unb64(new.withdrawal_token), "observations")]
    assert len(first) == 3


def test_the_same_figures_come_from_the_index_and_from_the_deposits(scene: Scene) -> None:
    receipts = _heard(scene, 3)
    scene.deposit(R1, scene.said("saw"), kind="follow-up", pseudonym=receipts[0].pseudonym)
    fresh = gathered(scene)
    cut(scene)
    again = gathered(scene)
    assert again.resolved == fresh.resolved
    assert again.folded == index.Folded(again.folded.index, 0, False)
    assert again.folded.index.to_bytes() == fresh.folded.index.to_bytes()


def _flip(scene: Scene) -> None:
    content = _lying(scene)[0]
    flipped = content[:-1] + bytes([content[-1] ^ 1])
    with scene.writing() as uow:
        uow.testimony.execute(update(SegmentRow).values(content=flipped))


def _drop(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(SegmentRow))


def _other_key(scene: Scene) -> None:
    with scene.writing() as uow:
        shredding.destroy(uow, digest("shred", digest("index", unb64(scene.case))[:16]))


DAMAGES: dict[str, Callable[[Scene], None]] = {
    "flipped": _flip,
    "dropped": _drop,
    "without a key": _other_key,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_or_missing_index_is_made_again_and_figures_are_the_same(
    scene: Scene, damage: str, unsealed: list[bytes]
) -> None:
    _heard(scene, 3)
    before = row(cut(scene), scene.hospital)
    _heard(scene, 3)
    DAMAGES[damage](scene)
    unsealed.clear()
    edition = cut(scene, 30)
    assert len(unsealed) == 6
    assert direct(edition, scene.hospital) == 6
    assert before["direct"]["max"] == 3
    unsealed.clear()
    gathered(scene)
    assert unsealed == []


def test_an_older_index_in_its_place_takes_nothing_away(scene: Scene) -> None:
    _heard(scene, 3)
    cut(scene)
    with scene.reading() as uow:
        older = [
            {"case": one.case, "number": one.number, "generation": one.generation, "content": one.content}
            for one in uow.testimony.scalars(select(SegmentRow))
        ]
    _heard(scene, 3)
    cut(scene, 30)
    with scene.writing() as uow:
        uow.testimony.execute(delete(SegmentRow))
        uow.testimony.execute(insert(SegmentRow), older)
    assert len(gathered(scene).folded.index.packed) == 6


def test_what_is_withdrawn_is_gone_from_the_index_whose_copies_no_longer_open(scene: Scene) -> None:
    receipts = _heard(scene, 4)
    assert direct(cut(scene), scene.hospital) == 4
    key, copy = _key(scene), _lying(scene)
    shred(scene, receipts[0])
    assert gathered(scene).folded.renew
    edition = cut(scene, 30)
    assert edition.document["set_aside"]["unsigned"] == "none"
    assert _key(scene) not in (None, key)
    assert _lying(scene) != copy
    assert len(gathered(scene).folded.index.packed) == 3


def test_a_cut_that_is_broken_off_leaves_the_index_as_it_was(scene: Scene) -> None:
    _heard(scene, 3)
    cut(scene)
    before = _key(scene), _lying(scene)
    _heard(scene, 1)
    with scene.writing() as uow:
        case = cases.show(uow, actor(V1), scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(V1), case.file, "corroboration")]
        found = corroboration.gather(uow, actor(V1), case, keys, vocabularies(scene.vault, case))
        index.keep(uow, case.file, keys, found.folded)
        uow.testimony.flush()
        uow.testimony.rollback()
        uow.shreds.rollback()
    assert (_key(scene), _lying(scene)) == before


def test_an_index_whose_new_key_came_without_its_segments_is_made_again(scene: Scene) -> None:
    """The process is killed between the commits of the two databases."""
    receipts = _heard(scene, 4)
    cut(scene)
    shred(scene, receipts[0])
    with scene.writing() as uow:
        case = cases.show(uow, actor(V1), scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(V1), case.file, "corroboration")]
        found = corroboration.gather(uow, actor(V1), case, keys, vocabularies(scene.vault, case))
        index.keep(uow, case.file, keys, found.folded)
        uow.shreds.commit()
        uow.testimony.rollback()
    assert len(gathered(scene).folded.index.packed) == 3
    assert cut(scene, 30).incident(scene.hospital)["status"] == "under-review"


def test_what_is_not_sound_is_looked_at_again_at_each_cut(scene: Scene) -> None:
    receipts = _heard(scene, 4)
    record = record_id(unb64(receipts[0].withdrawal_token), "observations")
    of_record = update(SlotRow).where(SlotRow.record == record)
    with scene.writing() as uow:
        sound = uow.testimony.scalar(select(SlotRow.content).where(SlotRow.record == record))
        assert sound is not None
        uow.testimony.execute(of_record.values(content=sound[:-1] + bytes([sound[-1] ^ 1])))
    for days in (0, 30):
        edition = cut(scene, days)
        assert (direct(edition, scene.hospital), edition.document["set_aside"]["unsigned"]) == (
            3,
            "fewer than 3",
        )
    with scene.writing() as uow:
        uow.testimony.execute(of_record.values(content=sound))
    assert len(gathered(scene).folded.index.packed) == 4
    assert cut(scene, 60).document["set_aside"]["unsigned"] == "none"


def test_batches_give_what_one_reading_gives(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    _heard(scene, 5)
    scene.deposit(R1, scene.said("saw"))
    whole = gathered(scene).folded.index.to_bytes()
    monkeypatch.setattr(index, "_TOGETHER", 2)
    assert gathered(scene).folded.index.to_bytes() == whole


def test_an_image_tells_a_coarse_size_and_nothing_that_was_said(scene: Scene) -> None:
    _heard(scene, 3)
    cut(scene)
    few = _lying(scene)
    _heard(scene, 3)
    cut(scene, 30)
    many = _lying(scene)
    assert [len(one) for one in few] == [len(one) for one in many] == [SEGMENT_SIZE]
    assert few != many
    assert not any(b"aircraft" in one for one in many)


# --- read ahead of a cut ------------------------------------------------------------------------------------


def _read_ahead(scene: Scene, told: Callable[[int, int], None] = lambda _done, _of: None) -> None:
    corroboration.read_ahead(scene.vault, actor(V1), scene.case, DAY, told)


def test_what_was_read_ahead_a_cut_need_not_unseal_and_its_figures_are_the_same(
    scene: Scene, unsealed: list[bytes]
) -> None:
    _heard(scene, 3)
    fresh = gathered(scene)
    _read_ahead(scene)
    unsealed.clear()
    again = gathered(scene)
    assert unsealed == []
    assert again.resolved == fresh.resolved
    assert again.folded.index.to_bytes() == fresh.folded.index.to_bytes()
    before = _lying(scene)
    _read_ahead(scene)
    assert _lying(scene) == before


def test_reading_ahead_says_how_far_it_is_and_keeps_nobody_waiting(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_AT_A_TIME", 1)
    _heard(scene, 3)
    far: list[tuple[int, int]] = []

    def told(done: int, of: int) -> None:
        far.append((done, of))
        _heard(scene, 1)  # somebody deposits meanwhile: counted with the rest

    _read_ahead(scene, told)
    assert far == [(0, 3), (1, 3), (2, 3)]
    assert direct(cut(scene), scene.hospital) == 6


def test_what_is_taken_back_while_it_is_read_ahead_is_not_counted(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_AT_A_TIME", 1)
    gone, *_ = _heard(scene, 4)
    _read_ahead(scene, lambda done, _: shred(scene, gone) if done == 2 else None)
    assert _lying(scene) == [] or len(gathered(scene).folded.index.records) == 3
    assert direct(cut(scene), scene.hospital) == 3


def test_before_the_cutting_day_nothing_is_read_ahead(scene: Scene, unsealed: list[bytes]) -> None:
    cut(scene)
    _heard(scene, 1)
    unsealed.clear()
    with pytest.raises(Refused):
        _read_ahead(scene)
    assert unsealed == []
