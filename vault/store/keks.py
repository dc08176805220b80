"""The file of the key-encryption key of the shreds: thirty-two bytes that are overwritten where they lie.

What is deleted from a database goes on lying in journals, write-ahead logs and freed pages. There are only wrapped keys
there: once this file holds another key, they open nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from vault.errors import N_, Busy

_PLACES = 2  # the present key, and during a renewal the next one
_SECTOR = 512  # each has one of its own, which a disk writes whole or not at all
_LENGTH = 8 + 32
_UNREAD = N_("The vault cannot read the key file of its shreds: nothing was changed. Tell the operator.")
_UNWRITTEN = N_(
    "The vault cannot write the key file of its shreds: nothing was changed. See whether the disk is full."
)


@dataclass(frozen=True)
class Keks:
    """The key file at a path."""

    path: Path

    def create(self) -> None:
        """Make the file with its first key, for its owner alone, unless it is there."""
        with suppress(FileExistsError):
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(opened, bytes(_PLACES * _SECTOR), 0)
                _write(opened, 0, 1, secrets.token_bytes(32))
            finally:
                os.close(opened)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def read(self) -> tuple[bytes, ...]:
        """The present key; during a renewal, or after one that broke off, the next one before it. Raises Busy."""
        try:
            found = self._found(self.path.read_bytes())
        except OSError:
            raise Busy(_UNREAD) from None
        if not found:
            raise Busy(_UNREAD)
        return tuple(key for _, _, key in found)

    def begin(self) -> None:
        """Put a fresh key before the present one: both are there until `finish`. Does nothing where two are there.

        Raises Busy.
        """
        with self._opened() as opened, _writing():
            (generation, place, _), *older = self._found(os.pread(opened, _PLACES * _SECTOR, 0))
            if not older:
                _write(opened, 1 - place, generation + 1, secrets.token_bytes(32))

    def finish(self) -> None:
        """Overwrite all but the newest key, where it lies. Raises Busy."""
        with self._opened() as opened, _writing():
            for _, place, _ in self._found(os.pread(opened, _PLACES * _SECTOR, 0))[1:]:
                _overwrite(opened, place, secrets.token_bytes(_SECTOR))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else, in any process, renews the key."""
        with self._opened() as opened:
            fcntl.flock(opened, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _opened(self) -> Iterator[int]:
        try:
            opened = os.open(self.path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            raise Busy(_UNREAD) from None
        try:
            yield opened
        finally:
            os.close(opened)

    def _found(self, text: bytes) -> list[tuple[int, int, bytes]]:
        """Generation, place and key of what is whole, newest first."""
        found = []
        for place in range(_PLACES):
            entry = text[place * _SECTOR : place * _SECTOR + _LENGTH + 32]
            if hashlib.sha256(entry[:_LENGTH]).digest() == entry[_LENGTH:]:
                found.append((int.from_bytes(entry[:8], "big"), place, entry[8:_LENGTH]))
        return sorted(found, reverse=True)


def _write(opened: int, place: int, generation: int, key: bytes) -> None:
    entry = generation.to_bytes(8, "big") + key
    _overwrite(opened, place, entry + hashlib.sha256(entry).digest())


def _overwrite(opened: int, place: int, text: bytes) -> None:
    if os.pwrite(opened, text, place * _SECTOR) != len(text):
        raise OSError("the disk took only a part of it")
    os.fsync(opened)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise Busy(_UNWRITTEN) from None
