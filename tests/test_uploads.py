"""vault.uploads: a file goes on wherever it broke off, by whoever began it alone, and lies on no disk in the clear."""

from __future__ import annotations

import hashlib
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests import places
from tests.cast import C1, R1, R2, V1
from tests.sending import begin, film, keep, kept, on_disk, opened, send
from tests.stage import DAY, Scene, actor, later
from vault import cases, files, sweeping, uploads
from vault.cli.main import cli
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.sealing.digests import b64, unb64
from vault.sealing.pieces import PIECE, SEALED
from vault.shredding import unshredded
from vault.store.files import Folder
from vault.store.shreds import UploadRow
from vault.sweeping import KEPT, Inventory, record
from vault.uploads import Facts

pytestmark = pytest.mark.both

SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 9 * PIECE, 16 * PIECE + 5]
FILM = film(9 * PIECE + 7)
AT_EACH = settings(max_examples=len(SIZES), suppress_health_check=[HealthCheck.function_scoped_fixture])


def receive(scene: Scene, name: str, place: int, data: bytes) -> uploads.Upload:
    return uploads.receive(scene.vault, actor(R1), name, (place, data), DAY)


def check(scene: Scene, name: str) -> dict[str, object]:
    return uploads.check(scene.vault, actor(R1), name, DAY)


@AT_EACH
@given(st.sampled_from(SIZES))
def test_a_file_of_any_size_comes_back_as_it_was(scene: Scene, size: int) -> None:
    content = film(size)
    facts = check(scene, send(scene, content).id)
    assert facts["size"] == size
    assert facts["sha256"] == b64(hashlib.sha256(content).digest())
    stored = opened(scene, kept(scene, content))
    assert b"".join(stored.part(0, size)) == content
    assert on_disk(scene, stored).stat().st_size == stored.key.pieces * SEALED


@settings(AT_EACH, max_examples=20)
@given(st.data())
def test_any_part_is_read_alone(after_one: tuple[Scene, str], data: st.DataObject) -> None:
    scene, name = after_one
    start = data.draw(st.integers(0, len(FILM)))
    stop = data.draw(st.integers(start, len(FILM)))
    assert b"".join(opened(scene, name).part(start, stop)) == FILM[start:stop]


@pytest.fixture
def after_one(scene: Scene) -> tuple[Scene, str]:
    """A case with one file."""
    return scene, kept(scene, FILM)


def test_an_upload_goes_on_where_it_broke_off_and_a_piece_sent_twice_is_refused(scene: Scene) -> None:
    upload = begin(scene, FILM)
    assert receive(scene, upload.id, 0, FILM[: 2 * PIECE]).received == 2
    for place in (0, 1, 3, 9):
        with pytest.raises(Conflict):
            receive(scene, upload.id, place, FILM[place * PIECE : (place + 1) * PIECE])
    (found,) = uploads.waiting(scene.vault, actor(R1), scene.case)
    assert (found.id, found.received, found.needed) == (upload.id, 2, 10)
    with pytest.raises(Conflict, match="not arrived as a whole"):
        check(scene, upload.id)
    receive(scene, upload.id, 2, FILM[2 * PIECE :])
    assert check(scene, upload.id) == check(scene, upload.id)


@pytest.mark.parametrize("data", [b"", b"x", bytes(PIECE - 1), bytes(PIECE + 1), bytes(16 * PIECE)])
def test_only_whole_pieces_are_taken(scene: Scene, data: bytes) -> None:
    with pytest.raises(Invalid):
        receive(scene, begin(scene, film(20 * PIECE)).id, 0, data)


def test_another_file_than_the_announced_one_is_refused_at_its_first_piece_or_at_its_end(
    scene: Scene,
) -> None:
    upload = begin(scene, FILM)
    with pytest.raises(Invalid, match="not the file"):
        receive(scene, upload.id, 0, bytes(PIECE))
    receive(scene, upload.id, 0, FILM[:PIECE])
    receive(scene, upload.id, 1, bytes(len(FILM) - PIECE))
    with pytest.raises(Invalid, match="not the file"):
        receive(scene, upload.id, 10, bytes(PIECE))
    with pytest.raises(Invalid, match="not the file"):
        check(scene, upload.id)


