"""What the drill attacks: a vault of synthetic witnesses, stopped and taken, and apart from it the truth about them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.cast import Person
from tests.stage import Facts, Scene
from vault.sealing.keypairs import SealingKey

VAULT, BEFORE, LOGS, NAIVE = "vault", "before", "logs", "naive"
BACKUPS, ARCHIVES, SNAPSHOT, AGED = "backups", "archives", "snapshot", "aged"
FIRST, SECOND = "first.archive", "second.archive"  # between them two came


@dataclass(frozen=True)
class Witness:
    """The truth about one deposit; witnesses stand in the order in which they came."""

    identity: dict[str, str]  # name, other_names, contact, address, notes
    pseudonym: str
    token: str  # the withdrawal token on the receipt
    digest: str  # of the receipt
    incident: str
    by: str  # the researcher's code
    said: str  # the testimony
    records: dict[str, bytes]  # of "testimony", "observations", "identity"
    withdrawn: bool = False


@dataclass(frozen=True)
class Truth:
    """Who came and when, and every text that was typed, by what it is."""

    witnesses: tuple[Witness, ...]
    mark: str


@dataclass(frozen=True)
class World:
    """All that is taken lies in `folder`: the vault, its logs, its backups, and the naive build's files.

    `VAULT` has the three databases, their key file, the evidence and the configuration. `BEFORE` is the vault as it was
    before anybody withdrew and the epoch changed: an old image with its shreds. `ARCHIVES` are sealed files, `BACKUPS`
    what they give to whoever has their keys, `SNAPSHOT` the shreds' one, `AGED` that which it has overwritten. The
    people are `tests.cast`'s; R9 and C5 left.
    """

    folder: Path
    truth: Truth
    facts: Facts  # the first case: its id, and two of its incidents
    opening: tuple[str, SealingKey]  # the pseudonym whose identity was opened, and the requester's fresh key
    custodians: tuple[Person, ...]  # of the present epoch, with their present keys
    former: tuple[Person, ...]  # of the epoch before

    @property
    def vault(self) -> Path:
        """The folder of the databases."""
        return self.folder / VAULT

    @contextmanager
    def copy(self) -> Iterator[World]:
        """The same world in a folder of its own, to be spoilt."""
        with TemporaryDirectory(prefix="witness-vault-drill-") as folder:
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
            yield replace(self, folder=Path(folder))

    @contextmanager
    def served(self) -> Iterator[Scene]:
        """The vault, started again where it lies."""
        scene = Scene(self.vault, self.facts)
        try:
            yield scene
        finally:
            scene.close()
