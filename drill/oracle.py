"""Attack 14: somebody types whom the vault knows, and whom it does not, and compares how they are answered."""

from __future__ import annotations

import hashlib
import math
import re
import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import islice
from random import Random
from typing import Any
from unittest.mock import patch

from flask import Response, current_app, g, jsonify, make_response, request
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from drill import telling
from drill.attack import Attack, Finding, Leak
from drill.entrances import ENTRANCES, FOLLOW_UP, OFTEN, STRANGERS, Entrance, Guest, Who, pairs
from drill.naive import DATABASE, hashed
from drill.register import separated
from drill.world import NAIVE, World
from vault.store.testimony import SlotRow

FEW, SOME, MANY = 4, 30, 60  # times each
_SIGMAS = 5
_LATER = timedelta(seconds=3)  # than a sign-in that failed: nobody is slowed down for failing too often
_DRAWN = re.compile(  # tokens, whole and in groups, pseudonyms, and the code that was typed
    rb'[A-Za-z0-9_-]{20,}|<span>[\w-]{2,4}</span>|\b[a-z]+-[a-z]+-[a-z]+-[a-z]+\b|(?<=name="member" value=")[^"]*'
)


@dataclass
class Heard:
    """What can be noticed of the answers to one sort of question; each list has an entry for each answer."""

    said: list[Hashable] = field(default_factory=list)
    ran: list[Hashable] = field(default_factory=list)
    amounts: dict[str, list[int]] = field(default_factory=dict)


class Ear:
    """Asks, and takes down what is said, which statements are run, how much goes with them, and how long it works."""

    def __init__(self, guest: Guest) -> None:
        self.guest, self.now, self.random = guest, datetime.now(UTC), Random(14)
        self._ran, self._bound = list[str](), 0

    def tell_time(self) -> None:
        g.now = self.now

    def run(self, _connection: Any, _cursor: Any, statement: str, bound: Any, *_: Any) -> None:
        self._ran.append(statement)
        self._bound += _size(bound)

    def compare(self, entrance: Entrance, asked: Iterator[tuple[Who, Who]]) -> tuple[Heard, Heard]:
        """How it answers about those who are known, and about nobody: in turn, now these first and now those."""
        both = Heard(), Heard()
        for pair in asked:
            for which in self.random.sample((0, 1), 2):
                self._ask(entrance(self.guest, pair[which]), both[which])
        return both

    def _ask(self, ask: Callable[[], TestResponse], heard: Heard) -> None:
        self._ran, self._bound = [], 0
        began = time.thread_time_ns()
        answer = ask()
        took = time.thread_time_ns() - began
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self.now += _LATER
        headers = frozenset((name, value) for name, value in answer.headers if name != "Content-Length")
        heard.said.append((answer.status_code, headers, _plain(answer.get_data())))
        heard.ran.append(tuple(self._ran))
        for what, amount in (
            ("their number", len(self._ran)),
            ("what goes with them", self._bound),
            ("the time", took),
        ):
            heard.amounts.setdefault(what, []).append(amount)


@contextmanager
def _listening(world: World) -> Iterator[Ear]:
    with world.copy() as copy, copy.served() as scene:
        app = scene.app()
        ear = Ear(Guest(scene, app))
        app.before_request_funcs[None].insert(0, ear.tell_time)
        store = app.extensions["vault"].store
        for engine in (*store.engines.values(), *store.reading.values()):
            event.listen(engine, "before_cursor_execute", ear.run)
        yield ear
        app.before_request_funcs[None].remove(ear.tell_time)


def apart(known: Heard, unknown: Heard) -> list[str]:
    """What tells one from the other: another answer, other statements, or amounts that are not of one distribution."""
    found = ["the answer"] if set(known.said) != set(unknown.said) else []
    alike = set(known.ran) & set(unknown.ran)
    # a table that grows, or a day's first failure, adds some to one
    if any(2 * sum(one in alike for one in heard.ran) < len(heard.ran) for heard in (known, unknown)):
        found.append("the statements")
    if len(known.said) >= SOME:
        found += [what for what in known.amounts if _unlike(known.amounts[what], unknown.amounts[what])]
    return found


