"""Files in pieces of one size, each locked for its own place (docs/FORMATS.md §19.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

from vault.errors import Invalid, Tampered
from vault.sealing import boxes, locks
from vault.sealing.digests import Document, pad, size_class, unpad
from vault.sealing.keypairs import SealingKey

PIECE = 262_144
SEALED = PIECE + locks.OVERHEAD


def count(size: int) -> int:
    """How many pieces a file of so many bytes has, at least one: rounded up by Padmé (Nikitin et al., PETS 2019)."""
    needed = max(1, -(-size // PIECE))
    exponent = needed.bit_length() - 1
    low = (1 << (exponent - exponent.bit_length())) - 1
    return (needed + low) & ~low


@dataclass(frozen=True)
class FileKey:
    """What seals one file: its key, where it belongs, and of how many pieces it is."""

    vault: str
    case: str
    file: str
    pieces: int
    key: bytes = field(repr=False)

    def lock(self, place: int, plain: bytes | memoryview) -> bytes:
        """The piece at a place, counted from 0, filled up with zeros. Raises Invalid for one that does not fit."""
        if len(plain) > PIECE or not 0 <= place < self.pieces:
            raise Invalid("This is no piece of the file: choose the file again.")
        whole = plain if len(plain) == PIECE else bytes(plain).ljust(PIECE, b"\0")
        return locks.lock(self.key, self._piece(place), bytes(whole))

    def unlock(self, place: int, sealed: bytes) -> bytes:
        """The whole of a piece, filler included. Raises Tampered, which names the piece."""
        try:
            plain = locks.unlock(self.key, self._piece(place), sealed)
        except Tampered:
            plain = b""
        if len(plain) != PIECE:
            raise Tampered(f"Piece {place + 1} of this file is damaged or was exchanged.")
        return plain

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
    return FileKey(vault, case, file, pieces, boxes.unseal_with(keys, ("file-key", about), box))
