"""Who shows that they are a member: by unwrapping their keys, with the passphrase and the device key.

Whatever is wrong, the same work is done and the same said: one derivation, and the same few statements.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select

from vault import throttling
from vault.errors import N_, Invalid, SignInNeeded, Tampered, Throttled
from vault.installation import Installation
from vault.rules import passphrases
from vault.sealing.digests import stored
from vault.sealing.keypairs import DEVICE_KEY_SIZE, MemberSecret
from vault.sealing.members import nobodys_keys, unwrap_member
from vault.sealing.rosters import CODE
from vault.sealing.words import read_device_key
from vault.store.testimony import MemberRow

_NOT_AGAIN = N_(
    "The passphrase or the device key is not right; nothing was changed. Where you are sure of the passphrase, sign in "
    "again."
)
_WRONG = N_("The code, the passphrase or the device key is not right. Check all three against your kit.")


@dataclass(frozen=True)
class Typed:
    """What somebody shows, made such that it costs the same to try whatever was typed."""

    code: str
    passphrase: str | None = field(repr=False)  # None: so long that to read it would take time
    device_key: bytes = field(repr=False)

    @classmethod
    def read(cls, code: str, passphrase: str, device_key: str) -> Typed:
        """From the fields of a form. A misspelled device key is a wrong one."""
        try:
            factor = read_device_key(device_key)
        except Invalid:  # by chance, so that no lane tells that this member misspelled theirs
            factor = secrets.token_bytes(DEVICE_KEY_SIZE)
        fits = passphrases.fits(passphrase)
        return cls(code if CODE.match(code) else "", passphrase if fits else None, factor)

    @property
    def lane(self) -> bytes:
        """Where these attempts are counted."""
        return throttling.lane(self.code, self.device_key)


@dataclass(frozen=True)
class Unwrapped:
    """A member's keys, and the generation of sessions that they open."""

    secret: MemberSecret = field(repr=False)
    generation: bytes


def keys(vault: Installation, typed: Typed, now: datetime) -> Unwrapped:
    """What was shown unwraps these. Raises SignInNeeded; Throttled, before any work, where too many were wrong."""
    with throttling.turn():
        with vault.store.read() as uow:
            throttling.check(uow, typed.lane, now)
            wanted = select(MemberRow.wrapped, MemberRow.generation).where(MemberRow.code == typed.code)
            row = uow.testimony.execute(wanted).one_or_none()
        wrapped, generation = nobodys_keys(vault.cost), b""
        if row is not None and typed.passphrase is not None:
            wrapped, generation = row.wrapped, row.generation
        read = stored(wrapped)
        with suppress(Tampered):
            secret = unwrap_member(read, typed.code, typed.passphrase or "", typed.device_key)
            return Unwrapped(secret, generation)
        with vault.store.work("shreds") as uow:  # within the turn: many at once gain nothing
            throttling.failed(uow, typed.lane, now)
            uow.commit()
    raise SignInNeeded(_WRONG)


def confirm(vault: Installation, code: str, passphrase: str, device_key: str, now: datetime) -> None:
    """Have a member show once more that it is they, before a sensitive act. Raises SignInNeeded, Throttled."""
    try:
        typed = Typed.read(code, passphrase, device_key)
        keys(vault, typed, now)
    except Throttled:
        raise
    except SignInNeeded:  # nothing but the passphrase was asked for
        raise SignInNeeded(_NOT_AGAIN) from None
    with vault.store.work("shreds") as uow:
        throttling.opened(uow, typed.lane)
        uow.commit()
