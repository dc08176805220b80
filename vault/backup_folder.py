"""The folders that backups lie in: written whole or not at all, archives and snapshots never beside each other."""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from vault.errors import N_, Busy, NotFound, Refused

SNAPSHOT = "shreds.snapshot"
_ARCHIVE = re.compile(r"vault-(\d{4}-\d{2}-\d{2})-[0-9a-f]{8}\.archive")
_SUFFIXES = {"archive": ".archive", "snapshot": ".snapshot"}
_BROKEN_OFF = ".part"
_REPLACED = ".replaced"
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Place:
    """A folder of backups of one kind, held by nobody else."""

    folder: Path

    def named(self, today: date) -> Path:
        """Where an archive of today will lie."""
        return self.folder / f"vault-{today.isoformat()}-{secrets.token_hex(4)}.archive"

    @property
    def rolling(self) -> Path:
        """Where the one snapshot lies."""
        return self.folder / SNAPSHOT

    @contextmanager
    def new(self, path: Path) -> Iterator[BinaryIO]:
        """A file that takes this name once it is whole and on the disk; what had the name before is overwritten."""
        part = path.with_name(path.name + _BROKEN_OFF)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        with suppress(
            FileNotFoundError
        ):  # kept by another name, to be overwritten once this one has its place
            os.link(path, path.with_name(path.name + _REPLACED))
        part.replace(path)
        self._settle()

    def remove_archives(self, before: date) -> int:
        """Remove the archives of days before this one; how many."""
        old = [path for path, day in self._archives() if day < before.isoformat()]
        for path in old:
            path.unlink()
        self._settle()
        return len(old)

    def remove_snapshots(self, before: date) -> int:
        """Overwrite and remove the snapshot that was replaced, and those of days before this one; how many of these."""
        old = [path for path in self.folder.glob("*.snapshot") if _day_of(path) < before.isoformat()]
        replaced = [path for path in self.folder.iterdir() if path.name.endswith(_REPLACED)]
        for path in (*old, *replaced):
            _destroy(path)
        self._settle()
        return len(old)

    def clear(self) -> None:
        """Overwrite and remove what broke off."""
        for path in list(self.folder.iterdir()):
            if path.name.endswith((_BROKEN_OFF, _REPLACED)):
                _destroy(path)

    def _archives(self) -> Iterator[tuple[Path, str]]:
        for path in self.folder.iterdir():
            named = _ARCHIVE.fullmatch(path.name)
            if named:
                yield path, named[1]

    def _settle(self) -> None:
        opened = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


@contextmanager
def opened(folder: Path, kind: str) -> Iterator[Place]:
    """The folder, made if need be. Raises Refused where the other kind lies there, Busy while somebody else writes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    other = next(suffix for name, suffix in _SUFFIXES.items() if name != kind)
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _hold(held)
        if any(path.name.endswith(other) for path in folder.iterdir()):
            raise Refused(
                "Archives and the snapshot of the shreds never lie in one folder, nor on one medium: name another one."
            )
        place = Place(folder)
        place.clear()
        yield place
    finally:
        os.close(held)


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """A backup to read. Raises NotFound."""
    try:
        with path.open("rb") as file:
            yield file
    except OSError:
        raise NotFound("This backup cannot be read: check its name, and who may read it.") from None


def _hold(folder: int) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(N_("Another backup is being written into this folder.")) from None


def _day_of(path: Path) -> str:
    """The day in the header of a snapshot; of anything else a day that never comes."""
    try:
        with path.open("rb") as file:
            return str(json.loads(file.readline())["day"])
    except (OSError, ValueError, KeyError, TypeError):
        return "9999"


def _destroy(path: Path) -> None:
    """Write over the bytes where they lie, as far as the medium lets anybody; not those that have another name too."""
    with path.open("rb+") as file:
        left = path.stat().st_size if path.stat().st_nlink == 1 else 0
        while left:
            left -= file.write(secrets.token_bytes(min(left, _CHUNK)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
