"""Each ceremony, stopped before and after every call and every write to disk, goes on to the same end."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests import stage
from tests.cast import C1, C2, C3, CUSTODIANS, R1, Person
from tests.cli.epochs import C6, change, export, next_cards, reshare, sign, submit
from tests.cli.line import Line, LineAfter
from vault import carried, proposals, resharing
from vault.client import Client
from vault.errors import Conflict, Invalid, NotFound
from vault.profile import KEY_FILE, Profile
from vault.profile import NEXT as SPARE
from vault.rules.access import Role
from vault.sealing.members import open_key_file

Act = Callable[[], Any]
_COMES_AND_GOES = ("/api/challenge", "/api/sign-in/custodian", "/api/sign-out")
NEWCOMER = Person("R7", "researcher")


class StoppedError(Exception):
    """As if the machine had stopped here."""


@contextmanager
def stopping(at: int) -> Iterator[None]:
    """Stop at the n-th place: before something is sent, before its answer is seen, or before a file is on the disk."""
    places = iter(range(at))
    call, sync = Client.call, os.fsync

    def place() -> None:
        if next(places, None) is None:
            raise StoppedError

    def calling(client: Client, method: str, path: str, body: Any = None) -> Any:
        if method == "GET" or path in _COMES_AND_GOES:
            return call(client, method, path, body)
        place()
        answer = call(client, method, path, body)
        place()
        return answer

    def syncing(file: int) -> None:
        place()
        sync(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", syncing)
        patch.setattr(Client, "call", calling)
        yield


def stubborn(act: Act) -> int:
    """Stop the act at each place in turn, every time going on from there, until it ends; how many places there were."""
    for at in range(200):
        try:
            with stopping(at):
                act()
        except StoppedError:
            continue
        return at
    raise AssertionError("It does not end.")


def once(act: Act, *ended: type[Exception]) -> Act:
    """An act of which a second time says, rightly, that there is nothing more to do."""

    def run() -> None:
        try:
            act()
        except ended:
            return

    return run


def keys_of(line: Line, person: Person) -> int:
    return len(open_key_file(line.profile(person).read(KEY_FILE), person.passphrase).secrets)


def signed(line: Line, digest: str, *people: Person) -> None:
    for person in people:
        stubborn(once(partial(sign, line, digest, (person,)), NotFound))


def said_once(line: Line, *words: str) -> str:
    """What C1's command printed, however often it was broken off: always the same."""
    said: list[str] = []
    assert stubborn(lambda: said.append(line.run(C1, *words).out.strip())) > 1
    assert len(set(said)) == 1
    return said[0]


@pytest.fixture
def line(line: Line) -> Line:
    """Everybody has a profile before anything is broken off."""
    for person in (*CUSTODIANS, C6):
        line.profile(person)
    return line


def hold_ceremony(line: Line) -> None:
    """A new epoch has begun, and the result of the ceremony waits to be handed in."""
    change(line)
    reshare(line, export(line), line.folder / "result")


def test_a_change_of_members(line: Line) -> None:
    line.scene.carry(C1, stage.invitations(line.scene.roster(), (NEWCOMER,)))
    line.scene.enrol(NEWCOMER)
    for command in (("admit", "R7"), ("dismiss", "R2"), ("set-rules", "--cooling", "2")):
        digest = said_once(line, "custodian", *command, "--yes")
        sign(line, digest, (C1, C2))
        signed(line, digest, C3)  # with whom it takes effect
    roster = line.scene.roster()
    assert (roster.version, roster.cooling) == (5, 2)
    assert ("R7" in roster.members, "R2" in roster.members) == (True, False)


def test_taking_a_proposal_back(line: Line) -> None:
    digest = line.run(C1, "custodian", "renew", "--yes").out.strip()
    stubborn(once(lambda: line.run(C2, "custodian", "withdraw", "--yes", "--", digest), NotFound))
    with line.scene.reading() as uow:
        assert proposals.waiting(uow, Role.CUSTODIAN) == []


