"""Who holds which key: signing in by unwrapping, sessions, case keys.

There is no password hash: that the member's keys unwrap *is* the proof. Between requests they lie locked under a
token that only the browser holds, so neither the session store nor a cookie alone opens anything.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from vault import roster as rosters
from vault.errors import Invalid, Refused, SignInNeeded, Tampered, VaultError
from vault.installation import Installation
from vault.rules.access import Role
from vault.sealing import casefiles, locks
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64, canonical, parse_object, unb64
from vault.sealing.keypairs import DEVICE_KEY_SIZE, MemberSecret, SealingKey, spend
from vault.sealing.members import unwrap_member
from vault.sealing.rosters import CODE, Roster
from vault.sealing.signatures import read_by
from vault.sealing.words import read_device_key
from vault.shredding import shred
from vault.store.shreds import ChallengeRow, DraftRow, SessionRow
from vault.store.testimony import GrantRow, MemberRow
from vault.store.unit_of_work import UnitOfWork, changed

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
CHALLENGE_LASTS = timedelta(minutes=2)
# An ended session is remembered, without its keys, so that a form posted too late can be sealed to its member.
REMEMBERED = timedelta(hours=24)
TOKEN_SIZE = 32
_WRONG = "The code, the passphrase or the device key is not right. Check all three against your kit."


@dataclass(frozen=True)
class Actor:
    """Whoever acts: code, role by the roster, and (members only) the private keys for this one request."""

    code: str
    role: Role
    secret: MemberSecret | None = field(default=None, repr=False)

    @property
    def keys(self) -> MemberSecret:
        """The member's private keys. Raises Refused for a custodian's client, whose keys never come here."""
        if self.secret is None:
            raise Refused("This needs a member's sign-in.")
        return self.secret


def sign_in(vault: Installation, code: str, passphrase: str, device_key: str, now: datetime) -> str:
    """A new session's token. Raises SignInNeeded, the same for an unknown member and for a wrong secret."""
    with vault.store.read() as uow:
        member = uow.testimony.get(MemberRow, code) if CODE.match(code) else None
    try:
        factor = read_device_key(device_key)
    except Invalid:  # a misspelled device key must cost what a right one costs
        factor = bytes(DEVICE_KEY_SIZE)
    if member is None:
        spend(passphrase, vault.cost)
        raise SignInNeeded(_WRONG)
    try:
        secret = unwrap_member(json.loads(member.wrapped), code, passphrase, factor)
    except Tampered:
        raise SignInNeeded(_WRONG) from None
    with vault.store.work("shreds") as uow:
        token = _open_session(uow, code, secret, now)
        uow.commit()
    return token


def standing(roster: Roster, code: str, secret: MemberSecret) -> Role:
    """The role under which the roster lists these very keys; `pending` if it does not list them."""
    listed = roster.members.get(code)
    if listed is None or (listed.sealing, listed.signing) != (secret.sealing.public, secret.signing.public):
        return Role.PENDING
    return Role(listed.role)


def challenge(vault: Installation, now: datetime) -> str:
    """A nonce for a custodian's client to sign, good once and for two minutes."""
    nonce = secrets.token_bytes(32)
    with vault.store.work("shreds") as uow:
        uow.shreds.execute(delete(ChallengeRow).where(ChallengeRow.ends < _minutes(now)))
        uow.shreds.add(ChallengeRow(id=hashlib.sha256(nonce).digest(), ends=_minutes(now + CHALLENGE_LASTS)))
        uow.commit()
    return b64(nonce)


def sign_in_custodian(vault: Installation, signed: object, now: datetime) -> str:
    """A session for a custodian who signed a challenge of ours. It holds no key. Raises SignInNeeded."""
    refusal = SignInNeeded(
        "This key file is not a custodian's of this vault, or the sign-in took too long: try again."
    )
    with vault.store.work("testimony", "shreds") as uow:
        try:
            roster = rosters.current(uow)
            code = signed["document"]["code"]  # type: ignore[index]
            answer = read_by(signed, "challenge", code, roster.custodians[code].signing)
            nonce = hashlib.sha256(unb64(answer["nonce"], 32)).digest()
        except (KeyError, TypeError, VaultError):
            raise refusal from None
        waiting = ChallengeRow.id == nonce, ChallengeRow.ends >= _minutes(now)
        if answer["vault"] != roster.vault or not changed(uow.shreds, delete(ChallengeRow).where(*waiting)):
            raise refusal
        token = _open_session(uow, code, None, now)
        uow.commit()
    return token


