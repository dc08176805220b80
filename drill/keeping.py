"""Backups of the world and what they must not bring back: archives, a snapshot of the shreds, withdrawals."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from drill.world import ARCHIVES, BACKUPS, SNAPSHOT
from tests.cast import C1
from tests.stage import DAY, Scene
from vault import backups, log, releasing, withdrawals
from vault.backups import Source
from vault.rules.withdrawals import Scope

if TYPE_CHECKING:
    from drill.building import Works

_NOBODY = timedelta(days=365)  # no archive is as old


def make_keys(scene: Scene, version: int) -> None:
    """The keys to which backups are sealed, signed by a quorum."""
    scene.carry(C1, *releasing.make_keys(scene.roster(), version))


def archive(scene: Scene, name: str) -> None:
    """A sealed archive, and the one snapshot over the one before."""
    folder = scene.folder.parent
    source = Source(scene.vault.store, scene.vault.journal)
    for place in (ARCHIVES, SNAPSHOT):
        (folder / place).mkdir(exist_ok=True)
    made = backups.archive(source, folder / ARCHIVES, DAY, _NOBODY, lambda _: None)
    made.path.rename(folder / ARCHIVES / name)
    backups.snapshot(source, folder / SNAPSHOT, DAY)


def image(scene: Scene, name: str) -> None:
    """What an archive gives to whoever has its keys: never the shreds."""
    folder = scene.folder.parent / BACKUPS / name
    folder.mkdir(parents=True)
    for database in ("testimony", "identities"):
        shutil.copyfile(scene.folder / f"{database}.db", folder / f"{database}.db")


def withdraw(works: Works) -> None:
    """Every twelfth witness withdraws by their receipt."""
    for number, one in enumerate(works.came):
        if number % 12 == 7:
            withdrawals.by_receipt(works.scene.vault, one.token, Scope.INTERVIEW)
            works.came[number] = replace(one, withdrawn=True)


def append_to_log(scene: Scene) -> None:
    """The public log's entry over what was cut."""
    with scene.writing() as uow:
        log.append(uow, log.key_in(scene.vault.log_key), 7, DAY)
