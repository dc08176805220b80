"""Sessions: signing in by unwrapping, for members, and by a signature, for custodians.

There is no password hash: that the member's keys unwrap *is* the proof. Between requests they lie locked under a
token that only the browser holds, so neither the session store nor a cookie alone opens anything; nor does the store
say whose a session is.
"""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, or_, select, update

from vault import attendance, revocations, throttling, unwrapping
from vault import roster as rosters
from vault.errors import N_, Conflict, Invalid, SignInNeeded, Tampered, VaultError
from vault.installation import Installation
from vault.keyrings import Actor, draft_key, standing
from vault.rules.access import Role
from vault.sealing import locks
from vault.sealing.digests import b64, canonical, pad, parse_object, unb64, unpad
from vault.sealing.keypairs import MemberSecret
from vault.sealing.rosters import Roster
from vault.sealing.signatures import read_by
from vault.store.shreds import ChallengeRow, SessionRow, WorkRow
from vault.store.testimony import MemberRow
from vault.store.unit_of_work import UnitOfWork, changed, run
from vault.unwrapping import Typed

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
CHALLENGE_LASTS = timedelta(minutes=2)
MOST_CHALLENGES = 1000
# An ended session is remembered, without its keys, so that a form posted too late can be kept for its member.
REMEMBERED = timedelta(hours=24)
STEP = timedelta(minutes=2)  # by so much a clock may be put right in passing
GENERATION_SIZE = 16
TOKEN_SIZE = 32
# What lies in a session's row, each locked by itself: the keys go at its end, the member a day later.
_PARTS = {"keys": 2048, "member": 256}
_DAY = 24 * 60
_SESSIONS, _WORKS = cast(Table, SessionRow.__table__), cast(Table, WorkRow.__table__)
_SESSION, _MEMBER = _SESSIONS.c, MemberRow.__table__.c
_NAMED = select(_SESSIONS).where(_SESSION.id == bindparam("name"))
_GENERATION = select(_MEMBER.generation).where(_MEMBER.code == bindparam("code"))
_OVER = or_(_SESSION.ends <= bindparam("at"), _SESSION.ends > bindparam("latest"))
_FORGOTTEN = _SESSION.day < bindparam("today")
_DUE = select(_SESSION.id).where(or_(_OVER, _FORGOTTEN)).limit(1)
_SWEPT = (
    delete(_WORKS).where(_WORKS.c.session.in_(select(_SESSION.id).where(_OVER))),
    update(_SESSIONS).where(_OVER).values(keys=b"", ends=None),
    delete(_SESSIONS).where(_FORGOTTEN),
)
_ENDED = N_("Your session has ended. Sign in again; nothing that you saved is lost.")


@dataclass(frozen=True)
class Former:
    """Whose session it was: enough to add to one of this member's own drafts, and for nothing else."""

    code: str
    draft_key: bytes = field(repr=False)


def sign_in(vault: Installation, code: str, passphrase: str, device_key: str, now: datetime) -> str:
    """A new session's token. Raises SignInNeeded, the same for an unknown member and for a wrong secret."""
    typed = Typed.read(code, passphrase, device_key)
    found = unwrapping.keys(vault, typed, now)
    kept = {"member": code, "generation": b64(found.generation), "secret": b64(found.secret.to_bytes())}
    is_desk = _is_desk(vault, kept)
    with vault.store.work(*(("testimony", "shreds") if is_desk else ("shreds",))) as uow:
        token = _open_session(uow, kept, now)
        throttling.opened(uow, typed.lane)
        if is_desk:
            attendance.see(uow, code, now.date())
        uow.commit()
    return token


def challenge(vault: Installation, now: datetime) -> str:
    """A nonce for a custodian's client to sign, good once and for two minutes."""
    nonce = secrets.token_bytes(32)
    with vault.store.work("shreds") as uow:
        uow.shreds.execute(delete(ChallengeRow).where(~_is_good(now)))
        # Anybody may ask. When too many wait, the oldest go: whoever really signs does so within seconds.
        waiting = uow.shreds.scalar(select(func.count()).select_from(ChallengeRow)) or 0
        oldest = select(ChallengeRow.id).order_by(ChallengeRow.ends, ChallengeRow.id)
        surplus = oldest.limit(max(0, waiting - MOST_CHALLENGES + 1)).scalar_subquery()
        uow.shreds.execute(delete(ChallengeRow).where(ChallengeRow.id.in_(surplus)))
        uow.shreds.add(ChallengeRow(id=hashlib.sha256(nonce).digest(), ends=_minutes(now + CHALLENGE_LASTS)))
        uow.commit()
    return b64(nonce)


