"""The layer that can be destroyed: every record lies locked under a shred key of its own (docs/FORMATS.md §4.1).

The shred keys themselves lie wrapped under one key-encryption key, in a file of its own. After a withdrawal that key is
renewed: so what journals, freed pages or older images of the database still have of a destroyed key opens nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from vault.errors import N_, Busy, NotFound, Tampered
from vault.sealing import locks
from vault.sealing.digests import Document, b64, digest
from vault.sealing.keywraps import WRAPPED, Kek
from vault.store import slots
from vault.store.unit_of_work import Store, UnitOfWork

_OPENS_NOTHING = bytes(
    locks.KEY_SIZE
)  # stands for a key that was damaged: what it locked is refused as tampered with
_DUE = N_(
    "It was done, but the vault could not overwrite the key that this lay under. Do the same again: then it is "
    "overwritten, whatever else you are told."
)


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
    return all_shreddable(uow, {record: content})[record]


def all_shreddable(uow: UnitOfWork, contents: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """The same for several records, whose keys are found or made together."""
    keys = claim(uow, [digest("shred", record) for record in contents])
    of_each = zip(contents.items(), keys, strict=True)
    return {record: Layer(record, key).lock(content) for (record, content), key in of_each}


def unshredded(uow: UnitOfWork, record: bytes, locked: bytes) -> bytes:
    """What `shreddable` was given. Raises NotFound when the key was destroyed."""
    key = find(uow, digest("shred", record))
    if key is None:
        raise NotFound("This record is no longer here: it was withdrawn or discarded.")
    return Layer(record, key).unlock(locked)


def layers(uow: UnitOfWork, records: Iterable[bytes]) -> dict[bytes, Layer]:
    """The layers of many records, found in one reading; those whose keys were destroyed are absent."""
    named = {digest("shred", record): record for record in records}
    keys = _find_all(uow, named)
    return {record: Layer(record, keys[name]) for name, record in named.items() if name in keys}


def write_anew(uow: UnitOfWork, record: bytes, others: Collection[bytes]) -> None:
    """Have a record's key written together with those of the records that were written anew beside its own."""
    slots.rewrite_keys(uow.shreds, [digest("shred", one) for one in (record, *others)])


def shred(uow: UnitOfWork, record: bytes) -> None:
    """Destroy a record's key."""
    destroy(uow, digest("shred", record))


def claim(uow: UnitOfWork, names: Sequence[bytes]) -> list[bytes]:
    """The shred key under each of these names: its own, or a fresh one. Raises Tampered for one that was damaged."""
    cipher = Kek.of(uow.keks()[0])
    fresh = {name: cipher.wrap(name, secrets.token_bytes(locks.KEY_SIZE)) for name in names}
    wrapped = slots.claim_shreds(uow.shreds, fresh)
    return [_unwrapped(uow, name, wrapped[name]) for name in names]


def every(uow: UnitOfWork) -> dict[bytes, bytes]:
    """All shred keys by name, in the order of their rows, which says nothing; those that were damaged are left out."""
    found = _find_all(uow, set(slots.shred_names(uow.shreds)))
    return {name: key for name, key in found.items() if key != _OPENS_NOTHING}


def put_back(uow: UnitOfWork, keys: Mapping[bytes, bytes], rows: int) -> None:
    """Into a database without shreds: these keys in random places among free rows, `rows` in all or more."""
    cipher = Kek.of(uow.keks()[0])
    wrapped = {name: cipher.wrap(name, key) for name, key in keys.items()}
    slots.put_shreds(uow.shreds, wrapped, rows, WRAPPED)


def find(uow: UnitOfWork, name: bytes) -> bytes | None:
    """The shred key under this name, or None where there is none (any more)."""
    return _find_all(uow, [name]).get(name)


def destroy(uow: UnitOfWork, name: bytes) -> None:
    """Destroy the shred key under this name. What was locked under it is noise once this is committed."""
    slots.destroy_shred(uow.shreds, name, secrets.token_bytes(WRAPPED))


def destroy_all(uow: UnitOfWork, names: Collection[bytes]) -> None:
    """The same for the keys under all these names."""
    slots.destroy_shreds(uow.shreds, {name: secrets.token_bytes(WRAPPED) for name in names})


def renew(store: Store) -> None:
    """Wrap every shred key under a fresh key, all rows written anew in one random order, and destroy the former.

    Whatever interrupts it, every record stays readable, and the next renewal ends it.
    """
    with renewing(store):
        pass


@contextmanager
def renewing(store: Store) -> Iterator[None]:
    """A renewal after what is done within. One that is killed, or fails, stays due: nothing forgets it. Raises Busy."""
    with store.keks.alone():
        if len(store.keks.read()) > 1:  # one was interrupted: its fresh key may lie in copies since
            _rewrap(store)
        store.keks.begin()
        try:
            yield
        except BaseException:
            with suppress(Busy):  # what kept it from being done is what is said
                _rewrap(store)
            raise
        try:
            _rewrap(store)
        except Busy:
            raise Busy(_DUE) from None


def is_due(store: Store) -> bool:
    """Whether a renewal was begun and not ended."""
    return len(store.keks.read()) > 1


def resume(store: Store) -> None:
    """End a renewal that was interrupted, if one was. Raises Busy."""
    if is_due(store):
        renew(store)


def _rewrap(store: Store) -> None:
    """Wrap everything under the newest key, and destroy the one before."""
    with store.work("shreds") as uow:
        ciphers = [Kek.of(key) for key in uow.keks()]

        def anew(name: bytes, wrapped: bytes) -> bytes:
            for cipher in ciphers:
                with suppress(Tampered):
                    return ciphers[0].wrap(name, cipher.unwrap(name, wrapped))
            return secrets.token_bytes(
                WRAPPED
            )  # a free row; or one that was damaged, which opens nothing anyway

        slots.rewrite_shreds(uow.shreds, anew)
        uow.commit()
    store.keks.finish()


def _find_all(uow: UnitOfWork, names: Collection[bytes]) -> dict[bytes, bytes]:
    keks = uow.keks()  # before any row: what was renewed since is looked for anew
    wrapped = slots.wrapped_keys(uow.shreds, names)
    ciphers = [Kek.of(key) for key in keks]
    found = {}
    for name, one in wrapped.items():
        try:
            found[name] = ciphers[0].unwrap(name, one)
        except Tampered:
            with suppress(Tampered):
                found[name] = _unwrapped(uow, name, one)
            found.setdefault(name, _OPENS_NOTHING)
    return found


def _unwrapped(uow: UnitOfWork, name: bytes, wrapped: bytes) -> bytes:
    """Under any key that there is; read once more, because the key may have been renewed since it was read."""
    for anew in (False, True):
        for key in uow.keks(anew):
            with suppress(Tampered):
                return Kek.of(key).unwrap(name, wrapped)
    raise Tampered("The key of a record is damaged or stands where it does not belong.")


def _slot(record: bytes) -> tuple[str, Document]:
    return "slot", {"record": b64(record)}