def test_nobody_else_sees_an_upload_or_goes_on_with_it(scene: Scene) -> None:
    upload = begin(scene, FILM)
    for other in (R2, V1):
        assert uploads.waiting(scene.vault, actor(other), scene.case) == []
        with pytest.raises(NotFound):
            uploads.receive(scene.vault, actor(other), upload.id, (0, FILM[:PIECE]), DAY)
        with pytest.raises(NotFound):
            uploads.check(scene.vault, actor(other), upload.id, DAY)
        uploads.forget(scene.vault, actor(other), upload.id)
    with pytest.raises(Refused):
        uploads.waiting(scene.vault, actor(C1), scene.case)
    with pytest.raises(Refused):
        uploads.find(scene.vault, actor(C1), upload.id)
    assert [one.id for one in uploads.waiting(scene.vault, actor(R1), scene.case)] == [upload.id]


def test_whoever_is_not_in_the_case_cannot_begin_one(scene: Scene) -> None:
    with pytest.raises(NotFound):
        uploads.start(scene.vault, actor(R1), "A" * 22, Facts.of(FILM, "video/mp4"), DAY)


def test_once_it_belongs_to_the_case_its_uploader_opens_it_no_more(scene: Scene) -> None:
    """What a device kept of the upload, an old copy of its row included, opens nothing."""
    upload = send(scene, FILM)
    with scene.reading() as uow:
        old = uow.shreds.get_one(UploadRow, unb64(upload.id)).content
    keep(scene, upload)
    with pytest.raises(NotFound):
        uploads.find(scene.vault, actor(R1), upload.id)
    with pytest.raises(Refused):
        opened(scene, upload.id, R1)
    with scene.reading() as uow, pytest.raises(NotFound):
        unshredded(uow, record(unb64(upload.id)), old)
    assert opened(scene, upload.id).digest(len(FILM)) == hashlib.sha256(FILM).digest()


def test_what_is_given_up_is_gone_from_the_disk_and_cannot_be_kept(scene: Scene) -> None:
    upload = send(scene, FILM)
    uploads.forget(scene.vault, actor(R1), upload.id)
    uploads.forget(scene.vault, actor(R1), upload.id)
    assert not on_disk(scene, upload.stored).exists()
    with pytest.raises(NotFound):
        keep(scene, upload)
    with scene.writing() as uow, pytest.raises(NotFound):
        files.keep(uow, cases.find(uow, scene.case), upload.stored)


def test_a_file_that_is_here_as_a_whole_goes_on_with_the_same_one(scene: Scene) -> None:
    upload = begin(scene, FILM)
    receive(scene, upload.id, 0, FILM[: 3 * PIECE])
    assert send(scene, FILM).id == upload.id
    assert send(scene, FILM, R2).id != upload.id


def test_the_disk_shows_no_plaintext_no_name_and_nothing_to_others(scene: Scene) -> None:
    """The folder is the vault's own user's; what lies there are random names and sealed bytes."""
    word = b"ZEPHYRINE" * 100_000
    upload = send(scene, word)
    path = on_disk(scene, upload.stored)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_mtime == path.parent.stat().st_mtime == 0
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert all(b"ZEPHYRINE" not in file.read_bytes() for file in scene.folder.rglob("*") if file.is_file())


def test_what_nobody_went_on_with_for_30_days_is_swept_and_nothing_else(scene: Scene) -> None:
    old, name = begin(scene, FILM), kept(scene, FILM, V1)
    sweeping.sweep(scene.vault, later(KEPT.days))
    assert uploads.find(scene.vault, actor(R1), old.id).received == 0
    uploads.receive(scene.vault, actor(R1), old.id, (0, FILM[:PIECE]), later(10))
    sweeping.sweep(scene.vault, later(KEPT.days + 10))
    assert uploads.find(scene.vault, actor(R1), old.id).received == 1
    sweeping.sweep(scene.vault, later(KEPT.days + 10) + timedelta(days=1))
    with pytest.raises(NotFound):
        uploads.find(scene.vault, actor(R1), old.id)
    assert opened(scene, name).digest(len(FILM)) == hashlib.sha256(FILM).digest()
    assert [path.name for path in scene.vault.files.iterdir()] == [unb64(name).hex()]