def sign_in_custodian(vault: Installation, signed: object, now: datetime) -> str:
    """A session for a custodian who signed a challenge of ours. It holds no key. Raises SignInNeeded."""
    refusal = SignInNeeded(
        "This key file is not a custodian's of this vault, or the sign-in took too long: try again."
    )
    try:
        with vault.store.read() as uow:  # first: who signs nothing must keep nobody waiting
            code = signed["document"]["code"]  # type: ignore[index]
            answer = _answered(rosters.current(uow), code, signed)
            nonce = hashlib.sha256(unb64(answer["nonce"], 32)).digest()
    except (KeyError, TypeError, VaultError):
        raise refusal from None
    with vault.store.work("testimony", "shreds") as uow:
        if not changed(uow.shreds, delete(ChallengeRow).where(ChallengeRow.id == nonce, _is_good(now))):
            raise refusal
        kept = {"member": code, "generation": _generation(uow, code), "challenge": signed}
        token = _open_session(uow, kept, now)
        attendance.see(uow, code, now.date())
        uow.commit()
    return token


def resume(vault: Installation, token: str, now: datetime) -> Actor:
    """The actor of a living session, which lives on from now. Raises SignInNeeded."""
    due = None
    try:
        with vault.store.read() as uow:
            due = run(uow.shreds, _DUE, **_clock(now)).first()
            actor, kept, until = _living(uow, token, now)
    finally:
        with suppress(Conflict):  # as below
            if due:
                _sweep_now(vault, now)
    if (ends := min(_minutes(now + IDLE), kept["ends"])) != until:
        # On a full disk the session keeps its earlier end: reading, and leaving, must go on.
        with suppress(Conflict), vault.store.work("shreds") as uow:
            living = SessionRow.id == session_name(token), SessionRow.ends.is_not(None)
            uow.shreds.execute(update(SessionRow).where(*living).values(**_remembered(token, kept, ends)))
            uow.commit()
    return actor


def still(uow: UnitOfWork, token: str, now: datetime) -> Actor:
    """The actor of a living session, which lives no longer for being asked. Raises SignInNeeded."""
    return _living(uow, token, now)[0]


def former(vault: Installation, token: str, now: datetime) -> Former | None:
    """Whose session this was, for a day after its end."""
    try:
        with vault.store.read() as uow:
            row = run(uow.shreds, _NAMED, name=session_name(token)).first()
            left = None if row is None else _unlocked(token, "member", row.member)
            if left is None or left["generation"] != _generation(uow, left["member"]):
                return None
    except SignInNeeded:
        return None
    known = left["drafts"] is not None and _is_to_come(now, left["until"], IDLE + REMEMBERED)
    return Former(left["member"], unb64(left["drafts"], locks.KEY_SIZE)) if known else None


def sign_out(vault: Installation, token: str) -> None:
    """End a session; nothing of it remains."""
    with vault.store.work("shreds") as uow:
        uow.shreds.execute(delete(SessionRow).where(SessionRow.id == session_name(token)))
        uow.commit()


def end_sessions(uow: UnitOfWork, code: str) -> None:
    """End every session of a member, on whatever device: none of them carries the new generation."""
    values = {"generation": secrets.token_bytes(GENERATION_SIZE)}
    uow.testimony.execute(update(MemberRow).where(MemberRow.code == code).values(**values))


def sweep(vault: Installation, now: datetime) -> None:
    """Erase the keys of sessions that have ended, and the rows of those that ended long ago."""
    with vault.store.read() as uow:
        due = run(uow.shreds, _DUE, **_clock(now)).first()
    if due:
        _sweep_now(vault, now)


def _sweep_now(vault: Installation, now: datetime) -> None:
    with vault.store.work("shreds") as uow:
        _sweep(uow, now)
        uow.commit()


def _open_session(uow: UnitOfWork, kept: dict[str, Any], now: datetime) -> str:
    _sweep(uow, now)
    token = b64(secrets.token_bytes(TOKEN_SIZE))
    kept = {**kept, "ends": _minutes(now + ABSOLUTE)}
    values = _remembered(token, kept, _minutes(now + IDLE))
    uow.shreds.add(SessionRow(id=session_name(token), keys=_locked(token, "keys", kept), **values))
    return token


