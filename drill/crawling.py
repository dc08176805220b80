"""All answers that a member can get about some incidents, so that what they say at two times can be compared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time

from flask import Flask, g
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from drill.leaving import LINK, Answer
from tests.cast import Person
from tests.stage import Scene, actor
from tests.visitor import ADDRESS, Visitor
from vault import cases

Answers = Mapping[str, Answer]
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{20,}")
_VARIES = re.compile(r"[A-Za-z0-9_-]{20,}|(?<=/)\d+(?=/)")
_DRAWN = re.compile(rb'name="(?:new|csrf)" value="[^"]*"')  # anew for each page, or each session
_PIECE = re.compile(rb"[<>{}]")
_CONVERTER = re.compile(r"<\w+(?:\(.*?\))?:")


class Crawler:
    """Somebody who, on one day, asks for everything of some incidents of a case, as often as they like."""

    def __init__(self, scene: Scene, app: Flask, person: Person, incidents: tuple[str, ...]) -> None:
        self.app, self.person, self.case, self.incidents = app, person, scene.case, incidents
        self.visitor, self.noon = Visitor(app), datetime.now(UTC)
        with scene.reading() as uow:
            seen = cases.listing(uow, actor(person))
        named = {one.id for one in seen} | {one["incident"] for case in seen for one in case.incidents}
        self.elsewhere = named - {self.case, *incidents}
        app.before_request_funcs[None].insert(0, self._tell_time)

    def _tell_time(self) -> None:
        g.now = self.noon

    def begin(self, day: date) -> None:
        """It is noon of this day, and they sign in. What a first look changes, is changed."""
        self.noon = datetime.combine(day, time(12), UTC)
        assert self.visitor.sign_in(self.person).status_code == 303
        page = self.visitor.get(f"/cases/{self.case}/evidence").get_data(as_text=True)
        for path in LINK.findall(page):
            if path.startswith(f"/cases/{self.case}/evidence/"):
                self.visitor.get(path)

    def end(self) -> None:
        """The application is as it was."""
        self.app.before_request_funcs[None].remove(self._tell_time)

    def everything(self, edition: int, within: str = "") -> dict[str, Answer]:
        """Each answer by its address: the program's own, pages, and what they name; of pages of one shape the first.

        A short look is at addresses alone that have `within` in them.
        """
        found, shapes = dict[str, Answer](), set[str]()
        waiting = ["/", *self._addresses(edition)]
        while waiting:
            path = waiting.pop(0)
            if (shape := self._shape(path)) in shapes or within not in path or self._is_elsewhere(path):
                continue
            shapes.add(shape)
            with self.visitor.get(path) as answer:
                found[path] = _answer(path, answer)
            if answer.mimetype == "text/html":
                waiting += dict.fromkeys(LINK.findall(found[path].body.decode()))
        return found | ({} if within else dict(self._tried()))

    def _addresses(self, edition: int) -> Iterator[str]:
        """Every address that takes no more than a case, an incident and an edition to know."""
        for rule in self.app.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments <= {"case", "incident", "number"}:
                for incident in self.incidents if "incident" in rule.arguments else ("",):
                    yield _filled(rule, {"case": self.case, "incident": incident, "number": str(edition)})

    def _tried(self) -> Iterator[tuple[str, Answer]]:
        """What changes nothing: a cut before its day, and the gates of a statement."""
        row = {"subject": "aircraft.present", "value": "yes", "column": "direct"}
        sent: list[tuple[str, dict[str, object]]] = [("editions", {})]
        sent += [
            ("statements", {"incident": one, "lines": [row], "form": "ladder"}) for one in self.incidents
        ]
        for number, (path, body) in enumerate(sent):
            at, headers = f"/api/cases/{self.case}/{path}", {"X-CSRF": self.visitor.csrf}
            answer = self.visitor.client.post(at, json=body, base_url=ADDRESS, headers=headers)
            yield f"POST {at} {number}", _answer(at, answer)

    def _shape(self, path: str) -> str:
        """An address without numbers, and without ids but those that it is about: the newest edition stands for all."""
        known = {self.case, *self.incidents}
        return _VARIES.sub(lambda found: found[0] if found[0] in known else "*", path)

    def _is_elsewhere(self, path: str) -> bool:
        apart = "?" in path or path.startswith("/static/")
        return apart or not self.elsewhere.isdisjoint(path.split("/"))


def differing(one: Answers, other: Answers) -> set[str]:
    """The addresses whose answers are not the same, byte by byte."""
    addresses = one.keys() | other.keys()
    return {path for path in addresses if _bytes(one.get(path)) != _bytes(other.get(path))}


def differing_apart(one: Answers, other: Answers) -> set[str]:
    """The same of two vaults: whatever is drawn at random in each counts for nothing, nor the order of accounts."""
    same = _tokens(one) & _tokens(other)
    addresses = one.keys() | other.keys()
    return {path for path in addresses if _pieces(one.get(path), same) != _pieces(other.get(path), same)}


def _bytes(answer: Answer | None) -> object:
    return answer and (answer.headers, _DRAWN.sub(b"", answer.body))


def _pieces(answer: Answer | None, same: set[bytes]) -> object:
    if answer is None:
        return None
    body = _TOKEN.sub(lambda found: found[0] if found[0] in same else b"*" * len(found[0]), answer.body)
    return answer.headers, Counter(_PIECE.split(body)) if answer.path.endswith("/sources") else body


def _tokens(answers: Answers) -> set[bytes]:
    return {token for one in answers.values() for token in _TOKEN.findall(one.body)}


def _filled(rule: Rule, named: Mapping[str, str]) -> str:
    path = _CONVERTER.sub("<", rule.rule)
    for name, value in named.items():
        path = path.replace(f"<{name}>", value)
    return path


def _answer(path: str, answer: Response) -> Answer:
    headers = {"status": str(answer.status_code), **answer.headers}
    return Answer(path, answer.mimetype or "", headers, answer.get_data())
