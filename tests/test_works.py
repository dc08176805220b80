"""Long work: told to whoever waits, by that session alone; it ends with the session, and nothing is half done."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.cast import R1, V1, V2, Person
from tests.stage import DAY, Scene, actor
from vault import corroboration, sessions, works
from vault.errors import Message, NotFound, Refused
from vault.sealing.words import spell_device_key
from vault.store.shreds import WorkRow
from vault.works import State, Told, Work

ABOUT = {"case": "a case", "edition": 1}


def now() -> datetime:
    return datetime.now(UTC)


def signed_in(scene: Scene, person: Person) -> str:
    key = spell_device_key(person.device_key)
    return sessions.sign_in(scene.vault, person.code, person.passphrase, key, now())


@pytest.fixture
def token(scene: Scene) -> str:
    return signed_in(scene, V1)


def begun(scene: Scene, token: str) -> Work:
    work, new = works.begin(scene.vault, token, ABOUT, now())
    assert new
    return work


def rows(scene: Scene) -> list[bytes]:
    with scene.reading() as uow:
        return list(uow.shreds.scalars(select(WorkRow.content)))


def test_the_same_work_is_begun_once_while_it_goes_on(scene: Scene, token: str) -> None:
    first = begun(scene, token)
    assert works.begin(scene.vault, token, ABOUT, now()) == (first, False)
    assert works.begin(scene.vault, token, {**ABOUT, "case": "another"}, now())[1]
    assert works.carry_out(scene.vault, token, first, lambda _told: None) is None
    assert works.look(scene.vault, token, first.name).state is State.DONE
    assert works.begin(scene.vault, token, ABOUT, now())[1]
    assert len(rows(scene)) == 2


def test_how_far_it_is_can_be_looked_at_again_and_again(scene: Scene, token: str) -> None:
    work = begun(scene, token)
    assert works.look(scene.vault, token, work.name).state is State.WAITING

    def act(told: Told) -> None:
        for done in (1, 2):
            told(done, 2)
            seen = [works.look(scene.vault, token, work.name) for _ in range(2)]
            assert [(one.state, one.done, one.of) for one in seen] == [(State.RUNNING, done, 2)] * 2

    assert works.carry_out(scene.vault, token, work, act) is None


def test_nobody_else_can_look_and_nothing_in_the_clear_says_more_than_that_there_is_work(
    scene: Scene, token: str
) -> None:
    work = begun(scene, token)
    (waiting,) = rows(scene)
    for other in (signed_in(scene, V1), signed_in(scene, V2)):
        with pytest.raises(NotFound):
            works.look(scene.vault, other, work.name)
    for name in ("", "x", "A" * 22):
        with pytest.raises(NotFound):
            works.look(scene.vault, token, name)
    assert works.carry_out(scene.vault, token, work, _refuse) is not None
    (failed,) = rows(scene)
    assert len(failed) == len(waiting)
    assert b"a case" not in waiting + failed


def _refuse(_told: Told) -> None:
    raise Refused("Not before %(day)s: %(why)s", day="Monday", why=Message("%(many)d are too few.", many=2))


def test_why_it_was_refused_is_kept_so_that_another_language_can_say_it(scene: Scene, token: str) -> None:
    work = begun(scene, token)
    error = works.carry_out(scene.vault, token, work, _refuse)
    kept = works.look(scene.vault, token, work.name)
    assert isinstance(error, Refused)
    assert kept.state is State.FAILED
    assert kept.refusal == "Not before Monday: 2 are too few."
    assert kept.refusal.template == "Not before %(day)s: %(why)s"
    why = kept.refusal.parts["why"]
    assert isinstance(why, Message)
    assert (why.template, why.parts) == ("%(many)d are too few.", {"many": 2})


def test_a_fault_leaves_a_word_that_gives_nothing_away(scene: Scene, token: str) -> None:
    work = begun(scene, token)

    def act(_told: Told) -> None:
        raise ValueError("a secret")

    with pytest.raises(ValueError, match="a secret"):
        works.carry_out(scene.vault, token, work, act)
    kept = works.look(scene.vault, token, work.name)
    assert kept.state is State.FAILED
    assert "secret" not in str(kept.refusal)


def test_signing_out_stops_it_and_leaves_nothing(scene: Scene, token: str) -> None:
    work = begun(scene, token)
    reached = []

    def act(told: Told) -> None:
        told(1, 2)
        sessions.sign_out(scene.vault, token)
        told(2, 2)
        reached.append("the end")

    assert works.carry_out(scene.vault, token, work, act) is None
    assert (reached, rows(scene)) == ([], [])


def test_it_is_swept_with_a_session_that_nobody_used_any_more(scene: Scene, token: str) -> None:
    begun(scene, token)
    sessions.sweep(scene.vault, now() + sessions.IDLE + timedelta(minutes=1))
    assert rows(scene) == []


def test_a_work_that_was_tampered_with_is_nobodys_and_hinders_no_other(scene: Scene, token: str) -> None:
    work = begun(scene, token)
    with scene.writing() as uow:
        uow.shreds.execute(update(WorkRow).values(content=b"x" * 100))
    with pytest.raises(NotFound):
        works.look(scene.vault, token, work.name)
    assert works.begin(scene.vault, token, ABOUT, now())[1]


def test_a_process_that_dies_in_the_middle_of_a_cut_leaves_nothing_half_done(
    scene: Scene, token: str
) -> None:
    for _ in range(3):
        scene.deposit(R1, scene.said("saw"))
    work = begun(scene, token)
    scene.vault.store.dispose()

    def act(told: Told) -> None:
        corroboration.read_ahead(scene.vault, actor(V1), scene.case, DAY, told)
        with scene.vault.store.work() as uow:
            corroboration.cut(scene.vault, uow, actor(V1), scene.case, DAY)
            os._exit(9)

    child = os.fork()
    if child == 0:
        try:
            works.carry_out(scene.vault, token, work, act)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert scene.contents()["editions"].total() == 0
    kept, later = works.look(scene.vault, token, work.name), now() + works.UNHEARD + timedelta(minutes=1)
    assert kept.state is State.RUNNING
    assert (kept.is_unheard(now()), kept.is_unheard(later)) == (False, True)
    again, new = works.begin(scene.vault, token, ABOUT, later)
    assert new
    assert again.name != work.name
