"""What waits in a case for a member's decision: for the desk what a cheap look tells, for the case's page all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from flask import url_for

from vault import chains, findings, rebuttals, register
from vault.cases import Case
from vault.errors import Tampered
from vault.rules.access import Permission, allows
from web.auth import actor, vault


@dataclass(frozen=True)
class Waiting:
    """What waits, in words, and where it is decided on."""

    words: str
    address: str


def releases(case: Case) -> int:
    """How many releases of evidence wait: the list of the case tells, no chain is read."""
    who = actor()
    with vault().store.read() as uow:
        if not (allows(who.role, Permission.WEIGH_EVIDENCE) and chains.may_read(uow, who, case.file)):
            return 0
        rows = register.every(vault(), uow, who, case.id)
    return sum(author != who.code for row in rows for author in row.waits)


def of_case(case: Case) -> list[Waiting]:
    """All that waits in a case; of a log that does not hold, that it does not."""
    who = actor()
    counts = [("release of evidence", "releases of evidence", "evidence", partial(releases, case))]
    with vault().store.read() as uow:
        if rebuttals.may_rebut(uow, who, case.file):
            counts += [
                ("finding", "findings", "findings", partial(findings.waiting, vault(), uow, who, case)),
                ("rebuttal", "rebuttals", "rebuttals", partial(rebuttals.waiting, uow, who, case)),
            ]
        return [one for words in counts for one in _waiting(case, *words)]


def _waiting(case: Case, one: str, many: str, where: str, count: Callable[[], int]) -> Iterator[Waiting]:
    address = url_for(f"{where}.index", case=case.id)
    try:
        number = count()
    except Tampered as error:
        yield Waiting(error.message, address)
    else:
        if number:
            yield Waiting(f"{number} {one if number == 1 else many}", address)
