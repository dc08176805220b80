"""Backups: what has a receipt is in them, whoever deposits meanwhile; sessions never are."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from tests.backing import PAIRS, give_keys
from tests.cast import R1, R2
from tests.stage import DAY, After, Scene, later
from vault import backup_folder, backups, restoring, shredding
from vault.backups import Made, Source
from vault.errors import Busy, Refused
from vault.receipts import Receipt
from vault.restoring import Backup, Found
from vault.sealing import archives
from vault.sealing.digests import digest
from vault.store.shreds import ShredRow

KEEP = timedelta(days=90)


def worked(scene: Scene) -> None:
    """Two deposits, a draft, backup keys."""
    give_keys(scene)
    scene.deposit(R1, scene.said("saw"))
    scene.deposit(R2, scene.said("heard"))
    scene.start(R1)


@pytest.fixture
def saved(after: After) -> Scene:
    return after(worked)[0]


def source(scene: Scene) -> Source:
    return Source(scene.vault.store, scene.vault.journal)


def archived(scene: Scene, folder: Path) -> Made:
    return backups.archive(source(scene), folder / "archives", DAY, KEEP, lambda _: None)


def snapped(scene: Scene, folder: Path, days: int = 0) -> Made:
    return backups.snapshot(source(scene), folder / "shreds", later(days))


def read(archive: Path, snapshot: Path) -> Found:
    with archive.open("rb") as one, snapshot.open("rb") as other:
        files = [
            Backup(file, archives.read_header(file), PAIRS[kind])
            for file, kind in ((one, "archive"), (other, "snapshot"))
        ]
        return restoring.read_through(files[0], files[1], lambda _: None)


@pytest.mark.both
def test_an_archive_holds_every_row_and_a_snapshot_every_key(saved: Scene, tmp_path: Path) -> None:
    found = read(archived(saved, tmp_path).path, snapped(saved, tmp_path).path)
    rows = {name: sum(counted.values()) for name, counted in saved.contents().items()}
    del found.counts["journal"]
    assert found.counts.items() <= rows.items()
    assert not {"segments", "registers", "drafts", "sessions", "shreds", "uploads"} & found.counts.keys()
    assert {"slots", "identity_slots", "rosters", "audit", "backup_keys"} <= found.counts.keys()
    with saved.reading() as uow:
        taken = [row for row in uow.shreds.query(ShredRow) if row.taken]
        (draft,) = (digest("shred", row[0]) for row in saved.contents()["drafts"])
    assert found.keys.keys() == {row.id for row in taken} - {draft}
    assert found.rows == rows["shreds"]


def test_two_archives_differ_in_no_length_and_the_next_snapshot_lies_in_the_place_of_the_former(
    saved: Scene, tmp_path: Path
) -> None:
    first, kept = archived(saved, tmp_path), snapped(saved, tmp_path)
    former = kept.path.read_bytes()
    saved.deposit(R1, saved.said("saw"))
    second, again = archived(saved, tmp_path), snapped(saved, tmp_path)
    assert first.path.stat().st_size == second.path.stat().st_size
    assert [path.name for path in kept.path.parent.iterdir()] == [again.path.name]
    assert len(former) == again.path.stat().st_size
    assert again.path.read_bytes() != former


def test_the_former_snapshot_is_overwritten_where_it_lay(saved: Scene, tmp_path: Path) -> None:
    kept = snapped(saved, tmp_path)
    former = kept.path.read_bytes()
    with kept.path.open("rb") as still_open:
        snapped(saved, tmp_path)
        lay = still_open.read()
    assert len(lay) == len(former)
    assert not any(former[at : at + 64] in lay for at in range(0, len(former), 1024))


def test_what_is_too_old_goes_once_the_new_one_is_whole(saved: Scene, tmp_path: Path) -> None:
    old = archived(saved, tmp_path).path
    shelf = backup_folder.Place(old.parent)
    aged = old.with_name("vault-2020-01-01-00000000.archive")
    old.rename(aged)
    stray = aged.with_name("notes.txt")
    stray.write_text("not ours")
    made = archived(saved, tmp_path)
    assert (made.removed, aged.exists(), stray.exists()) == (1, False, True)
    assert shelf.remove_archives(later(-90)) == 0
    copy = snapped(saved, tmp_path).path
    copy.rename(copy.with_name("copy.snapshot"))
    assert snapped(saved, tmp_path, 7).removed == 0
    assert snapped(saved, tmp_path, 8).removed == 1
    assert [path.name for path in copy.parent.iterdir()] == [backup_folder.SNAPSHOT]


def test_archives_and_the_snapshot_never_lie_together(saved: Scene, tmp_path: Path) -> None:
    archived(saved, tmp_path)
    with pytest.raises(Refused):
        backups.snapshot(source(saved), tmp_path / "archives", DAY)
    snapped(saved, tmp_path)
    with pytest.raises(Refused):
        backups.archive(source(saved), tmp_path / "shreds", DAY, KEEP, lambda _: None)


def test_nobody_writes_two_at_once_into_one_folder_or_onto_a_disk_that_refuses(
    saved: Scene, tmp_path: Path
) -> None:
    with backup_folder.opened(tmp_path / "archives", "archive"), pytest.raises(Busy):
        archived(saved, tmp_path)
    (tmp_path / "shreds").write_text("no folder")
    with pytest.raises(Busy):
        snapped(saved, tmp_path)


def test_without_backup_keys_of_the_present_epoch_nothing_is_written(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        archived(scene, tmp_path)
    with pytest.raises(Refused):
        snapped(scene, tmp_path)
    assert not [path for path in tmp_path.glob("*/*") if path.suffix in (".archive", ".snapshot", ".part")]


def test_the_key_of_what_was_withdrawn_is_in_no_later_snapshot(saved: Scene, tmp_path: Path) -> None:
    archive = archived(saved, tmp_path).path
    before = read(archive, snapped(saved, tmp_path).path)
    gone = next(iter(before.keys))
    with saved.writing() as uow:
        shredding.destroy(uow, gone)
    shredding.renew(saved.vault.store)
    after = read(archive, snapped(saved, tmp_path).path)
    assert before.keys.keys() - after.keys.keys() == {gone}
    assert after.keys.items() <= before.keys.items()


@pytest.mark.both
def test_what_had_a_receipt_before_is_in_an_archive_made_while_others_deposit(
    saved: Scene, tmp_path: Path
) -> None:
    receipts = list[Receipt]()

    def deposit() -> None:
        receipts.extend(saved.deposit(R1, saved.said("saw")) for _ in range(6))

    depositing = threading.Thread(target=deposit)
    depositing.start()
    while depositing.is_alive():
        before = saved.taken()["observations"]
        archive, snapshot = archived(saved, tmp_path).path, snapped(saved, tmp_path).path
        assert before <= _taken(archive) <= saved.taken()["observations"]
        assert read(archive, snapshot)
    depositing.join()
    assert len(receipts) == 6


def _taken(archive: Path) -> int:
    with archive.open("rb") as file:
        found = Backup(file, archives.read_header(file), PAIRS["archive"]).records()
        rows = [record["row"] for record in found if record.get("table") == "slots"]
    return sum(row["taken"] and row["half"] == "observations" for row in rows)
