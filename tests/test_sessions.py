"""Sessions: what the store says of them, when they end, what is left then, and what cannot be forged."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.cast import C1, MEMBERS, R1, R2, Person, identifier, seed
from tests.stage import Scene
from vault import sessions
from vault.errors import SignInNeeded
from vault.rules.access import Role
from vault.sealing.digests import b64
from vault.sealing.keypairs import CHEAPEST
from vault.sealing.members import wrap_member
from vault.sealing.signatures import Signed, sign
from vault.sealing.words import spell_device_key
from vault.sessions import ABSOLUTE, IDLE, MOST_CHALLENGES, REMEMBERED
from vault.store.shreds import ChallengeRow, SessionRow
from vault.store.testimony import MemberRow

pytestmark = pytest.mark.both

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def _sign_in(scene: Scene, person: Person = R1, now: datetime = NOW) -> str:
    key = spell_device_key(person.device_key)
    return sessions.sign_in(scene.vault, person.code, person.passphrase, key, now)


def _rows(scene: Scene) -> list[SessionRow]:
    with scene.reading() as uow:
        return list(uow.shreds.scalars(select(SessionRow)))


def _answer(scene: Scene, person: Person = C1, **changes: str) -> Signed:
    nonce = sessions.challenge(scene.vault, NOW)
    answer = {"format": "witness-vault/v1/challenge", "vault": scene.roster().vault, "code": person.code}
    return sign({**answer, "nonce": nonce, **changes}, person.code, person.secret.signing)


# --- what the store says ------------------------------------------------------------------------------------


@pytest.mark.sqlite
def test_the_session_store_says_nowhere_whose_a_session_is(scene: Scene) -> None:
    for person in MEMBERS:
        _sign_in(scene, person)
    sessions.sign_in_custodian(scene.vault, _answer(scene), NOW)
    kept = (scene.folder / "shreds.db").read_bytes()
    for row in _rows(scene):
        assert not any(isinstance(value, str) for value in (row.id, row.keys, row.member, row.ends, row.day))
    assert len({(len(row.keys), len(row.member)) for row in _rows(scene)}) == 1
    for person in (*MEMBERS, C1):
        assert f'"{person.code}"'.encode() not in kept


@pytest.mark.parametrize("passed", [IDLE, ABSOLUTE, timedelta(hours=20)])
@pytest.mark.parametrize("by", ["a sign-in", "another's request", "its own request", "the start"])
def test_of_an_ended_session_only_a_day_remains(scene: Scene, by: str, passed: timedelta) -> None:
    token = _sign_in(scene)
    later = NOW + passed
    other = _sign_in(scene, R2, later - MINUTE) if by == "another's request" else ""
    match by:
        case "a sign-in":
            _sign_in(scene, R2, later)
        case "its own request":
            with pytest.raises(SignInNeeded):
                sessions.resume(scene.vault, token, later)
        case "another's request":
            sessions.resume(scene.vault, other, later)
        case _:
            sessions.sweep(scene.vault, later)
    ended = [row for row in _rows(scene) if row.ends is None]
    assert [(row.keys, row.day) for row in ended] == [(b"", (NOW + IDLE + REMEMBERED).timestamp() // 86400)]


def test_an_application_that_starts_sweeps(scene: Scene) -> None:
    _sign_in(scene, now=datetime.now(UTC) - timedelta(hours=1))
    scene.app(new=True)
    assert [row.keys for row in _rows(scene)] == [b""]


def test_an_ended_session_leaves_nothing_after_its_last_day(scene: Scene) -> None:
    _sign_in(scene)
    sessions.sweep(scene.vault, NOW + timedelta(days=3))
    assert _rows(scene) == []


# --- when it ends -------------------------------------------------------------------------------------------


def test_a_session_lives_while_it_is_used_and_eight_hours_at_most(scene: Scene) -> None:
    token, now = _sign_in(scene), NOW
    while now + IDLE - MINUTE < NOW + ABSOLUTE:
        now += IDLE - MINUTE
        assert sessions.resume(scene.vault, token, now).code == "R1"
    with pytest.raises(SignInNeeded):
        sessions.resume(scene.vault, token, NOW + ABSOLUTE)


def test_challenges_of_a_clock_that_was_set_back_keep_no_custodian_out(scene: Scene) -> None:
    ends = int((NOW + timedelta(days=365)).timestamp()) // 60
    with scene.writing() as uow:
        uow.shreds.add_all(ChallengeRow(id=seed(f"{number}"), ends=ends) for number in range(MOST_CHALLENGES))
    assert sessions.sign_in_custodian(scene.vault, _answer(scene), NOW)


def test_a_later_end_written_into_the_row_prolongs_nothing(scene: Scene) -> None:
    token = _sign_in(scene)
    with scene.writing() as uow:
        row = uow.shreds.scalars(select(SessionRow)).one()
        row.ends, row.day = 2**31 - 1, 2**30
    with pytest.raises(SignInNeeded):
        sessions.resume(scene.vault, token, NOW + ABSOLUTE)


@pytest.mark.parametrize("swept", [True, False])
def test_whose_session_it_was_is_told_for_a_day_after_its_end_swept_or_not(scene: Scene, swept: bool) -> None:
    token = _sign_in(scene)
    end = NOW + IDLE
    for passed, known in [(timedelta(0), True), (REMEMBERED - MINUTE, True), (REMEMBERED, False)]:
        if swept:
            sessions.sweep(scene.vault, end + passed)
        found = sessions.former(scene.vault, token, end + passed)
        assert (found is not None and found.code == "R1") == known


def test_a_session_that_was_used_longer_is_remembered_from_its_real_end(scene: Scene) -> None:
    token = _sign_in(scene)
    sessions.resume(scene.vault, token, NOW + IDLE - MINUTE)
    assert sessions.former(scene.vault, token, NOW + IDLE + REMEMBERED) is not None
    assert sessions.former(scene.vault, token, NOW + IDLE - MINUTE + IDLE + REMEMBERED) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "é" * 43, "A" * 44])
def test_what_is_no_token_is_nobodys(scene: Scene, token: str) -> None:
    _sign_in(scene)
    assert sessions.former(scene.vault, token, NOW) is None
    with pytest.raises(SignInNeeded):
        sessions.resume(scene.vault, token, NOW)


def test_a_new_generation_ends_every_session_of_the_member_and_of_nobody_else(scene: Scene) -> None:
    tokens, other = [_sign_in(scene) for _ in range(3)], _sign_in(scene, R2)
    with scene.writing() as uow:
        sessions.end_sessions(uow, "R1")
    for token in tokens:
        with pytest.raises(SignInNeeded):
            sessions.resume(scene.vault, token, NOW)
        assert sessions.former(scene.vault, token, NOW + IDLE) is None
    assert sessions.resume(scene.vault, other, NOW).code == "R2"
    assert sessions.resume(scene.vault, _sign_in(scene), NOW).code == "R1"


# --- what is not taken --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["\ud800", "R1\0", "", "r1", "R1 ", "R" * 9, "é"])
def test_what_is_no_code_signs_nobody_in(scene: Scene, code: str) -> None:
    with pytest.raises(SignInNeeded):
        sessions.sign_in(scene.vault, code, R1.passphrase, spell_device_key(R1.device_key), NOW)


def test_a_passphrase_that_is_too_long_to_be_read_is_wrong_like_any_other(scene: Scene) -> None:
    endless = "many words " * 40
    wrapped = wrap_member(R1.secret, "R1", endless, R1.device_key, CHEAPEST)
    with scene.writing() as uow:
        uow.testimony.get_one(MemberRow, "R1").wrapped = json.dumps(wrapped)
    said = []
    for passphrase in (endless, "wrong"):
        with pytest.raises(SignInNeeded) as refusal:
            sessions.sign_in(scene.vault, "R1", passphrase, spell_device_key(R1.device_key), NOW)
        said.append(refusal.value.message)
    assert said[0] == said[1]


def test_a_custodian_signs_in_once_with_each_challenge(scene: Scene) -> None:
    signed = _answer(scene)
    token = sessions.sign_in_custodian(scene.vault, signed, NOW)
    assert sessions.resume(scene.vault, token, NOW).role is Role.CUSTODIAN
    assert sessions.former(scene.vault, token, NOW + IDLE) is None
    with pytest.raises(SignInNeeded):
        sessions.sign_in_custodian(scene.vault, signed, NOW)


def _none(_: Scene) -> Any:
    return None


def _by_a_member(scene: Scene) -> Any:
    answer = _answer(scene)["document"]
    return sign(answer, "C1", R1.secret.signing)


def _for_another_vault(scene: Scene) -> Any:
    return _answer(scene, vault=identifier("another vault"))


@pytest.mark.parametrize("challenge", [_none, _by_a_member, _for_another_vault])
def test_a_row_that_says_custodian_is_nobodys_without_a_custodians_signature(
    scene: Scene, challenge: Any
) -> None:
    """Whoever writes to the store can lock what they like under a token of their own."""
    kept = {"member": "C1", "generation": "", "challenge": challenge(scene)}
    with scene.writing() as uow:
        token = sessions._open_session(uow, kept, NOW)
    with pytest.raises(SignInNeeded):
        sessions.resume(scene.vault, token, NOW)


def test_challenges_that_nobody_answers_do_not_pile_up_nor_keep_anybody_out(scene: Scene) -> None:
    last = int(NOW.timestamp()) // 60 + 2
    with scene.writing() as uow:
        for number in range(MOST_CHALLENGES + 20):
            uow.shreds.add(ChallengeRow(id=seed(f"challenge {number}"), ends=last - 1))
    signed = _answer(scene)
    with scene.reading() as uow:
        count = uow.shreds.scalar(select(func.count()).select_from(ChallengeRow))
    assert count == MOST_CHALLENGES
    assert sessions.sign_in_custodian(scene.vault, signed, NOW)


def test_a_token_opens_its_own_row_alone(scene: Scene) -> None:
    token = _sign_in(scene)
    assert sessions.resume(scene.vault, token, NOW).code == "R1"
    with pytest.raises(SignInNeeded):
        sessions.resume(scene.vault, b64(bytes(32)), NOW)
