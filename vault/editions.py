"""Editions: frozen, signed tabulations of a case, each naming the one before (docs/FORMATS.md §8).

Days, numbers and order are taken from the signed documents, never from columns that a hand in the database could edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit, cases, keyrings
from vault import roster as rosters
from vault.cases import Case
from vault.errors import NotFound, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules import editions as rule
from vault.rules.access import Permission, allows, require
from vault.rules.editions import Moved, Since, Status
from vault.sealing import boxes
from vault.sealing.casefiles import CaseFile
from vault.sealing.deposits import half_hash
from vault.sealing.digests import (
    Document,
    Json,
    b64,
    canonical,
    document_digest,
    pad,
    parse,
    parse_object,
    size_class,
    unb64,
    unpad,
)
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import read_by, sign
from vault.store.testimony import EditionRow
from vault.store.unit_of_work import UnitOfWork

# What belongs to the figures, and stands beside them.
_BESIDE = ("month", "same_person", "details", "excluded")


@dataclass(frozen=True)
class Edition:
    """One edition, verified."""

    document: dict[str, Any]

    @property
    def number(self) -> int:
        return int(self.document["number"])

    @property
    def day(self) -> date:
        return date.fromisoformat(self.document["day"])

    def incident(self, name: str) -> dict[str, Any]:
        """What it says of one incident. Raises NotFound for one that it does not know yet."""
        for entry in self.document["incidents"]:
            if entry["incident"] == name:
                return dict(entry)
        raise NotFound("This edition is older than the incident: it will be in the next one.")

    def counted_in(self, name: str) -> int:
        """Which edition counted its figures of an incident; 0 while there are none. Raises NotFound."""
        return int(self.incident(name)["figures"] or 0)

    def table(self, name: str) -> dict[str, Any]:
        """The corroboration table of one incident as data (docs/FORMATS.md §8.1)."""
        entry = self.incident(name)
        table = {"edition": self.number, "incident": name, "claims": entry["claims"]}
        if entry["status"] != Status.COUNTED:
            table["status"] = entry["status"]
        if entry["status"] == Status.CARRIED:
            table["figures"] = entry["figures"]
        if entry["claims"] is not None:
            table |= {member: entry[member] for member in _BESIDE if member in entry}
        return table


@dataclass(frozen=True)
class Comparison:
    """What an edition changes of one incident, in words that single nobody out; `moved` is of subjects and values."""

    since: Since
    moved: tuple[tuple[str, Json, Moved], ...] = ()


@dataclass(frozen=True)
class Shelf:
    """The editions of a case, newest first, and the next cutting day (None: today)."""

    editions: tuple[Edition, ...]
    next_day: date | None


def history(uow: UnitOfWork, actor: Actor, case: Case) -> tuple[Edition, ...]:
    """Every edition of a case, oldest first. Raises Tampered when one is forged or skipped, Refused without the key."""
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "editions")]
    versions = {roster.version: roster for roster in rosters.history(uow)}
    rows = select(EditionRow).where(EditionRow.case == unb64(case.id)).order_by(EditionRow.number)
    found: list[Edition] = []
    for place, row in enumerate(uow.testimony.scalars(rows), start=1):
        signed = parse_object(
            unpad(boxes.unseal_with(keys, ("edition", about(case.file, place)), row.sealed))
        )
        edition = Edition(_verify(signed, case.file, versions))
        before = b64(document_digest(found[-1].document)) if found else None
        earliest = found[-1].document["roster"] if found else 1
        chained = (edition.number, edition.document["previous"]) == (place, before)
        if not chained or edition.document["roster"] < earliest:
            raise Tampered("The editions of this case do not follow one another.")
        found.append(edition)
    return tuple(found)


def shelf(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> Shelf:
    """Which editions there are and when the next may be cut, for whoever may read them."""
    require(actor.role, Permission.READ_EDITION)
    editions = history(uow, actor, cases.show(uow, actor, case))
    days = [edition.day for edition in editions]
    free = rule.is_cutting_day(days, vault.cut_every_days, today)
    following = None if free else rule.next_cutting_day(days[0], vault.cut_every_days, days[-1])
    return Shelf(tuple(reversed(editions)), following)


def may_cut(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    """Whether the actor may cut this case's editions: by role, and by the keys that count and that read."""
    keys = ("corroboration", "editions")
    return allows(actor.role, Permission.CUT_EDITION) and all(
        keyrings.holds(uow, actor, file, key) for key in keys
    )


