"""Throttling: who waits, for how long, who never does, and that what is wrong cannot be told from the work it makes."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from argon2 import low_level
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from tests.cast import R1, R2, Person, seed
from tests.stage import Scene
from tests.visitor import Api, Visitor
from vault import sessions, throttling, unwrapping
from vault.errors import Busy, SignInNeeded, Throttled
from vault.rules.passphrases import LONGEST
from vault.sealing import keypairs
from vault.sealing.words import spell_device_key
from vault.store.shreds import LaneRow
from vault.throttling import AT_ONCE, FREE, LONGEST_WAIT, MOST_UNKNOWN, REMEMBERED

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _try(
    scene: Scene,
    now: datetime = NOW,
    *,
    code: str = "R1",
    passphrase: str = "wrong",
    key: bytes = R1.device_key,
) -> str:
    """What came of it: a refusal's kind, or nothing where somebody is signed in."""
    try:
        sessions.sign_in(scene.vault, code, passphrase, spell_device_key(key), now)
    except SignInNeeded as refusal:
        return type(refusal).__name__
    return ""


def _right(scene: Scene, now: datetime = NOW, person: Person = R1) -> str:
    return _try(scene, now, code=person.code, passphrase=person.passphrase, key=person.device_key)


def _rows(scene: Scene) -> list[LaneRow]:
    with scene.reading() as uow:
        return list(uow.shreds.scalars(select(LaneRow)))


def _flood(scene: Scene, times: int, now: datetime = NOW) -> set[str]:
    """A stranger guesses, with another device key each time."""
    return {_try(scene, now, key=seed(f"guess {number} {now}")) for number in range(times)}


# --- one lane -----------------------------------------------------------------------------------------------


def test_after_five_failures_each_further_one_doubles_the_wait_up_to_a_quarter_of_an_hour(
    scene: Scene,
) -> None:
    now = NOW
    for _ in range(FREE):
        assert _try(scene, now) == "SignInNeeded"
    for wait in (1, 2, 4, 8, LONGEST_WAIT, LONGEST_WAIT):
        with pytest.raises(Throttled, match=rf"wait {wait} min"):
            sessions.sign_in(scene.vault, "R1", R1.passphrase, spell_device_key(R1.device_key), now)
        assert _try(scene, now + (wait - 1) * MINUTE) == "Throttled"
        now += wait * MINUTE
        assert _try(scene, now) == "SignInNeeded"


def test_waiting_costs_no_derivation_and_is_not_counted(scene: Scene, derived: list[int]) -> None:
    for _ in range(FREE):
        _try(scene)
    rows = [(row.failed, row.minute) for row in _rows(scene)]
    derived.clear()
    assert {_try(scene) for _ in range(20)} == {"Throttled"}
    assert (derived, [(row.failed, row.minute) for row in _rows(scene)]) == ([], rows)


def test_a_success_forgets_the_failures(scene: Scene) -> None:
    for _ in range(3):
        for _ in range(FREE - 1):
            assert _try(scene) == "SignInNeeded"
        assert _right(scene) == ""
        assert [(row.failed, row.minute) for row in _rows(scene) if row.known] == [(0, 0)]


def test_asking_for_the_passphrase_again_is_throttled_with_signing_in(scene: Scene) -> None:
    def confirm(passphrase: str) -> None:
        unwrapping.confirm(scene.vault, "R1", passphrase, spell_device_key(R1.device_key), NOW)

    assert _try(scene) == "SignInNeeded"
    confirm(R1.passphrase)
    for _ in range(FREE):
        with pytest.raises(SignInNeeded, match="nothing was changed"):
            confirm("wrong")
    with pytest.raises(Throttled):
        confirm(R1.passphrase)
    assert _right(scene) == "Throttled"


def test_after_an_hour_nothing_is_left_of_failures(scene: Scene) -> None:
    _right(scene)
    for _ in range(FREE):
        _try(scene), _try(scene, code="X9")
    sessions.sign_in(scene.vault, R2.code, R2.passphrase, spell_device_key(R2.device_key), NOW + REMEMBERED)
    assert [(row.known, row.failed, row.minute) for row in _rows(scene)] == [(True, 0, 0)] * 2


def test_a_clock_that_was_set_back_keeps_nobody_waiting(scene: Scene) -> None:
    for _ in range(FREE):
        _try(scene)
    assert _right(scene, NOW - timedelta(days=3)) == ""


@given(st.integers(0, 200), st.integers(-100, 100))
def test_a_wait_is_never_longer_than_what_is_said(failed: int, passed: int) -> None:
    row = LaneRow(id=b"", known=False, failed=failed, minute=1000)
    left = throttling._left(row, 1000 + passed)
    assert 0 <= left <= LONGEST_WAIT
    assert throttling._left(row, 1000 + passed + left) == 0


# --- all others -----------------------------------------------------------------------------------------------------


def test_whoever_guesses_with_ever_other_device_keys_keeps_no_member_out(scene: Scene) -> None:
    _right(scene)
    assert _flood(scene, MOST_UNKNOWN + 5) == {"SignInNeeded", "Throttled"}
    assert _flood(scene, 3) == {"Throttled"}
    assert _right(scene) == ""
    assert _right(scene, person=R2) == "Throttled"  # who never signed in before waits for the next minute
    assert _right(scene, NOW + MINUTE, R2) == ""
    assert _flood(scene, 3, NOW + MINUTE) == {"SignInNeeded"}


