"""A vault that is really served, and driven by the commands of the command line, as people would."""

from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from playwright.sync_api import Browser, expect

import migrations
from config.settings import DATABASES
from tests.browser.visit import Visit
from tests.cast import CUSTODIANS, MEMBERS
from tests.cli.line import Line
from tests.stage import Scene
from vault.cli import member, rosters
from vault.cli.common import PASSPHRASE
from vault.cli.demo_stage import DESK, TEAM, Stage, perform
from vault.profile import MEMBER, Profile
from vault.sealing.words import PASSPHRASE_WORDS, random_words

STORY: dict[str, Any] = json.loads(files("vault.cli").joinpath("sermin.json").read_text("utf-8"))
HOSPITAL, MOSQUE, *_ = (str(incident["title"]) for incident in STORY["case"]["incidents"])
NEWCOMER = "R3"


@dataclass
class House:
    """The demonstration's stage, the device keys of those who enrolled in a browser, and cookies of who signed in."""

    stage: Stage
    device_keys: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, list[Any]] = field(default_factory=dict)

    def run(self, code: str, command: click.Command, *arguments: str, **typed: str) -> tuple[str, str]:
        """A command as its user would give it, and what they type; what it prints, and what it says aside."""
        place = ("--server", self.stage.server, "--profile", str(self.stage.folder / code))
        typed = {PASSPHRASE: self.stage.passphrases[code], **typed}
        return perform(command, [*place, *arguments], typed)

    def invite(self, code: str) -> str:
        """The link by which a new researcher enrols."""
        printed, _ = self.run("C1", rosters.invite, "--researcher", code)
        self.stage._sign("a quorum signs the invitation")
        return printed.split()[1]

    def admit(self, code: str) -> None:
        """The roster lists them from now on."""
        self.run("C1", rosters.admit, code, "--yes")
        self.stage._sign("a quorum signs the roster")

    def open_desk(self) -> None:
        """The custodian who has a desk in the web enrols for it."""
        printed, _ = self.run(DESK, rosters.invite, "--desk", DESK)
        self.stage._sign("a quorum signs the invitation")
        place = self.stage.signs_in_as(DESK)
        self.stage.passphrases[place] = random_words(PASSPHRASE_WORDS)
        profile = str(self.stage.folder / place)
        self.stage._run(place, member.enrol, printed.split()[1], "--profile", profile)
        self.admit(DESK)

    def open_case(self) -> str:
        """The Sermin case, with the newcomer on its team; its id."""
        case, _ = self.stage._open_case({**STORY["case"], "team": {**TEAM, NEWCOMER: ["brief"]}})
        return case

    def demonstrate(self) -> None:
        """The whole of the demonstration, from the case to the rebuttal sheet."""
        self.stage.investigate()
        self.stage.speak()
        self.stage.answer()

    def end_sessions(self) -> None:
        """As time would, for everybody: nothing in the vault says whose a session is."""
        with contextlib.closing(sqlite3.connect(self.stage.folder / "shreds.db")) as shreds, shreds:
            shreds.execute("UPDATE sessions SET ends = 0")

    def enter(self, browser: Browser, code: str, **options: Any) -> Visit:
        """A member at their desk, in a browser of its own: in the session that they have, else as on a new device."""
        visit = Visit(browser, self.stage.server, **options)
        if code in self.cookies:
            visit.context.add_cookies(self.cookies.pop(code))
            visit.page.goto("/")
            if not visit.page.get_by_role("heading", name="Desk").is_visible():  # that session has ended
                visit.context.close()
                return self.enter(browser, code, **options)
        else:
            visit.page.goto("/")
            self.sign_in(visit, code)
        self.cookies[code] = list(visit.context.cookies())
        return visit

    def sign_in(self, visit: Visit, code: str) -> None:
        """From the page that asks for it to the desk."""
        visit.page.get_by_label("Your code").fill(code)
        visit.page.get_by_label("Passphrase").fill(self.stage.passphrases[self.stage.signs_in_as(code)])
        visit.page.get_by_label("Device key").fill(self.device_key(code))
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.get_by_role("heading", name="Desk")).to_be_visible()

    def device_key(self, code: str) -> str:
        """As it stands on their kit."""
        if code in self.device_keys:
            return self.device_keys[code]
        return str(Profile(self.stage.folder / self.stage.signs_in_as(code)).read(MEMBER)["device_key"])


@contextlib.contextmanager
def served(folder: Path) -> Iterator[House]:
    """A vault with its members and no case yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stage = Stage(folder, f"http://127.0.0.1:{port}")
    stage.progress.add_task("", total=None)
    _staff(stage)
    with stage.playing():
        stage._await_server()
        house = House(stage)
        house.open_desk()
        yield house


def _staff(stage: Stage) -> None:
    """Founded by the cast, whose keys cost next to nothing to guess at; the demonstration founds as people would."""
    for name in DATABASES:
        migrations.upgrade(name, f"sqlite:///{stage.folder / name}.db")
    scene = Scene(stage.folder)
    scene.staff()
    line = Line(scene, stage.server, stage.folder)
    for person in (*CUSTODIANS, *MEMBERS):
        line.profile(person)
        stage.passphrases[person.code] = person.passphrase
    scene.close()