def browse(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, today: date) -> Shelf:
    """The shelf, for somebody who looks through it: one audit entry."""
    found = shelf(vault, uow, actor, case, today)
    audit.record(uow, actor.code, "editions listed", {"case": case}, today)
    return found


def read(uow: UnitOfWork, actor: Actor, case: str, number: int, today: date) -> Edition:
    """One edition. Raises NotFound, Refused without the editions key, Tampered. Reading is audited."""
    return read_up_to(uow, actor, case, number, today)[-1]


def read_up_to(uow: UnitOfWork, actor: Actor, case: str, number: int, today: date) -> tuple[Edition, ...]:
    """One edition and those before it, oldest first. Raises as `read` does, and is audited as the reading of one."""
    require(actor.role, Permission.READ_EDITION)
    editions = history(uow, actor, cases.show(uow, actor, case))
    if not 1 <= number <= len(editions):
        raise NotFound("There is no such edition.")
    audit.record(uow, actor.code, "edition read", {"case": case, "edition": number}, today)
    return editions[:number]


def compare(editions: Sequence[Edition], incident: str) -> Comparison | None:
    """The last of these editions with the one before; None for the first edition of a case. Raises NotFound."""
    entry = editions[-1].incident(incident)
    if len(editions) == 1:
        return None
    try:
        before = editions[-2].incident(incident)
    except NotFound:
        return Comparison(rule.since(None, Status(entry["status"])))
    since = rule.since(Status(before["status"]), Status(entry["status"]), "recut" in entry)
    if since not in (Since.THREE_OR_MORE_CHANGED, Since.RECUT):
        return Comparison(since)
    then = _lower_bounds(editions[before["figures"] - 1].incident(incident))
    now = _lower_bounds(entry)
    return Comparison(
        since,
        tuple(
            (subject, parse(value), rule.moved(then.get((subject, value), 0), now.get((subject, value), 0)))
            for subject, value in {**now, **then}
        ),
    )


def keep(uow: UnitOfWork, actor: Actor, file: CaseFile, document: Document, basis: Document) -> None:
    """Sign an edition and seal it to those who may read, its basis to those who may cut."""
    place = about(file, document["number"])
    row = EditionRow(
        case=unb64(file.id),
        number=document["number"],
        sealed=_seal(
            file.keys["editions"], ("edition", place), sign(document, actor.code, actor.keys.signing)
        ),
        basis=_seal(file.keys["corroboration"], ("basis", place), basis),
    )
    uow.testimony.add(row)
    uow.testimony.flush()


def basis_of(uow: UnitOfWork, file: CaseFile, edition: Edition, keys: Sequence[SealingKey]) -> dict[str, Any]:
    """What lay behind an edition's figures, for whoever holds the corroboration keys. Raises Tampered."""
    row = uow.testimony.get_one(EditionRow, (unb64(file.id), edition.number))
    basis = parse_object(unpad(boxes.unseal_with(keys, ("basis", about(file, edition.number)), row.basis)))
    if half_hash(basis) != edition.document["basis"]:
        raise Tampered("The basis of the last edition is not the one that was signed.")
    return basis


def about(file: CaseFile, number: int) -> dict[str, Any]:
    """Where an edition belongs."""
    return {"vault": file.vault, "case": file.id, "number": number}


def _verify(signed: dict[str, Any], file: CaseFile, versions: Mapping[int, Roster]) -> dict[str, Any]:
    """The document, signed by a reviewer to whom the quorum's case gives the corroboration key."""
    try:
        cutter = signed["document"]["cutter"]
        member = versions[signed["document"]["roster"]].member(cutter)
        document = read_by(signed, "edition", cutter, member.signing)
        may_cut = member.role == "reviewer" and file.has_promised(cutter, "corroboration")
        if may_cut and document["case"] == file.id:
            return document
    except (KeyError, TypeError):
        pass
    raise Tampered("An edition is not signed by a reviewer who may cut in this case.")


def _lower_bounds(entry: Document) -> dict[tuple[str, bytes], int]:
    """By subject and value, what is published of an incident's claims."""
    return {(one["subject"], canonical(one["value"])): one["direct"]["min"] for one in entry["claims"]}


def _seal(public: bytes, place: tuple[str, Document], content: Document) -> bytes:
    data = canonical(content)
    return boxes.seal(public, place, pad(data, size_class(len(data))))
