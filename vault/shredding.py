"""The layer that can be destroyed: every record lies locked under a shred key of its own (docs/FORMATS.md §4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from vault.errors import NotFound
from vault.sealing import locks
from vault.sealing.digests import Document, b64, digest
from vault.store import slots
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Layer:
    """A record's shred key, to open and to rewrite what lies under it."""

    record: bytes
    key: bytes = field(repr=False)

    def lock(self, content: bytes) -> bytes:
        return locks.lock(self.key, _slot(self.record), content)

    def unlock(self, locked: bytes) -> bytes:
        return locks.unlock(self.key, _slot(self.record), locked)


def shreddable(uow: UnitOfWork, record: bytes, content: bytes) -> bytes:
    """`content` locked under the record's shred key: destroying that key makes it noise, in every copy."""
    return Layer(record, slots.claim_shred(uow.shreds, digest("shred", record))).lock(content)


def unshredded(uow: UnitOfWork, record: bytes, locked: bytes) -> bytes:
    """What `shreddable` was given. Raises NotFound when the key was destroyed."""
    key = slots.shred_key(uow.shreds, digest("shred", record))
    if key is None:
        raise NotFound("This record is no longer here: it was withdrawn or discarded.")
    return Layer(record, key).unlock(locked)


def layers(uow: UnitOfWork, records: Iterable[bytes]) -> dict[bytes, Layer]:
    """The layers of many records, found in one reading; those whose keys were destroyed are absent."""
    named = {digest("shred", record): record for record in records}
    keys = slots.shred_keys(uow.shreds, named)
    return {record: Layer(record, keys[shred]) for shred, record in named.items() if shred in keys}


def shred(uow: UnitOfWork, record: bytes) -> None:
    """Destroy a record's key."""
    slots.destroy_shred(uow.shreds, digest("shred", record))


def _slot(record: bytes) -> tuple[str, Document]:
    return "slot", {"record": b64(record)}
