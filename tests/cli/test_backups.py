"""Backups, and a vault restored from them by three of five custodians, by the commands that people give."""

from __future__ import annotations

import copy
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from sqlalchemy import Engine, event

from tests import places
from tests.cast import C1, C2, C3, C4, C5, CUSTODIANS, R1, V2, founding, identifier, next_epoch, signed_by
from tests.cli.line import Line, LineAfter, Said, open_line
from tests.cli.requesting import decide, requested, sealed_record
from tests.cli.restoring import Restoring, back_up, configured, elsewhere, make_keys, operate
from tests.readers import cut
from tests.stage import Scene
from vault import journal, releasing, shredding
from vault import roster as rosters
from vault.cli.requests import CODE
from vault.errors import Conflict, Invalid, Refused, Tampered
from vault.profile import read_file
from vault.restoring import with_rows
from vault.sealing.digests import digest, document_digest, unb64
from vault.sealing.rosters import found
from vault.sealing.words import fingerprint
from vault.shredding import shred
from vault.store.keks import Keks

MADE_ANEW = {"shreds", "audit", "segments", "registers"}


def work_and_save(line: Line) -> tuple[Path, Path, str]:
    """Interviews, one of them with an identity; backup keys; an archive and a snapshot; the identity's record."""
    record = sealed_record(line)
    line.scene.deposit(R1, line.scene.said("saw"))
    make_keys(line)
    archive, snapshot = back_up(line)
    return archive.relative_to(line.scene.folder), snapshot.relative_to(line.scene.folder), record


class Saved:
    """A vault that was backed up, what it takes to restore it, and a place for that."""

    def __init__(self, line: Line, given: tuple[Path, Path, str], folder: Path, to: str) -> None:
        self.line, self.record = line, given[2]
        self.identity = self.record.partition(".")[0]
        place = line.scene.folder
        self.restoring = Restoring(place / given[0], place / given[1], folder / "work")
        self.there = elsewhere(line.scene, folder / "there", to)

    @property
    def words(self) -> str:
        """The vault's six words."""
        with self.line.scene.reading() as uow:
            return rosters.history(uow)[0].fingerprint

    def withdraw(self, record: str) -> None:
        """Destroy a record's key, as a withdrawal does."""
        with self.line.scene.writing() as uow:
            journal.note(self.line.scene.vault, uow, [digest("shred", unb64(record))])
            shred(uow, unb64(record))
        shredding.renew(self.line.scene.vault.store)

    def restore(self, *more: str | Path) -> Said:
        return self.restoring.run(self.restoring.release(self.line), self.there, *more)

    def opens(self, record: str) -> bool:
        """Whether the restored vault has the key of a record."""
        with self.there.reading() as uow:
            return bool(shredding.layers(uow, [unb64(record)]))


@pytest.fixture
def to(backend: str) -> str:
    """In which kind of database it is restored."""
    return backend


@pytest.fixture
def saved(line_after: LineAfter, tmp_path: Path, to: str) -> Iterator[Saved]:
    found = Saved(*line_after(work_and_save), tmp_path, to)
    yield found
    found.there.close()


def without(scene: Scene, *tables: str) -> dict[str, Any]:
    return {name: rows for name, rows in scene.contents().items() if name not in {*MADE_ANEW, *tables}}


@pytest.mark.both
@pytest.mark.parametrize("to", places.BACKENDS)
def test_a_vault_is_restored_as_it_was_and_goes_on(saved: Saved, tmp_path: Path) -> None:
    before, rows = without(saved.line.scene), sum(saved.line.scene.contents()["shreds"].values())
    said = saved.restore()
    there = saved.there
    assert "0 records have no key" in said.out
    assert without(there) == before
    assert sum(there.contents()["shreds"].values()) == rows
    assert list(saved.restoring.work.iterdir()) == []
    keys = [Keks(scene.folder / "shreds.key").read() for scene in (there, saved.line.scene)]
    assert set(keys[0]).isdisjoint(keys[1])
    # deposits go on, an edition is cut, and the identity opens for whom k custodians let
    there.deposit(R1, there.said("saw"))
    assert cut(there, 30).incident(there.hospital)["claims"]
    shutil.copytree(saved.line.folder, tmp_path / "profiles")
    with open_line(there, tmp_path / "profiles") as line:
        opening, code = requested(line, saved.record)
        decide(line, opening)
        shown = line.run(V2, "opening", "combine", "--yes", "--", opening, typed={CODE: code}).out
        assert "Contact: by the well" in shown


