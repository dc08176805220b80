"""A vault with backup keys, its backups, and its restoring elsewhere, by the commands that people give."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner

from tests import places
from tests.cast import C1, C2, C3, Person
from tests.cli.epochs import sign
from tests.cli.line import Line, Said
from tests.stage import Scene, opened
from vault.cli.main import cli

SAVED = "saved"


def operate(*words: str | Path) -> Said:
    """A command of the operator's. Raises what it ended in."""
    done = CliRunner().invoke(cli, [str(word) for word in words], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return Said(done.stdout, done.stderr)


def configured(scene: Scene) -> Path:
    """The configuration of this vault."""
    path = scene.folder / "vault.toml"
    path.write_text(places.configuration(scene.folder))
    return path


def make_keys(line: Line) -> None:
    """C1 makes backup keys, and three custodians sign them."""
    digest = line.run(C1, "custodian", "backup-keys").out.strip()
    sign(line, digest, (C1, C2, C3))


def back_up(line: Line) -> tuple[Path, Path]:
    """An archive and a snapshot, as of now."""
    folder = line.scene.folder / SAVED
    archives, shreds = folder / "archives", folder / "shreds"
    before = set(archives.glob("*.archive"))
    operate("backup", "--config", configured(line.scene), "--out", archives, "--shreds", shreds)
    (archive,) = set(archives.glob("*.archive")) - before
    return archive, shreds / "shreds.snapshot"


@dataclass
class Restoring:
    """Two files, and a place to which they are restored."""

    archive: Path
    snapshot: Path
    work: Path

    def ask(self) -> Path:
        """A request to the custodians."""
        out = self.work.with_suffix(".request")
        operate("restore", "request", self.archive, self.snapshot, "--folder", self.work, "--out", out)
        return out

    def release(self, line: Line, people: Iterable[Person] = (C1, C2, C3)) -> list[Path]:
        """What these custodians release."""
        asked, given = self.ask(), []
        for person in people:
            given.append(self.work.with_name(f"{person.code}.release"))
            line.run(person, "custodian", "release", str(asked), "--out", str(given[-1]), "--yes")
        return given

    def run(self, releases: Iterable[Path], to: Scene, *more: str | Path) -> Said:
        """Restore into this place."""
        where = ("--folder", self.work, "--config", configured(to))
        return operate("restore", "run", self.archive, self.snapshot, *releases, *where, *more)


def elsewhere(scene: Scene, folder: Path, backend: str) -> Scene:
    """A place with empty databases, or none, for what this vault is restored to."""
    folder.mkdir()
    shutil.copy(scene.folder / "facts.json", folder)
    return opened(places.empty(folder, backend))
