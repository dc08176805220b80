"""Signed notes and the checkpoints of a log (C2SP signed-note and tlog-checkpoint; docs/FORMATS.md §15).

A note is a text and lines of signatures beneath it. Lines of keys that are not known here are kept as they are: they
may be cosignatures of others who watch the log.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vault.errors import N_, Invalid, Tampered
from vault.sealing.keypairs import SigningKey
from vault.sealing.merkle import HASH_SIZE

LONGEST_NOTE = 64 * 1024
_ED25519 = b"\x01"
_LINE = re.compile("\u2014 ([^\\s+]+) ([A-Za-z0-9+/]+={0,2})")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
_WRONG = N_("A checkpoint of the log does not hold.")


@dataclass(frozen=True)
class Checkpoint:
    """The state of a log: how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The text that is signed, and stamped."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """The note with one signature, by the key of this name."""
    return f"{text}\n{signature_line(text, name, key)}"


def signature_line(text: str, name: str, key: SigningKey) -> str:
    """One line of signature, as it stands beneath the note."""
    signature = key_id(name, key.public) + key.private.sign(text.encode("utf-8"))
    return f"\u2014 {name} {base64.b64encode(signature).decode('ascii')}\n"


def with_line(note: str, line: str) -> str:
    """The note with one more line of signature, such as a cosignature. Raises Invalid for another form."""
    if not line.endswith("\n") or not _LINE.fullmatch(line[:-1]):
        raise Invalid("This is not a line of signature of a note.")
    return note + line


def verify_note(note: str, name: str, public: bytes) -> str:
    """The text of the note. Raises Tampered unless the key of this name signed it."""
    text, entries = _parts(note)
    known = [data for by, data in entries if by == name and data[:4] == key_id(name, public)]
    try:
        for data in known:
            Ed25519PublicKey.from_public_bytes(public).verify(data[4:], text.encode("utf-8"))
    except (InvalidSignature, ValueError):
        raise Tampered(_WRONG) from None
    if not known:
        raise Tampered(_WRONG)
    return text


def key_id(name: str, public: bytes) -> bytes:
    """How a line of signature names the key that made it."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + _ED25519 + public).digest()[:4]


def read_checkpoint(note: str, origin: str, public: bytes) -> Checkpoint:
    """The state of the log of this origin, signed by its key. Raises Tampered; for extension lines too."""
    match verify_note(note, origin, public).split("\n"):
        case [found, size, root, ""] if found == origin and _NUMBER.fullmatch(size):
            return Checkpoint(origin, int(size), _root(root))
    raise Tampered(_WRONG)


def _root(text: str) -> bytes:
    data = _unbase64(text)
    if len(data) != HASH_SIZE:
        raise Tampered(_WRONG)
    return data


def _parts(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text, and the lines of signature as names and bytes."""
    if len(note) > LONGEST_NOTE:
        raise Tampered(_WRONG)
    above, blank, below = note.rpartition("\n\n")
    lines = [_LINE.fullmatch(line) for line in below.split("\n")[:-1]]
    plain = all(char >= " " or char == "\n" for char in note)
    if not blank or not lines or not below.endswith("\n") or not plain:
        raise Tampered(_WRONG)
    entries = [(line[1], _unbase64(line[2])) for line in lines if line is not None]
    if len(entries) != len(lines):
        raise Tampered(_WRONG)
    return above + "\n", entries


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Tampered(_WRONG) from None
    if base64.b64encode(data).decode("ascii") != text:
        raise Tampered(_WRONG)
    return data
