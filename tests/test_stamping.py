"""Time stamps: asked for with a fresh number, and taken only if they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, Response, request

from tests.authority import LocalAuthority
from tests.cli.line import served
from tests.proofs import PROVEN
from vault import stamping
from vault.errors import Tampered, Unreachable
from vault.stamping import Authority


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> LocalAuthority:
    return LocalAuthority(tmp_path_factory.mktemp("authority"))


def test_a_command_stamps(authority: LocalAuthority) -> None:
    answer, when = stamping.stamp(PROVEN.text, authority.as_known)
    assert abs((datetime.now(UTC) - when).total_seconds()) < 3600
    assert stamping.stamped_at(answer, PROVEN.text, [authority.root]) == when


def test_a_stamp_is_of_one_text_and_by_one_authority(authority: LocalAuthority, tmp_path: Path) -> None:
    answer, _ = stamping.stamp(PROVEN.text, authority.as_known)
    for wrong in (
        (answer, f"{PROVEN.text} ", [authority.root]),
        (answer, PROVEN.text, [LocalAuthority(tmp_path).root]),
        (answer, PROVEN.text, []),
        (answer[:-1], PROVEN.text, [authority.root]),
        (b"", PROVEN.text, [authority.root]),
    ):
        with pytest.raises(Tampered):
            stamping.stamped_at(*wrong)


def test_what_a_stamp_says_cannot_be_changed(authority: LocalAuthority) -> None:
    answer, when = stamping.stamp(PROVEN.text, authority.as_known)
    for at in range(0, len(answer), 7):
        changed = answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1 :]
        try:
            assert stamping.stamped_at(changed, PROVEN.text, [authority.root]) == when
        except Tampered:
            continue


def test_an_answer_to_another_question_is_not_taken(authority: LocalAuthority, tmp_path: Path) -> None:
    answer, _ = stamping.stamp(PROVEN.text, authority.as_known)
    (tmp_path / "earlier").write_bytes(answer)
    replayed = replace(authority.as_known, command=("cp", str(tmp_path / "earlier"), "{answer}"))
    with pytest.raises(Tampered):
        stamping.stamp(PROVEN.text, replayed)


@pytest.mark.parametrize("command", [("false",), ("true",), ("no-such-command",)])
def test_a_silent_authority_stamps_nothing(authority: LocalAuthority, command: tuple[str, ...]) -> None:
    with pytest.raises(Unreachable):
        stamping.stamp(PROVEN.text, replace(authority.as_known, command=command))


def test_an_address_stamps(authority: LocalAuthority) -> None:
    app = Flask(__name__)

    @app.post("/tsa")
    def tsa() -> Response:
        assert request.content_type == "application/timestamp-query"
        return Response(authority.answer(request.data), content_type="application/timestamp-reply")

    @app.post("/noise")
    def noise() -> str:
        return "a" * (stamping.LARGEST_ANSWER + 1)

    @app.post("/words")
    def words() -> str:
        return "stamped"

    with served(app) as address:
        _, when = stamping.stamp(PROVEN.text, Authority(authority.root, url=f"{address}/tsa"))
        assert when.tzinfo is UTC
        for place in ("noise", "words"):
            with pytest.raises(Tampered):
                stamping.stamp(PROVEN.text, Authority(authority.root, url=f"{address}/{place}"))
        with pytest.raises(Unreachable):
            stamping.stamp(PROVEN.text, Authority(authority.root, url=f"{address}/nowhere"))