def test_a_change_of_custodians(line: Line) -> None:
    made: list[str] = []
    stubborn(partial(_next_card, line, C1, made))
    assert (len(set(made)), keys_of(line, C1)) == (1, 2)
    cards = next_cards(line)
    command = ("custodian", "change-custodians", *cards, "--threshold", "3", "--yes")
    digest = said_once(line, *command)
    assert line.scene.roster().epoch == 1
    signed(line, digest, C1, C2, C3)
    assert (line.scene.roster().epoch, line.scene.roster().codes) == (2, ("C1", "C2", "C3", "C4", "C6"))


def _next_card(line: Line, person: Person, cards: list[str]) -> None:
    cards.append(line.run(person, "custodian", "next-card").out)


def test_the_ceremony_from_the_export_to_the_end_of_the_former_keys(line: Line) -> None:
    draft = line.scene.start(R1)
    sealed = line.scene.seal_identity(draft, {"name": "somebody"})
    line.scene.hand_in(R1, draft, {**line.scene.interview(), "sealed_identity": sealed})
    change(line)
    out = line.folder / "result"
    assert stubborn(once(lambda: export(line), Conflict)) > 1
    assert stubborn(lambda: reshare(line, line.folder / "export", out)) > 1
    assert stubborn(lambda: submit(line, out)) > 1
    assert "Everything is shared anew" in submit(line, out)
    for person in (C2, C6):
        assert stubborn(partial(line.run, person, "custodian", "drill")) > 1
    assert stubborn(once(lambda: line.run(C1, "custodian", "retire-keys", "--yes"), Invalid)) > 1
    assert [keys_of(line, person) for person in (C1, C2)] == [1, 2]
    assert sorted(path.name for path in line.profile(C1).folder.iterdir() if "key-file" in path.name) == [
        KEY_FILE
    ]
    assert line.run(C1, "custodian", "drill").out == "6 shares open with this key file.\n"


def test_a_key_file_that_was_torn_while_it_was_overwritten_is_whole_again_at_the_next_command(
    line: Line,
) -> None:
    profile = line.profile(C1)
    whole = (profile.folder / KEY_FILE).read_bytes()
    (profile.folder / (KEY_FILE + SPARE)).write_bytes(whole)
    (profile.folder / KEY_FILE).write_bytes(whole[:40] + bytes(len(whole)))
    line.run(C1, "custodian", "drill")
    assert (profile.folder / KEY_FILE).stat().st_size <= len(whole) + 300
    assert keys_of(line, C1) == 1


def test_what_was_overwritten_stands_nowhere_in_the_file(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    profile.write("file", {"secret": "x" * 5000})
    kept = (tmp_path / "file").open("rb")  # the very blocks of the former file
    with kept:
        profile.overwrite("file", {"left": 1})
        assert b"x" * 10 not in kept.read()
    assert profile.read("file") == {"left": 1}


def test_batches_of_a_result_may_come_in_any_order_and_any_number_of_times(
    line_after: LineAfter,
) -> None:
    line, _ = line_after(hold_ceremony)
    out = line.folder / "result"
    with line.scene.writing() as uow:
        name = resharing.begin(uow, stage.actor(C1), carried.signed_statement(out), stage.DAY)
    changed = []
    for _ in range(2):
        for batch in reversed(list(carried.batches(out))):
            with line.scene.writing() as uow:
                changed.append(resharing.take(uow, stage.actor(C2), name, batch))
    assert changed[0] > 0
    assert not any(changed[len(changed) // 2 :])
    assert resharing.finish(line.scene.vault, stage.actor(C2), name, stage.DAY) == []


def test_before_a_batch_is_committed_nothing_of_it_is_there(line_after: LineAfter) -> None:
    line, _ = line_after(hold_ceremony)
    out = line.folder / "result"
    with line.scene.writing() as uow:
        name = resharing.begin(uow, stage.actor(C1), carried.signed_statement(out), stage.DAY)
    before = line.scene.contents()
    (batch,) = carried.batches(out)
    with line.scene.vault.store.work() as uow:
        assert resharing.take(uow, stage.actor(C1), name, batch) > 1
    assert line.scene.contents() == before
    assert len(resharing.finish(line.scene.vault, stage.actor(C1), name, stage.DAY)) == len(batch)
