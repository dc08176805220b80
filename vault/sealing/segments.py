"""The index at rest: one text in locked segments of one size, whose number grows by doubling (docs/FORMATS.md §8.5).

What is locked under one key is one *generation*: none of its segments opens beside those of another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from vault.errors import Tampered
from vault.sealing import locks
from vault.sealing.digests import Document, digest

SEGMENT_SIZE = 1 << 18
CAPACITY = SEGMENT_SIZE - locks.OVERHEAD
GENERATION_SIZE = 16
_LENGTH = 8


@dataclass(frozen=True)
class Shelf:
    """Where an index belongs, and the key it is locked under: made of one that can be destroyed and one that is held.

    Neither opens it alone, nor makes one that passes for it: not the server's key, not a member's. `definition` names
    what the content means; under another one nothing opens.
    """

    about: Document
    definition: bytes
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, about: Document, definition: bytes, shred: bytes, seed: bytes) -> Shelf:
        """By the shred key of the index, and the private half of the case's newest corroboration key."""
        held = locks.derive(seed, "index", locks.KEY_SIZE)
        return cls(about, definition, digest("index-key", shred + held))

    def place(self, generation: bytes, number: int, total: int) -> tuple[str, Document]:
        """The context of one segment."""
        named: dict[str, Any] = {"generation": generation.hex(), "definition": self.definition.hex()}
        return "index-segment", {**self.about, **named, "segment": number, "of": total}


def seal(shelf: Shelf, text: bytes) -> tuple[bytes, Iterator[bytes]]:
    """A new generation and its segments, one at a time."""
    generation = secrets.token_bytes(GENERATION_SIZE)
    content = len(text).to_bytes(_LENGTH, "big")
    total = 1
    while total * CAPACITY < _LENGTH + len(text):
        total *= 2

    def segments() -> Iterator[bytes]:
        view, at = memoryview(text), 0
        for number in range(total):
            head = content if number == 0 else b""
            piece = view[at : at + CAPACITY - len(head)]
            at += len(piece)
            filled = b"".join((head, piece, bytes(CAPACITY - len(head) - len(piece))))
            yield locks.lock(shelf.key, shelf.place(generation, number, total), filled)

    return generation, segments()


def unseal(shelf: Shelf, generation: bytes, segments: Sequence[bytes]) -> memoryview:
    """What was sealed, in one buffer. Raises Tampered unless all of one generation are there, as they were."""
    total = len(segments)
    buffer = memoryview(bytearray(total * CAPACITY))
    for number, segment in enumerate(segments):
        if len(segment) != SEGMENT_SIZE:
            raise Tampered("The index is damaged.")
        into = buffer[number * CAPACITY : (number + 1) * CAPACITY]
        locks.unlock_into(shelf.key, shelf.place(generation, number, total), segment, into)
    length = int.from_bytes(buffer[:_LENGTH], "big")
    if not total or length > len(buffer) - _LENGTH:
        raise Tampered("The index is damaged.")
    return buffer[_LENGTH : _LENGTH + length]
