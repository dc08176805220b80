"""The journal of withdrawals: its lines say nothing, are on the disk before anything is destroyed, and open for few."""

from __future__ import annotations

import secrets

import pytest

from tests.backing import PAIRS, give_keys
from tests.stage import After, Scene
from vault import journal
from vault.errors import Busy, Tampered

NAMES = sorted(secrets.token_bytes(32) for _ in range(200))


@pytest.fixture
def kept(after: After) -> Scene:
    """A vault with backup keys."""
    return after(give_keys)[0]


def note(scene: Scene, *names: bytes) -> None:
    with scene.writing() as uow:
        journal.note(scene.vault, uow, names)


def read(scene: Scene) -> list[set[bytes]]:
    return [
        set(journal.names_in(line, scene.roster().vault, PAIRS["snapshot"]))
        for line in journal.lines_of(scene.vault.journal)
    ]


def test_what_was_noted_is_read_by_who_has_the_key(kept: Scene) -> None:
    note(kept, NAMES[0])
    note(kept, *NAMES)
    note(kept)
    assert read(kept) == [{NAMES[0]}, set(NAMES[:127]), set(NAMES[127:])]
    assert kept.vault.journal.stat().st_mode & 0o777 == 0o600


def test_all_lines_are_of_one_length_and_name_nothing(kept: Scene) -> None:
    note(kept, NAMES[0])
    note(kept, *NAMES)
    lines = kept.vault.journal.read_bytes().splitlines(keepends=True)
    assert {len(line) for line in lines} == {journal.LINE}
    assert not any(name in kept.vault.journal.read_bytes() for name in NAMES)


def test_a_line_that_broke_off_means_nothing_and_spoils_no_other(kept: Scene) -> None:
    for left in (1, 10, journal.LINE - 1):
        note(kept, NAMES[0])
        text = kept.vault.journal.read_bytes()
        kept.vault.journal.write_bytes(text[: len(text) - journal.LINE + left])
        note(kept, NAMES[1])
        assert read(kept)[-1] == {NAMES[1]}
        assert all(names in ({NAMES[0]}, {NAMES[1]}) for names in read(kept))


def test_without_backup_keys_nothing_is_noted(scene: Scene) -> None:
    note(scene, NAMES[0])
    assert not scene.vault.journal.exists()
    assert journal.lines_of(scene.vault.journal) == []


def test_a_disk_that_takes_no_more_is_told_before_anything_is_destroyed(kept: Scene) -> None:
    kept.vault.journal.mkdir()
    with pytest.raises(Busy):
        note(kept, NAMES[0])
    with pytest.raises(Busy):
        journal.lines_of(kept.vault.journal)


@pytest.mark.parametrize("at", [0, 4, 5, 3000])
def test_a_line_that_was_changed_is_refused(kept: Scene, at: int) -> None:
    note(kept, NAMES[0])
    text = bytearray(kept.vault.journal.read_bytes())
    text[at] ^= 2
    kept.vault.journal.write_bytes(text)
    with pytest.raises(Tampered):
        read(kept)


def test_a_journal_of_another_vault_does_not_open(kept: Scene) -> None:
    note(kept, NAMES[0])
    (line,) = journal.lines_of(kept.vault.journal)
    with pytest.raises(Tampered):
        list(journal.names_in(line, "another", PAIRS["snapshot"]))
