"""Destroying records once a quorum of custodians has agreed and a week is over (docs/FORMATS.md §26): all of a case, or
those that are past the day that their witnesses set.

It takes a reader: only testimony says which identities belong to it. The core is that of a withdrawal: keys are
destroyed in one transaction, noted for whoever restores a backup, and what wraps all others is renewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, select

from vault import (
    audit,
    cases,
    given,
    holdings,
    index,
    keyrings,
    retention,
    shredding,
    sweeping,
    testimonies,
    withdrawals,
)
from vault.cases import Case
from vault.errors import Conflict, Invalid, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.retention import Destruction, Lasting, Of
from vault.rules.withdrawals import chain
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import unb64
from vault.sealing.escrows import fingerprint
from vault.store.evidence import FileRow, RegisterRow
from vault.store.testimony import (
    PartitionRow,
    SegmentRow,
    SlotRow,
    StatementApprovalRow,
    StatementPacketRow,
    StatementRow,
)
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import Testimony

_MADE_OF_IT = (PartitionRow, SegmentRow, RegisterRow)  # who was recognised, and two caches


@dataclass(frozen=True)
class Outlook:
    """What would be destroyed: how many interviews; and how many records of the case do not open. Whose these were, and
    who said it, nobody knows any more: such identities stay, with nothing that leads to them."""

    case: Case
    lasting: Lasting
    interviews: int
    unsound: int


def outlook(uow: UnitOfWork, actor: Actor, case: str) -> Outlook:
    """What carrying it out would mean. Raises NotFound, Refused without the testimony key."""
    found = cases.show(uow, actor, case)
    there, unsound = testimonies.everything(uow, actor, case)
    lasting = retention.of(uow, found.file)
    if lasting.waits is not None and lasting.waits.destruction.of is Of.RECORDS:
        there = over(there, lasting.waits.destruction.until)
    return Outlook(found, lasting, sum(one.is_interview for one in there), unsound)


def over(there: Sequence[Testimony], day: date) -> list[Testimony]:
    """The interviews whose witnesses allowed them until this day at most, with all that they correct.

    Where what stands of them may be kept longer, or was deposited by an earlier version, all of it is left.
    """
    found: list[Testimony] = []
    for witness in {one.witness for one in there}:
        told = {one.half.digest: one for one in there if one.witness == witness and one.is_interview}
        replaces = {digest: one.half.statement["supersedes"] for digest, one in told.items()}
        chains = {frozenset(chain(digest, replaces)) for digest in told}
        for with_it in ([told[digest] for digest in one] for one in chains):
            stands = [one for one in with_it if not one.superseded]
            ends = all(one.allowed.until is not None and one.allowed.until <= day for one in stands)
            if stands and ends and all(_is_withdrawn_by_token(one) for one in with_it):
                found += with_it
    return found


def carry_out(vault: Installation, actor: Actor, case: str, today: date) -> None:
    """Destroy what custodians agreed on: all records of the case, or those whose own last day is over. Interrupted, it
    may be done again.

    Raises Refused before custodians have agreed and a week is over, or without the testimony key; Conflict, NotFound.
    """
    # (1) may this actor, and have the custodians agreed: asked before keys are renewed for it, and again
    require(actor.role, Permission.READ_TESTIMONY)
    try:
        with vault.store.read() as uow:
            _ready(uow, actor, case, today)
    except Conflict:
        if shredding.is_due(vault.store):  # it was interrupted when all was destroyed but the key that wraps
            shredding.renew(vault.store)
        raise
    with shredding.renewing(vault.store), vault.store.work() as uow:
        file, agreed = _ready(uow, actor, case, today)
        # (2) who carried it out, for the custodians; (3) every key at once
        act = "case destroyed" if agreed.of is Of.CASE else "records destroyed"
        audit.record(uow, actor.code, act, {"case": file.id}, today)
        there, _ = testimonies.everything(uow, actor, case)
        files = list[bytes]()
        if agreed.of is Of.CASE:
            files = _destroy_all(vault, uow, file, there)
        else:
            withdrawals.destroy_interviews(vault, uow, over(there, agreed.until))
        retention.conclude(uow, file)
        uow.commit()
    # (4) the pieces of files, which nothing opens any more
    given.take_away(vault, files)


def _ready(uow: UnitOfWork, actor: Actor, case: str, today: date) -> tuple[CaseFile, Destruction]:
    file = cases.show(uow, actor, case).file
    keyrings.case_keys(uow, actor, file, "testimony")
    return file, retention.of(uow, file).require_ready(today)


def _destroy_all(vault: Installation, uow: UnitOfWork, file: CaseFile, there: list[Testimony]) -> list[bytes]:
    """The slots and files of a case are known to be its own; of identities testimony alone says so. The files' ids."""
    files = uow.testimony.scalars(select(FileRow).where(FileRow.case == unb64(file.id))).all()
    names = [row.id for row in files]
    records = {*_slots(uow, file), *_identities(uow, there), *names, index.record(unb64(file.id))}
    withdrawals.destroy(vault, uow, set(shredding.layers(uow, records)))
    for row in files:
        sweeping.disown(uow, row)
    _clear(uow, file)
    return names


def _is_withdrawn_by_token(one: Testimony) -> bool:
    try:
        return one.root is not None
    except Tampered:  # it names another one's token
        return False


def _slots(uow: UnitOfWork, file: CaseFile) -> Iterator[bytes]:
    taken = SlotRow.case == unb64(file.id), SlotRow.taken.is_(True)
    yield from uow.testimony.scalars(select(SlotRow.record).where(*taken))


def _identities(uow: UnitOfWork, there: list[Testimony]) -> Iterator[bytes]:
    """Who said it: by the token of the interview, or of what an earlier version took in by what the testimony names."""
    known, named = set[bytes](), set[tuple[str, str]]()
    for one in there:
        with suppress(Tampered):  # it names another one's token
            if one.root is not None:
                known |= {one.root.record(part) for part in ("identity", "match")}
        name, _, sealed = str(one.half.body["identity"]).partition(".")
        with suppress(Invalid):  # a researcher's program may have written anything there
            if unb64(name, 16) not in known:
                named.add((name, sealed))
    yield from known
    # By the fingerprint too: an id alone, of whatever record, must not destroy what another case has.
    names = sorted({name for name, _ in named})
    for first in range(0, len(names), holdings.PAGE):
        for name, record in holdings.find(uow, "identity", names[first : first + holdings.PAGE]).items():
            if record is not None and (name, fingerprint(record)) in named:
                yield unb64(name, 16)


def _clear(uow: UnitOfWork, file: CaseFile) -> None:
    """What lies under no shred key: statements on their way, and what was made of testimony."""
    case = unb64(file.id)
    drafts = select(StatementRow.name).where(StatementRow.case == case, StatementRow.published.is_(None))
    names = uow.testimony.scalars(drafts).all()
    for carried in (StatementApprovalRow, StatementPacketRow):
        uow.testimony.execute(delete(carried).where(carried.statement.in_(names)))
    uow.testimony.execute(delete(StatementRow).where(StatementRow.name.in_(names)))
    for made in _MADE_OF_IT:
        uow.testimony.execute(delete(made).where(made.case == case))
