"""What a witness gave as evidence, and that goes with what the witness said: its files (docs/FORMATS.md §24).

Who gave an item is sealed inside its chain: only whoever opens both finds it. The chain stays, and says what was done.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from vault import chains, evidence, register, shredding, sweeping
from vault.chains import Chain, Chains
from vault.errors import Conflict, NotFound, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.custody import Event, What
from vault.rules.items import Act
from vault.sealing.digests import unb64
from vault.store.evidence import FileRow
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Given:
    """Items that a witness gave, and that were not withdrawn yet, or not to the end."""

    found: Chains
    items: tuple[Chain, ...]

    def let_go(self, today: date) -> set[bytes]:
        """Write into the chain of each that its files are destroyed, and keep them no more; their ids.

        The caller commits, so that no chain is silent of what is destroyed; then destroys the keys under these ids, and
        takes the pieces away. Whatever interrupts this, a sweep ends it.
        """
        event = Event(What.WITHDRAWN, today, self.found.actor.code)
        for chain in self.items:
            if not chain.item.withdrawn:
                self.found.append(chain, event, Act.EVENT, today)
        names, case = (
            {unb64(name) for chain in self.items for name in chain.item.files},
            unb64(self.found.case.id),
        )
        rows = [row for name in names if (row := self.found.uow.testimony.get(FileRow, name)) is not None]
        for row in rows:
            if row.case == case:
                sweeping.disown(self.found.uow, row)
        # whatever a chain names, another case's files stay
        return names - {row.id for row in rows if row.case != case}


def by(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, pseudonym: str) -> Given:
    """What a witness gave in a case. Raises Refused without the evidence key; without that of testimony it is nothing.

    An item whose chain does not hold is left: the list of the evidence names it.
    """
    found, items = chains.of(vault, uow, actor, case), []
    for row in register.every(vault, uow, actor, case):
        if row.given and not row.fault:
            with suppress(Tampered, NotFound):
                chain = found.read(row.item)
                gave = evidence.giver(uow, actor, found.case.file, chain)
                if gave == pseudonym and _is_kept(uow, chain):
                    items.append(chain)
    return Given(found, tuple(items))


def one(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, item: str) -> Given:
    """An item that some witness gave. Raises Refused without the evidence key, NotFound, Conflict, Tampered."""
    found = chains.of(vault, uow, actor, case)
    chain = found.read(item)
    require_given(chain)
    return Given(found, (chain,))


def _is_kept(uow: UnitOfWork, chain: Chain) -> bool:
    """Whether it is not withdrawn, or its files still open: then whoever began to withdraw it was interrupted."""
    return not chain.item.withdrawn or bool(shredding.layers(uow, map(unb64, chain.item.files)))


def require_given(chain: Chain) -> None:
    """Raises Conflict for an item that no witness gave, or that was withdrawn already."""
    if chain.item.arrival.giver is None or chain.item.withdrawn:
        raise Conflict("No witness gave this item, or it was withdrawn already.")


def take_away(vault: Installation, names: Collection[bytes]) -> None:
    """Take the pieces of files off the disk that no case keeps any more. Whatever interrupts this, a sweep ends it."""
    for name in names:
        sweeping.let_go(vault, name)
