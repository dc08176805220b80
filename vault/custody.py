"""Files of evidence opened and verified: whoever does either is in the item's chain, opening before the first byte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from vault import audit, chains, files
from vault.arrivals import quietly
from vault.chains import Chain
from vault.errors import N_, NotFound, Tampered
from vault.files import Progress, Stored
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.custody import Event, File, What
from vault.rules.items import Act
from vault.sealing.digests import b64

Place = tuple[str, str, str]  # case, item, file
_ACTS = {What.ACCESSED: "evidence opened", What.VERIFIED: "evidence verified"}
_OTHER = N_("This is not what arrived: its SHA-256 is another.")


@dataclass(frozen=True)
class Opened:
    """A file of an item, to be read from anywhere to anywhere."""

    file: File
    stored: Stored = field(repr=False)

    def part(self, start: int, stop: int) -> Iterator[bytes]:
        """Its bytes from `start` up to `stop`, a piece at a time. Raises Tampered at the first piece that fails."""
        return self.stored.part(start, min(stop, self.file.size))

    def whole(self) -> bytes:
        """All of it, hashed: whoever may read a file could seal another in its place. Raises Tampered."""
        content = b"".join(self.part(0, self.file.size))
        if b64(hashlib.sha256(content).digest()) != self.file.sha256:
            raise Tampered(_OTHER)
        return content


def open_file(vault: Installation, actor: Actor, place: Place, today: date) -> Opened:
    """A file of an item of a case. That it was opened is in the chain before anything is read, once a day.

    Raises Refused without the evidence key, NotFound, Tampered.
    """
    case, item, name = place
    with vault.store.read() as uow:
        chain = chains.of(vault, uow, actor, case).read(item)
        file, stored = chain.file(name), files.find(vault, uow, actor, case, name)
    _note(vault, actor, (case, chain), Event(What.ACCESSED, today, actor.code, file=name))
    return Opened(file, stored)


def verify(
    vault: Installation, actor: Actor, place: Place, today: date, progress: Progress = quietly
) -> Event:
    """Whether a file is what arrived, read back as a whole; what was found is in the chain, and names the piece.

    Raises Refused without the evidence key, NotFound, Tampered where the chain itself does not hold.
    """
    case, item, name = place
    with vault.store.read() as uow:
        chain = chains.of(vault, uow, actor, case).read(item)
        file = chain.file(name)
        try:
            found: Stored | str = files.find(vault, uow, actor, case, name)
        except (NotFound, Tampered) as error:
            found = str(error.message)
    # Reading may take minutes: nobody waits for it.
    fault = found if isinstance(found, str) else _fault(found, file, progress)
    event = Event(What.VERIFIED, today, actor.code, note=fault, file=name, held=not fault)
    _note(vault, actor, (case, chain), event)
    return event


def _note(vault: Installation, actor: Actor, place: tuple[str, Chain], event: Event) -> None:
    """Write what the vault did with a file into its chain, unless it is the newest that this member did so that day."""
    case, chain = place
    if _newest(chain, event) == event:
        return
    with vault.store.work() as uow:
        found = chains.of(vault, uow, actor, case)
        now = found.read(chain.id)
        if _newest(now, event) != event:  # a player asks for several parts at once
            found.append(now, event, Act.EVENT, event.day)
            audit.record(uow, actor.code, _ACTS[event.what], {"case": case}, event.day)
            uow.commit()


def _newest(chain: Chain, event: Event) -> Event | None:
    alike = [
        entry.said
        for entry in chain.item.entries
        if isinstance(entry.said, Event)
        and (entry.said.what, entry.said.file, entry.author) == (event.what, event.file, event.by)
    ]
    return alike[-1] if alike else None


def _fault(stored: Stored, file: File, progress: Progress) -> str:
    """What is wrong with a file, in a sentence; blank where it is what arrived."""
    try:
        return "" if b64(stored.digest(file.size, progress)) == file.sha256 else _OTHER
    except Tampered as error:
        return str(error.message)
