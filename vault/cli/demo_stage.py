"""The demonstration's folder, people and server: every step is taken through the entrances that users have."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess  # nosec B404 - starts our own server
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from config import settings
from vault.cli import custodian, deposits, editions, log, member, operator, quotes, rosters, statements
from vault.cli.common import PASSPHRASE
from vault.cli.demo_dossier import Dossier
from vault.cli.demo_statement import Speaking
from vault.errors import Unreachable
from vault.process import forgetting
from vault.sealing.words import PASSPHRASE_WORDS, random_words

CUSTODIANS = ("C1", "C2", "C3", "C4", "C5")
THRESHOLD = 3
DESK = "C1"  # the custodian who has a desk in the web too, with keys and a passphrase of its own
MEMBERS = {"R1": "researcher", "R2": "researcher", "V1": "reviewer", "V2": "reviewer"}
TEAM = {
    "R1": ["brief"],
    "R2": ["brief"],
    "V1": ["brief", "corroboration", "editions", "evidence"],
    "V2": ["brief", "testimony", "corroboration", "editions", "evidence"],
}
_STEPS = 5 + 2 + 5 + 1 + 2 + len(MEMBERS) + 1 + 2 + 2 + 3 + 1 + 1 + 4 + 5
_QUOTED = "I felt the building shake and heard the blast, and then people carried the wounded in."


@dataclass
class Stage:
    """The demonstration's folder, address, people and progress."""

    folder: Path
    server: str
    passphrases: dict[str, str] = field(default_factory=dict, repr=False)
    quoted: str = ""
    place: tuple[str, str] = ("", "")
    incidents: tuple[str, ...] = ()
    published: tuple[str, tuple[str, ...]] = ("", ())
    progress: Progress = field(
        default_factory=lambda: Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
    )

    def play(self) -> dict[str, Any]:
        """Everything up to the corroboration table of the hospital."""
        with self.progress:
            self.progress.add_task("", total=_STEPS)
            self._found()
            with self._step("the server starts"):
                self._await_server()
            self._enrol()
        return self.investigate()

    def investigate(self) -> dict[str, Any]:
        """The case, its interviews, an edition and a quote, in a vault whose members have enrolled; the table."""
        story = _story()
        with self.progress:
            case, hospital = self.place = self._open_case(story["case"])
            for number, interview in enumerate(story["interviews"]):
                with self._step(f"{interview['depositor']} logs an interview, and seals the identity first"):
                    self._log(case, hospital, interview, number)
            with self._step("V1 cuts an edition"):
                self.run_as("V1", editions.cut, "--case", case, "--yes")
            with self._step("V2 quotes a doctor"):
                self.quoted = self._quote(case, hospital)
            shown = self.run_as("V1", editions.show, "--case", case, "--incident", hospital, "--json")
        return dict(json.loads(shown))

    def speak(self) -> list[str]:
        """A statement on the hospital, up to its public page; what is to be told of it."""
        speaking = Speaking(self.folder, self.server, self.passphrases, *self.place, _story()["statement"])
        with self.progress:
            with self._step("V1 prepares a statement, V2 approves it"):
                name, tried = speaking.prepare(), speaking.tried()
            with self._step("C1 signs the statement with the key file"):
                published = self.run_as("C1", statements.sign_statement, "--yes", "--", name)
            with self._step("the operator adds the public log's entry"):
                self._run("", log.log, "append", "--config", self._path("vault.toml"))
            with self._step("a stranger verifies the statement"):
                digest = published.split()[-1]
                told = list(speaking.told(digest))
                self.published = digest, tuple(speaking.said)
        missing = [f"  Without {thing}: {gate}" for thing, gate in tried.items()]
        return [*told, "It is refused as soon as one thing is missing:", *missing]

    def answer(self) -> list[str]:
        """Evidence, experts, what the accused said, a finding; up to the rebuttal sheet, which is told."""
        digest, said = self.published
        lines = dict(zip((line[0] for line in _story()["statement"]["lines"]), said, strict=True))
        known = (self.place[0], self.incidents, digest, lines, _story("dossier"))
        dossier = Dossier(self.folder, self.server, self.passphrases, *known)
        with self.progress:
            with self._step("R2 hands in evidence, and cannot read it back"):
                dossier.hand_in()
            with self._step("V1 weighs the evidence, V2 upholds what may be told of it"):
                dossier.weigh()
            with self._step("V1 writes down what the accused said, and what they were asked"):
                dossier.hear()
            with self._step("V1 proposes a finding, V2 upholds it"):
                finding = dossier.find()
            with self._step("V1 proposes the rebuttal sheet, V2 signs it too"):
                return dossier.answer(finding)

    @contextlib.contextmanager
    def playing(self) -> Iterator[subprocess.Popen[bytes]]:
        """The server runs while the stage is in use; only the process started here is ended."""
        self._configure()
        bind = self.server.removeprefix("http://")
        command = [sys.executable, "-m", "gunicorn", *operator.gunicorn_options(bind, workers=2)]
        environment = forgetting({**os.environ, settings.FILE_VARIABLE: str(self.folder / "vault.toml")})
        process = subprocess.Popen(  # noqa: S603  # nosec B603
            command, env=environment, stdout=sys.stderr, umask=operator.FOR_THE_OWNER
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(timeout=60)

    def _configure(self) -> None:
        lines = ['hosts = ["127.0.0.1", "localhost"]', "small_vault = true", "public = true", "[databases]"]
        lines += [f'{name} = "sqlite:///{self.folder}/{name}.db"' for name in settings.DATABASES]
        (self.folder / "vault.toml").write_text("\n".join(lines) + "\n", "utf-8")

    def _found(self) -> None:
        shared = random_words(PASSPHRASE_WORDS)
        for code in CUSTODIANS:
            self.passphrases[code] = shared
            with self._step(f"custodian {code} makes a key file"):
                place = ("--profile", self._path(code), "--out", self._path(f"{code}.card"))
                self._run(code, custodian.new, "--code", code, *place)
        cards = [self._path(f"{code}.card") for code in CUSTODIANS]
        with self._step("the operator makes the databases"):
            config, draft = ("--config", self._path("vault.toml")), self._path("roster.draft")
            self._run("", operator.init, *cards, *config, "--threshold", str(THRESHOLD), "--out", draft)
        for code in CUSTODIANS:
            with self._step(f"custodian {code} signs the founding roster"):
                place = ("--profile", self._path(code), "--out", self._path(f"{code}.signature"))
                self._run(code, custodian.sign_founding, draft, *place, "--yes")
        with self._step("the vault is founded"):
            signatures = [self._path(f"{code}.signature") for code in CUSTODIANS]
            self._run("", operator.found, draft, *signatures, *config)

    def _enrol(self) -> None:
        with self._step("C1 invites the members"):
            roles = [part for code, role in MEMBERS.items() for part in (f"--{role}", code)]
            invited = self.run_as("C1", rosters.invite, *roles, "--desk", DESK)
            links = dict(line.split() for line in invited.splitlines())
        self._sign("a quorum signs the invitations")
        for code in (*MEMBERS, DESK):
            place = self.signs_in_as(code)
            self.passphrases[place] = random_words(PASSPHRASE_WORDS)
            with self._step(f"{code} enrols"):
                self._run(place, member.enrol, links[code], "--profile", self._path(place))
        with self._step("C1 has heard the members' six words"):
            self.run_as("C1", rosters.admit, *MEMBERS, DESK, "--yes")
        self._sign("a quorum signs the roster that lists them")

    def _open_case(self, plan: dict[str, Any], others: int = 0) -> tuple[str, str]:
        """Its id, and its first incident's; it is the one after so many others."""
        with self._step("V1 proposes a case"):
            (self.folder / "plan.json").write_text(json.dumps({"team": TEAM, **plan}), "utf-8")
            self.run_as("V1", member.propose, self._path("plan.json"), "--yes")
        self._sign("a quorum opens the case")
        found = json.loads(self.run_as("V1", member.list_cases))[others]
        self.incidents = tuple(one["incident"] for one in found["incidents"])
        return found["case"], self.incidents[0]

    def _log(self, case: str, incident: str, interview: dict[str, Any], number: int) -> None:
        home = f"nowhere, {random_words(1)}"
        draft = {
            "kind": "original",
            "consent": {"recording": True, "uses": ["corroboration", "count_exact", "detail", "verbatim"]},
            "interview": {"date": interview["date"], "language": "ar", "mode": "in_person"},
            "testimony": interview["testimony"],
            "observations": [{**said, "incident": incident} for said in interview["observations"]],
            "identity": {"name": f"Invented {random_words(2).title()}", "contact": home},
        }
        path = self.folder / "draft.json"
        path.write_text(json.dumps(draft), "utf-8")
        place = ("--case", case, "--out", self._path(f"receipt-{number}.json"))
        self.run_as(interview["depositor"], deposits.deposit, str(path), *place)
        path.unlink()

    def _quote(self, case: str, incident: str) -> str:
        """V2 proposes words of the first witness, as a doctor's; what the witness is called in the quote."""
        receipt = json.loads((self.folder / "receipt-0.json").read_text("utf-8"))["digest"]
        about = ("--case", case, "--incident", incident, "--receipt", receipt, "--words", _QUOTED)
        there = ("--there-are", "doctor", "under_20", "--there-are", "health_worker", "20_to_49")
        said = ("--claim", "strike.took_place", "--descriptor", "doctor", *there)
        return self.run_as("V2", quotes.propose, *about, *said, "--yes").strip()

    def _sign(self, description: str) -> None:
        with self._step(description):
            listed = self.run_as(CUSTODIANS[0], custodian.proposals).splitlines()
            waiting = [line.split()[0] for line in listed if not line.startswith(" ")]
            for code in CUSTODIANS[:THRESHOLD]:
                self.run_as(code, custodian.sign, "--yes", "--", *waiting)

    def signs_in_as(self, code: str) -> str:
        """Under which name the passphrase and the profile are kept with which this code signs in to the web."""
        return f"{code}-desk" if code == DESK else code

    def run_as(self, code: str, command: click.Command, *arguments: str) -> str:
        return self._run(code, command, "--server", self.server, "--profile", self._path(code), *arguments)

    def _run(self, code: str, command: click.Command, *arguments: str) -> str:
        """Run one of the commands as its user would; what it prints."""
        typed = {PASSPHRASE: self.passphrases[code]} if code else {}
        return perform(command, arguments, typed)[0]

    def _path(self, name: str) -> str:
        return str(self.folder / name)

    @contextlib.contextmanager
    def _step(self, description: str) -> Iterator[None]:
        self.progress.update(self.progress.task_ids[0], description=description)
        yield
        self.progress.advance(self.progress.task_ids[0])

    def _await_server(self) -> None:
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.server}/about", trust_env=False).is_success:
                    return
            time.sleep(0.1)
        raise Unreachable("The server did not start; its own words stand above.")


def perform(command: click.Command, arguments: Sequence[str], typed: Mapping[str, str]) -> tuple[str, str]:
    """Run a command with what its user would type, by variable; what it prints, and what it says aside."""
    printed, aside = io.StringIO(), io.StringIO()
    os.environ.update(typed)
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(aside):
            command.main(args=list(arguments), standalone_mode=False)
    finally:
        for name in typed:
            del os.environ[name]
    return printed.getvalue(), aside.getvalue()


def _story(part: str = "sermin") -> dict[str, Any]:
    return dict(json.loads(files("vault.cli").joinpath(f"{part}.json").read_text("utf-8")))
