"""Backup keys of the cast's custodians, and what they give back of them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from typing import Any

from tests.cast import CHAIN, CUSTODIANS, ROSTER, THRESHOLD, Person, signed_by
from tests.stage import Scene
from vault import backup_keys, releasing
from vault.opening import Holder, entrust
from vault.sealing import archives, backupkeys
from vault.sealing.archives import Header, Writer
from vault.sealing.backupkeys import KINDS
from vault.sealing.digests import Document, Json
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed

REVISIONS = {"testimony": "0001_testimony", "identities": "0001_identities"}


PAIRS = {kind: SealingKey.generate() for kind in KINDS}


def keys_of(roster: Roster, version: int = 1) -> tuple[Document, dict[str, Escrow]]:
    """Backup keys whose private halves are known here, which nobody's are, and their escrow records."""
    held = {
        kind: entrust(pair.seed, backupkeys.purpose(kind), backupkeys.record_id(pair.public), roster)
        for kind, pair in PAIRS.items()
    }
    return backupkeys.document(
        roster, version, {kind: pair.public for kind, pair in PAIRS.items()}, held
    ), held


@cache
def cast_keys() -> tuple[Signed, dict[str, Escrow]]:
    """Backup keys of the cast, as a quorum signed them, and their escrow records."""
    document, held = keys_of(ROSTER)
    return signed_by(document, CUSTODIANS[:THRESHOLD]), held


def about(kind: str = "archive", **changes: Json) -> dict[str, Any]:
    """The members of a header."""
    signed, held = cast_keys()
    named = {"kind": kind, "vault": ROSTER.vault, "day": "2026-11-22", "rosters": list(CHAIN), "keys": signed}
    return {**named, "escrow": held[kind], "revisions": REVISIONS, **changes}


def written(records: Iterable[bytes], kind: str = "archive", **changes: Json) -> bytes:
    """A backup of the cast's vault."""
    out = io.BytesIO()
    writer = Writer(out, about(kind, **changes), PAIRS[kind].public)
    for record in records:
        writer.add(record)
    writer.end()
    return out.getvalue()


def read(text: bytes, key: SealingKey | None = None) -> list[bytes]:
    """The records of a backup, once its header and checksum hold."""
    file = io.BytesIO(text)
    header = archives.read_header(file)
    archives.checksum(file)
    return list(archives.records(file, header, key or PAIRS[header.kind]))


def give_keys(scene: Scene) -> None:
    """A quorum signs backup keys, or the next ones."""
    with scene.reading() as uow:
        kept = backup_keys.newest(uow)
    scene.carry(CUSTODIANS[0], *keys_of(scene.roster(), 1 if kept is None else kept.keys.version + 1))


def released(headers: dict[str, Header], people: Iterable[Person]) -> dict[str, SealingKey]:
    """The private keys that these custodians give together."""
    key = SealingKey.generate()
    request = releasing.ask(headers, key)
    chain = headers["archive"].chain
    asked = releasing.read_request(request, chain)
    signed = [releasing.release(asked, Holder(one.code, one.secret)) for one in people]
    return releasing.combined(request, headers, key, signed)
