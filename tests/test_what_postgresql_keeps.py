"""What a PostgreSQL server keeps: of a deposit eight others beside it, of a withdrawn one nothing once it is tidied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests import postgres
from tests.cast import R1
from tests.stage import Scene
from vault import withdrawals
from vault.rules.withdrawals import Scope
from vault.sealing.deposits import record_id
from vault.sealing.digests import digest, unb64
from vault.store import slots
from vault.store.unit_of_work import DATABASES
from vault.tidying import tidy

pytestmark = pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")


def files(scene: Scene) -> Iterator[bytes]:
    """All that the server has written for this vault, in its databases, its log and elsewhere."""
    with scene.reading() as uow:
        folder = Path(str(uow.testimony.scalar(text("SHOW data_directory"))))
        number = text("SELECT oid::text FROM pg_database WHERE datname = current_database()")
        ours = {str(getattr(uow, name).scalar(number)) for name in DATABASES}
    for path in folder.rglob("*"):
        others = path.relative_to(folder).parts[0] == "base" and not ours & set(path.parts)
        if path.is_file() and not others:
            yield path.read_bytes()


def lying(scene: Scene, *sought: bytes) -> list[int]:
    """How many of the server's files have each of these."""
    postgres.maintained().execute("CHECKPOINT")
    found = [0] * len(sought)
    for data in files(scene):
        found = [count + (one in data) for count, one in zip(found, sought, strict=True)]
    return found


def test_after_a_withdrawal_the_log_has_wrapped_keys_alone_and_after_tidying_nothing(scene: Scene) -> None:
    receipts = [scene.deposit(R1, scene.said("heard")) for _ in range(3)]
    token = receipts[1].withdrawal_token
    assert token is not None
    names = [digest("shred", record_id(unb64(token), half)) for half in ("testimony", "observations")]
    with scene.reading() as uow:
        wrapped = slots.wrapped_keys(uow.shreds, names)
        former = scene.vault.store.keks.read()
    with scene.vault.store.engines["shreds"].begin() as connection:
        connection.execute(text("ANALYZE shreds"))  # the planner's samples
    withdrawals.by_receipt(scene.vault, token, Scope.INTERVIEW)
    assert all(lying(scene, *names, *wrapped.values()))
    assert former != scene.vault.store.keks.read()
    assert lying(scene, *former, *scene.vault.store.keks.read()) == [0, 0]
    list(tidy(scene.vault.store))
    assert lying(scene, *names, *wrapped.values(), *former) == [0] * 5


def newest(session: Session, table: str, name: str, within: str = "taken") -> set[bytes]:
    """The rows that bear the number of the newest transaction."""
    rows = session.execute(text(f"SELECT xmin::text::bigint, {name} FROM {table} WHERE {within}")).all()
    last = max(number for number, _ in rows)
    return {bytes(one) for number, one in rows if number == last}


def test_eight_other_rows_and_their_keys_are_as_new_as_those_of_the_newest_deposit(scene: Scene) -> None:
    for _ in range(10):
        draft = scene.start(R1)
        sealed = scene.seal_identity(draft, {"name": "somebody"})
        scene.hand_in(R1, draft, scene.interview(scene.said("heard"), sealed_identity=sealed))
    with scene.reading() as uow:
        keys = newest(uow.shreds, "shreds", "id")
        halves = {
            "identity": newest(uow.identities, "identity_slots", "record"),
            "testimony": newest(uow.testimony, "slots", "record", "taken AND half = 'testimony'"),
            "observations": newest(uow.testimony, "slots", "record", "taken AND half = 'observations'"),
        }
    for half, rows in halves.items():
        assert record_id(draft.token, half) in rows
        assert len(rows) == 9
    assert keys == {digest("shred", one) for rows in halves.values() for one in rows}
