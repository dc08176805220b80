"""Re-cuts: asked for by whoever may cut, signed by a quorum of custodians, obeyed by the next cut (FORMATS.md §8.4)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from sqlalchemy import func, select

from vault import cases, editions, keyrings
from vault import roster as rosters
from vault.editions import Edition
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.keyrings import Actor
from vault.rules import editions as rule
from vault.rules.editions import Status
from vault.rules.recuts import Recut
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Document, Json, b64, document_digest, stored, unb64
from vault.sealing.rosters import Roster
from vault.sealing.signatures import verify
from vault.store.testimony import EditionRow, ProposalRow, ProposalSignatureRow
from vault.store.unit_of_work import UnitOfWork


def check_proposal(uow: UnitOfWork, actor: Actor, document: Json, today: date) -> None:
    """Raises Invalid; Refused unless actor may cut and the incident be cut anew; Conflict for an old edition."""
    asked, roster = Recut.parse(document), rosters.current(uow)
    if (asked.vault, asked.roster) != (roster.vault, roster.version):
        raise Conflict("The roster has changed since this was prepared: prepare it again.")
    if asked.requester != actor.code:
        raise Invalid("Ask for a re-cut in your own name.")
    case = cases.show(uow, actor, asked.case)
    keyrings.case_keys(uow, actor, case.file, "corroboration")
    known = editions.history(uow, actor, case)
    if asked.edition != len(known) or not known:
        raise Conflict("A newer edition was cut, or none: look whether the incident is still under review.")
    _may_recut(known, asked.incident, today)


def is_next(uow: UnitOfWork, document: Document) -> bool:
    """Whether no edition was cut since a re-cut was asked for."""
    newest = select(func.max(EditionRow.number)).where(EditionRow.case == unb64(document["case"], 16))
    return bool(uow.testimony.scalar(newest) == document["edition"])


def agreed(uow: UnitOfWork, file: CaseFile, known: Sequence[Edition], today: date) -> dict[str, str]:
    """The incidents that the next cut has to count anew, each with the name of what the quorum signed.

    The signatures decide: a row that was put there by hand, or says that it took effect, counts for nothing.
    """
    versions = {roster.version: roster for roster in rosters.history(uow)}
    found = {}
    for row in uow.testimony.scalars(select(ProposalRow).where(ProposalRow.kind == "recut")):
        with suppress(Invalid, KeyError, NotFound, Refused, Tampered):
            document = stored(row.document)
            asked = Recut.parse(document)
            roster = versions[asked.roster]
            if (asked.vault, asked.case, asked.edition) == (file.vault, file.id, len(known)):
                _may_recut(known, asked.incident, today)
                if _signed_by_quorum(uow, row.digest, document, roster):
                    found[asked.incident] = b64(document_digest(document))
    return found


def _may_recut(known: Sequence[Edition], incident: str, today: date) -> None:
    days = [edition.day for edition in known for one in edition.document["incidents"] if _anew(one, incident)]
    rule.may_recut(Status(known[-1].incident(incident)["status"]), days, today)


def _anew(entry: Document, incident: str) -> bool:
    return entry["incident"] == incident and "recut" in entry


def _signed_by_quorum(uow: UnitOfWork, digest: bytes, document: Json, roster: Roster) -> bool:
    keys, signed = roster.custodian_keys(), set()
    rows = select(ProposalSignatureRow).where(ProposalSignatureRow.proposal == digest)
    for row in uow.testimony.scalars(rows):
        with suppress(Tampered, KeyError):
            verify(document, stored(row.signature), keys[row.by])
            signed.add(row.by)
    return len(signed) >= roster.threshold