def resume(vault: Installation, token: str, now: datetime) -> Actor:
    """The actor of a living session, which lives on from now. Raises SignInNeeded."""
    name = _session_name(token)
    with vault.store.read() as uow:
        row = uow.shreds.get(SessionRow, name)
        roster = rosters.current(uow)
    if row is None or not row.locked or _minutes(now) >= min(row.idle_until, row.ends):
        raise SignInNeeded("Your session has ended. Sign in again; nothing that you saved is lost.")
    idle_until = _minutes(now + IDLE)
    if idle_until != row.idle_until:
        with vault.store.work("shreds") as uow:
            uow.shreds.execute(update(SessionRow).where(SessionRow.id == name).values(idle_until=idle_until))
            uow.commit()
    try:
        blob = parse_object(locks.unlock(unb64(token), _session(row.member), row.locked))
    except Tampered:
        raise SignInNeeded("Your session does not hold any more. Sign in again.") from None
    if blob["secret"] is None:
        if row.member not in roster.custodians:
            raise SignInNeeded("This custodian is no longer in the roster.")
        return Actor(row.member, Role.CUSTODIAN)
    secret = MemberSecret.from_bytes(unb64(blob["secret"]))
    return Actor(row.member, standing(roster, row.member, secret), secret)


def ended_member(vault: Installation, token: str) -> str | None:
    """Whose session this was, though it has ended: enough to seal a draft to that member, and for nothing else."""
    try:
        name = _session_name(token)
    except SignInNeeded:
        return None
    with vault.store.read() as uow:
        row = uow.shreds.get(SessionRow, name)
    return None if row is None else row.member


def sign_out(vault: Installation, token: str) -> None:
    """End a session; nothing of it remains."""
    with vault.store.work("shreds") as uow:
        uow.shreds.execute(delete(SessionRow).where(SessionRow.id == _session_name(token)))
        uow.commit()


def erase_drafts(vault: Installation, code: str) -> None:
    """Destroy a member's drafts and their keys: what a device at a checkpoint must not lead to."""
    with vault.store.work("shreds") as uow:
        for name in uow.shreds.scalars(select(DraftRow.id).where(DraftRow.member == code)).all():
            shred(uow, name)
        uow.shreds.execute(delete(DraftRow).where(DraftRow.member == code))
        uow.commit()


def case_key(uow: UnitOfWork, actor: Actor, file: CaseFile, key: str) -> SealingKey:
    """The private half of one of a case's keys. Raises Refused when it was not granted to the actor."""
    row = uow.testimony.get(GrantRow, (unb64(file.id), key, casefiles.FIRST_VERSION, actor.code))
    if row is None:
        raise Refused("You do not hold the key that this needs. The custodians can grant it.")
    return casefiles.open_grant(file, key, actor.code, actor.keys.sealing, row.sealed)


def holds(uow: UnitOfWork, actor: Actor, file: CaseFile, key: str) -> bool:
    """Whether a grant of this key lies here for the actor."""
    return uow.testimony.get(GrantRow, (unb64(file.id), key, casefiles.FIRST_VERSION, actor.code)) is not None


def _open_session(uow: UnitOfWork, code: str, secret: MemberSecret | None, now: datetime) -> str:
    _forget_old(uow, now)
    token = secrets.token_bytes(TOKEN_SIZE)
    blob = {"member": code, "secret": None if secret is None else b64(secret.to_bytes())}
    uow.shreds.add(
        SessionRow(
            id=hashlib.sha256(token).digest(),
            member=code,
            locked=locks.lock(token, _session(code), canonical(blob)),
            idle_until=_minutes(now + IDLE),
            ends=_minutes(now + ABSOLUTE),
        )
    )
    return b64(token)


def _forget_old(uow: UnitOfWork, now: datetime) -> None:
    ended = (SessionRow.idle_until <= _minutes(now)) | (SessionRow.ends <= _minutes(now))
    uow.shreds.execute(update(SessionRow).where(ended).values(locked=b""))
    uow.shreds.execute(delete(SessionRow).where(SessionRow.idle_until < _minutes(now - REMEMBERED)))


def _session(code: str) -> tuple[str, dict[str, str]]:
    return "session", {"member": code}


def _session_name(token: str) -> bytes:
    try:
        return hashlib.sha256(unb64(token, TOKEN_SIZE)).digest()
    except Invalid:
        raise SignInNeeded("Sign in first.") from None


def _minutes(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
