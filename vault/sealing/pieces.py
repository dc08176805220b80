"""Files in pieces of one size, each locked for its own place (docs/FORMATS.md §19.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from vault.errors import Invalid, Tampered
from vault.sealing import boxes, locks
from vault.sealing.digests import Document, b64, digest, pad, size_class, unpad
from vault.sealing.keypairs import SealingKey

PIECE = 262_144
SEALED = PIECE + locks.OVERHEAD


def count(size: int) -> int:
    """How many pieces a file of so many bytes has, at least one: rounded up by Padmé (Nikitin et al., PETS 2019)."""
    needed = max(1, -(-size // PIECE))
    exponent = needed.bit_length() - 1
    low = (1 << (exponent - exponent.bit_length())) - 1
    return (needed + low) & ~low


def name_of(key: bytes) -> bytes:
    """By what the file is called that a key seals. So no other key opens it, and nobody can seal anything in its place
    without this one: a box proves no author."""
    return digest("file", key)[:16]


@dataclass(frozen=True)
class FileKey:
    """What seals one file: its key, where it belongs, and of how many pieces it is."""

    vault: str
    case: str
    file: str
    pieces: int
    key: bytes = field(repr=False)

    def lock(self, first: int, plain: memoryview) -> Iterator[memoryview]:
        """The pieces from a place on, counted from 0, the last filled up with zeros; each is overwritten by the next.

        Raises Invalid for more than the file has.
        """
        sealed = memoryview(
            bytearray(SEALED)
        )  # one for all: to make room for each takes longer than its cipher
        for place, cut in enumerate(range(0, len(plain), PIECE), start=first):
            if not 0 <= place < self.pieces:
                raise Invalid("This is no piece of the file: choose the file again.")
            part = plain[cut : cut + PIECE]
            whole = part if len(part) == PIECE else bytes(part).ljust(PIECE, b"\0")
            locks.lock_into(self.key, self._piece(place), whole, sealed)
            yield sealed

    def unlock(self, place: int, sealed: bytes | memoryview, into: memoryview) -> None:
        """The whole of a piece, filler included, into a buffer of its size. Raises Tampered, which names the piece."""
        try:
            if len(sealed) == SEALED:
                locks.unlock_into(self.key, self._piece(place), sealed, into)
                return
        except Tampered:
            pass
        raise Tampered("Piece %(place)d of this file is damaged or was exchanged.", place=place + 1)

    def lock_preview(self, picture: bytes) -> bytes:
        """A small picture of the file, for the row; nothing stays nothing."""
        if not picture:
            return b""
        return locks.lock(self.key, ("preview", self._file), pad(picture, size_class(len(picture))))

    def unlock_preview(self, sealed: bytes) -> bytes:
        """What `lock_preview` was given. Raises Tampered."""
        return unpad(locks.unlock(self.key, ("preview", self._file), sealed)) if sealed else b""

    def boxed(self, evidence: bytes) -> bytes:
        """The key, sealed to a case's `evidence` key."""
        return boxes.seal(evidence, ("file-key", self._file), self.key)

    @property
    def _file(self) -> Document:
        return {"vault": self.vault, "case": self.case, "file": self.file}

    def _piece(self, place: int) -> tuple[str, Document]:
        return "piece", {
            "case": self.case,
            "file": self.file,
            "of": self.pieces,
            "piece": place,
            "vault": self.vault,
        }


def unboxed(place: tuple[str, str, str], pieces: int, keys: list[SealingKey], box: bytes) -> FileKey:
    """The key of a file (vault, case, file) from its box. Raises Tampered."""
    vault, case, file = place
    about = {"vault": vault, "case": case, "file": file}
    key = boxes.unseal_with(keys, ("file-key", about), box)
    if b64(name_of(key)) != file:
        raise Tampered("The key of this file was exchanged: what it opens is not what arrived.")
    return FileKey(vault, case, file, pieces, key)
