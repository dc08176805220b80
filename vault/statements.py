"""The statements of a case: what is prepared, approved, published, pulled (docs/FORMATS.md §18).

Signatures decide what a statement is. A row that somebody put there, or a word in a column, counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from sqlalchemy import select

from vault import cases, keyrings
from vault import roster as rosters
from vault.errors import N_, Conflict, Invalid, NotFound, Tampered
from vault.keyrings import Actor
from vault.perishable import lasting
from vault.rules.access import Permission, require
from vault.sealing import preparations
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64, stored, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.preparations import Approved
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed
from vault.sealing.statements import Statement, signatories
from vault.store.testimony import StatementApprovalRow, StatementRow
from vault.store.unit_of_work import UnitOfWork

STOPPED = N_(
    "Words that this statement quotes were withdrawn: it can be neither approved nor published. Take it back."
)


class State(StrEnum):
    """How far a statement is."""

    PREPARED = "prepared"
    APPROVED = "approved"
    PUBLISHED = "published"
    PULLED = "pulled"


@dataclass(frozen=True)
class Published:
    """A statement that was published, complete with its signatures; pulled by whom, if it was."""

    name: str
    case: str
    signed: Signed = field(repr=False)
    statement: Statement
    pulled_by: str | None


@dataclass(frozen=True)
class Held:
    """A statement as those who may read the case's figures see it."""

    approved: Approved
    published: Published | None

    @property
    def name(self) -> str:
        return self.approved.prepared.name

    @property
    def statement(self) -> Statement:
        return self.approved.prepared.statement

    @property
    def day(self) -> date:
        """The day on which it was prepared, as its preparer signed it."""
        return self.approved.prepared.day

    @property
    def state(self) -> State:
        if self.published is not None:
            return State.PUBLISHED if self.published.pulled_by is None else State.PULLED
        return State.PREPARED if self.approved.lacking else State.APPROVED


def listing(uow: UnitOfWork, actor: Actor, case: str) -> tuple[Held, ...]:
    """The statements of a case, newest first, for whoever may read its figures. Raises NotFound, Refused, Tampered."""
    require(actor.role, Permission.READ_EDITION)
    file = cases.show(uow, actor, case).file
    return held(uow, file, [key for _, key in keyrings.case_keys(uow, actor, file, "editions")])


def held(uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey]) -> tuple[Held, ...]:
    """Every statement of a case that holds, newest first. Raises Tampered where what was published has no origin."""
    chain, found = rosters.history(uow), list[Held]()
    rows = select(StatementRow).where(StatementRow.case == unb64(file.id)).order_by(StatementRow.name)
    for row in uow.testimony.scalars(rows):
        with suppress(Tampered, NotFound):
            found.append(_held(uow, row, (file, chain), keys))
    missing = {one.statement.digest for one in every(uow) if one.case == file.id}
    if missing - {one.statement.digest for one in found if one.published}:
        raise Tampered("What was published from this case has no sound origin: tell a custodian.")
    return tuple(sorted(found, key=lambda one: (one.day, one.name), reverse=True))


def find(uow: UnitOfWork, actor: Actor, case: str, name: str) -> Held:
    """One statement of a case. Raises NotFound, Conflict for one that is stopped."""
    for one in listing(uow, actor, case):
        if one.name == name:
            return one
    if name in stopped(uow, actor, case):
        raise Conflict(STOPPED)
    raise NotFound("There is no such statement in this case.")


def stopped(uow: UnitOfWork, actor: Actor, case: str) -> tuple[str, ...]:
    """The statements on their way whose quoted words were withdrawn: nobody opens them. Raises NotFound, Refused."""
    require(actor.role, Permission.READ_EDITION)
    file, found = cases.show(uow, actor, case).file, list[str]()
    unpublished = StatementRow.case == unb64(file.id), StatementRow.published.is_(None)
    for row in uow.testimony.scalars(select(StatementRow).where(*unpublished).order_by(StatementRow.name)):
        try:
            lasting(uow, row.sealed)
        except NotFound:
            found.append(b64(row.name))
        except Tampered:
            continue
    return tuple(found)


