"""What waits in a case for a member's decision, in words, and where it is decided on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from flask import url_for
from flask_babel import ngettext

from vault import chains, findings, preparing, quotes, rebuttals, register, statements
from vault.cases import Case
from vault.errors import Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, allows
from vault.store.unit_of_work import UnitOfWork
from web.auth import actor, vault
from web.locales import said

Count = Callable[[], int]


@dataclass(frozen=True)
class Waiting:
    """What waits, in words, and where it is decided on."""

    words: str
    address: str


def of_case(case: Case) -> list[Waiting]:
    """All that waits in a case; of a log that does not hold, that it does not."""
    with vault().store.read() as uow:
        counts = list(_counts(uow, actor(), case))
        return [one for where, count in counts for one in _waiting(case, where, count)]


def _counts(uow: UnitOfWork, who: Actor, case: Case) -> Iterator[tuple[str, Count]]:
    """Each kind of thing on which this member may decide here: where that is done, and how many there are."""
    if preparing.may_prepare(uow, who, case.file):
        yield "statements", partial(statements.waiting, uow, who, case.file)
    if allows(who.role, Permission.WEIGH_EVIDENCE) and chains.may_read(uow, who, case.file):
        yield "evidence", partial(_releases, uow, who, case)
    if rebuttals.may_rebut(uow, who, case.file):
        yield "findings", partial(findings.waiting, vault(), uow, who, case)
        yield "rebuttals", partial(rebuttals.waiting, uow, who, case)
    if quotes.may_quote(uow, who, case.file):
        yield "quotes", partial(quotes.waiting, vault(), uow, who, case)


def _releases(uow: UnitOfWork, who: Actor, case: Case) -> int:
    """The list of the case tells: no chain is read."""
    rows = register.every(vault(), uow, who, case.id)
    return sum(author != who.code for row in rows for author in row.waits)


def _waiting(case: Case, where: str, count: Count) -> Iterator[Waiting]:
    address = url_for(f"{where}.index", case=case.id)
    try:
        number = count()
    except Tampered as error:
        yield Waiting(said(error), address)
    else:
        if number:
            yield Waiting(_in_words(where, number), address)


def _in_words(where: str, number: int) -> str:
    match where:
        case "statements":
            words = ngettext("A statement to approve", "%(num)s statements to approve", number)
        case "evidence":
            words = ngettext(
                "A release of evidence to decide on", "%(num)s releases of evidence to decide on", number
            )
        case "findings":
            words = ngettext("A finding to decide on", "%(num)s findings to decide on", number)
        case "rebuttals":
            words = ngettext("A rebuttal to decide on", "%(num)s rebuttals to decide on", number)
        case _:
            words = ngettext("A quote to decide on", "%(num)s quotes to decide on", number)
    return str(words)
