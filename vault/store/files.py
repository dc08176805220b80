"""Sealed bytes in files of one folder, under random names. What lies in them, nothing here can read.

What was written is on the disk before the caller hears of it, so that a row never counts what a crash took.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vault.errors import N_, Busy

_FULL = N_(
    "The vault could not write to its disk; what had arrived before is kept. Tell the operator, and go on later."
)
_UNREAD = N_("The vault could not read its disk: nothing is known of this file now. Tell the operator.")
_HELD = N_("This file is being written to already. Go on in a moment.")
_FLAGS = os.O_NOFOLLOW | os.O_CLOEXEC
Read = Callable[[int, memoryview], int]


@dataclass(frozen=True)
class Folder:
    """The folder of the settings; nobody but the vault's own user may look into it."""

    path: Path

    def write(self, name: bytes, at: int, parts: Iterator[bytes | memoryview]) -> None:
        """Put these bytes, one after the other, at a place of a file. Raises Busy where the disk takes no more."""
        try:
            self._write(name, at, parts)
        except OSError:
            raise Busy(_FULL) from None

    @contextmanager
    def reading(self, name: bytes) -> Iterator[Read]:
        """A way to read from any place of a file into a buffer: how many bytes of it there were, fewer at the end.

        Raises Busy where the disk cannot be read: nobody must take that for a file that was changed.
        """
        try:
            opened = os.open(self._path(name), os.O_RDONLY | _FLAGS | os.O_NOATIME)
        except OSError as error:
            if not isinstance(error, FileNotFoundError) or not self.path.is_dir():
                raise Busy(_UNREAD) from None
            yield lambda _at, _into: 0
            return
        try:
            yield lambda at, into: _read(opened, at, into)
        finally:
            os.close(opened)

    def size(self, name: bytes) -> int:
        """How many bytes there are; 0 where there is no such file."""
        try:
            return self._path(name).stat().st_size
        except OSError:
            return 0

    def remove(self, name: bytes) -> bool:
        """Take a file away; whether it is gone. It is not while somebody writes to it, or where the disk refuses."""
        try:
            opened = os.open(self._path(name), os.O_WRONLY | _FLAGS)
        except OSError as error:
            return isinstance(error, FileNotFoundError)
        try:
            _hold(opened)
            self._path(name).unlink(missing_ok=True)
            self._forget_when()
        except (Busy, OSError):
            return False
        finally:
            os.close(opened)
        return True

    def names(self) -> list[bytes]:
        """The names of all files; none where the folder is not there, or cannot be read."""
        try:
            found = [entry.name for entry in os.scandir(self.path)]
        except OSError:
            return []
        return [
            bytes.fromhex(name) for name in found if len(name) == 32 and set(name) <= set("0123456789abcdef")
        ]

    @contextmanager
    def alone(self, name: bytes) -> Iterator[None]:
        """While nobody else, in any process, writes to the file. Raises Busy."""
        try:
            opened = self._open(name)
        except OSError:
            raise Busy(_FULL) from None
        try:
            _hold(opened)
            yield
        finally:
            os.close(opened)

    def _write(self, name: bytes, at: int, parts: Iterator[bytes | memoryview]) -> None:
        opened = self._open(name)
        try:
            for part in parts:
                rest = memoryview(part)
                while rest:
                    done = os.pwrite(opened, rest, at)
                    at, rest = at + done, rest[done:]
            os.fdatasync(opened)
            os.utime(opened, (0, 0))  # copies of the folder say nothing of when a file came
        finally:
            os.close(opened)

    def _open(self, name: bytes) -> int:
        """To write to; a new file's name is on the disk before anything is in it."""
        self.path.mkdir(mode=0o700, exist_ok=True)
        new = not self._path(name).exists()
        opened = os.open(self._path(name), os.O_WRONLY | os.O_CREAT | _FLAGS, 0o600)
        if new:
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
            self._forget_when()
        return opened

    def _forget_when(self) -> None:
        """Copies of the folder say nothing of when a file came or went."""
        with suppress(OSError):  # a volume may be another's
            os.utime(self.path, (0, 0))

    def _path(self, name: bytes) -> Path:
        return self.path / name.hex()


def _read(opened: int, at: int, into: memoryview) -> int:
    try:
        return os.preadv(opened, [into], at)
    except OSError:
        raise Busy(_UNREAD) from None


def _hold(opened: int) -> None:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(_HELD) from None
