"""How long cases last: their last days and destructions, as a quorum of custodians signed them (FORMATS.md §26).

Nothing here destroys anything, and no day that passes does. The signatures decide: a row that was put there by hand
counts for nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import bindparam, select

from vault import cases
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.retention import Agreed, Destruction, Lasting, Retention
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Json, b64, document_digest, stored, unb64
from vault.sealing.rosters import is_met
from vault.sealing.signatures import Signed, read
from vault.store.retention import DestructionRow, RetentionRow
from vault.store.unit_of_work import UnitOfWork, run

D = TypeVar("D", Retention, Destruction)
_LAST, _END = RetentionRow.__table__.c, DestructionRow.__table__.c
_LAST_DAYS = select(_LAST.signed).where(_LAST.case == bindparam("of_case"))
_DESTRUCTION = select(_END.signed, _END.met, _END.done).where(_END.case == bindparam("of_case"))


@dataclass(frozen=True)
class Kept:
    """A case as custodians see it: its code, how long it lasts, and by which proposal it is to be destroyed."""

    case: str
    code: str
    lasting: Lasting
    proposal: str | None


def check_proposal(uow: UnitOfWork, actor: Actor, document: Json, today: date) -> None:
    """Raises Invalid or Conflict unless this can be the next last day of the case, NotFound without such a case."""
    asked = Retention.parse(document)
    _require_own(uow, actor, asked, today)
    of(uow, cases.find(uow, asked.case)).check_next(asked, today)


def check_destruction(uow: UnitOfWork, actor: Actor, document: Json, today: date) -> None:
    """Raises Invalid, also before the last day is over; Conflict or NotFound."""
    asked = Destruction.parse(document)
    _require_own(uow, actor, asked, today)
    of(uow, cases.find(uow, asked.case)).check_destruction(asked)


def is_next(uow: UnitOfWork, document: Json) -> bool:
    """Whether a proposed last day still follows the one in force, and a destruction still rests on it."""
    lasting = of(uow, cases.find(uow, document["case"]))
    if document["format"] == "witness-vault/v1/retention":
        return not lasting.destroyed and bool(document["version"] == lasting.version + 1)
    over = lasting.destroyed or lasting.waits is not None
    return not over and bool(document["retention"] == lasting.version)


def take(uow: UnitOfWork, signed: Signed) -> None:
    """From now on this is the last day of the case; a destruction that was agreed on does not hold any more."""
    case, version = unb64(signed["document"]["case"], 16), signed["document"]["version"]
    uow.testimony.merge(RetentionRow(case=case, version=version, signed=json.dumps(signed)))


def agree(uow: UnitOfWork, signed: Signed, today: date) -> None:
    """From a week on a reader may carry this out."""
    case = unb64(signed["document"]["case"], 16)
    row = {"signed": json.dumps(signed), "met": today.isoformat(), "done": False}
    uow.testimony.merge(DestructionRow(case=case, **row))


def call_off(uow: UnitOfWork, document: Json) -> None:
    """A destruction that was agreed on is not carried out. Raises NotFound where it was, or another one holds."""
    row = uow.testimony.get(DestructionRow, unb64(document["case"], 16))
    if row is None or row.done or stored(row.signed, "document")["document"] != document:
        raise NotFound("There is no such destruction that could still be called off.")
    uow.testimony.delete(row)


def conclude(uow: UnitOfWork, file: CaseFile) -> None:
    """It was carried out."""
    row = uow.testimony.get(DestructionRow, unb64(file.id))
    if row is not None:
        row.done = True


def of(uow: UnitOfWork, file: CaseFile) -> Lasting:
    """What is signed about how long a case lasts."""
    case = unb64(file.id)
    texts = run(uow.testimony, _LAST_DAYS, of_case=case).scalars()
    signed = [_signed(uow, text, file, Retention.parse, "retention") for text in texts]
    newest = max((one for one in signed if one is not None), key=lambda one: one.version, default=None)
    row, agreed = run(uow.testimony, _DESTRUCTION, of_case=case).first(), None
    if row is not None:
        found = _signed(uow, row.signed, file, Destruction.parse, "destruction")
        agreed = None if found is None else Agreed(found, date.fromisoformat(row.met), row.done)
    return Lasting(newest, agreed)


def every(uow: UnitOfWork, actor: Actor) -> list[Kept]:
    """How long each case lasts, by its code, for custodians."""
    require(actor.role, Permission.SET_RETENTION)
    found = []
    for file in cases.every(uow):
        lasting, name = of(uow, file), None
        if lasting.waits is not None:
            row = uow.testimony.get_one(DestructionRow, unb64(file.id))
            name = b64(document_digest(stored(row.signed, "document")["document"]))
        found.append(Kept(file.id, file.code, lasting, name))
    return sorted(found, key=lambda one: (one.code, one.case))


def show_kept(uow: UnitOfWork, actor: Actor, case: str) -> cases.Case:
    """A case, for whoever is about to add to it. Raises what `cases.show` does, and Conflict once it was destroyed."""
    found = cases.show(uow, actor, case)
    require_kept(uow, found.file)
    return found


def require_kept(uow: UnitOfWork, file: CaseFile) -> None:
    """Raises Conflict for a case whose records were destroyed: nothing is added to it any more."""
    if of(uow, file).destroyed:
        raise Conflict("The records of this case were destroyed, as custodians decided: it takes nothing in.")


def _require_own(uow: UnitOfWork, actor: Actor, asked: Retention | Destruction, today: date) -> None:
    roster = rosters.current(uow)
    if (asked.vault, asked.roster) != (roster.vault, roster.version):
        raise Conflict("The roster has changed since this was prepared: prepare it again.")
    if asked.proposer != actor.code:
        raise Invalid("Propose in your own name.")
    if asked.day > today:
        raise Invalid("A proposal is of the day on which it is made.")


def _signed(uow: UnitOfWork, text: str, file: CaseFile, parse: Callable[[object], D], kind: str) -> D | None:
    """What a quorum of the custodians of its roster has signed of this case, or None for anything else."""
    with suppress(Invalid, Tampered, ValueError, TypeError, KeyError):
        document, entries = read(stored(text), kind)
        found, roster = parse(document), cases.roster_at(uow)(document["roster"])
        if (found.vault, found.case) == (file.vault, file.id) and is_met(document, entries, roster):
            return found
    return None