def test_what_the_databases_do_not_know_is_counted_and_never_taken_away(scene: Scene) -> None:
    """Over a newer folder older databases may stand: what they do not know is evidence then."""
    name, under_way = kept(scene, FILM), send(scene, film(3))
    newer = scene.vault.files / ("0" * 32)
    newer.write_bytes(b"sealed")
    sweeping.sweep(scene.vault, later(1))
    assert newer.read_bytes() == b"sealed"
    assert inventory(scene) == Inventory(files=1, missing=0, unknown=1)
    on_disk(scene, opened(scene, name)).write_bytes(bytes(SEALED))
    sweeping.sweep(scene.vault, later(KEPT.days + 1))
    assert inventory(scene) == Inventory(files=1, missing=1, unknown=1)
    assert not on_disk(scene, under_way.stored).exists()


def inventory(scene: Scene) -> Inventory:
    return sweeping.inventory(scene.vault.store, scene.vault.files)


def test_the_operator_is_told_what_is_unknown_without_a_key_and_without_a_name(
    scene: Scene, tmp_path: Path
) -> None:
    config = tmp_path / "vault.toml"
    config.write_text(places.configuration(scene.folder))
    kept(scene, FILM)
    done = CliRunner().invoke(cli, ["files", "--config", str(config)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == "1 of the cases, 0 of them missing or cut short; 0 unknown.\n"
    (scene.vault.files / ("0" * 32)).write_bytes(b"sealed")
    done = CliRunner().invoke(cli, ["files", "--config", str(config)])
    assert (done.exit_code, done.stdout.split("; ")[1]) == (1, "1 unknown.\n")
    assert "0000" not in done.output


def test_what_is_written_to_while_it_is_given_up_is_nobodys_at_once_and_taken_away_later(
    scene: Scene,
) -> None:
    upload = send(scene, FILM)
    path = on_disk(scene, upload.stored)
    with upload.stored.folder.alone(upload.stored.name):
        uploads.forget(scene.vault, actor(R1), upload.id)
        assert path.exists()
        with pytest.raises(NotFound):
            uploads.find(scene.vault, actor(R1), upload.id)
        with pytest.raises(NotFound):
            keep(scene, upload)
        with scene.writing() as uow, pytest.raises(NotFound):
            files.keep(uow, cases.find(uow, scene.case), upload.stored)
    assert inventory(scene) == Inventory(files=0, missing=0, unknown=0)
    sweeping.sweep(scene.vault, DAY)
    assert list(scene.vault.files.iterdir()) == []
    with scene.reading() as uow:
        assert uow.shreds.scalars(select(UploadRow)).all() == []


class Killed(BaseException):
    """Ends everything, as a signal does."""


@pytest.mark.parametrize("step", [(Path, "unlink"), (sweeping, "delete")])
def test_what_was_being_given_up_when_the_process_ended_is_swept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, step: tuple[Any, str]
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise Killed

    upload = send(scene, FILM)
    monkeypatch.setattr(*step, killed)
    with pytest.raises(Killed):
        uploads.forget(scene.vault, actor(R1), upload.id)
    monkeypatch.undo()
    assert uploads.waiting(scene.vault, actor(R1), scene.case) == []
    assert inventory(scene) == Inventory(files=0, missing=0, unknown=0)
    sweeping.sweep(scene.vault, DAY)
    assert list(scene.vault.files.iterdir()) == []
    with scene.reading() as uow:
        assert uow.shreds.scalars(select(UploadRow)).all() == []


def test_pieces_that_come_while_an_upload_is_given_up_leave_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs: one gives up what the other sends, between any two of its steps."""
    for step in (Folder.alone, Folder.write):
        upload = begin(scene, FILM)

        def meanwhile(*given: Any, step: Any = step, name: str = upload.id) -> Any:
            monkeypatch.undo()
            uploads.forget(scene.vault, actor(R1), name)
            return step(*given)

        monkeypatch.setattr(Folder, step.__name__, meanwhile)
        with pytest.raises(NotFound):
            receive(scene, upload.id, 0, FILM[:PIECE])
        assert list(scene.vault.files.iterdir()) == []


def test_an_upload_that_another_member_put_in_its_place_is_not_taken_for_ones_own(scene: Scene) -> None:
    mine, theirs = begin(scene, FILM), begin(scene, film(5), R2)
    with scene.writing() as uow:
        rows = {row.id: row for row in uow.shreds.scalars(select(UploadRow))}
        rows[unb64(mine.id)].content = rows[unb64(theirs.id)].content
    assert uploads.waiting(scene.vault, actor(R1), scene.case) == []
    with pytest.raises(Tampered):
        uploads.find(scene.vault, actor(R1), mine.id)
