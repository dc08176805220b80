"""What was refused is in the audit chain, as often as is useful and no more."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.cast import C1, R1
from tests.readers import audited
from tests.stage import DAY, Scene, later
from vault import refusals
from vault.store.shreds import DailyRow


def refuse(scene: Scene, times: int, day: int = 0) -> None:
    for _ in range(times):
        refusals.refused(scene.vault, "R1", "openings ask", "Refused", later(day))


def told(scene: Scene, before: int) -> list[tuple[str, str, object]]:
    """Acts, actors and what the entries since then are about."""
    return [(body["act"], body["actor"], body["about"]) for body in audited(scene, C1)[before:]]


def test_an_entry_names_who_was_refused_which_act_and_how_and_no_more(scene: Scene) -> None:
    before = len(audited(scene, C1))
    refuse(scene, 1)
    assert told(scene, before) == [("act refused", "R1", {"act": "openings ask", "error": "Refused"})]


def test_nobody_makes_the_chain_grow_by_being_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST", 7)
    before = len(audited(scene, C1))
    refuse(scene, refusals.MOST + 5)
    entries = told(scene, before)
    assert len(entries) == refusals.MOST + 1
    assert entries[-1] == ("more acts refused", "", {"than": refusals.MOST})
    assert {act for act, *_ in entries[:-1]} == {"act refused"}


def test_the_next_day_is_counted_anew(scene: Scene) -> None:
    before = len(audited(scene, C1))
    for _ in range(2):
        refusals.sign_in_failed(scene.vault, DAY)
    refusals.sign_in_failed(scene.vault, later(1))
    assert [about for *_, about in told(scene, before)] == [{"at least": 1}, {"at least": 1}]


def test_failed_sign_ins_are_told_in_bands_and_name_nobody(scene: Scene) -> None:
    before = len(audited(scene, C1))
    for _ in range(101):
        refusals.sign_in_failed(scene.vault, DAY)
    entries = told(scene, before)
    assert [about for *_, about in entries] == [{"at least": band} for band in (1, 10, 100)]
    assert {(act, actor) for act, actor, _ in entries} == {("sign-ins failed", "")}


def test_the_counts_name_a_day_and_nobody(scene: Scene) -> None:
    refuse(scene, 3)
    refusals.sign_in_failed(scene.vault, DAY)
    with scene.reading() as uow:
        rows = {row.what: (row.day, row.count) for row in uow.shreds.scalars(select(DailyRow))}
    assert rows == {"acts": (DAY.isoformat(), 3), "sign-ins": (DAY.isoformat(), 1)}
    assert R1.code not in str(rows)