def test_what_was_withdrawn_since_stays_dead_by_the_journal(saved: Saved) -> None:
    saved.withdraw(saved.identity)
    copied = shutil.copy(saved.line.scene.vault.journal, saved.restoring.work.with_suffix(".journal"))
    said = saved.restore("--withdrawals", copied)
    assert "1 of the keys were withdrawn since" in said.err
    assert "1 records have no key" in said.out
    assert not saved.opens(saved.identity)
    assert journal.lines_of(saved.there.vault.journal) == journal.lines_of(Path(copied))


def test_what_was_withdrawn_is_dead_in_an_old_archive_once_there_is_a_new_snapshot(saved: Saved) -> None:
    saved.withdraw(saved.identity)
    old = saved.restoring.archive
    _, saved.restoring.snapshot = back_up(saved.line)
    saved.restoring.archive = old
    said = saved.restore()
    assert "0 of the keys were withdrawn since" in said.err
    assert not saved.opens(saved.identity)


def test_an_archive_brings_the_journal_of_its_day(saved: Saved) -> None:
    old = saved.restoring.snapshot.rename(saved.restoring.work.with_suffix(".snapshot"))
    saved.withdraw(saved.identity)
    saved.restoring.archive, _ = back_up(saved.line)
    saved.restoring.snapshot = old
    assert "1 of the keys were withdrawn since" in saved.restore().err
    assert not saved.opens(saved.identity)


def test_a_withdrawal_under_newer_backup_keys_than_the_snapshot_s_is_said_aloud(saved: Saved) -> None:
    make_keys(saved.line)
    saved.withdraw(saved.identity)
    said = saved.restore("--withdrawals", str(saved.line.scene.vault.journal))
    assert "1 withdrawals were noted under newer backup keys" in said.err
    assert saved.opens(saved.identity)


def test_a_rehearsal_opens_everything_and_writes_nothing(saved: Saved) -> None:
    before = set(saved.there.folder.iterdir())
    said = saved.restore("--try")
    assert "rows and" in said.err
    assert set(saved.there.folder.iterdir()) - before == {saved.there.folder / "vault.toml"}
    assert with_rows(saved.there.vault.store) == []


def test_no_vault_is_restored_over_another(saved: Saved) -> None:
    before = saved.line.scene.contents()
    with pytest.raises(Refused, match="hold something already"):
        saved.restoring.run(saved.restoring.release(saved.line), saved.line.scene)
    assert saved.line.scene.contents() == before


def test_it_takes_k_custodians_each_with_a_release_of_this_very_request(saved: Saved) -> None:
    given = saved.restoring.release(saved.line, (C1, C2, C3))
    for few in (given[:2], [given[0], given[0], given[1]]):
        with pytest.raises(Refused, match="2 of 3"):
            saved.restoring.run(few, saved.there)
    other = Restoring(
        saved.restoring.archive, saved.restoring.snapshot, saved.restoring.work.with_name("other")
    )
    other.ask()
    with pytest.raises(Tampered, match="no release for this request"):
        other.run(given, saved.there)
    other.work = other.work.with_name("never asked")
    taken, named = saved.restoring.work.with_suffix(".request"), (other.archive, other.snapshot)
    with pytest.raises(Conflict, match="exists already"):
        operate("restore", "request", *named, "--folder", other.work, "--out", taken)
    with pytest.raises(Refused, match="no key of a request"):
        other.run(given, saved.there)
    assert not (saved.there.folder / "testimony.db").exists()


def test_any_k_custodians_will_do(saved: Saved) -> None:
    assert (
        "rows and"
        in saved.restoring.run(saved.restoring.release(saved.line, (C5, C3, C4)), saved.there, "--try").err
    )


def test_a_custodian_is_shown_words_and_asked(saved: Saved) -> None:
    asked, out = saved.restoring.ask(), saved.restoring.work.with_name("C1.release")
    with pytest.raises(click.Abort):
        saved.line.run(C1, "custodian", "release", str(asked), "--out", str(out), answer="n\n")
    shown = saved.line.said.err
    document = read_file(asked)
    for words in (saved.words, fingerprint(document_digest(document))):
        assert words in shown
    assert not out.exists()


def test_a_request_that_was_changed_gets_no_share(saved: Saved) -> None:
    asked, out = saved.restoring.ask(), saved.restoring.work.with_name("C1.release")
    request = read_file(asked)
    changed = [
        {**request, "rosters": [*request["rosters"], 5]},
        {**request, "vault": "another"},
        {**request, "parts": {"archive": request["parts"]["archive"]}},
        {**request, "format": "witness-vault/v1/terms"},
        {**request, "more": 1},
        _swapped(request),
        _extract(request, {"escrow": "A" * 43}),
        _extract(request, {"purpose": "identity"}),
        _extract(request, {}, {"index": 2}),
    ]
    for one in changed:
        asked.write_text(json.dumps(one))
        with pytest.raises((Tampered, Invalid)):
            saved.line.run(C1, "custodian", "release", str(asked), "--out", str(out), "--yes")
        assert not out.exists()


