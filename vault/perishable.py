"""What perishes with the records whose words it holds: it opens while none of them was withdrawn (FORMATS §18)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from vault import shredding
from vault.errors import NotFound
from vault.sealing.digests import Document, b64, digest
from vault.sealing.locks import lock, unlock
from vault.store.unit_of_work import UnitOfWork

_MARKER, _ID = b"WVP\x01", 16


def perishable(uow: UnitOfWork, records: Collection[bytes], content: bytes) -> bytes:
    """`content` under the shred keys of all these records at once; as it is where there are none. Raises NotFound."""
    if not records:
        return content
    named = sorted(set(records))
    sealed = lock(_key(uow, named), _about(named), content)
    return b"".join((_MARKER, bytes([len(named)]), *named, sealed))


def lasting(uow: UnitOfWork, kept: bytes) -> bytes:
    """What `perishable` was given. Raises NotFound once one of the records was withdrawn, Tampered."""
    if not kept.startswith(_MARKER):
        return kept
    first = len(_MARKER) + 1
    end = first + _ID * int.from_bytes(kept[first - 1 : first])
    named = [kept[at : at + _ID] for at in range(first, end, _ID)]
    return unlock(_key(uow, named), _about(named), kept[end:])


def _key(uow: UnitOfWork, records: Sequence[bytes]) -> bytes:
    found = shredding.layers(uow, records)
    if len(found) < len(records):
        raise NotFound("The words that this holds are no longer here: they were withdrawn.")
    return digest("perishable", b"".join(found[record].key for record in records))


def _about(records: Sequence[bytes]) -> tuple[str, Document]:
    return "perishable", {"records": [b64(record) for record in records]}