def _living(uow: UnitOfWork, token: str, now: datetime) -> tuple[Actor, dict[str, Any], int]:
    """The actor of a living session, what it keeps, and the minute in which it ends unless it is used."""
    row = run(uow.shreds, _NAMED, name=session_name(token)).first()
    if row is not None and row.ends is not None and _is_to_come(now, row.ends, IDLE):
        kept = _unlocked(token, "keys", row.keys)
        known = kept["generation"] == _generation(uow, kept["member"])
        if known and _is_to_come(now, kept["ends"], ABSOLUTE):
            return _actor(uow, kept), kept, row.ends
    raise SignInNeeded(_ENDED)


def _is_to_come(now: datetime, ends: int, longest: timedelta) -> bool:
    """Whether this end is to come, and in no longer than it ever is: a clock that was set back prolongs nothing."""
    return _minutes(now) < ends <= _minutes(now + longest + STEP)


def _remembered(token: str, kept: dict[str, Any], ends: int) -> dict[str, Any]:
    """The columns of a session that ends at this minute unless it is used."""
    until = ends + REMEMBERED // timedelta(minutes=1)
    key = b64(draft_key(_secret(kept))) if "secret" in kept else None
    left = {"member": kept["member"], "generation": kept["generation"], "drafts": key, "until": until}
    return {"ends": ends, "day": until // _DAY, "member": _locked(token, "member", left)}


def _actor(uow: UnitOfWork, kept: dict[str, Any]) -> Actor:
    roster, code = rosters.current(uow), kept["member"]
    if "secret" in kept:
        secret = _secret(kept)
        role = standing(roster, code, secret)
        revoked = role is not Role.PENDING and revocations.everywhere(uow, code) is not None
        return Actor(code, Role.PENDING if revoked else role, secret)
    try:  # whoever can write rows could make one that says "custodian": the signature cannot be made
        _answered(roster, code, kept["challenge"])
    except (KeyError, VaultError):
        raise SignInNeeded("This custodian is no longer in the roster.") from None
    return Actor(code, Role.CUSTODIAN)


def _is_desk(vault: Installation, kept: dict[str, Any]) -> bool:
    """Whether a custodian signs in at their desk; a roster that does not hold keeps nobody from signing in."""
    try:
        with vault.store.read() as uow:
            return _actor(uow, kept).role is Role.CUSTODIAN
    except VaultError:
        return False


def _answered(roster: Roster, code: str, signed: Any) -> dict[str, Any]:
    """The challenge that this custodian signed for this vault. Raises KeyError or Tampered."""
    answer = read_by(signed, "challenge", code, roster.custodians[code].signing)
    if (answer["vault"], answer["code"]) != (roster.vault, code):
        raise Tampered("This challenge was signed for another vault.")
    return answer


def _is_good(now: datetime) -> ColumnElement[bool]:
    return ChallengeRow.ends.between(_minutes(now), _minutes(now + CHALLENGE_LASTS + STEP))


def _sweep(uow: UnitOfWork, now: datetime) -> None:
    for statement in _SWEPT:
        run(uow.shreds, statement, **_clock(now))
    throttling.sweep(uow, now)


def _clock(now: datetime) -> dict[str, int]:
    """The present minute and day, and the latest minute in which a session that is used now ends."""
    return {"at": _minutes(now), "latest": _minutes(now + IDLE + STEP), "today": _minutes(now) // _DAY}


def _generation(uow: UnitOfWork, code: str) -> str:
    generation = run(uow.testimony, _GENERATION, code=code).scalar()
    return "" if generation is None else b64(generation)


def _secret(kept: dict[str, Any]) -> MemberSecret:
    return MemberSecret.from_bytes(unb64(kept["secret"]))


def _locked(token: str, part: str, content: dict[str, Any]) -> bytes:
    return locks.lock(unb64(token), _session(part), pad(canonical(content), _PARTS[part]))


def _unlocked(token: str, part: str, blob: bytes) -> dict[str, Any]:
    try:
        return parse_object(unpad(locks.unlock(unb64(token), _session(part), blob)))
    except (Tampered, Invalid):
        raise SignInNeeded("Your session does not hold any more. Sign in again.") from None


def _session(part: str) -> tuple[str, dict[str, str]]:
    return "session", {"part": part}


def session_name(token: str) -> bytes:
    """Under what a session lies. Raises SignInNeeded for what is no token."""
    try:
        return hashlib.sha256(unb64(token, TOKEN_SIZE)).digest()
    except Invalid:
        raise SignInNeeded("Sign in first.") from None


def _minutes(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
