"""On PostgreSQL: many who deposit at once, and a server that goes away for a moment."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests import postgres
from tests.cast import R1, V2
from tests.readers import told
from tests.stage import Scene
from tests.visitor import Api, Visitor, sentences
from vault import withdrawals
from vault.errors import Busy
from vault.rules.withdrawals import Scope
from vault.store.slots import BLOCK

pytestmark = pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")

AT_ONCE = 40
LONG = "A word, and another one. " * 800  # two slots each, so that they grow meanwhile


def _deposited(scene: Scene, client: Api, **said: str) -> TestResponse:
    """What a client gets that begins an interview and hands it in."""
    started = client.call("POST", f"/api/cases/{scene.case}/drafts", {"incident": scene.hospital})
    if started.status_code != 200:
        return started
    path = f"/api/drafts/{started.get_json()['draft']}/deposit"
    return client.call("POST", path, scene.interview(scene.said("heard"), **said))


def test_forty_who_deposit_at_once_all_get_a_receipt(scene: Scene) -> None:
    apps = [scene.app() for _ in range(2)]  # each a worker with its own connections
    token, together = Api(apps[0], R1).token, Barrier(AT_ONCE)

    def work(number: int) -> str:
        client = Api(apps[number % 2])
        client.token = token
        together.wait()
        return str(_deposited(scene, client, testimony=LONG).get_json()["digest"])

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert len(set(pool.map(work, range(AT_ONCE)))) == AT_ONCE
    found, unsound = told(scene)
    assert (len(found), unsound) == (AT_ONCE, 0)
    assert scene.taken()["testimony"] > BLOCK


def test_while_the_server_is_away_each_answer_is_a_sentence_and_then_all_goes_on(
    scene: Scene, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    app = scene.app()
    client, stranger, reader = Api(app, R1), Api(app), Visitor(app, V2)
    asked: list[Callable[[], TestResponse]] = [
        lambda: reader.get("/"),
        lambda: reader.get(f"/cases/{scene.case}/testimony"),
        lambda: _deposited(scene, client),
        lambda: stranger.sign_in(R1),
    ]
    assert [ask().status_code for ask in asked] == [200] * len(asked)
    capfd.readouterr()
    with postgres.away():
        for ask in asked:
            answer = ask()
            assert (answer.status_code, len(sentences(answer))) == (409, 1)
    assert [ask().status_code for ask in asked] == [200] * len(asked)
    assert (*capfd.readouterr(), caplog.text) == ("", "", "")
    assert len(told(scene)[0]) == 2


def test_a_server_that_breaks_down_loses_no_receipt_and_no_withdrawal(scene: Scene) -> None:
    """However early it acknowledges what others commit."""
    goes = scene.deposit(R1, scene.said("heard"))
    stays = [scene.deposit(R1, scene.said("saw")) for _ in range(3)]
    with postgres.away(signal.SIGQUIT):
        pass
    assert {one.half.digest for one in told(scene)[0]} == {one.digest for one in (goes, *stays)}
    withdrawals.by_receipt(scene.vault, goes.withdrawal_token or "", Scope.INTERVIEW)
    with postgres.away(signal.SIGQUIT):
        pass
    assert {one.half.digest for one in told(scene)[0]} == {one.digest for one in stays}


@pytest.mark.parametrize("statement", ["SELECT count(*) FROM slots", "UPDATE slots SET taken = true"])
def test_what_is_under_way_when_the_server_goes_is_busy_and_was_not_done(
    scene: Scene, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, statement: str
) -> None:
    begin = scene.reading if statement.startswith("SELECT") else scene.vault.store.work

    def broken_off() -> None:
        with begin() as uow:
            uow.testimony.execute(text(statement))
            with postgres.away():
                pass
            uow.testimony.execute(text(statement))

    before = scene.taken()
    with pytest.raises(Busy):
        broken_off()
    assert scene.taken() == before
    scene.deposit(R1, scene.said("heard"))
    assert (*capfd.readouterr(), caplog.text) == ("", "", "")
