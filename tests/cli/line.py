"""A vault at the other end of a line: the real application, served on loopback, that may be made to lie."""

from __future__ import annotations

import json
import socket
import threading
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from click.testing import CliRunner
from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from tests.cast import Person, seed
from tests.stage import Scene, T
from vault import roster as rosters
from vault.cli.common import PASSPHRASE
from vault.cli.main import cli
from vault.profile import KEY_FILE, MEMBER, ROSTERS, SERVER, Profile
from vault.sealing.digests import Json, b64
from vault.sealing.keypairs import CHEAPEST
from vault.sealing.members import wrap_request_key
from vault.sealing.words import spell_device_key

HOSTILE = "\x1b[2J\x1b[1;1H\r\u202eofficer\u2066\u200b\x9b31m\n"
UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
PROFILES = "profiles"
JOINERS = "\u200c\u200d"


def harmless(text: str) -> bool:
    """Whether a line of text does nothing to the terminal that shows it."""
    return not any(unicodedata.category(sign) in UNSEEN for sign in text if sign not in JOINERS)


@dataclass
class Said:
    """What a command printed, and what it said aside."""

    out: str = ""
    err: str = ""


@dataclass
class Line:
    """A served vault, what reached it, and the profiles of those who call it."""

    scene: Scene
    address: str
    folder: Path
    heard: list[tuple[str, str]] = field(default_factory=list)
    lies: dict[tuple[str, str], Callable[[Json], Json]] = field(default_factory=dict)
    said: Said = field(default_factory=Said)
    lost: Callable[[str], bool] = lambda _: False

    def run(
        self, person: Person, *words: str, answer: str = "", typed: Mapping[str, str] | None = None
    ) -> Said:
        """A command as this person would give it. Raises what it ended in; `said` is kept in any case."""
        given = [*words[:2], "--profile", str(self.profile(person).folder), *words[2:]]
        environment = {PASSPHRASE: person.passphrase, **(typed or {})}
        done = CliRunner(env=environment).invoke(cli, given, input=answer, standalone_mode=False)
        self.said = Said(done.stdout, done.stderr)
        if done.exception is not None:
            raise done.exception
        return self.said

    def profile(self, person: Person) -> Profile:
        """This person's profile, as founding or enrolment left it."""
        profile = Profile(self.folder / person.code)
        if not profile.has(ROSTERS):
            with self.scene.reading() as uow:
                profile.write(ROSTERS, {"rosters": rosters.chain(uow)})
            profile.keep_address(self.address)
            profile.write(*(_member(person) if person.role else (KEY_FILE, person.key_file)))
        return profile

    def forget_address(self, person: Person) -> None:
        self.profile(person).remove(SERVER)

    def lie(self, method: str, path: str, how: Callable[[Json], Json]) -> None:
        """Answer this call with something else than the truth."""
        self.lies[method, path] = how

    def posted(self, path: str) -> int:
        """How often something was sent there."""
        return sum(call == f"POST {path}" for call, _ in self.heard)


def _member(person: Person) -> tuple[str, dict[str, Any]]:
    factor = seed(f"{person.code} factor")
    held = {"code": person.code, "device_key": spell_device_key(person.device_key), "factor": b64(factor)}
    if person.request is not None:
        wrapped = wrap_request_key(person.request, person.code, person.passphrase, factor, CHEAPEST)
        held["request_key"] = wrapped  # type: ignore[assignment]
    return MEMBER, held


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Tests read what was heard; nobody reads an access log."""


class LineAfter(Protocol):
    """Gives a line to a copy of the vault in which this was done once, and what doing it gave."""

    def __call__(self, act: Callable[[Line], T], /) -> tuple[Line, T]: ...


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application's address while it is served."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=_serve, args=(server, over := threading.Event()))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:  # else what fails meanwhile would leave the process waiting for its thread
        over.set()
        socket.create_connection(("127.0.0.1", server.server_port)).close()  # it looks up at once
        thread.join()
        server.server_close()


def _serve(server: BaseWSGIServer, over: threading.Event) -> None:
    while not over.is_set():
        server.handle_request()


@cache
def over_a_line(act: Callable[[Line], Any]) -> Callable[[Scene], Any]:
    """The same act, in a scene: what it leaves in profiles lies beside the databases, to be copied with them."""

    def run(scene: Scene) -> Any:
        with open_line(scene, scene.folder / PROFILES) as line:
            return act(line)

    return run


@contextmanager
def open_line(scene: Scene, folder: Path) -> Iterator[Line]:
    """A line to this vault, whose address is told to those who have a profile already."""
    app = scene.app()
    with served(app) as address:
        line = Line(scene, address, folder)
        for profile in map(Profile, folder.glob("*")):
            if profile.has(SERVER):
                profile.keep_address(address)

        def hear() -> None:
            line.heard.append((f"{request.method} {request.path}", request.get_data(as_text=True)))

        def answer(response: Response) -> Response:
            lie = line.lies.get((request.method, request.path))
            if lie is not None:
                response.set_data(json.dumps(lie(response.get_json())))
            if request.path.endswith(("/deposit", "/codings")) and line.lost(request.path):
                response.set_data("no answer")
            return response

        before, after = app.before_request_funcs[None], app.after_request_funcs[None]
        before.insert(0, hear)
        after.append(answer)
        yield line
        before.remove(hear)
        after.remove(answer)
