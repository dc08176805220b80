"""vault.custody: nobody opens a file unnoted, and what is no longer what arrived is named"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from tests.cast import R1, V1, V2
from tests.dossier import chain, with_file
from tests.readers import audited
from tests.sending import exchange, film
from tests.stage import DAY, Scene, actor
from vault import custody
from vault.custody import Opened
from vault.errors import Busy, NotFound, Refused, Tampered
from vault.rules.custody import Event, What
from vault.sealing.digests import b64, unb64
from vault.sealing.pieces import PIECE, SEALED
from vault.store.evidence import EvidenceRow, FileRow

FILM = film(3 * PIECE + 7)


@pytest.fixture
def item(scene: Scene) -> str:
    return with_file(scene, FILM)


def original(scene: Scene, item: str) -> str:
    found = chain(scene, item).item.original
    assert found is not None
    return found.file


def opened(scene: Scene, item: str) -> Opened:
    return custody.open_file(scene.vault, actor(V1), (scene.case, item, original(scene, item)), DAY)


def verify(scene: Scene, item: str) -> Event:
    return custody.verify(scene.vault, actor(V1), (scene.case, item, original(scene, item)), DAY)


def happened(scene: Scene, item: str) -> list[tuple[str, bool | None]]:
    return [(one.what, one.held) for one in chain(scene, item).item.events]


def test_whoever_opens_a_file_is_in_the_chain_once_a_day(scene: Scene, item: str) -> None:
    for _ in range(3):
        assert b"".join(opened(scene, item).part(0, len(FILM))) == FILM
    assert happened(scene, item) == [("collected", None), ("accessed", None)]
    assert chain(scene, item).item.events[-1].by == "V1"
    assert [entry["act"] for entry in audited(scene)].count("evidence opened") == 1


def test_what_a_reader_of_a_file_sealed_in_its_place_is_not_taken_for_the_whole(
    scene: Scene, item: str
) -> None:
    found = opened(scene, item)
    assert found.whole() == FILM
    found.stored.write(0, memoryview(bytes(PIECE)))
    with pytest.raises(Tampered, match="not what arrived"):
        found.whole()


def test_no_part_reaches_beyond_what_arrived(scene: Scene, item: str) -> None:
    assert b"".join(opened(scene, item).part(3 * PIECE, 9 * PIECE)) == FILM[3 * PIECE :]


def test_whoever_asks_for_two_parts_at_once_is_in_the_chain_once(scene: Scene, item: str) -> None:
    """Both read the chain before either has written."""
    before, event = chain(scene, item), Event(What.ACCESSED, DAY, "V1", file=original(scene, item))
    for _ in range(2):
        custody._note(scene.vault, actor(V1), (scene.case, before), event)
    assert happened(scene, item) == [("collected", None), ("accessed", None)]


def test_a_disk_that_cannot_be_read_is_not_taken_for_a_file_that_was_changed(
    scene: Scene, item: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> int:
        raise OSError(errno.EIO, "")

    place = scene.case, item, original(scene, item)
    path = scene.vault.files / unb64(place[2]).hex()
    monkeypatch.setattr(os, "preadv", fails)
    with pytest.raises(Busy, match="could not read its disk"):
        custody.verify(scene.vault, actor(V1), place, DAY)
    monkeypatch.undo()
    away = scene.vault.files.rename(scene.folder / "away")  # a volume that is not mounted
    with pytest.raises(Busy):
        custody.verify(scene.vault, actor(V1), place, DAY)
    away.rename(scene.vault.files)
    path.rename(path.with_suffix(".old"))
    path.symlink_to(path.with_suffix(".old"))
    with pytest.raises(Busy):
        custody.verify(scene.vault, actor(V1), place, DAY)
    assert happened(scene, item) == [("collected", None)]


@pytest.mark.parametrize("by", [R1, V2])
def test_nobody_opens_a_file_without_the_key(scene: Scene, item: str, by: object) -> None:
    for act in (custody.open_file, custody.verify):
        with pytest.raises(Refused):
            act(scene.vault, actor(by), (scene.case, item, original(scene, item)), DAY)  # type: ignore[arg-type]
    assert happened(scene, item) == [("collected", None)]


def test_a_file_of_another_item_is_none_of_this_one(scene: Scene, item: str) -> None:
    other = with_file(scene, FILM)
    with pytest.raises(NotFound):
        custody.open_file(scene.vault, actor(V1), (scene.case, item, original(scene, other)), DAY)


def test_a_file_that_is_what_arrived_is_verified_in_the_chain(scene: Scene, item: str) -> None:
    done: list[int] = []
    place = scene.case, item, original(scene, item)
    event = custody.verify(scene.vault, actor(V1), place, DAY, done.append)
    verify(scene, item)
    assert (event.held, event.note, done[-1]) == (True, "", len(FILM))
    assert happened(scene, item) == [("collected", None), ("verified", True)]
    assert audited(scene)[-1]["act"] == "evidence verified"


def _change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[SEALED + 500] ^= 1
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 3 * SEALED])


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_change, "Piece 2 of this file is damaged or was exchanged."),
        (lambda path: exchange(path, (0, 2)), "Piece 1 of this file is damaged or was exchanged."),
        (_cut, "Piece 4 of this file is damaged or was exchanged."),
        (Path.unlink, "Piece 1 of this file is damaged or was exchanged."),
        (
            lambda path: path.write_bytes(path.read_bytes() + b"x"),
            "More lies in this file than was put there.",
        ),
    ],
)
def test_what_is_no_longer_what_arrived_is_named_and_noted(
    scene: Scene, item: str, harm: Callable[[Path], None], said: str
) -> None:
    harm(scene.vault.files / unb64(original(scene, item)).hex())
    event = verify(scene, item)
    assert (event.held, event.note) == (False, said)
    assert happened(scene, item)[-1] == ("verified", False)


def test_a_file_whose_row_is_gone_is_noted_too(scene: Scene, item: str) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(FileRow))
    event = verify(scene, item)
    assert (event.held, event.note) == (False, "There is no such file in this case.")


def test_another_file_of_the_case_in_its_place_opens_as_none(scene: Scene, item: str) -> None:
    other = with_file(scene, film(3 * PIECE + 8))
    theirs, mine = (unb64(original(scene, one)) for one in (other, item))
    with scene.writing() as uow:
        key = uow.testimony.get_one(FileRow, theirs).key
        uow.testimony.execute(update(FileRow).where(FileRow.id == mine).values(key=key))
    assert verify(scene, item).held is False


def test_a_file_that_holds_again_is_noted_anew(scene: Scene, item: str) -> None:
    path = scene.vault.files / unb64(original(scene, item)).hex()
    content = path.read_bytes()
    _change(path)
    verify(scene, item)
    path.write_bytes(content)
    verify(scene, item)
    assert happened(scene, item) == [("collected", None), ("verified", False), ("verified", True)]


def test_nothing_is_opened_or_noted_in_a_chain_that_does_not_hold(scene: Scene, item: str) -> None:
    name = original(scene, item)
    with scene.writing() as uow:
        row = uow.testimony.scalars(select(EvidenceRow)).one()
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    for act in (custody.open_file, custody.verify):
        with pytest.raises(Tampered, match="Entry 1 of the custody chain"):
            act(scene.vault, actor(V1), (scene.case, item, name), DAY)


def test_the_file_in_the_chain_is_the_one_that_was_sent(scene: Scene, item: str) -> None:
    found = chain(scene, item).item.original
    assert found is not None
    assert (found.size, found.sha256) == (len(FILM), b64(hashlib.sha256(FILM).digest()))
