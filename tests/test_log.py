"""The public log: it grows at a fixed cadence whatever happened, continues itself, and proves what editions count."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, update

from tests import places
from tests.authority import LocalAuthority
from tests.cast import R1
from tests.readers import cut
from tests.stage import DAY, Scene, later
from vault import log, proofs, stamping
from vault.cli.main import cli
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.log import Entry
from vault.sealing import commitments, logs, notes
from vault.sealing.digests import parse_object, unb64
from vault.sealing.keypairs import SigningKey
from vault.sealing.merkle import climb, leaf_hash, verify_consistency
from vault.store.published import LogEntryRow, LogStampRow

WEEK = 7


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return log.key_in(tmp_path / "log.key")


def grow(scene: Scene, key: SigningKey, days: int = 0) -> Entry | None:
    with scene.writing() as uow:
        return log.append(uow, key, WEEK, later(days))


def known(scene: Scene, key: SigningKey) -> tuple[Entry, ...]:
    with scene.reading() as uow:
        return log.entries(uow, key.public)


def state(scene: Scene, key: SigningKey) -> notes.Checkpoint:
    with scene.reading() as uow:
        note = log.checkpoint(uow, key.public)
    return notes.read_checkpoint(note, logs.origin(scene.roster().vault), key.public)


def test_the_log_grows_at_a_fixed_cadence_whether_or_not_anything_happened(
    scene: Scene, key: SigningKey
) -> None:
    added = [day for day in range(30) if grow(scene, key, day) is not None]
    assert added == [0, 7, 14, 21, 28]
    assert grow(scene, key, 28) is None
    assert grow(scene, key, 60) is not None  # after a pause one entry, and the days stay
    assert grow(scene, key, 62) is None
    assert grow(scene, key, 63) is not None
    assert {len(one.roots) for one in known(scene, key)} == {commitments.ENTRY_SIZE}


def test_each_edition_is_in_one_entry_and_its_proof_leads_from_its_root_to_the_checkpoint(
    scene: Scene, key: SigningKey
) -> None:
    grow(scene, key)
    for _ in range(3):
        scene.deposit(R1, scene.said("heard"))
    root = proofs.root_of(cut(scene))
    with scene.reading() as uow:
        assert log.proof_of(uow, key.public, root) is None
    for days in (7, 14):
        grow(scene, key, days)
    assert [root in one.roots for one in known(scene, key)] == [False, True, False]
    with scene.reading() as uow:
        proof = log.proof_of(uow, key.public, root)
    assert proof is not None
    for leaf, place, expected in (
        (leaf_hash(root), proof["edition"], unb64(proof["entry"]["root"])),
        (logs.entry_hash(proof["entry"]), proof["log"], state(scene, key).root),
    ):
        path = [unb64(one) for one in place["path"]]
        assert climb(leaf, (place["index"], place["size"]), path) == expected
    assert proof["stamps"] == []


def test_a_later_checkpoint_is_shown_to_continue_an_earlier_one(scene: Scene, key: SigningKey) -> None:
    grow(scene, key)
    first = state(scene, key)
    for days in (7, 14):
        grow(scene, key, days)
    second = state(scene, key)
    with scene.reading() as uow:
        path = [unb64(one) for one in log.consistency(uow, key.public, 1)["path"]]
        with pytest.raises(Invalid):
            log.consistency(uow, key.public, 4)
    verify_consistency((first.size, first.root), (second.size, second.root), path)


def test_an_entry_that_was_broken_off_is_not_there_and_the_next_run_forks_nothing(
    scene: Scene, key: SigningKey
) -> None:
    grow(scene, key)
    before = state(scene, key)
    with scene.vault.store.work("testimony") as uow:
        assert log.append(uow, key, WEEK, later(7)) is not None  # killed before the commit
    assert state(scene, key) == before
    assert grow(scene, key, 7) is not None
    with scene.reading() as uow:
        path = [unb64(one) for one in log.consistency(uow, key.public, 1)["path"]]
    after = state(scene, key)
    verify_consistency((before.size, before.root), (after.size, after.root), path)


def _changed_day(scene: Scene) -> None:
    with scene.writing() as uow:
        row = uow.testimony.get_one(LogEntryRow, 1)
        row.document = row.document.replace(later(0).isoformat(), later(1).isoformat())


def _changed_roots(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(update(LogEntryRow).where(LogEntryRow.number == 1).values(roots=bytes(512)))


def _dropped(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(LogEntryRow).where(LogEntryRow.number == 1))


@pytest.mark.parametrize("edit", [_changed_day, _changed_roots, _dropped])
def test_a_log_that_was_edited_is_never_signed_for(scene: Scene, key: SigningKey, edit: object) -> None:
    assert callable(edit)
    for days in (0, 7):
        grow(scene, key, days)
    edit(scene)
    with pytest.raises(Tampered):
        grow(scene, key, 14)


def test_a_log_is_continued_by_its_own_key_alone(scene: Scene, key: SigningKey) -> None:
    grow(scene, key)
    with pytest.raises(Tampered):
        grow(scene, SigningKey.generate(), 7)


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    made = log.key_in(path)
    assert log.key_in(path).public == made.public
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
    path.write_bytes(b"short")
    with pytest.raises(Invalid):
        log.key_in(path)


def test_no_other_key_is_made_in_the_place_of_one_that_is_missing(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.key"
    with scene.reading() as uow:
        made = log.key_of(uow, path)
    grow(scene, made)
    with scene.reading() as uow:
        assert log.key_of(uow, path).public == made.public
        path.unlink()
        with pytest.raises(Refused, match="put your copy"):
            log.key_of(uow, path)
    assert not path.exists()


def test_before_the_first_entry_there_is_no_checkpoint(scene: Scene, key: SigningKey) -> None:
    with scene.reading() as uow, pytest.raises(NotFound):
        log.checkpoint(uow, key.public)


def test_the_operator_adds_stamps_and_shows_the_log(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, day = LocalAuthority(tmp_path / "stamps"), DAY
    monkeypatch.setattr("vault.cli.log.today", lambda: day)
    (tmp_path / "root.pem").write_bytes(authority.root)
    lines = ["[[timestamp_authorities]]", f'certificates = "{tmp_path / "root.pem"}"']
    lines += [f"command = {json.dumps(authority.command)}"]
    (tmp_path / "vault.toml").write_text(places.configuration(scene.folder) + "\n".join(lines))

    def run(*words: str) -> str:
        given = ["log", *words, "--config", str(tmp_path / "vault.toml")]
        return CliRunner().invoke(cli, given, standalone_mode=False, catch_exceptions=False).output

    assert [run("append"), run("append")] == ["Entry 1 is in the log.\n", "Nothing is due.\n"]
    root = proofs.root_of(cut(scene))
    day = later(7)
    assert run("append") == "Entry 2 is in the log.\n"
    key = log.key_in(scene.settings.log_key_file)
    assert notes.read_checkpoint(run("checkpoint"), logs.origin(scene.roster().vault), key.public).size == 2
    assert parse_object(run("consistency", "--since", "1"))["second"] == 2
    with scene.reading() as uow:
        proof = log.proof_of(uow, key.public, root)
    assert proof is not None
    (stamped,) = proof["stamps"]
    text = proof["checkpoint"].rpartition("\n\n")[0] + "\n"
    assert stamping.stamped_at(unb64(stamped["answer"]), text, [authority.root])
    with scene.writing() as uow:
        uow.testimony.execute(delete(LogStampRow))
    run("append")
    with scene.reading() as uow:
        again = log.proof_of(uow, key.public, root)
    assert again is not None
    assert len(again["stamps"]) == 1
