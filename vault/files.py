"""Files of evidence as whoever holds the `evidence` key has them: any part read alone, the whole verified.

A file is read and written piece by piece; however large it is, only a few pieces are in memory (FORMATS §19.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from vault import cases, keyrings, retention
from vault.errors import Invalid, NotFound, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import unb64
from vault.sealing.pieces import PIECE, SEALED, FileKey, unboxed
from vault.shredding import shreddable, unshredded
from vault.store.evidence import FileRow
from vault.store.files import Folder
from vault.store.shreds import GIVEN_UP, UploadRow
from vault.store.unit_of_work import UnitOfWork

Progress = Callable[[int], None]  # is told how many bytes are done


@dataclass(frozen=True)
class Stored:
    """The pieces of one file on the disk, and the key that opens them."""

    folder: Folder
    key: FileKey

    @property
    def name(self) -> bytes:
        """By what the file is called on the disk."""
        return unb64(self.key.file)

    def write(self, first: int, plain: memoryview) -> None:
        """Seal whole pieces and put them at their places, from `first` on. Raises Busy where the disk is full."""
        self.folder.write(self.name, first * SEALED, self.key.lock(first, plain))

    def part(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, a piece at a time. Raises Tampered at the first piece that fails."""
        for place, plain in self._pieces(range(start // PIECE, -(-stop // PIECE)), 1):
            at = place * PIECE
            yield bytes(plain[max(0, start - at) : stop - at])

    def digest(self, size: int, progress: Progress = lambda _: None) -> bytes:
        """The SHA-256 of the file's first `size` bytes, once every piece was read. Raises Tampered.

        What is behind them must be filler, and behind the last piece nothing.
        """
        if self.folder.size(self.name) > self.key.pieces * SEALED:
            raise Tampered("More lies in this file than was put there.")
        sha, hashed = hashlib.sha256(), Future[None]()
        hashed.set_result(None)
        # One piece is hashed while the next is opened: both leave the interpreter to others meanwhile.
        with ThreadPoolExecutor(1) as beside:
            for place, plain in self._pieces(range(self.key.pieces), 2):
                left = max(0, size - place * PIECE)
                if left < PIECE and any(plain[left:]):
                    raise Tampered(
                        "Piece %(place)d of this file is not filled up as this vault fills.", place=place + 1
                    )
                hashed.result()
                hashed = beside.submit(sha.update, plain[:left])
                progress(min(size, (place + 1) * PIECE))
        return sha.digest()

    def _pieces(self, places: range, buffers: int) -> Iterator[tuple[int, memoryview]]:
        """The pieces at these places, with their filler; each is overwritten after so many. Raises Tampered."""
        sealed, *plain = (memoryview(bytearray(size)) for size in (SEALED, *[PIECE] * buffers))
        with self.folder.reading(self.name) as read:
            for place in places:
                into = plain[place % buffers]
                self.key.unlock(place, sealed[: read(place * SEALED, sealed)], into)
                yield place, into


def keep(uow: UnitOfWork, file: CaseFile, stored: Stored, preview: bytes = b"") -> None:
    """Let an upload belong to its case: its key goes to the `evidence` key. Once is enough. Raises NotFound, Invalid,
    Conflict for a case that was destroyed.

    The upload itself is let go after this is committed, and not before: the file is always somebody's.
    """
    if stored.key.case != file.id:
        raise Invalid("This file was sent for another case: send it again.")
    if uow.testimony.get(FileRow, stored.name) is not None:
        return
    retention.require_kept(uow, file)
    upload = uow.shreds.get(UploadRow, stored.name)
    if upload is None or upload.day == GIVEN_UP:
        raise NotFound("This upload was given up meanwhile: send the file again.")
    key = shreddable(uow, stored.name, stored.key.boxed(file.keys["evidence"]))
    about = {"case": unb64(file.id), "pieces": stored.key.pieces, "key": key}
    uow.testimony.add(FileRow(id=stored.name, **about, preview=stored.key.lock_preview(preview)))
    uow.testimony.flush()


def find(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, name: str) -> Stored:
    """A file of a case. Raises Refused without the `evidence` key, NotFound, Tampered."""
    return _opened(vault, uow, actor, case, name)[0]


def preview(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, name: str) -> bytes:
    """The small picture of a file, as WebP, or nothing. Raises Refused, NotFound, Tampered."""
    stored, row = _opened(vault, uow, actor, case, name)
    return stored.key.unlock_preview(row.preview)


def _opened(
    vault: Installation, uow: UnitOfWork, actor: Actor, case: str, name: str
) -> tuple[Stored, FileRow]:
    require(actor.role, Permission.READ_EVIDENCE)
    file = cases.show(uow, actor, case).file
    keys = [key for _, key in keyrings.case_keys(uow, actor, file, "evidence")]
    row = _row(uow, file, name)
    box = unshredded(uow, row.id, row.key)
    key = unboxed((file.vault, file.id, name), row.pieces, keys, box)
    return Stored(Folder(vault.files), key), row


def _row(uow: UnitOfWork, file: CaseFile, name: str) -> FileRow:
    try:
        row = uow.testimony.get(FileRow, unb64(name, 16))
    except Invalid:
        row = None
    if row is None or row.case != unb64(file.id):
        raise NotFound("There is no such file in this case.")
    return row
