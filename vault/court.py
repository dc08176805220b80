"""Openings for a court: what a line of a signed statement counts, commitment by commitment (docs/FORMATS.md §16).

They show that so many different accounts stand behind the line, and of nobody who it is. Only a statement that all have
signed who must is opened: nobody learns from it, or shows, what was never said outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from vault import audit, cases, editions, keyrings, proofs
from vault import roster as rosters
from vault.editions import Edition
from vault.errors import Invalid, NotFound, Tampered
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.disclosure import Line, counted
from vault.rules.sheets import Cell
from vault.sealing import statements
from vault.sealing.commitments import leaf_hash, line_digest, path_to
from vault.sealing.digests import Json
from vault.sealing.statements import Statement
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Opened:
    """How many commitments a line rests on, how many of them can still be opened, and the openings if all can."""

    commitments: int
    openable: int
    document: dict[str, Any] | None = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """As the command line asks for it."""
        return {"commitments": self.commitments, "openable": self.openable, "openings": self.document}


def open_line(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, Json, int], today: date
) -> Opened:
    """Open a line, by its index, of a case's signed statement. One audit entry.

    Raises Refused without the corroboration keys, Invalid, NotFound, and Tampered for a statement that lacks a
    signature, or of other figures than an edition of the case has.
    """
    # (1) may this actor, and (2) did everybody sign who must
    require(actor.role, Permission.APPROVE_STATEMENT)
    name, signed, index = place
    statement, signers = statements.signatories(signed, rosters.history(uow))
    if not signers.complete:
        raise Tampered("This statement lacks a signature: only what was said outside is opened.")
    if not 0 <= index < len(statement.lines) or statement.lines[index]["leaves"] is None:
        raise Invalid("This line rests on no commitments: name another, counted from 0.")
    # (3) the edition that it rests on, and who stands where behind it
    case = cases.show(uow, actor, name)
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "corroboration")]
    edition = _edition(editions.history(uow, actor, case), statement)
    case.incident(statement.incident)
    about = statement.incident, vocabularies(vault, case)[statement.incident]
    sheet, opener = proofs.sheet_in(uow, case.file, edition, keys, about)
    # (4) each group that the line counts
    raw = statement.lines[index]
    cell = Cell(raw["subject"], about[1].check_value(raw["subject"], raw["value"]), raw["column"])
    behind = counted(sheet, Line(cell, raw["number"], raw["exactly"], raw["within"]))
    groups = sheet.figure(cell).groups
    found = zip(groups, opener.leaves(statement.incident, sheet, cell), strict=True)
    leaves = [leaf for group, leaf in found if group in behind]
    standing = [leaf for leaf in leaves if leaf is not None]
    audit.record(uow, actor.code, "line opened", {"case": name, "statement": statement.digest}, today)
    if len(standing) < len(leaves):
        return Opened(len(leaves), len(standing), None)
    # (5) they are the ones that were signed, and stand in the tree
    hashes = [leaf_hash(leaf) for leaf in standing]
    if line_digest(hashes) != raw["leaves"]:
        raise Tampered("The commitments behind this line are not those that were signed.")
    tree = proofs.tree_of(uow, case.file, edition, keys)
    opened = [(leaf, path_to(tree, hashed)) for leaf, hashed in zip(standing, hashes, strict=True)]
    return Opened(len(leaves), len(standing), statements.openings(statement, index, opened))


def _edition(known: Sequence[Edition], statement: Statement) -> Edition:
    for edition in known:
        if "proof" in edition.document and proofs.root_of(edition) == statement.root:
            return edition
    raise NotFound("No edition of this case has the figures of this statement.")
