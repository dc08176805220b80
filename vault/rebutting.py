"""Rebuttal sheets to be read: a draft as long as somebody looks at it, signed by two once it is given out.

A sheet is given out again and again, and each time all that it was made of must still stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from vault import audit, chains, custody, exports, keyrings, rebuttals
from vault import roster as rosters
from vault.answering import digest_of
from vault.answers import Answers
from vault.errors import Refused
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rebuttals import answers_of, require_same
from vault.rules.access import Permission, require
from vault.rules.answers import Document
from vault.rules.custody import File
from vault.rules.exports import Sheet
from vault.rules.rebuttals import Choice, Proposed
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Json
from vault.sealing.signatures import with_signatures
from vault.sealing.statements import Statement
from vault.shown import Picture
from vault.store.unit_of_work import UnitOfWork

_Files = Mapping[str, tuple[str, File]]  # by SHA-256: of which item, which file


@dataclass(frozen=True)
class Readable:
    """A sheet, with the statements and the pictures that it is printed with; a draft until it is given out."""

    sheet: Document = field(repr=False)
    statements: Mapping[str, Statement] = field(repr=False)
    pictures: Mapping[str, Picture] = field(repr=False)
    published: dict[str, Json] | None = field(default=None, repr=False)


def look(vault: Installation, actor: Actor, what: tuple[str, Mapping[str, Any]], today: date) -> Readable:
    """What a choice would say, to be looked at before it is proposed. Raises as `propose`."""
    with vault.store.read() as uow:
        made = rebuttals.consider(vault, uow, actor, what, today)
        named = _Named.of(answers_of(vault, uow, actor, what[0], today), *made)
    return named.readable(vault, actor, today)


def show(vault: Installation, actor: Actor, place: tuple[str, str], today: date) -> Readable:
    """A sheet as a draft, for whoever reads the figures of its case. Raises Refused for what may not be used today."""
    require(actor.role, Permission.READ_EDITION)
    case, name = place
    with vault.store.work() as uow:
        answers = answers_of(vault, uow, actor, case, today)
        proposal = rebuttals.read(uow, actor, answers.case).sheet(name).proposal
        named = _Named.of(answers, proposal.sheet, proposal.choice)
        audit.record(uow, actor.code, "rebuttals read", {"case": case}, today)
        uow.commit()
    return named.readable(vault, actor, today)


def give_out(vault: Installation, actor: Actor, place: tuple[str, str], today: date) -> Readable:
    """A sheet that was upheld, with both signatures, to be given to anybody; it is in the ledger first.

    Raises Refused unless all that it was made of still stands, and both who signed it are still of the case.
    """
    require(actor.role, Permission.WEIGH_EVIDENCE)
    case, name = place
    with vault.store.work() as uow:
        # (1) is it upheld, and does it come out the same today
        answers = answers_of(vault, uow, actor, case, today)
        one = rebuttals.read(uow, actor, answers.case).sheet(name)
        _require_upheld(uow, answers.case.file, one)
        require_same(answers, one)
        # (2) what leaves is noted before it leaves
        exports.note_sheet(uow, actor, answers.case.file, Sheet(digest_of(one.proposal.sheet)), today)
        audit.record(uow, actor.code, "rebuttal given out", {"case": case}, today)
        named, published = _Named.of(answers, one.proposal.sheet, one.proposal.choice), _published(uow, one)
        uow.commit()
    return named.readable(vault, actor, today, published)


@dataclass(frozen=True)
class _Named:
    """A sheet of a case, its statements, and where its pictures lie."""

    case: str
    sheet: Document
    statements: Mapping[str, Statement]
    files: _Files

    @classmethod
    def of(cls, answers: Answers, sheet: Document, choice: Choice) -> _Named:
        """Raises Refused where a statement does not stand any more. Without the evidence key no picture is shown."""
        found: _Files = {}
        if chains.may_read(answers.uow, answers.actor, answers.case.file):
            found = answers.pictures_of(choice)
        needed = {
            one["picture"] for point in sheet["points"] for one in point["answers"] if one.get("picture")
        }
        files = {sha256: found[sha256] for sha256 in sorted(needed & found.keys())}
        return cls(answers.case.id, sheet, answers.statements_of(sheet), files)

    def readable(
        self, vault: Installation, actor: Actor, today: date, published: dict[str, Json] | None = None
    ) -> Readable:
        """Pictures are opened last, each of them noted in its chain of custody first."""
        pictures = {}
        for sha256, (item, file) in self.files.items():
            opened = custody.open_file(vault, actor, (self.case, item, file.file), today)
            pictures[sha256] = Picture.of(opened.whole())
        return Readable(self.sheet, self.statements, pictures, published)


def _require_upheld(uow: UnitOfWork, file: CaseFile, one: Proposed) -> None:
    if not one.upheld:
        raise Refused("A sheet is given out once another reviewer has upheld it.")
    for code in (one.author, one.decider or ""):
        if keyrings.is_revoked(uow, file, code) or not file.promises(code, "editions"):
            raise Refused("Somebody who signed this has left the case, or their keys were revoked.")


def _published(uow: UnitOfWork, one: Proposed) -> dict[str, Json]:
    sheet, verdict = one.proposal.sheet, one.verdict
    signatures = [one.proposal.signature, (verdict and verdict.signature) or {}]
    return {
        "format": "witness-vault/v1/published-rebuttal",
        "sheet": with_signatures(sheet, signatures),
        "rosters": list(rosters.chain(uow)[: sheet["roster"]]),
    }
