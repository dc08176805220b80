"""The server's half of backup keys: taken once a quorum has signed them, and to which of them is sealed today."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import select

from vault import roster as rosters
from vault.errors import Conflict, Invalid, Refused, Tampered
from vault.sealing import backupkeys
from vault.sealing.backupkeys import BackupKeys
from vault.sealing.digests import DAMAGED, Json, stored
from vault.sealing.escrows import Escrow, check_form, fingerprint
from vault.sealing.rosters import Roster, at
from vault.sealing.signatures import Signed
from vault.store.backups import BackupKeysRow
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Kept:
    """Backup keys as they were signed, and the escrow records of their private halves."""

    keys: BackupKeys
    signed: Signed = field(repr=False)
    held: str = field(repr=False)

    def escrow(self, kind: str) -> Escrow:
        """The record that is named in what was signed: with any other no backup could be opened. Raises Tampered."""
        with suppress(Invalid, KeyError):
            record = check_form(stored(self.held)[kind])
            if fingerprint(record) == self.keys.escrows[kind]:
                return record
        raise Tampered(DAMAGED)


def check_proposal(uow: UnitOfWork, document: Json, attachments: Json, roster: Roster) -> None:
    """Raises Invalid or Conflict unless these can be the next backup keys."""
    keys = backupkeys.check(document, attachments, roster)
    if not is_next(uow, keys.version):
        raise Conflict("There are other backup keys since: make these anew.")


def is_next(uow: UnitOfWork, version: int) -> bool:
    """Whether keys of this version follow those that there are."""
    row = _newest(uow)
    return version == 1 + (0 if row is None else row.version)


def take(uow: UnitOfWork, signed: Signed, attachments: Json) -> None:
    """From now on backups are sealed to these. Raises Invalid or Conflict."""
    backupkeys.check(
        signed["document"], attachments, rosters.current(uow)
    )  # again: no signature is upon them
    row = {"signed": json.dumps(signed), "escrows": json.dumps(attachments)}
    uow.testimony.add(BackupKeysRow(version=signed["document"]["version"], **row))


def newest(uow: UnitOfWork) -> Kept | None:
    """The newest backup keys, if there are any, of whatever epoch. Raises Tampered."""
    row = _newest(uow)
    if row is None:
        return None
    signed = stored(row.signed)
    keys = backupkeys.read_signed(signed, at(rosters.history(uow)))
    return Kept(keys, signed, row.escrows)


def present(uow: UnitOfWork) -> Kept:
    """The backup keys of the present epoch. Raises Refused, which says what to do, and Tampered."""
    kept = newest(uow)
    if kept is None:
        raise Refused(
            "There are no backup keys yet: a custodian makes them with `witness-vault custodian backup-keys`."
        )
    if kept.keys.epoch != rosters.current(uow).epoch:
        raise Refused(
            "The backup keys are those of the custodians of before: a custodian makes new ones with "
            "`witness-vault custodian backup-keys`."
        )
    return kept


def _newest(uow: UnitOfWork) -> BackupKeysRow | None:
    return uow.testimony.scalar(select(BackupKeysRow).order_by(BackupKeysRow.version.desc()).limit(1))
