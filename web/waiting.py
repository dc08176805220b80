"""What waits in a case for a member's decision, in words, and where it is decided on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from flask import url_for
from flask_babel import ngettext

from vault import assessments, chains, findings, preparing, quoting, rebuttals, register, statements
from vault.cases import Case
from vault.errors import N_, Tampered
from vault.rules.access import Permission, allows
from web.auth import actor, vault
from web.locales import said

Count = Callable[[], int]
PROPOSED = {  # what waits for custodians, by its kind
    "roster": N_("A new roster"),
    "invitations": N_("Invitations"),
    "case": N_("A case"),
    "recut": N_("New figures of an incident"),
    "backup-keys": N_("Backup keys"),
    "retention": N_("The last day of a case"),
    "destruction": N_("The destruction of a case"),
}


@dataclass(frozen=True)
class Waiting:
    """What waits, in words, and where it is decided on."""

    words: str
    address: str


def of_case(case: Case) -> list[Waiting]:
    """All that waits in a case; of a log that does not hold, that it does not."""
    who, counts = actor(), dict[str, Count]()
    with vault().store.read() as uow:
        if preparing.may_prepare(uow, who, case.file):
            counts["statements"] = partial(statements.waiting, uow, who, case.file)
            counts["editions"] = partial(assessments.waiting, uow, who, case.file)
            counts["quotes"] = partial(quoting.waiting, vault(), uow, who, case)
        if allows(who.role, Permission.WEIGH_EVIDENCE) and chains.may_read(uow, who, case.file):
            counts["evidence"] = partial(register.waiting, vault(), uow, who, case.id)
        if rebuttals.may_rebut(uow, who, case.file):
            counts["findings"] = partial(findings.waiting, vault(), uow, who, case)
            counts["rebuttals"] = partial(rebuttals.waiting, uow, who, case)
        return [one for where, count in counts.items() for one in _waiting(case, where, count)]


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
        case "editions":  # from there one comes to the accounts behind the figures of each incident
            words = ngettext("An assessment to decide on", "%(num)s assessments to decide on", number)
        case _:
            words = ngettext("A quote to decide on", "%(num)s quotes to decide on", number)
    return str(words)