def waiting(uow: UnitOfWork, actor: Actor, file: CaseFile) -> int:
    """How many statements of a case wait for the actor's approval. Raises Refused without the editions key."""
    keys = [key for _, key in keyrings.case_keys(uow, actor, file, "editions")]
    chain, found = rosters.history(uow), 0
    unpublished = StatementRow.case == unb64(file.id), StatementRow.published.is_(None)
    for row in uow.testimony.scalars(select(StatementRow).where(*unpublished)):
        with suppress(Tampered, NotFound):
            one = _held(uow, row, (file, chain), keys)
            taken = {one.statement.preparer, *(approval.by for approval in one.approved.approvals)}
            found += one.state is State.PREPARED and actor.code not in taken
    return found


def every(uow: UnitOfWork) -> tuple[Published, ...]:
    """Everything that was ever published and holds, pulled or not, by digest."""
    chain, found = rosters.history(uow), dict[str, Published]()
    for row in uow.testimony.scalars(select(StatementRow).where(StatementRow.published.is_not(None))):
        with suppress(Tampered, Invalid, ValueError, KeyError, NotFound):
            one = published(uow, row, chain)
            if one is not None and (one.pulled_by is not None or one.statement.digest not in found):
                found[one.statement.digest] = one
    return tuple(found[digest] for digest in sorted(found))


def on(known: Sequence[Published], incident: str) -> tuple[Published, ...]:
    """What was published on an incident, oldest first. Raises Tampered where one is missing or two go apart."""
    waiting = {one.statement.previous: one for one in known if one.statement.incident == incident}
    in_order, last = list[Published](), None
    while last in waiting:
        in_order.append(waiting.pop(last))
        last = in_order[-1].statement.digest
    if waiting or len(in_order) < sum(one.statement.incident == incident for one in known):
        raise Tampered("The statements on this incident do not follow one another: tell a custodian.")
    return tuple(in_order)


def published(uow: UnitOfWork, row: StatementRow, chain: Sequence[Roster]) -> Published | None:
    """What a row has published. Raises Tampered unless everybody signed who must."""
    if row.published is None:
        return None
    signed = stored(row.published)
    statement, signers = signatories(signed, chain)
    if not signers.complete:
        raise Tampered("A published statement lacks a signature.")
    file, pulled_by = cases.find(uow, b64(row.case)), None
    if row.pulled is not None:
        with suppress(Tampered):
            named, by = preparations.read_pull(stored(row.pulled), file, chain)
            pulled_by = by if named == statement.digest else None
    return Published(b64(row.name), file.id, signed, statement, pulled_by)


def _held(
    uow: UnitOfWork, row: StatementRow, known: tuple[CaseFile, Sequence[Roster]], keys: Sequence[SealingKey]
) -> Held:
    file, chain = known
    name = b64(row.name)
    sealed = preparations.unseal(keys, preparations.place("statement", file, name), lasting(uow, row.sealed))
    prepared = preparations.read_prepared(sealed, file, chain)
    if prepared.name != name:
        raise Tampered("A statement lies in another's place.")
    approvals = []
    rows = select(StatementApprovalRow).where(StatementApprovalRow.statement == row.name)
    for one in uow.testimony.scalars(rows):
        with suppress(Tampered):
            about = preparations.place("statement-approval", file, name)
            approvals.append(preparations.unseal(keys, about, one.sealed))
    out = None
    with suppress(Invalid, Tampered):
        out = published(uow, row, chain)
    if out is not None and out.statement.digest != prepared.statement.digest:
        raise Tampered("A statement was published in the place of another.")
    return Held(preparations.approved(prepared, approvals, file, chain), out)
