"""The public log: one entry at a fixed cadence, whether or not anything happened (docs/FORMATS.md §15).

An entry and the checkpoint over it are written in one transaction: whatever is cut off in between, the next run finds
the log as it was. What was written is verified before it is continued, so that an edited row is never signed for.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select

from vault import roster as rosters
from vault.errors import N_, Invalid, NotFound, Refused, Tampered
from vault.rules.editions import is_cutting_day
from vault.sealing import commitments, logs, merkle, notes, statements
from vault.sealing.digests import canonical, stored
from vault.sealing.keypairs import SEED_SIZE, SigningKey
from vault.store.published import LogEntryRow, LogStampRow, TreeRow
from vault.store.unit_of_work import UnitOfWork

_FORGED = N_("The log is not as it was written: an entry, or what it stands for, was changed.")


@dataclass(frozen=True)
class Entry:
    """One entry: its document, the padded roots behind it, and the signed checkpoint of the log that ends with it."""

    document: dict[str, Any]
    roots: tuple[bytes, ...]
    checkpoint: str

    @property
    def day(self) -> date:
        """When it was added, as the vault says."""
        return date.fromisoformat(self.document["day"])

    @property
    def hash(self) -> bytes:
        """Its leaf."""
        return logs.entry_hash(self.document)


def key_in(path: Path) -> SigningKey:
    """The log's key; made when it is first asked for, for the owner alone. Raises Invalid for another file."""
    if not path.exists():
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(opened, "wb") as file:
            file.write(SigningKey.generate().seed)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # somebody else was faster: theirs is the key
            os.link(fresh, path)
        fresh.unlink()
    seed = path.read_bytes()
    if len(seed) != SEED_SIZE:
        raise Invalid("The file that the settings name as the log's key is none.")
    return SigningKey(seed)


def key_of(uow: UnitOfWork, path: Path) -> SigningKey:
    """The log's key. Raises Refused where it is missing and the log has entries: another would begin another log."""
    if not path.exists() and uow.testimony.scalar(select(LogEntryRow.number).limit(1)) is not None:
        raise Refused(
            "The key of the public log is missing: put your copy of `log.key` back. Without it nothing is added to "
            "the log."
        )
    return key_in(path)


def entries(uow: UnitOfWork, public: bytes) -> tuple[Entry, ...]:
    """The log, oldest entry first. Raises Tampered unless the key signed exactly this."""
    vault = rosters.current(uow).vault
    rows = uow.testimony.scalars(select(LogEntryRow).order_by(LogEntryRow.number))
    found = tuple(Entry(stored(row.document, "day"), _values(row.roots), row.checkpoint) for row in rows)
    for number, one in enumerate(found, 1):
        if one.document != logs.entry(vault, number, one.document["day"], one.roots):
            raise Tampered(_FORGED)
    if found:
        state = notes.read_checkpoint(found[-1].checkpoint, logs.origin(vault), public)
        if (state.size, state.root) != (len(found), merkle.root([one.hash for one in found])):
            raise Tampered(_FORGED)
    return found


def append(uow: UnitOfWork, key: SigningKey, every_days: int, today: date) -> Entry | None:
    """Add the entry that is due, over the roots that no entry has yet; None where none is due. Raises Tampered."""
    known, vault = entries(uow, key.public), rosters.current(uow).vault
    if not is_cutting_day([one.day for one in known], every_days, today):
        return None
    entered = {root for one in known for root in one.roots}
    pending = [root for root in uow.testimony.scalars(select(TreeRow.root)) if root not in entered]
    roots = commitments.entry_values(pending)
    document = logs.entry(vault, len(known) + 1, today.isoformat(), roots)
    hashes = [*(one.hash for one in known), logs.entry_hash(document)]
    added = Entry(document, roots, logs.checkpoint(vault, hashes, key))
    row = LogEntryRow(
        number=len(hashes),
        document=canonical(document).decode("utf-8"),
        roots=b"".join(roots),
        checkpoint=added.checkpoint,
    )
    uow.testimony.add(row)
    uow.testimony.flush()
    return added


def checkpoint(uow: UnitOfWork, public: bytes) -> str:
    """The newest checkpoint. Raises NotFound before the first entry, Tampered."""
    known = entries(uow, public)
    if not known:
        raise NotFound("The log has no entry yet: `witness-vault log append` adds the first.")
    return known[-1].checkpoint


def consistency(uow: UnitOfWork, public: bytes, first: int) -> dict[str, Any]:
    """That the log of today continues the one of its first so many entries. Raises Invalid, Tampered."""
    return logs.consistency([one.hash for one in entries(uow, public)], first)


def proof_of(uow: UnitOfWork, public: bytes, root: bytes) -> dict[str, Any] | None:
    """The proof of an edition's root as a published file has it; None until the log has it. Raises Tampered.

    It goes by the newest checkpoint that was stamped, if one has it, else by the newest.
    """
    known = entries(uow, public)
    where = [number for number, one in enumerate(known, 1) if root in one.roots]
    if not where:
        return None
    numbers = uow.testimony.scalars(select(LogStampRow.entry)).all()
    size = max((number for number in numbers if where[0] <= number <= len(known)), default=len(known))
    entry, hashes = known[where[0] - 1], [one.hash for one in known[:size]]
    proof = logs.proof(root, entry.roots, entry.document, hashes, known[size - 1].checkpoint)
    answers = select(LogStampRow.answer).where(LogStampRow.entry == size).order_by(LogStampRow.place)
    return {**proof, "stamps": [statements.stamp(answer) for answer in uow.testimony.scalars(answers)]}


def unstamped(uow: UnitOfWork, public: bytes, authorities: int) -> tuple[int, str, Sequence[int]]:
    """The newest entry, the text of its checkpoint, and which of so many authorities have not stamped it."""
    note = checkpoint(uow, public)
    text = notes.verify_note(note, logs.origin(rosters.current(uow).vault), public)
    number = len(entries(uow, public))
    taken = set(uow.testimony.scalars(select(LogStampRow.place).where(LogStampRow.entry == number)))
    return number, text, [place for place in range(authorities) if place not in taken]


def keep_stamp(uow: UnitOfWork, number: int, place: int, answer: bytes) -> None:
    """Keep an authority's answer beside an entry, unless it has one."""
    if uow.testimony.get(LogStampRow, (number, place)) is None:
        uow.testimony.add(LogStampRow(entry=number, place=place, answer=answer))
        uow.testimony.flush()


def _values(data: bytes) -> tuple[bytes, ...]:
    return tuple(data[at : at + merkle.HASH_SIZE] for at in range(0, len(data), merkle.HASH_SIZE))
