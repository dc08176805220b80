"""The keys to which backups are sealed: a document that custodians sign, and the private halves in escrow (§25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vault.errors import Conflict, Invalid, Tampered
from vault.sealing import escrows
from vault.sealing.digests import Document, Json, b64, digest, document_digest, unb64
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import sealing_public
from vault.sealing.rosters import Roster, is_met
from vault.sealing.signatures import Signed, read

KINDS = ("archive", "snapshot")
_PARTS = {"format", "vault", "roster", "epoch", "version", "keys", "escrows"}


def purpose(kind: str) -> str:
    """What the escrow of a private half is for."""
    return f"{kind}-key"


@dataclass(frozen=True)
class BackupKeys:
    """Two public keys, and by which escrow records the custodians hold the private ones."""

    document: dict[str, Any] = field(repr=False)
    vault: str
    roster: int
    epoch: int
    version: int
    publics: dict[str, bytes] = field(repr=False)
    escrows: dict[str, str] = field(repr=False)

    @property
    def digest(self) -> str:
        return b64(document_digest(self.document))


def record_id(public: bytes) -> str:
    """The id of the escrow record of a backup key's private half."""
    return b64(digest("backup-key", public)[:16])


def document(roster: Roster, version: int, publics: dict[str, bytes], held: dict[str, Escrow]) -> Document:
    """What custodians sign about keys that were just made."""
    return {
        "format": "witness-vault/v1/backup-keys",
        "vault": roster.vault,
        "roster": roster.version,
        "epoch": roster.epoch,
        "version": version,
        "keys": {kind: b64(publics[kind]) for kind in KINDS},
        "escrows": {kind: escrows.fingerprint(held[kind]) for kind in KINDS},
    }


def parse(found: Json) -> BackupKeys:
    """The keys that a document names, unsigned. Raises Invalid for anything malformed."""
    try:
        numbers = [found[part] for part in ("roster", "epoch", "version")]
        whole = set(found) == _PARTS and set(found["keys"]) == set(found["escrows"]) == set(KINDS)
        counted = all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
        if whole and counted and min(numbers) >= 1 and found["format"] == "witness-vault/v1/backup-keys":
            unb64(found["vault"], 16)
            publics = {kind: unb64(found["keys"][kind]) for kind in KINDS}
            for kind in KINDS:
                sealing_public(publics[kind])
                unb64(found["escrows"][kind], 32)
            roster, epoch, version = numbers
            return BackupKeys(found, found["vault"], roster, epoch, version, publics, dict(found["escrows"]))
    except (KeyError, TypeError):
        pass
    raise Invalid("These are no backup keys of this version of the vault.")


def check(found: Json, held: Json, roster: Roster) -> BackupKeys:
    """Keys and escrow records that are proposed today. Raises Invalid; Conflict for a roster that has changed."""
    keys = parse(found)
    if (keys.vault, keys.roster, keys.epoch) != (roster.vault, roster.version, roster.epoch):
        raise Conflict("The custodians have changed since these backup keys were made: make them anew.")
    if not isinstance(held, dict) or set(held) != set(KINDS):
        raise Invalid("Backup keys come with both of their escrow records.")
    for kind in KINDS:
        record = escrows.check(held[kind], purpose(kind), record_id(keys.publics[kind]), roster)
        if escrows.fingerprint(record) != keys.escrows[kind]:
            raise Invalid("Backup keys come with both of their escrow records.")
    return keys


def read_signed(signed: Signed, roster_at: Callable[[int], Roster]) -> BackupKeys:
    """Backup keys that k custodians of the roster that they name have signed. Raises Tampered or Invalid."""
    found, entries = read(signed, "backup-keys")
    keys = parse(found)
    roster = roster_at(keys.roster)
    if (keys.vault, keys.epoch) != (roster.vault, roster.epoch) or not is_met(found, entries, roster):
        raise Tampered("The backup keys are not signed by a quorum of this vault's custodians.")
    return keys
