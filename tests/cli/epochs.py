"""A change of custodians by the commands that people give: cards, signatures, the ceremony, drills."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.cast import C1, C2, C3, C4, CUSTODIANS, Person
from tests.cli.line import Line, Said
from vault.cli.common import PASSPHRASE
from vault.cli.demo_stage import perform
from vault.cli.main import cli
from vault.profile import KEY_FILE

C6 = Person("C6")
STAYING, NEXT = (C1, C2, C3, C4), (C1, C2, C3, C4, C6)  # C5 leaves


def next_cards(line: Line, people: Iterable[Person] = NEXT) -> list[str]:
    """The card with which each goes on; whoever is no custodian yet has made one already."""
    written = []
    for person in people:
        path = line.profile(person).folder / "next.card"
        path.unlink(missing_ok=True)
        if person.code in line.scene.roster().custodians:
            line.run(person, "custodian", "next-card", "--out", str(path))
        else:
            path.write_text(json.dumps(person.card))
        written.append(str(path))
    return written


def propose_change(line: Line, people: Iterable[Person] = NEXT, threshold: int = 3) -> str:
    """C1 proposes these custodians; the proposal's digest."""
    cards = next_cards(line, people)
    wanted = ["--threshold", str(threshold), "--yes"]
    return line.run(C1, "custodian", "change-custodians", *cards, *wanted).out.strip()


def sign(line: Line, digest: str, people: Iterable[Person]) -> str:
    """These custodians sign; what the last one was told."""
    return [line.run(one, "custodian", "sign", "--yes", "--", digest).out.strip() for one in people][-1]


def change(line: Line, people: Iterable[Person] = NEXT, threshold: int = 3) -> None:
    """A new epoch has begun; nothing is shared anew."""
    sign(line, propose_change(line, people, threshold), (C1, C2, C3))
    assert line.scene.roster().epoch == 2


def export(line: Line, name: str = "export") -> Path:
    path = line.folder / name
    line.run(C1, "custodian", "reshare-export", "--out", str(path))
    return path


def reshare(
    line: Line, exported: Path, out: Path, people: Iterable[Person] = CUSTODIANS[:3], more: Iterable[str] = ()
) -> Said:
    """The ceremony, with the key files of these people; what it printed."""
    environment = {f"{PASSPHRASE}_{person.code}": person.passphrase for person in CUSTODIANS}
    files = [line.profile(person).folder / KEY_FILE for person in people]
    named = [word for file in files for word in ("--key-file", str(file))]
    command = ["custodian", "reshare", str(exported), *named, "--out", str(out), "--yes", *more]
    return Said(*perform(cli, command, environment))


def submit(line: Line, result: Path, person: Person = C1) -> str:
    return line.run(person, "custodian", "reshare-submit", str(result)).out


def shared_anew(line: Line) -> None:
    """The ceremony was held and its result handed in."""
    reshare(line, export(line), line.folder / "result")
    assert "Everything is shared anew" in submit(line, line.folder / "result")


def begin_anew(line: Line, person: Person) -> str:
    """The custodian has lost the key file, and makes another under the same code; its card."""
    profile, card = line.profile(person), line.folder / "anew.card"
    profile.remove(KEY_FILE)
    command = [
        "custodian",
        "new",
        "--code",
        person.code,
        "--profile",
        str(profile.folder),
        "--out",
        str(card),
    ]
    perform(cli, command, {PASSPHRASE: person.passphrase})
    return str(card)
