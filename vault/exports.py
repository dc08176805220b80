"""What leaves the vault, and the ledger of it: so that a withdrawal can say what cannot be recalled (FORMATS §8.7).

A case has two ledgers: of words, which readers read, and of figures, which whoever reads editions does. What is
published stands with the statements, which are signed themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from vault import audit, cases, editions, keyrings, ledgers, testimonies
from vault.editions import Edition
from vault.errors import Invalid, Refused, Tampered
from vault.keyrings import Actor
from vault.ledgers import Ledger
from vault.rules import exports as rule
from vault.rules.access import Permission, require
from vault.rules.consent import permits_export
from vault.rules.dictionary import TableName
from vault.rules.exports import Figures, Sheet, Table, Terms, What, Words
from vault.sealing.casefiles import CaseFile
from vault.store.testimony import ExportRow
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import Testimony

_KEYS = ("testimony", "editions")  # of words, of figures


@dataclass(frozen=True)
class Export:
    """One entry: on which day, by whom, what."""

    day: str
    author: str
    what: What
    withdrawn: bool = False  # since: it cannot be recalled

    def to_json(self) -> dict[str, Any]:
        """The JSON form."""
        since = {"withdrawn": True} if self.withdrawn else {}
        return {"day": self.day, "author": self.author, **self.what.to_json(), **since}


def hand_over(
    uow: UnitOfWork, actor: Actor, place: tuple[str, str], raw: Mapping[str, Any], today: date
) -> tuple[Testimony, Terms]:
    """A case's testimony, to be printed for a recipient; it is in the ledger first.

    Raises Refused without the testimony key, or where the witness does not allow it today; Invalid, NotFound.
    """
    # (1) may this actor read it; (2) does the witness allow it, now, for this recipient
    require(actor.role, Permission.READ_TESTIMONY)
    terms, (case, record) = Terms.parse(raw), place
    one = testimonies.show(uow, actor, case, record, today)
    if not permits_export(one.allowed, terms.use, terms.recipient, terms.identity, today):
        raise Refused("The witness does not allow that this is handed to them now, for this, in this form.")
    # (3) what leaves is noted before it leaves
    file = cases.find(uow, case)
    _append(uow, actor, _ledger(file, "testimony"), Words(one.half.digest, terms), today)
    audit.record(uow, actor.code, "testimony handed over", {"case": case}, today)
    return one, terms


def take_table(uow: UnitOfWork, actor: Actor, case: str, place: tuple[int, str], today: date) -> Edition:
    """An edition whose table of an incident leaves as data; it is in the ledger first."""
    number, incident = place
    edition = editions.read(uow, actor, case, number, today)
    edition.incident(incident)
    _append(uow, actor, _ledger(cases.find(uow, case), "editions"), Figures(number, incident), today)
    return edition


def note_table(uow: UnitOfWork, actor: Actor, file: CaseFile, table: TableName, today: date) -> None:
    """A table of the case is about to leave as data. Raises Refused without the editions key."""
    _append(uow, actor, _ledger(file, "editions"), Table(table), today)
    audit.record(uow, actor.code, "table taken out", {"case": file.id, "table": str(table)}, today)


def note_sheet(uow: UnitOfWork, actor: Actor, file: CaseFile, sheet: Sheet, today: date) -> None:
    """A rebuttal sheet is about to be given out; once a day is enough. Raises Refused without the editions key."""
    ledger, day = _ledger(file, "editions"), today.isoformat()
    if Export(day, actor.code, sheet) not in map(_export, _read(uow, actor, ledger)):
        _append(uow, actor, ledger, sheet, today)


def sheets(uow: UnitOfWork, actor: Actor, file: CaseFile) -> dict[str, tuple[Export, ...]]:
    """When each rebuttal sheet of a case was given out, and by whom, by its digest. Raises Refused, Tampered."""
    found: dict[str, tuple[Export, ...]] = {}
    for one in map(_export, _read(uow, actor, _ledger(file, "editions"))):
        if isinstance(one.what, Sheet):
            found[one.what.sheet] = (*found.get(one.what.sheet, ()), one)
    return found


def listing(uow: UnitOfWork, actor: Actor, case: str, today: date) -> tuple[Export, ...]:
    """What left a case, newest first, as far as the actor holds the keys. Raises Refused without any of them."""
    require(actor.role, Permission.SEE_CASES)
    file = cases.show(uow, actor, case).file
    held = [key for key in _KEYS if keyrings.holds(uow, actor, file, key)]
    if not held:
        raise Refused("What left this case is read by whoever reads its testimony or its editions.")
    entries = [_export(entry) for key in held for entry in _read(uow, actor, _ledger(file, key))]
    audit.record(uow, actor.code, "exports listed", {"case": case}, today)
    if any(isinstance(one.what, Words) for one in entries):
        there = testimonies.digests(uow, actor, case)
        entries = [replace(one, withdrawn=_is_gone(one.what, there)) for one in entries]
    return tuple(sorted(entries, key=lambda one: one.day, reverse=True))


def _is_gone(what: What, there: Collection[str]) -> bool:
    return isinstance(what, Words) and what.testimony not in there


def _append(uow: UnitOfWork, actor: Actor, ledger: Ledger, what: What, today: date) -> None:
    entry = {
        "format": "witness-vault/v1/export",
        "day": today.isoformat(),
        "content": what.to_json(),
    }
    ledgers.append(uow, actor, ledger, _read(uow, actor, ledger), entry)


def _read(uow: UnitOfWork, actor: Actor, ledger: Ledger) -> tuple[ledgers.Entry, ...]:
    keys = [key for _, key in keyrings.case_keys(uow, actor, ledger.file, ledger.key)]
    return ledgers.read(uow, ledger, keys)


def _export(entry: Mapping[str, Any]) -> Export:
    try:
        return Export(entry["day"], entry["author"], rule.from_json(entry["content"]))
    except (Invalid, KeyError):
        raise Tampered("An entry of what left this case says nothing that this vault knows.") from None


def _ledger(file: CaseFile, key: str) -> Ledger:
    return Ledger(file, "export", key, ExportRow, {"key": key})
