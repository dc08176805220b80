"""A rebuttal sheet as somebody receives it, far from the vault: who signed it, and what its references stand for.

Nothing is asked of a server. Whose vault it is, the six words of its founding tell: its people say them by another way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vault.answering import digest_of
from vault.errors import Invalid, Tampered
from vault.rules.answers import Document, check
from vault.sealing import statements
from vault.sealing.digests import Json
from vault.sealing.rosters import Roster, at, verify_chain
from vault.sealing.signatures import read, signers
from vault.sealing.statements import Statement

_SIGNERS = 2


@dataclass(frozen=True)
class Received:
    """A sheet that holds: its digest, by whom it is signed, and the founding of the vault, as a digest."""

    sheet: Document = field(repr=False)
    digest: str
    signers: tuple[str, ...]
    founding: bytes


def received(data: bytes) -> Received:
    """A published sheet. Raises Tampered unless two reviewers of the roster that it names signed exactly this."""
    try:
        raw = json.loads(data)
        if (
            set(raw) != {"format", "sheet", "rosters"}
            or raw["format"] != "witness-vault/v1/published-rebuttal"
        ):
            raise Tampered("This is not the file of a rebuttal sheet.")
        chain = verify_chain(raw["rosters"])
        document, entries = read(raw["sheet"], "rebuttal")
        sheet = check(document)
        named = at(chain)(sheet["roster"])
    except (Invalid, ValueError, TypeError, KeyError, RecursionError):
        raise Tampered("This is not the file of a rebuttal sheet, or it was changed.") from None
    signed = _signed(sheet, entries, named)
    return Received(sheet, digest_of(sheet), tuple(sorted(signed)), chain[0].digest)


def cited(sheet: Document, files: Sequence[bytes]) -> Mapping[str, Statement | None]:
    """The statements that a sheet names, by digest; None for one that was not given.

    Raises Tampered for a file that does not hold or is not named, and for a line that its statement does not have.
    """
    answers = [one for point in sheet["points"] for one in point["answers"] if "statement" in one]
    found: dict[str, Statement | None] = dict.fromkeys(one["statement"] for one in answers)
    for data in files:
        statements.check_published(data)
        statement = statements.parse(json.loads(data)["statement"]["document"])
        if statement.digest not in found:
            raise Tampered("A statement was given that this sheet does not name.")
        found[statement.digest] = statement
    for one in answers:
        statement_of = found[one["statement"]]
        if statement_of is not None and one["line"] >= len(statement_of.lines):
            raise Tampered("This sheet names a line that its statement does not have.")
    return found


def _signed(sheet: Document, entries: Sequence[Json], named: Roster) -> frozenset[str]:
    reviewers = {code: one.signing for code, one in named.members.items() if one.role == "reviewer"}
    signed = signers(sheet, entries, reviewers)
    two = len(signed) == len(entries) == _SIGNERS == len({reviewers[code] for code in signed})
    if not two or sheet["vault"] != named.vault:
        raise Tampered("This sheet is not signed by two reviewers of its vault.")
    return signed
