"""Attack 15: a reviewer who asks for everything again and again, and looks what became another."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any
from unittest.mock import patch

from flask import Flask, Response
from sqlalchemy import func, select

from drill import telling
from drill.attack import Attack, Finding, Leak
from drill.crawling import Answers, Crawler, differing, differing_apart
from drill.naive import DATABASE
from drill.world import NAIVE, Witness, World
from tests.cast import R1, V1
from tests.readers import cut, gathered
from tests.recognising import sealed_match
from tests.stage import Scene, later
from vault import withdrawals
from vault.rules import editions as rule
from vault.rules.withdrawals import Scope
from vault.sealing.digests import witness_tag
from vault.store.testimony import SlotRow

NEWCOMER = 9_000  # in the register
LOOK, CUT, NEXT = 45, 61, 91  # days after the founding; cut before on the day itself and on the thirtieth
_NAMED = 3  # places
_ID = re.compile(r"[A-Za-z0-9_-]{20,}")

# What whoever counts is told at once when somebody behind the figures withdraws (docs/THREATS.md, T4): that an account
# is not as it was counted, and what cannot be said now.
_AT_ONCE = ("sources", "statement")
_OF_ALL = ("/editions", "/patterns")  # say of each incident whether it is under review


def _differences(world: World) -> Finding:
    """One comes to the first incident, one withdraws from the second; then a cut, beside that of a vault in which
    neither happened; then two more come."""
    with world.copy() as copy, copy.served() as scene:
        crawler = _crawler(scene)
        before = _looks(crawler, LOOK, 2)
        _come(scene, 0)
        came = crawler.everything(2)
        withdrawals.by_receipt(scene.vault, _counted(world, scene).token, Scope.INTERVIEW)
        withdrew = crawler.everything(2)
        cut(scene, CUT)
        after = _looks(crawler, CUT + 1, 3)
        for number in (1, 2):
            _come(scene, number)
        moved = cut(scene, NEXT).incident(scene.hospital)["status"]
        crawler.end()
    with world.copy() as copy, copy.served() as scene:
        crawler = _crawler(scene)
        cut(scene, CUT)
        beside = _looks(crawler, CUT + 1, 3)
        crawler.end()
    found = differing(before, came)
    shown = differing(came, withdrew)
    found |= {path for path in shown if not path.endswith(_of(scene.mosque))}
    differ = differing_apart(beside, after)
    found |= {path for path in differ if scene.mosque not in path and not path.endswith(_OF_ALL)}
    table = f"/api/cases/{scene.case}/editions/3/{scene.mosque}"
    works = moved == "counted" and b"under-review" in after[table].body and bool(shown)
    return _said(found, works)


def _of(incident: str) -> tuple[str, ...]:
    """How the addresses end at which it shows at once that somebody withdrew from an incident."""
    return "/quotes", *(f"/{incident}/{what}" for what in _AT_ONCE)


def _said(found: Iterable[str], works: bool) -> Finding:
    if found:
        places = sorted({_ID.sub("*", path) for path in found})
        more = " and elsewhere" if len(places) > _NAMED else ""
        return Finding(f"it shows at {', '.join(places[:_NAMED])}{more}", False)
    return Finding(
        "who comes shows nowhere, before the next cut or after it; with the third the figures change, so the attack "
        "works. Who withdraws shows at once in the accounts behind that incident's figures, to whoever may count; with "
        "the next cut it is under review; nowhere else",
        works,
    )


def _crawler(scene: Scene) -> Crawler:
    scene.become(public=True)
    return Crawler(scene, scene.app(), V1, (scene.hospital, scene.mosque))


def _looks(crawler: Crawler, day: int, edition: int, within: str = "") -> Answers:
    crawler.begin(later(day))
    return crawler.everything(edition, within)


def _counted(world: World, scene: Scene) -> Witness:
    """Somebody who counts on the second incident."""
    counting = gathered(scene).resolved.persons(scene.mosque)
    there = [one for one in world.truth.witnesses if witness_tag(scene.case, one.pseudonym) in counting]
    return there[-1]


def _come(scene: Scene, number: int) -> None:
    """Somebody whom nobody knows is interviewed on the first incident."""
    draft, number = scene.start(R1), NEWCOMER + number
    sealed = {
        "sealed_identity": scene.seal_identity(draft, telling.identity(number)),
        "sealed_match": sealed_match(scene, draft, {"name": telling.name(number)}),
    }
    scene.hand_in(R1, draft, {**telling.interview(number, scene.hospital), **sealed})


def _live_counts(world: World) -> Finding:
    """The naive build counts its rows when it is asked."""
    count = "SELECT count(*) FROM testimonies"
    with closing(sqlite3.connect(world.folder / NAIVE / DATABASE)) as connection:
        (before,) = connection.execute(count).fetchone()
        connection.execute(
            "INSERT INTO testimonies (incident, text) SELECT incident, text FROM testimonies LIMIT 1"
        )
        (after,) = connection.execute(count).fetchone()
        connection.rollback()
    return Finding(
        "each one who comes or withdraws shows in the counts" if after != before else "", after == before
    )


def _live_count_on_a_page(world: World) -> Finding:
    with world.copy() as copy, copy.served() as scene:
        crawler = _crawler(scene)
        with patch.dict(crawler.app.view_functions, {"cases.show": _counting(crawler.app)}):
            before = _looks(crawler, LOOK, 2, "/cases/")
            _come(scene, 0)
            found = differing(before, crawler.everything(2, "/cases/"))
        crawler.end()
        return _said(found, False)


def _counting(app: Flask) -> Callable[[str], Response]:
    """The page of a case, saying how many deposits there are."""
    right: Any = app.view_functions["cases.show"]

    def show(case: str) -> Response:
        with app.extensions["vault"].store.read() as uow:
            taken = uow.testimony.scalar(select(func.count()).where(SlotRow.taken))
        return Response(f"{right(case)}<!-- {taken} -->", mimetype="text/html")

    show.permission = right.permission  # type: ignore[attr-defined]
    return show


def _figures_of_one(world: World) -> Finding:
    with patch.object(rule, "BATCH", 1):
        seen = []
        for comes in (True, False):
            with world.copy() as copy, copy.served() as scene:
                crawler = _crawler(scene)
                if comes:
                    _come(scene, 0)
                cut(scene, CUT)
                seen.append(_looks(crawler, CUT + 1, 3, "/editions"))
                crawler.end()
    return _said(differing_apart(*seen), False)


ATTACKS = (
    Attack(
        15,
        "As a reviewer who counts and reads no testimony, ask for everything before and after one came or withdrew",
        "byte by byte the same until a cut in which three changed on that incident; under review apart",
        "nothing",
        _differences,
        _live_counts,
        (
            Leak("the page of a case counts what lies there now", _live_count_on_a_page),
            Leak("figures that change with each person", _figures_of_one),
        ),
    ),
)
