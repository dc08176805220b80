"""What is destroyed stays destroyed, in every copy of the database that is left, once the key file was renewed."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

import pytest
from sqlalchemy import event, select

from tests import places
from vault import shredding
from vault.errors import Busy, NotFound, Tampered
from vault.sealing.digests import digest
from vault.store.keks import Keks
from vault.store.shreds import ShredRow
from vault.store.unit_of_work import Store

pytestmark = pytest.mark.both

RECORDS = [bytes([number]) * 16 for number in range(5)]


def _locked(store: Store) -> dict[bytes, bytes]:
    with store.work("shreds") as uow:
        locked = {record: shredding.shreddable(uow, record, b"content") for record in RECORDS}
        uow.commit()
    return locked


def _opens(store: Store, locked: dict[bytes, bytes]) -> list[bytes]:
    with store.read() as uow:
        found = shredding.layers(uow, locked)
        return [record for record, layer in found.items() if layer.unlock(locked[record]) == b"content"]


def _rows(store: Store) -> list[tuple[bytes, bool, bytes]]:
    with store.read() as uow:
        return [(row.id, row.taken, row.key) for row in uow.shreds.scalars(select(ShredRow))]


def test_a_renewal_keeps_every_record_readable_and_no_wrapped_key_as_it_was(store: Store) -> None:
    locked, before, keks = _locked(store), _rows(store), store.keks.read()
    shredding.renew(store)
    after = _rows(store)
    assert _opens(store, locked) == RECORDS
    assert {row[2] for row in before}.isdisjoint(row[2] for row in after)
    assert sorted(row[:2] for row in before) == sorted(row[:2] for row in after)
    assert set(keks).isdisjoint(store.keks.read())


def test_many_keys_are_destroyed_in_few_readings_of_the_table(store: Store) -> None:
    """One for each key would keep everybody waiting for minutes where thousands go at once."""
    locked, ran = _locked(store), list[str]()
    names = [digest("shred", record) for record in RECORDS[1:]] + [
        bytes([1, place]) * 16 for place in range(250)
    ]
    with store.work("shreds") as uow:
        event.listen(store.engines["shreds"], "before_cursor_execute", lambda *run: ran.append(run[2]))
        shredding.destroy_all(uow, names)
        uow.commit()
    assert sum("UPDATE" in statement for statement in ran) <= 2
    assert _opens(store, locked) == RECORDS[:1]
    taken = {row[0]: row[1] for row in _rows(store)}
    assert sum(taken.values()) == 1
    assert taken.keys().isdisjoint(names)


def test_a_former_image_of_the_database_opens_nothing_after_a_renewal(
    store: Store, databases: Path, tmp_path: Path
) -> None:
    """The same image opened everything until then, the destroyed record too: the attack is alive."""
    locked = _locked(store)
    image = places.copy(databases, tmp_path / "image")
    with store.work("shreds") as uow:
        shredding.shred(uow, RECORDS[0])
        uow.commit()
    seized = Store(places.urls(image), databases / "shreds.key")
    assert _opens(seized, locked) == RECORDS
    shredding.renew(store)
    with seized.read() as uow:
        for record, layer in shredding.layers(uow, locked).items():
            with pytest.raises(Tampered):
                layer.unlock(locked[record])
    seized.dispose()
    assert _opens(store, locked) == RECORDS[1:]


def test_the_former_key_is_overwritten_where_it_lay(store: Store) -> None:
    (before,), place = store.keks.read(), os.stat(store.keks.path).st_ino
    shredding.renew(store)
    assert before not in store.keks.path.read_bytes()
    assert os.stat(store.keks.path).st_ino == place


@pytest.mark.parametrize("rewritten", [False, True])
def test_a_renewal_that_broke_off_loses_nothing_and_is_ended_by_the_next(
    store: Store, rewritten: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, (former,) = _locked(store), store.keks.read()
    with monkeypatch.context() as patch:
        patch.setattr(Keks, "finish" if rewritten else "read", _stop)
        with pytest.raises(KeyboardInterrupt):
            shredding.renew(store)
    if not rewritten:
        store.keks.begin()
    assert _opens(store, locked) == RECORDS
    with store.work("shreds") as uow:  # work goes on meanwhile
        more = shredding.shreddable(uow, b"\x09" * 16, b"content")
        uow.commit()
    half_done = store.keks.read()
    shredding.renew(store)
    assert _opens(store, {**locked, b"\x09" * 16: more}) == [*RECORDS, b"\x09" * 16]
    assert {former, *half_done}.isdisjoint(store.keks.read())
    assert len(store.keks.read()) == 1


def test_on_a_full_disk_a_renewal_does_not_begin_or_says_that_what_was_done_holds(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked, keks = _locked(store), store.keks.read()
    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", _full)
        with pytest.raises(Busy, match="nothing was changed"):
            shredding.renew(store)
    assert store.keks.read() == keks
    with monkeypatch.context() as patch, pytest.raises(Busy, match="It was done"), shredding.renewing(store):
        patch.setattr(os, "pwrite", _full)
    assert shredding.is_due(store)
    shredding.resume(store)
    assert not shredding.is_due(store)
    assert set(keks).isdisjoint(store.keks.read())
    assert _opens(store, locked) == RECORDS


def _full(*_: object) -> int:
    raise OSError(errno.ENOSPC, "no space left")


def _stop(_keks: Keks) -> None:
    raise KeyboardInterrupt


def test_who_read_the_key_before_a_renewal_reads_on_after_it(store: Store) -> None:
    locked = _locked(store)
    with store.read() as uow:
        uow.keks()
        shredding.renew(store)
        assert shredding.unshredded(uow, RECORDS[0], locked[RECORDS[0]]) == b"content"


def test_a_damaged_row_is_told_from_a_destroyed_one_and_is_never_locked_under(store: Store) -> None:
    locked = _locked(store)
    with store.work("shreds") as uow:
        uow.shreds.get_one(ShredRow, digest("shred", RECORDS[0])).key = secrets.token_bytes(60)
        shredding.shred(uow, RECORDS[1])
        uow.commit()
    with store.work("shreds") as uow:
        with pytest.raises(Tampered):
            shredding.unshredded(uow, RECORDS[0], locked[RECORDS[0]])
        with pytest.raises(Tampered):
            shredding.shreddable(uow, RECORDS[0], b"more")
        with pytest.raises(NotFound):
            shredding.unshredded(uow, RECORDS[1], locked[RECORDS[1]])


def test_the_key_file_is_its_owners_alone_and_is_made_once(databases: Path) -> None:
    keks = Keks(databases / "shreds.key")
    assert stat.S_IMODE(keks.path.stat().st_mode) == 0o600
    (key,) = keks.read()
    keks.create()
    assert keks.read() == (key,)


def test_without_the_key_file_nothing_is_made_and_the_refusal_says_what_is_wrong(store: Store) -> None:
    kept = store.keks.path.read_bytes()
    for damage in (kept[:20], bytes(len(kept)), None):
        if damage is None:
            store.keks.path.unlink()
        else:
            store.keks.path.write_bytes(damage)
        with pytest.raises(Busy, match="key file"):
            _locked(store)
        with pytest.raises(Busy, match="key file"):
            shredding.renew(store)
    assert not store.keks.path.exists()