def _unlike(one: Sequence[int], other: Sequence[int]) -> bool:
    """The rank test of Mann and Whitney, with a wide bound."""
    sigma = math.sqrt((len(one) + len(other) + 1) / (12 * len(one) * len(other)))
    return abs(separated(one, other) - 0.5) > _SIGMAS * sigma


def _plain(body: bytes) -> bytes:
    return _DRAWN.sub(b"*", body)


def _size(bound: Any) -> int:
    if isinstance(bound, bytes | str):
        return len(bound)
    if isinstance(bound, Mapping):
        bound = tuple(bound.values())
    return sum(map(_size, bound)) if isinstance(bound, tuple | list) else 0


def _oracle(world: World) -> Finding:
    with _listening(world) as ear:
        return _told({title: MANY if title in OFTEN else FEW for title in ENTRANCES}, ear, world)


def _told(entrances: Mapping[str, int], ear: Ear, world: World) -> Finding:
    """What tells a witness from nobody, at entrances that are asked so many times."""
    found = []
    for title, times in entrances.items():
        told = apart(*ear.compare(ENTRANCES[title], islice(pairs(world), times)))
        found += [f"{title}, by {' and '.join(told)}"] if told else []
    if found:
        return Finding(f"told apart: {'; '.join(found)}", False)
    return Finding(f"told apart: no, at none of {len(entrances)} entrances", True)


def _naive_oracle(world: World) -> Finding:
    """The naive build refuses who is there already."""
    wanted = "SELECT count(*) FROM persons WHERE name_hash = ?"
    with closing(sqlite3.connect(world.folder / NAIVE / DATABASE)) as connection:
        asked = [world.truth.witnesses[0].identity["name"], telling.name(STRANGERS)]
        known, unknown = (connection.execute(wanted, (hashed(one),)).fetchone() for one in asked)
    if known == unknown:
        return Finding("told apart: no", True)
    return Finding('told apart: "this person exists already", after one name', False)


def _leak(what: str, times: int, act: Callable[[], Response | None]) -> Leak:
    """A vault that does something more where a pseudonym is known."""

    def run(world: World) -> Finding:
        known = frozenset(one.pseudonym for one in world.truth.witnesses)
        with _listening(world) as ear:
            right: Any = ear.guest.app.view_functions["interviews.api_deposit"]

            def deposit(draft: str) -> Response:
                asked = (request.get_json() or {}).get("pseudonym") in known
                return (act() if asked else None) or right(draft)

            deposit.permission = right.permission  # type: ignore[attr-defined]
            with patch.dict(ear.guest.app.view_functions, {"interviews.api_deposit": deposit}):
                return _told({FOLLOW_UP: times}, ear, world)

    return Leak(what, run)


def _say_so() -> Response:
    return make_response(jsonify(error="This pseudonym exists already."), 409)


def _look_it_up() -> None:
    with current_app.extensions["vault"].store.read() as uow:
        uow.testimony.scalar(select(func.count()).where(SlotRow.taken))


def _work() -> None:
    hashlib.pbkdf2_hmac("sha256", b"", b"", 40_000)


ATTACKS = (
    Attack(
        14,
        "Type witnesses, and people who never spoke, wherever one can be typed; compare answers, statements and times",
        "equal; only who holds a receipt, an invitation or a record's id, all random numbers, is told that it is there",
        "nothing",
        _oracle,
        _naive_oracle,
        (
            _leak("an answer that says so", FEW, _say_so),
            _leak("one more query for a pseudonym that is known", FEW, _look_it_up),
            _leak("some milliseconds of work for a pseudonym that is known", SOME, _work),
        ),
    ),
)
