"""The layer that can be destroyed: every record lies locked under a shred key of its own (docs/FORMATS.md §4.1)."""

from __future__ import annotations

from vault.errors import NotFound
from vault.sealing import locks
from vault.sealing.digests import Document, b64, digest
from vault.store import slots
from vault.store.unit_of_work import UnitOfWork


def shreddable(uow: UnitOfWork, record: bytes, content: bytes) -> bytes:
    """`content` locked under the record's shred key: destroying that key makes it noise, in every copy."""
    return locks.lock(slots.claim_shred(uow.shreds, digest("shred", record)), _slot(record), content)


def unshredded(uow: UnitOfWork, record: bytes, locked: bytes) -> bytes:
    """What `shreddable` was given. Raises NotFound when the key was destroyed."""
    key = slots.shred_key(uow.shreds, digest("shred", record))
    if key is None:
        raise NotFound("This record is no longer here: it was withdrawn or discarded.")
    return locks.unlock(key, _slot(record), locked)


def shred(uow: UnitOfWork, record: bytes) -> None:
    """Destroy a record's key."""
    slots.destroy_shred(uow.shreds, digest("shred", record))


def _slot(record: bytes) -> tuple[str, Document]:
    return "slot", {"record": b64(record)}