def _swapped(request: Any) -> Any:
    parts = request["parts"]
    return {**request, "parts": {"archive": parts["snapshot"], "snapshot": parts["archive"]}}


def _extract(request: Any, changes: Any, of_share: Any = None) -> Any:
    other = copy.deepcopy(request)
    extract = other["parts"]["archive"]["shares"]["C1"]
    extract.update(changes)
    extract["share"].update(of_share or {})
    return other


def test_a_request_of_another_vault_gets_no_share(saved: Saved) -> None:
    other = found(signed_by({**founding(), "vault": identifier("another")}, CUSTODIANS))
    with pytest.raises(Tampered, match="another vault"):
        releasing.read_request(read_file(saved.restoring.ask()), [other])


def test_files_that_were_damaged_or_exchanged_are_refused(saved: Saved) -> None:
    restoring = saved.restoring
    given = restoring.release(saved.line)
    with pytest.raises(Invalid, match="other kind"):
        Restoring(restoring.snapshot, restoring.archive, restoring.work).run(given, saved.there)
    text = restoring.archive.read_bytes()
    for changed in (text[:-1], text[:60_000], text + b"x", text[:50_000] + b"?" + text[50_001:]):
        restoring.archive.write_bytes(changed)
        with pytest.raises(Tampered, match="damaged"):
            restoring.run(given, saved.there)
    with pytest.raises(Tampered, match="damaged"):
        operate("backup", "--check", restoring.archive)
    # another archive of the same vault, whole: it was not this one that was asked for, but it opens with the same keys
    restoring.archive.unlink()
    restoring.archive, _ = back_up(saved.line)
    assert "rows and" in restoring.run(given, saved.there, "--try").err


def test_whoever_holds_no_key_sees_whose_a_backup_is_and_that_it_is_whole(saved: Saved) -> None:
    for path, kind in ((saved.restoring.archive, "Archive"), (saved.restoring.snapshot, "Snapshot")):
        said = operate("backup", "--check", path).out
        assert said.startswith(f"The vault's six words: {saved.words}\n{kind} of ")
        assert "opens with 3 of C1, C2, C3, C4, C5, epoch 1" in said


def test_a_new_epoch_takes_new_backup_keys_and_nothing_of_two_epochs_is_restored(saved: Saved) -> None:
    scene, old = saved.line.scene, saved.restoring.archive
    scene.carry(C1, next_epoch(scene.roster())[0])
    with pytest.raises(Refused, match="custodians of before"):
        back_up(saved.line)
    make_keys(saved.line)
    _, saved.restoring.snapshot = back_up(saved.line)
    saved.restoring.archive = old
    with pytest.raises(Refused, match="one epoch"):
        saved.restoring.ask()


def test_backing_up_without_a_folder_or_keys_is_told_what_to_do(line: Line, tmp_path: Path) -> None:
    config = configured(line.scene)
    with pytest.raises(click.UsageError):
        operate("backup", "--config", config)
    with pytest.raises(Refused, match="witness-vault custodian backup-keys"):
        operate("backup", "--config", config, "--out", tmp_path / "archives")


def test_a_restoring_that_is_killed_anywhere_is_ended_by_the_same_command(saved: Saved) -> None:
    before, given = without(saved.line.scene), saved.restoring.release(saved.line)
    killed = 0
    # each goes on a place further, for the most part
    while _killed(saved, given, (killed > 0) + killed // 5):
        killed += 1
    assert killed > 6
    assert without(saved.there) == before
    assert saved.opens(saved.identity)
    assert list(saved.restoring.work.iterdir()) == []


def _killed(saved: Saved, given: list[Path], steps: int) -> bool:
    child = os.fork()
    if child == 0:
        try:
            _restore_until(saved, given, steps)
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL)
    return status != 0


def _restore_until(saved: Saved, given: list[Path], steps: int) -> None:
    """Restore, and be killed before the n-th time that rows are committed, or a file beside the databases changes."""
    left, wrote = iter(range(steps)), set[int]()

    def place() -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)

    def writes(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("INSERT", "UPDATE", "DELETE")) and "alembic_version" not in statement:
            wrote.add(id(connection.connection.dbapi_connection))

    def commits(connection: Any) -> None:
        if id(connection.connection.dbapi_connection) in wrote:
            wrote.clear()
            place()

    def happens(event_: str, about: tuple[Any, ...]) -> None:
        if event_ in ("os.rename", "os.remove") and str(about[0]).startswith(str(saved.restoring.work)):
            place()

    event.listen(Engine, "before_cursor_execute", writes)
    event.listen(Engine, "commit", commits)
    sys.addaudithook(happens)
    saved.restoring.run(given, saved.there)
