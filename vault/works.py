"""Long work, done for a session while it lasts: how far it is, so that whoever waits may reload, or look from two tabs.

The keys that it needs stay in the memory of the process that does it. What is kept is locked under the session's token,
which only the browser and that process hold: nothing in the clear says what is done, for whom, or since when. It goes
with the session. A process that dies leaves a work of which nothing is heard any more; it says so after a while.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any

from sqlalchemy import delete, select, update

from vault import sessions
from vault.errors import N_, Busy, Invalid, Message, NotFound, SignInNeeded, Tampered, VaultError
from vault.installation import Installation
from vault.sealing import locks
from vault.sealing.digests import Document, b64, canonical, pad, parse_object, unb64, unpad
from vault.sessions import TOKEN_SIZE, session_name
from vault.store.shreds import WorkRow
from vault.store.unit_of_work import UnitOfWork, changed

UNHEARD = timedelta(minutes=3)  # a cut of very many deposits can say nothing for a minute
_BEAT = 45  # seconds
_SIZE = 2048
_GONE = N_("This work is no longer here: it ended with its session.")
_FAULT = N_("Something went wrong here; nothing was half done. Try again; if it stays, tell the operator.")
_TURN = Lock()  # in each process one at a time: others would only be slower beside it
Told = Callable[[int, int], None]


class State(StrEnum):
    """How a work stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Work:
    """What a work is about, how it stands, how much of how much is done, and why it failed; in seconds since 1970,
    when it began and when it was last heard of."""

    name: str
    about: Document
    began: int
    heard: int
    state: State = State.WAITING
    done: int = 0
    of: int = 0
    refusal: Message | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether nothing more will come of it, as far as can be told."""
        return self.state in (State.DONE, State.FAILED) or self.is_unheard(now)

    def is_unheard(self, now: datetime) -> bool:
        """Whether it goes on no more though it never ended: its process has died, or is stuck."""
        going_on = self.state in (State.WAITING, State.RUNNING)
        return going_on and now - datetime.fromtimestamp(self.heard, UTC) > UNHEARD


def begin(vault: Installation, token: str, about: Document, now: datetime) -> tuple[Work, bool]:
    """A new work of a session, or the one about the same that goes on; and whether it is new, to be carried out."""
    with vault.store.work("shreds") as uow:
        same = [work for work in _all(uow, token) if work.about == about]
        for work in same:
            if not work.is_over(now):
                return work, False
        over = [unb64(work.name) for work in same]
        uow.shreds.execute(delete(WorkRow).where(WorkRow.id.in_(over)))
        began = int(now.timestamp())
        work = Work(b64(secrets.token_bytes(16)), about, began, began)
        row = {"id": unb64(work.name), "session": session_name(token), "content": _locked(token, work)}
        uow.shreds.add(WorkRow(**row))
        uow.commit()
    return work, True


def look(vault: Installation, token: str, name: str) -> Work:
    """A work of this session's. Raises NotFound."""
    with vault.store.read() as uow, suppress(Invalid, Tampered):
        row = uow.shreds.get(WorkRow, unb64(name, 16))
        if row is not None:
            return _unlocked(token, row)
    raise NotFound(_GONE)


def carry_out(vault: Installation, token: str, work: Work, act: Callable[[Told], None]) -> VaultError | None:
    """Do it, and keep how far it is as `act` tells it; what refused it, if something did.

    Ends without a word where the session has ended, in its own browser or on every device: `act` learns it when it
    tells how far it is, and goes no further.
    """

    def told(done: int, of: int) -> None:
        _go_on(vault, token, replace(work, state=State.RUNNING, done=done, of=of))

    try:
        with _turn(lambda: _go_on(vault, token, work)):
            act(told)
    except (_Ended, SignInNeeded):
        return None
    except VaultError as error:
        _leave_word(
            vault, token, replace(work, state=State.FAILED, refusal=Message(error.template, **error.parts))
        )
        return error
    except Exception:
        _leave_word(vault, token, replace(work, state=State.FAILED, refusal=Message(_FAULT)))
        raise
    _leave_word(vault, token, replace(work, state=State.DONE))
    return None


@contextmanager
def _turn(waits: Callable[[], None]) -> Iterator[None]:
    while not _TURN.acquire(timeout=_BEAT):
        waits()
    try:
        yield
    finally:
        _TURN.release()


class _Ended(Exception):  # noqa: N818 - it is no error
    """The session has ended, and the work with it."""


def _go_on(vault: Installation, token: str, work: Work) -> None:
    """Keep how it stands. Raises SignInNeeded or _Ended where nobody is signed in any more for whom it is done."""
    with suppress(Busy):
        with vault.store.read() as uow:
            sessions.still(uow, token, datetime.now(UTC))
        _keep(vault, token, work)


def _leave_word(vault: Installation, token: str, work: Work) -> None:
    """Keep how it stands, if anybody can still look; where that fails, nothing is heard of it any more."""
    with suppress(_Ended, Busy):
        _keep(vault, token, work)


def _keep(vault: Installation, token: str, work: Work) -> None:
    heard = replace(work, heard=int(datetime.now(UTC).timestamp()))
    row = update(WorkRow).where(WorkRow.id == unb64(work.name)).values(content=_locked(token, heard))
    with vault.store.work("shreds") as uow:
        if not changed(uow.shreds, row):
            raise _Ended
        uow.commit()


def _all(uow: UnitOfWork, token: str) -> Iterator[Work]:
    for row in uow.shreds.scalars(select(WorkRow).where(WorkRow.session == session_name(token))).all():
        with suppress(Tampered):
            yield _unlocked(token, row)


def _locked(token: str, work: Work) -> bytes:
    content = {
        "about": work.about,
        "began": work.began,
        "heard": work.heard,
        "state": str(work.state),
        "done": work.done,
        "of": work.of,
        "refusal": None if work.refusal is None else _taken_apart(work.refusal),
    }
    return locks.lock(unb64(token, TOKEN_SIZE), _bound(unb64(work.name)), pad(canonical(content), _SIZE))


def _unlocked(token: str, row: WorkRow) -> Work:
    content = parse_object(unpad(locks.unlock(unb64(token, TOKEN_SIZE), _bound(row.id), row.content)))
    said, state = content.pop("refusal"), State(content.pop("state"))
    return Work(name=b64(row.id), state=state, refusal=said and _put_together(said), **content)


def _taken_apart(part: object) -> Any:
    if isinstance(part, Message):
        return {
            "template": part.template,
            "parts": {name: _taken_apart(one) for name, one in part.parts.items()},
        }
    return part if isinstance(part, int) else str(part)


def _put_together(part: Any) -> Any:
    if isinstance(part, dict):
        wording = part["template"]
        return Message(wording, **{name: _put_together(one) for name, one in part["parts"].items()})
    return part


def _bound(name: bytes) -> tuple[str, Document]:
    return "work", {"work": b64(name)}
