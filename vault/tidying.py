"""Tidying: rows that say in which order things came are written anew in one random order; what was deleted goes.

While the vault is served. Each step is a transaction of its own, so whatever interrupts it, nothing is lost: the next
time begins again.
"""

from __future__ import annotations

from collections.abc import Iterator

from vault import shredding
from vault.store import slots
from vault.store.unit_of_work import DATABASES, Store


def tidy(store: Store) -> Iterator[str]:
    """Do it, step by step; what was done, and at the end what the databases' server may still keep. Raises Busy."""
    with store.work("identities") as uow:
        slots.rewrite_identities(uow.identities)
        uow.commit()
    yield "Identities: written anew."
    with store.read() as uow:
        halves = slots.halves(uow.testimony)
    for number, (case, half) in enumerate(halves, 1):
        with store.work("testimony") as uow:
            slots.rewrite_half(uow.testimony, case, half)
            uow.commit()
        yield f"Deposits: part {number} of {len(halves)} written anew."
    shredding.renew(store)
    yield "Shreds: written anew under a fresh key."
    kept: set[str] = set()
    for name in DATABASES:
        kept |= set(store.compact(name))
        yield f"{name.capitalize()}: what was deleted is taken away."
    yield from sorted(kept)
