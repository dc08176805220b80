"""Append-only logs of a case: each entry is signed, names the one before it, and is sealed to one of the case's keys.

Whoever holds that key reads the log and may add to it; what an entry says is the business of whoever keeps it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from vault import roster as rosters
from vault.errors import N_, Tampered
from vault.keyrings import Actor
from vault.rules.access import Role, may_hold
from vault.sealing import boxes
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import (
    Json,
    b64,
    canonical,
    document_digest,
    pad,
    parse_object,
    size_class,
    unb64,
    unpad,
)
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import read_by, sign
from vault.store.tables import EntryRow
from vault.store.unit_of_work import UnitOfWork

Entry = dict[str, Any]


@dataclass(frozen=True)
class Ledger:
    """Which log of which case: the kind of its documents, the key that it is sealed to, its table, and what else its
    rows are called by. `first`: the key that whoever begins it must have been promised; `called`: the log in words."""

    file: CaseFile
    kind: str
    key: str
    row: type[EntryRow]
    names: Mapping[str, str] = field(default_factory=dict)
    first: str | None = None
    called: str = N_("a log of this case")


def append(uow: UnitOfWork, actor: Actor, ledger: Ledger, before: Sequence[Entry], said: Entry) -> Entry:
    """Add what is said, a document of the log's kind but for its place, behind the entries that were read; signed.

    Returns the whole entry.
    """
    about = _about(ledger, len(before) + 1)
    document = {
        **about,
        "previous": name(before[-1]) if before else None,
        "author": actor.code,
        "roster": rosters.current(uow).version,
        "nonce": b64(secrets.token_bytes(16)),
        **said,
    }
    signed = canonical(sign(document, actor.code, actor.keys.signing))
    padded = pad(signed, size_class(len(signed)))
    sealed = boxes.seal(ledger.file.keys[ledger.key], (ledger.kind, about), padded)
    place = {"case": unb64(ledger.file.id), "position": len(before) + 1, **ledger.names}
    uow.testimony.add(ledger.row(**place, sealed=sealed))
    uow.testimony.flush()
    return document


def read(uow: UnitOfWork, ledger: Ledger, keys: Sequence[SealingKey]) -> tuple[Entry, ...]:
    """The entries, oldest first, verified. Raises Tampered when one is forged, or one in the middle is missing."""
    versions = {roster.version: roster for roster in rosters.history(uow)}
    rows = (
        select(ledger.row).filter_by(case=unb64(ledger.file.id), **ledger.names).order_by(ledger.row.position)
    )
    entries: list[Entry] = []
    for position, row in enumerate(uow.testimony.scalars(rows), start=1):
        about = _about(ledger, position)
        try:
            opened = unpad(boxes.unseal_with(keys, (ledger.kind, about), row.sealed))
        except Tampered:
            raise Tampered(
                "Entry %(position)d of %(ledger)s does not open: it was changed.",
                position=position,
                ledger=ledger.called,
            ) from None
        entry = _verify(parse_object(opened), ledger, versions, position)
        earliest = entries[-1]["roster"] if entries else 1
        follows = entry["previous"] == (name(entries[-1]) if entries else None)
        if not follows or entry["roster"] < earliest or any(entry[key] != about[key] for key in about):
            raise Tampered(
                "Entry %(position)d of %(ledger)s does not follow the one before it.",
                position=position,
                ledger=ledger.called,
            )
        entries.append(entry)
    return tuple(entries)


def name(entry: Entry) -> str:
    """By what an entry is called."""
    return b64(document_digest(entry))


def _verify(signed: Json, ledger: Ledger, versions: Mapping[int, Roster], position: int) -> Entry:
    """The document, signed by a member to whom the quorum's case gives the key."""
    needed = ledger.first if ledger.first is not None and position == 1 else ledger.key
    try:
        author = signed["document"]["author"]
        member = versions[signed["document"]["roster"]].member(author)
        if may_hold(Role(member.role), (needed,)) and ledger.file.has_promised(author, needed):
            return read_by(signed, ledger.kind, author, member.signing)
    except (KeyError, TypeError):
        pass
    raise Tampered(
        "Entry %(position)d of %(ledger)s is not signed by anybody who may write there.",
        position=position,
        ledger=ledger.called,
    )


def _about(ledger: Ledger, position: int) -> Entry:
    return {"vault": ledger.file.vault, "case": ledger.file.id, **ledger.names, "position": position}
