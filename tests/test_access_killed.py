"""A change of team, a rotation, a revocation that is killed anywhere: done, or not done and then taken up again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from tests.cast import C1, CUSTODIANS, R1, R2, THRESHOLD, V1
from tests.stage import DAY, TEAM, Scene, actor, copied
from tests.teams import can_open, file_of, prepared, revoke, sees, signed_revocation, without
from vault import handing, proposals
from vault.errors import Conflict
from vault.sealing.signatures import signature
from vault.store.testimony import BriefRow, CaseEscrowRow, CaseVersionRow, GrantRow, RevocationRow

WRITES = ("INSERT", "UPDATE", "DELETE")
MOST = 200  # far more writes than any of these acts makes
Paper = tuple[dict[str, Any], dict[str, Any]]


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@contextmanager
def killed_at(scene: Scene, step: int) -> Iterator[None]:
    """Whatever is done here ends before its `step`-th write or commit."""
    engine, done = scene.vault.store.engines["testimony"], 0

    def count() -> None:
        nonlocal done
        done += 1
        if done == step:
            raise Killed

    def statement(_conn: Any, _cursor: Any, text: str, *_: Any) -> None:
        if text.lstrip().upper().startswith(WRITES):
            count()

    def commit(_conn: Any) -> None:
        count()

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def carry(scene: Scene, paper: Paper) -> None:
    """Propose and sign, as far as it is not done yet: whoever takes it up again does just this."""
    document, attachments = paper
    with suppress(Conflict):  # it has taken effect
        with scene.writing() as uow:
            name = proposals.propose(uow, actor(V1), document, attachments, DAY)
        for custodian in CUSTODIANS[:THRESHOLD]:
            with scene.writing() as uow:
                entry = signature(document, custodian.code, custodian.secret.signing)
                proposals.sign(uow, actor(custodian), name, entry, DAY)


def rows(scene: Scene) -> list[int | None]:
    with scene.reading() as uow:
        tables = (CaseVersionRow, CaseEscrowRow, BriefRow, GrantRow, RevocationRow)
        return [uow.testimony.scalar(select(func.count()).select_from(table)) for table in tables]


CHANGES: dict[str, Callable[[Scene], Paper]] = {
    "removing": lambda scene: prepared(scene, V1, without("R1"), ["brief"]),
    "rotating": lambda scene: prepared(scene, V1, TEAM, ["testimony", "corroboration", "editions"]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_whole_or_not_there_wherever_it_is_killed(
    staged: Path, tmp_path: Path, what: str
) -> None:
    for step in range(1, MOST):
        scene = copied(staged, tmp_path / str(step))
        paper, before = CHANGES[what](scene), rows(scene)
        try:
            with killed_at(scene, step):
                carry(scene, paper)
            killed = False
        except Killed:
            killed = True
            assert rows(scene) == before
            assert file_of(scene).version == 1
            assert sees(scene, R1)
            carry(scene, paper)
        file = file_of(scene)
        assert file.version == 2
        assert sees(scene, R1) == ("R1" in file.team)
        assert all(sees(scene, one) for one in (R2, V1))
        scene.close()
        if not killed:
            assert step > THRESHOLD
            return
    pytest.fail("it never ended")


def test_a_revocation_is_whole_or_not_there_wherever_it_is_killed(staged: Path, tmp_path: Path) -> None:
    for step in range(1, MOST):
        scene = copied(staged, tmp_path / str(step))
        signed, before = signed_revocation(scene, C1, "R1", everywhere=True), scene.contents()
        try:
            with killed_at(scene, step), scene.writing() as uow:
                handing.revoke(uow, actor(C1), signed, DAY)
            killed = False
        except Killed:
            killed = True
            assert scene.contents() == before
            assert sees(scene, R1)
            revoke(scene, C1, "R1", everywhere=True)
        assert can_open(scene, R1) == {}
        assert not sees(scene, R1)
        scene.close()
        if not killed:
            assert step > len(WRITES)
            return
    pytest.fail("it never ended")
