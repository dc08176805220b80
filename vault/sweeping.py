"""What is taken away from the folder of files: uploads that were given up, files that were withdrawn, and nothing else.

What the databases do not know is left where it is, and counted: over a newer folder older databases may stand, and
then it is evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update

from vault import journal
from vault.installation import Installation
from vault.sealing.digests import digest
from vault.sealing.pieces import SEALED
from vault.shredding import layers, renewing, shred
from vault.store.evidence import FileRow
from vault.store.files import Folder
from vault.store.shreds import GIVEN_UP, UploadRow
from vault.store.unit_of_work import Store, UnitOfWork

KEPT = timedelta(days=30)
_NOBODYS = {"owner": bytes(32), "content": b"", "day": GIVEN_UP}


@dataclass(frozen=True)
class Inventory:
    """How many files the cases have, how many of these are not there as a whole, how many lie there unknown. What no
    key opens is not missing: an archive from before a withdrawal names it."""

    files: int
    missing: int
    unknown: int


def record(name: bytes) -> bytes:
    """The shred key of the upload is another than the file's: it is destroyed when the file belongs to its case."""
    return digest("upload", name)[:16]


def give_up(uow: UnitOfWork, name: bytes) -> None:
    """Destroy what opens an upload. Its row stays, as nobody's, until its pieces are off the disk."""
    shred(uow, record(name))
    uow.shreds.execute(update(UploadRow).where(UploadRow.id == name).values(_NOBODYS))


def disown(uow: UnitOfWork, row: FileRow) -> None:
    """Let its case keep a file no more: to be let go once this is committed, by the caller or by a sweep."""
    give_up(uow, row.id)
    if uow.shreds.get(UploadRow, row.id) is None:
        uow.shreds.add(UploadRow(id=row.id, pieces=row.pieces, received=0, **_NOBODYS))
    uow.testimony.delete(row)


def let_go(vault: Installation, name: bytes) -> None:
    """Give an upload up and take its pieces away; a file that belongs to its case stays. Whatever interrupts this, a
    sweep ends it; and so it ends a withdrawal that was interrupted before the key of a file was destroyed."""
    with vault.store.work("testimony", "shreds") as uow:
        kept = uow.testimony.get(FileRow, name) is not None
        give_up(uow, name)
        opens = not kept and bool(layers(uow, [name]))
        uow.commit()
    if opens:
        _destroy(vault, name)
    if kept or Folder(vault.files).remove(name):
        with vault.store.work("shreds") as uow:
            uow.shreds.execute(delete(UploadRow).where(UploadRow.id == name, UploadRow.day == GIVEN_UP))
            uow.commit()


def _destroy(vault: Installation, name: bytes) -> None:
    with renewing(vault.store), vault.store.work() as uow:
        journal.note(vault, uow, {digest("shred", name)})
        shred(uow, name)
        uow.commit()


def sweep(vault: Installation, today: date) -> None:
    """Let go what was given up, and what nobody went on with for 30 days."""
    with vault.store.read() as uow:
        over = UploadRow.day < (today - KEPT).isoformat()  # what was given up has no day
        names = uow.shreds.scalars(select(UploadRow.id).where(over)).all()
    for name in names:
        let_go(vault, name)


def inventory(store: Store, files: Path) -> Inventory:
    """What of the folder the databases know; it reads no piece. Takes nothing away."""
    folder = Folder(files)
    lying = folder.names()
    with store.read() as uow:
        kept = {row.id: row.pieces for row in uow.testimony.execute(select(FileRow.id, FileRow.pieces))}
        under_way = set(uow.shreds.scalars(select(UploadRow.id)))
        lacking = [name for name, pieces in kept.items() if folder.size(name) != pieces * SEALED]
        missing = layers(uow, lacking)
    return Inventory(len(kept), len(missing), len(set(lying) - kept.keys() - under_way))
