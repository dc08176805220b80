"""Files that hold a vault: archives and snapshots, sealed to the custodians' backup keys (docs/FORMATS.md §25).

A header in the clear, which verifies by itself; the records, encrypted in a stream that neither a cut, a flipped byte
nor an exchanged header survives (Cobblestone of pyca/cryptography: AES-256-GCM in chunks, with key commitment); and the
SHA-256 of it all, by which whoever holds no key sees that a copy is whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from vault.errors import N_, Invalid, Tampered
from vault.sealing import backupkeys, boxes, escrows
from vault.sealing.backupkeys import BackupKeys
from vault.sealing.digests import Document, Json, b64, canonical, context, digest, parse_object, unb64
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import SealingKey
from vault.sealing.pieces import PIECE, count
from vault.sealing.rosters import DAY, Roster, at, verify_chain

SUM = 32
MOST_HEADER = 64 * 1024 * 1024
_CHUNK = 1024 * 1024
_LENGTH = 4
_PARTS = {"format", "kind", "vault", "day", "rosters", "keys", "escrow", "revisions", "box"}
_DAMAGED = N_("This backup is damaged or cut short: take another copy of it.")
_NOT_READ = N_("This is not a backup of a vault, or one of a newer version.")


@dataclass(frozen=True)
class Header:
    """What a backup says of itself in the clear, verified from the founding roster on."""

    kind: str
    vault: str
    day: str
    chain: tuple[Roster, ...] = field(repr=False)
    keys: BackupKeys = field(repr=False)
    escrow: Escrow = field(repr=False)
    revisions: dict[str, str]
    document: dict[str, Any] = field(repr=False)
    line: bytes = field(repr=False)

    @property
    def roster(self) -> Roster:
        """The roster of the day on which it was made."""
        return self.chain[-1]


class Writer:
    """Writes one backup; it is whole after `end`, and only then."""

    def __init__(self, out: BinaryIO, about: Document, public: bytes) -> None:
        """`about`: the header's members but format and box; `public`: the backup key of its kind."""
        key = Cobblestone256Encryptor.generate_key()
        named = {"format": "witness-vault/v1/backup", **about}
        box = boxes.seal(public, _binding(named), key)
        line = canonical({**named, "box": b64(box)}) + b"\n"
        self._out, self._sum, self._size = out, hashlib.sha256(), 0
        self._stream = Cobblestone256Encryptor(key, _context(line))
        self._put(line)

    def add(self, record: bytes) -> None:
        """One more record, of at least one byte."""
        self._lock(len(record).to_bytes(_LENGTH, "big") + record)

    def end(self) -> bytes:
        """Fill up with zeros to a class of length, as files of evidence are, and end it; its SHA-256."""
        self._lock(bytes(_LENGTH))
        left = count(self._size) * PIECE - self._size
        while left:
            part = min(left, PIECE)
            self._lock(bytes(part))
            left -= part
        self._put(self._stream.finalize())
        found = self._sum.digest()
        self._out.write(found)
        return found

    def _lock(self, plain: bytes) -> None:
        self._size += len(plain)
        self._put(self._stream.update(plain))

    def _put(self, sealed: bytes) -> None:
        self._sum.update(sealed)
        self._out.write(sealed)


def read_header(file: BinaryIO) -> Header:
    """The header, once its signatures hold. Raises Tampered, and Invalid for what is no backup."""
    line = file.readline(MOST_HEADER)
    try:
        found = parse_object(line)
        if set(found) != _PARTS or found["format"] != "witness-vault/v1/backup":
            raise Invalid(_NOT_READ)
        return _verified(found, line)
    except (KeyError, TypeError):
        raise Invalid(_NOT_READ) from None


def checksum(file: BinaryIO) -> bytes:
    """The SHA-256 at the end of the file, once it is that of all before it: it says that a copy is whole, no more.

    Raises Tampered.
    """
    file.seek(0)
    found, tail = hashlib.sha256(), b""
    while chunk := file.read(_CHUNK):
        tail += chunk
        found.update(tail[:-SUM])
        tail = tail[-SUM:]
    if found.digest() != tail:
        raise Tampered(_DAMAGED)
    return tail


def records(file: BinaryIO, header: Header, private: SealingKey) -> Iterator[bytes]:
    """The records in the order in which they were added. Raises Tampered, in the middle or at the end, for any change.

    Nothing of them may be relied on before the last was read.
    """
    pending, over = bytearray(), False
    for part in _opened(file, header, private):
        if over:
            _require_zeros(part)
            continue
        pending += part
        place = 0
        while not over and len(pending) - place >= _LENGTH:
            size = int.from_bytes(pending[place : place + _LENGTH], "big")
            over = size == 0
            if len(pending) - place - _LENGTH < size:
                break
            place += _LENGTH
            if size:
                yield bytes(pending[place : place + size])
                place += size
        del pending[:place]
        if over:
            _require_zeros(pending)
    if not over:
        raise Tampered(_DAMAGED)


def _opened(file: BinaryIO, header: Header, private: SealingKey) -> Iterator[bytes]:
    key = boxes.unseal(private, _binding(header.document), unb64(header.document["box"]))
    stream = Cobblestone256Decryptor(key, _context(header.line))
    left = file.seek(0, 2) - len(header.line) - SUM
    file.seek(len(header.line))
    try:
        while left > 0 and (chunk := file.read(min(_CHUNK, left))):
            left -= len(chunk)
            yield stream.update(chunk)
        yield stream.finalize()
    except InvalidTag:
        raise Tampered(_DAMAGED) from None


def _verified(found: dict[str, Any], line: bytes) -> Header:
    chain = verify_chain(found["rosters"])
    keys = backupkeys.read_signed(found["keys"], at(chain))
    record = escrows.check_form(found["escrow"])
    kind, vault, day, revisions = (found[part] for part in ("kind", "vault", "day", "revisions"))
    if kind not in backupkeys.KINDS or not DAY.match(day) or not _are_revisions(revisions):
        raise Invalid(_NOT_READ)
    purpose = backupkeys.purpose(kind)
    named = (record["purpose"], escrows.fingerprint(record), keys.epoch, vault)
    if named != (purpose, keys.escrows[kind], chain[-1].epoch, chain[-1].vault):
        raise Tampered("The parts of this backup do not belong together: take another copy of it.")
    return Header(kind, vault, day, chain, keys, record, revisions, found, line)


def _are_revisions(revisions: Json) -> bool:
    return isinstance(revisions, dict) and all(isinstance(one, str) for one in revisions.values())


def _binding(about: Document) -> tuple[str, Document]:
    return "backup", {part: about[part] for part in ("vault", "kind", "day", "revisions")}


def _context(line: bytes) -> bytes:
    return context("backup-body", {"header": b64(digest("backup-header", line))})


def _require_zeros(part: bytes | bytearray) -> None:
    if part.strip(b"\0"):
        raise Tampered(_DAMAGED)
