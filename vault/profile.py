"""A member's or custodian's profile: a folder on their own device, readable by nobody else.

It holds the pinned rosters and the vault's address, and: for a member the device key, the wrapped request key and
the keys of openings under way; for a custodian the key file and
the end of the audit chain that they signed last.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from vault.errors import Conflict, Invalid, NotFound, Refused
from vault.sealing import rosters
from vault.sealing.digests import b64, parse_object
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed

SERVER = "server.json"
ROSTERS = "rosters.json"
FOUNDING = "founding.json"
MEMBER = "member.json"
KEY_FILE = "key-file.json"
AUDIT = "audit.json"
OPENINGS = "openings"
DEPOSITS = "deposits"
NEXT = ".next"


class Profile:
    """One folder; every file in it is written whole or not at all, for its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str, content: Any) -> None:
        """Write a file that must not exist yet: keys are never overwritten. Raises Conflict."""
        if (self.folder / name).exists():
            raise Conflict("This profile is in use already: choose another folder.")
        self.write(name, content)

    def write(self, name: str, content: Any) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(path.name + ".new")
        with open(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)

    def overwrite(self, name: str, content: Any) -> None:
        """Write a file over the bytes of the one before, which must go. Broken off, it is taken up by `settle`."""
        self.write(name + NEXT, content)
        self.settle(name)

    def settle(self, name: str) -> None:
        """Finish what `overwrite` began, if anything; until then both contents are on this device."""
        path, spare = self.folder / name, self.folder / (name + NEXT)
        if not spare.is_file():
            return
        content = spare.read_bytes()
        with path.open("rb+") as file:
            file.write(content.ljust(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)

    def read(self, name: str) -> dict[str, Any]:
        """Read a file. Raises NotFound."""
        path = self.folder / name
        if not path.is_file():
            raise NotFound("This profile has no such file: is it the right folder?")
        return read_file(path)

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return (self.folder / name).is_file()

    def names(self, folder: str) -> list[str]:
        """What the files of one of its folders are called, without their ending."""
        return sorted(path.stem for path in (self.folder / folder).glob("*.json"))

    def remove(self, name: str) -> None:
        """Remove a file that has served."""
        (self.folder / name).unlink(missing_ok=True)

    def address(self, named: str | None, moved: bool = False) -> str:
        """Where the vault is. Raises NotFound when nobody says so, Refused for another address than the one kept."""
        kept = str(self.read(SERVER)["server"]) if self.has(SERVER) else None
        if named is None and kept is None:
            raise NotFound("Name the vault's address with --server; this profile keeps it from then on.")
        if None not in (named, kept) and named != kept and not moved:
            raise Refused(
                "This profile knows the vault under another address. Add --moved if a custodian told you, by voice, "
                "that it has moved."
            )
        return named or str(kept)

    def keep_address(self, address: str) -> None:
        """Keep where the vault is, once it has shown that it is this one."""
        if not self.has(SERVER) or self.read(SERVER) != {"server": address}:
            self.write(SERVER, {"server": address})

    def founding(self) -> bytes:
        """The digest of the founding roster, by which this vault is told from others. Raises NotFound."""
        return self.rosters()[0].digest

    def roster(self) -> Roster:
        """The newest roster that this profile has seen. Raises NotFound when it has seen none."""
        pinned = self.pinned()
        if pinned is None:
            raise NotFound(
                "This profile knows no roster yet: enrol, or sign, as a custodian, the founding roster or the one that "
                "lists your card (`witness-vault custodian countersign`)."
            )
        return pinned

    def pinned(self) -> Roster | None:
        """The newest roster that this profile has seen, if any."""
        if self.has(ROSTERS):
            return self._seen()[1][-1]
        return rosters.parse(self.read(FOUNDING)) if self.has(FOUNDING) else None

    def pin(self, chain: list[Signed]) -> Roster:
        """Take what a server shows, if it continues what was seen before. Raises Tampered for a rollback or fork."""
        if not self.has(ROSTERS) or chain != self._seen()[0]:
            rosters.verify_chain(chain, self.pinned())
            self.write(ROSTERS, {"rosters": chain})
        newest = self.roster()
        pin = {"vault": newest.vault, "version": newest.version, "digest": b64(newest.digest)}
        for name in (KEY_FILE, MEMBER):  # what the pinned page reads in the place of this folder
            if self.has(name) and self.read(name).get("pin") != pin:
                self.write(name, {**self.read(name), "pin": pin})
        return newest

    def rosters(self) -> tuple[Roster, ...]:
        """Every version that this profile has seen, oldest first. Raises NotFound when it has seen none."""
        return self._seen()[1] if self.has(ROSTERS) else (self.roster(),)

    def _seen(self) -> tuple[list[Signed], tuple[Roster, ...]]:
        return _verified((self.folder / ROSTERS).read_bytes())


@lru_cache(maxsize=1)  # a command asks several times, and verifying is most of its work
def _verified(file: bytes) -> tuple[list[Signed], tuple[Roster, ...]]:
    """The chain that a file of pinned rosters holds, as it was signed and as it was verified."""
    chain = parse_object(file)["rosters"]
    return chain, rosters.verify_chain(chain)


def read_file(path: Path) -> dict[str, Any]:
    """A JSON file of the vault's. Raises Invalid."""
    try:
        return parse_object(path.read_bytes())
    except OSError:
        raise Invalid("A file that was named cannot be read: check its name and folder.") from None
