"""The journal of withdrawals: what was destroyed since the newest snapshot, sealed to who restores (FORMATS §25.4).

It opens nothing, and may be copied as often as wanted: it only says which keys a snapshot must not bring back.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from vault import backup_keys
from vault.errors import N_, Busy, Invalid, Tampered
from vault.installation import Installation
from vault.sealing import boxes
from vault.sealing.digests import b64, pad, unb64, unpad
from vault.sealing.keypairs import SealingKey
from vault.store.unit_of_work import UnitOfWork

MOST = 127  # names in one line: all lines are of one size
_NAME = 32
_PADDED = _NAME * (MOST + 1)
LINE = len("0001 ") + -(-(_PADDED + boxes.OVERHEAD) * 4 // 3) + 1
_UNWRITTEN = N_(
    "The vault could not note this withdrawal for its backups: nothing was changed. Tell the operator."
)
_UNREAD = N_("The journal of withdrawals cannot be read: check its name and who may read it.")


def note(vault: Installation, uow: UnitOfWork, shreds: Collection[bytes]) -> None:
    """Have it on the disk that the keys under these names (`digest("shred", record)`) are destroyed; before the commit.

    Does nothing where no backup keys exist: then there is no backup. Raises Busy where the disk takes no more.
    """
    kept = backup_keys.newest(uow)
    if kept is None or not shreds:
        return
    public, version, names = kept.keys.publics["snapshot"], kept.keys.version, sorted(shreds)
    lines = []
    for first in range(0, len(names), MOST):
        plain = pad(b"".join(names[first : first + MOST]), _PADDED)
        box = boxes.seal(public, ("withdrawn", {"keys": version, "vault": kept.keys.vault}), plain)
        lines.append(f"{version:04d} {b64(box)}\n")
    append(vault.journal, lines)


def append(path: Path, lines: Collection[str]) -> None:
    """Put whole lines at the end of a journal, and onto the disk. Raises Busy."""
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX)
            missing = -os.fstat(opened).st_size % LINE
            text = b"\n" * missing + "".join(lines).encode()
            if os.write(opened, text) != len(text):
                raise Busy(_UNWRITTEN)
            os.fsync(opened)
        finally:
            os.close(opened)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError:
        raise Busy(_UNWRITTEN) from None


def lines_of(path: Path) -> list[str]:
    """The whole lines of a journal; none where there is no such file. Raises Busy."""
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError:
        raise Busy(_UNREAD) from None
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    # what broke off while it was written was filled up with line ends by the next: its withdrawal was never committed
    return [line.decode("ascii", "replace") for line in lines if len(line) == LINE and line[-2:-1] != b"\n"]


def version_of(line: str) -> int:
    """Of which backup keys a line is. Raises Tampered."""
    version = line[:4]
    if not (version.isascii() and version.isdigit() and line[4:5] == " "):
        raise Tampered("A line of the journal of withdrawals is damaged: take another copy of it.")
    return int(version)


def names_in(line: str, vault: str, key: SealingKey) -> Iterator[bytes]:
    """Which keys one line says to be destroyed. Raises Tampered."""
    about = "withdrawn", {"keys": version_of(line), "vault": vault}
    with suppress(Invalid):
        names = unpad(boxes.unseal(key, about, unb64(line[5:].rstrip("\n"))))
        yield from (names[at : at + _NAME] for at in range(0, len(names), _NAME))
        return
    raise Tampered("A line of the journal of withdrawals is damaged: take another copy of it.")
