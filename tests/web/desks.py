"""A researcher in the middle of a long form, a reviewer, and strangers; and a watch over what an act leaves behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple

import pytest
from werkzeug.test import TestResponse

from tests.cast import CUSTODIANS, MEMBERS, R1, V1
from tests.stage import Scene, actor
from tests.visitor import SESSION, Api, Visitor, sentences
from vault.drafts import Draft, find_draft
from vault.sealing.words import new_pseudonym, spell_device_key

TESTIMONY = "The ZEPHYRINE smoke rose over QUORNDON yard."
NAMES = {"name": "Balthazar Quillfeather", "contact": "+99 777 000 123", "address": "Ninth lane, Thornabout"}
TYPE_AGAIN = "Type the identity again: it was not kept."  # said beside what was wrong
KNOWN_PSEUDONYM = new_pseudonym()
MISTYPED_PSEUDONYM = "zebra-" + KNOWN_PSEUDONYM.partition("-")[2]


class Seat(NamedTuple):
    """What R1's browser holds: its session, and the page of a draft."""

    token: str
    csrf: str
    path: str
    hidden: dict[str, str]


def seat(scene: Scene) -> Seat:
    """R1 signs in for real and opens a draft."""
    researcher = Visitor(scene.app(), R1)
    return Seat(researcher.token, researcher.csrf, *researcher.start(scene.case, scene.hospital))


class Desk:
    """R1 has signed in and has a draft open; others sign in when they are needed."""

    def __init__(self, scene: Scene, taken: Seat | None = None) -> None:
        token, csrf, self.path, hidden = taken or seat(scene)
        self.scene, self.hidden = scene, dict(hidden)
        self.app = scene.app()
        self.stranger, self.researcher = Visitor(self.app), Visitor(self.app)
        self.researcher.csrf = csrf
        self.researcher.cookie(SESSION, token)

    @cached_property
    def reviewer(self) -> Visitor:
        """V1 at a browser."""
        return Visitor(self.app, V1)

    @cached_property
    def client(self) -> Api:
        """R1's command line."""
        return Api(self.app, R1)

    @property
    def draft_id(self) -> str:
        return self.path.rpartition("/")[2]

    def draft(self) -> Draft:
        """The draft as R1's own keys open it."""
        with self.scene.reading() as uow:
            return find_draft(uow, actor(R1), self.draft_id)

    def form(self, **changes: Any) -> dict[str, Any]:
        """The long form, filled in so that it is accepted, with some fields changed; None leaves one out."""
        filled = {
            **self.hidden,
            "consent-recording": "yes",
            "consent-uses": ["corroboration"],
            "kind": "original",
            "date": "2015-11-03",
            "language": "ar",
            "mode": "in_person",
            "testimony": TESTIMONY,
            f"{self.claim('aircraft.present')}-perception": ["heard"],
            "act": "deposit",
            **changes,
        }
        return {name: value for name, value in filled.items() if value is not None}

    def claim(self, subject: str) -> str:
        """The prefix of a claim's fields."""
        return next(name.removesuffix("-subject") for name, value in self.hidden.items() if value == subject)

    def post(self, **changes: Any) -> TestResponse:
        """R1 sends the long form."""
        return self.researcher.post(self.path, self.form(**changes))

    def sealed(self, **more: Any) -> str:
        """An identity as R1's device seals it."""
        return json.dumps(self.scene.seal_identity(self.draft(), NAMES, **more))

    def canaries(self) -> list[str]:
        """What nobody may find in a log."""
        people = (*MEMBERS, *CUSTODIANS)
        secrets = [person.passphrase for person in people]
        secrets += [spell_device_key(person.device_key) for person in MEMBERS]
        words = ["ZEPHYRINE", "QUORNDON", "Quillfeather", "Thornabout", "777 000"]
        return [*secrets, *words, self.hidden["new_pseudonym"], self.hidden["token"], KNOWN_PSEUDONYM]


class Watch:
    """What the process prints and logs while somebody does something."""

    def __init__(self, printed: pytest.CaptureFixture[str], logged: pytest.LogCaptureFixture) -> None:
        self.printed, self.logged = printed, logged
        logged.set_level(logging.DEBUG)

    @contextmanager
    def over(self, desk: Desk, keeps: bool = True) -> Iterator[None]:
        """Nothing is stored (if it must keep everything as it was) but that somebody was refused; nothing is said."""
        self.printed.readouterr()
        self.logged.clear()
        before = desk.scene.contents() if keeps else {}
        yield
        if keeps:
            after = desk.scene.contents()
            refused = after["audit"] - before["audit"]
            assert not before["audit"] - after["audit"]
            assert refused.total() <= 1
            changed = [table for table in before if before[table] != after[table] and table != "audit"]
            assert not changed, f"stored something in {changed}"
        out, err = self.printed.readouterr()
        said = out + err + self.logged.text
        assert not [canary for canary in desk.canaries() if canary in said]
        assert "fault" not in said
        assert "Traceback" not in said


class Act(NamedTuple):
    """What somebody does, and what they are told."""

    what: str
    act: Callable[[Desk], TestResponse]
    status: int
    sentence: str


def refused(desk: Desk, watch: Watch, case: Act) -> None:
    """The act ends in its status and its one sentence, stores nothing and leaves no trace."""
    with watch.over(desk):
        answer = case.act(desk)
    said = [sentence for sentence in sentences(answer) if sentence != TYPE_AGAIN]
    assert (answer.status_code, said) == (case.status, [case.sentence]), (answer.status_code, said)
    assert case.sentence.endswith(".")
    assert not [canary for canary in desk.canaries() if canary in case.sentence]