def test_guessing_leaves_no_more_rows_than_failures_are_allowed(scene: Scene) -> None:
    for minute in range(3):
        _flood(scene, MOST_UNKNOWN + 3, NOW + minute * MINUTE)
    assert len(_rows(scene)) == 3 * MOST_UNKNOWN + 1
    _try(scene, NOW + REMEMBERED + 3 * MINUTE)
    assert len(_rows(scene)) == 2


def test_a_code_that_nobody_has_waits_like_a_members(scene: Scene) -> None:
    key = seed("another device")
    said = [[_try(scene, code=code, key=key) for _ in range(FREE + 2)] for code in ("R1", "X9")]
    assert said[0] == said[1] == ["SignInNeeded"] * FREE + ["Throttled"] * 2


def test_rows_name_nobody_and_a_misspelled_device_key_cannot_be_told_from_a_wrong_one(scene: Scene) -> None:
    for typed in ("ABCD-EFGH", "ABCD-EFGH", ""):
        with pytest.raises(SignInNeeded):
            sessions.sign_in(scene.vault, "R1", R1.passphrase, typed, NOW)
    assert len(_rows(scene)) == 4  # one each, and that of all together
    guessed = {
        throttling.lane("R1", bytes(32)),
        throttling.lane("R1", b""),
        throttling.lane("R1", b"ABCD-EFGH"),
    }
    assert not guessed & {row.id for row in _rows(scene)}


@pytest.mark.sqlite
def test_lanes_lie_by_their_names_whatever_order_they_came_in(scene: Scene) -> None:
    _flood(scene, 12)
    with scene.reading() as uow:
        found = [row[0] for row in uow.shreds.connection().exec_driver_sql("SELECT id FROM lanes")]
    assert found == sorted(found)


# --- memory ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many derivations were under way when each began, itself among them."""
    seen, running, lock, real = list[int](), [0], threading.Lock(), low_level.hash_secret_raw

    def derive(*given: Any, **named: Any) -> bytes:
        with lock:
            running[0] += 1
            seen.append(running[0])
        barrier.wait(0.05)
        try:
            return bytes(real(*given, **named))
        finally:
            with lock:
                running[0] -= 1

    barrier = threading.Event()  # never set: long enough for others to begin beside
    monkeypatch.setattr(keypairs, "hash_secret_raw", derive)
    return seen


def test_few_derive_at_once_however_many_sign_in(scene: Scene, derived: list[int]) -> None:
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda _: _right(scene), range(6))) == [""] * 6
    assert (len(derived), max(derived)) == (6, AT_ONCE)


def test_many_guesses_at_once_are_no_more_than_one_after_another(scene: Scene, derived: list[int]) -> None:
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: _try(scene), range(24)))
    assert set(said) == {"SignInNeeded", "Throttled"}
    assert FREE <= len(derived) < FREE + AT_ONCE


def test_whose_turn_does_not_come_is_told_that_nothing_was_changed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttling, "PATIENCE", 0.01)
    with throttling.turn(), throttling.turn(), pytest.raises(Busy):
        _right(scene)
    assert _right(scene) == ""


# --- what is wrong cannot be told -------------------------------------------------------------------------------------

WRONG: dict[str, dict[str, str]] = {
    "wrong passphrase": {"passphrase": "wrong"},
    "wrong device key": {"device_key": spell_device_key(seed("another"))},
    "misspelled device key": {"device_key": "ABCD-EFGH"},
    "no device key": {"device_key": ""},
    "unknown member": {"member": "X9"},
    "no member's code": {"member": "R-1"},
    "a passphrase without end": {"member": "R2", "passphrase": "many words " * LONGEST},
    "nothing right": {"member": "X9", "passphrase": "x", "device_key": "x"},
}
_CSRF = re.compile(r'name="csrf" value="[^"]*"|id="member" name="member" value="[^"]*"')


def _stopped(scene: Scene) -> Flask:
    """An application whose clock stands: no minute begins between two of its requests."""
    app = scene.app()
    app.before_request_funcs[None].insert(0, lambda: setattr(g, "now", NOW))
    return app


@pytest.mark.parametrize("entrance", ["page", "client"])
def test_whatever_is_wrong_the_answer_the_work_and_the_statements_are_the_same(
    scene: Scene, derived: list[int], entrance: str
) -> None:
    app = _stopped(scene)
    visitor, client = Visitor(app), Api(app)
    send: Callable[..., Any] = visitor.sign_in if entrance == "page" else client.sign_in
    statements: list[str] = []
    store = app.extensions["vault"].store
    for engine in (*store.engines.values(), *store.reading.values()):
        event.listen(engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    send(R1, member="X8")  # the first of a day is written down, the tenth next
    seen = []
    for changes in WRONG.values():
        statements.clear()
        derived.clear()
        answer = send(R1, **changes)
        headers = {name: value for name, value in answer.headers if name != "Content-Length"}
        body = _CSRF.sub("", answer.get_data(as_text=True))
        seen.append((answer.status_code, headers, body, list(statements), list(derived)))
    assert seen[0][0] == 401
    assert seen[0][4] == [1]
    for name, one in zip(WRONG, seen, strict=True):
        assert one == seen[0], name


def test_a_page_says_how_long_to_wait_in_its_own_status(scene: Scene) -> None:
    app = _stopped(scene)
    for _ in range(FREE):
        assert Api(app).sign_in(R1, passphrase="wrong").status_code == 401
    for answer in (Visitor(app).sign_in(R1), Api(app).sign_in(R1)):
        assert answer.status_code == 429
        assert "Too many attempts were made: wait 1 min, then try again." in answer.get_data(as_text=True)
