"""Two custodians approve at the same instant: one of them is the k-th, and everything agrees on which."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.asking import Opening, sealed_identity
from tests.cast import C1, C2, C3, C4, THRESHOLD, Person
from tests.stage import DAY, Scene, actor, copied, lately, later
from tests.visitor import Api
from vault import escrow
from vault.errors import Conflict
from vault.sealing import audits
from vault.sealing.digests import unb64
from vault.sealing.signatures import Signed
from vault.store.testimony import AuditRow, OpeningRow

pytestmark = pytest.mark.both

ROUNDS = 10
Days = dict[int, date]  # on which day the tally came to this


@pytest.fixture(scope="module")
def scene(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    opened = copied(staged, tmp_path_factory.mktemp("instant") / "vault")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def opening(scene: Scene) -> Opening:
    return sealed_identity(scene)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act gives when all begin at the same instant."""
    together = threading.Barrier(len(acts))

    def begin(act: Callable[[], object]) -> object:
        together.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def asked(opening: Opening) -> tuple[str, dict[str, Signed]]:
    """A request that lacks one approval; and everybody's, as their devices made it."""
    name = opening.ask()
    made = {one.code: opening.decision_on(name, one) for one in (C1, C2, C3, C4)}
    for custodian in (C1, C2):
        opening.decide(custodian, made[custodian.code])
    return name, made


def row_of(scene: Scene, name: str) -> OpeningRow:
    with scene.reading() as uow:
        row = uow.testimony.get(OpeningRow, unb64(name))
        assert row is not None
        return row


def audited(scene: Scene) -> list[AuditRow]:
    with scene.reading() as uow:
        return list(uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position)))


def check_chain(rows: list[AuditRow]) -> None:
    """Raises Tampered unless each link continues the one before."""
    assert [row.position for row in rows] == list(range(1, len(rows) + 1))
    audits.chain([(row.link, row.commitment, row.decision) for row in rows])


def test_two_custodians_at_two_servers_make_one_decision(scene: Scene, opening: Opening) -> None:
    vault = scene.roster().vault
    desks = {
        one.code: Api(scene.app(), one, vault) for one in (C3, C4)
    }  # each a worker with its own connections
    for _ in range(ROUNDS):
        name, made = asked(opening)
        before = len(audited(scene))

        def approve(code: str, made: dict[str, Signed] = made) -> TestResponse:
            return desks[code].call("POST", "/api/decisions", made[code])

        answers = at_once(lambda: approve("C3"), lambda: approve("C4"))
        given = [one.get_json()["given"] for one in answers if isinstance(one, TestResponse)]
        assert sorted(given) == [THRESHOLD, THRESHOLD + 1]
        assert row_of(scene, name).met in lately()
        rows = audited(scene)
        assert len(rows) == before + 2
        check_chain(rows)
        assert opening.show().tally.given == THRESHOLD + 1


def test_the_day_that_counts_is_that_of_the_kth_approval(scene: Scene, opening: Opening) -> None:
    for _ in range(ROUNDS):
        name, made = asked(opening)
        days: Days = {}

        def approve(person: Person, day: date, made: dict[str, Signed] = made, days: Days = days) -> None:
            with scene.writing() as uow:
                days[escrow.decide(uow, actor(person), made[person.code], day).given] = day

        at_once(lambda: approve(C3, DAY), lambda: approve(C4, later(1)))
        assert row_of(scene, name).met == days[THRESHOLD].isoformat()


def test_one_custodian_at_two_desks_decides_once(opening: Opening) -> None:
    for _ in range(ROUNDS):
        _, made = asked(opening)

        def approve(made: dict[str, Signed] = made) -> str:
            try:
                opening.decide(C3, made["C3"])
            except Conflict:
                return "too late"
            return "decided"

        assert sorted(map(str, at_once(approve, approve))) == ["decided", "too late"]
        assert opening.show().tally.given == THRESHOLD
