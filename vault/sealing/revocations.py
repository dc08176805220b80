"""Signed revocations: by one person, at once, until a quorum has decided (docs/FORMATS.md §7.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from vault.errors import Invalid, Tampered
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Document, Json
from vault.sealing.rosters import CODE, DAY, Roster
from vault.sealing.signatures import read, read_by

_PARTS = {"format", "vault", "case", "version", "member", "by", "roster", "day"}


@dataclass(frozen=True)
class Revocation:
    """Whose keys, by whom, in which version of which case; without a case in all of them, by the roster's version."""

    case: str | None
    version: int
    member: str
    by: str
    day: str


def revocation(file: CaseFile | None, member: str, by: str, roster: Roster, day: str) -> dict[str, Any]:
    """The document that takes a member's keys away: in the newest version of a case, or in all cases."""
    return {
        "format": "witness-vault/v1/revocation",
        "vault": roster.vault,
        "case": None if file is None else file.id,
        "version": roster.version if file is None else file.version,
        "member": member,
        "by": by,
        "roster": roster.version,
        "day": day,
    }


def read_revocation(
    signed: Json, roster_at: Callable[[int], Roster], files: Callable[[str | None], Iterable[CaseFile]]
) -> Revocation:
    """What was revoked, if whoever signed it may: a custodian, or somebody on the team. Raises Tampered.

    `files` gives the case of an id, or all of them: a row in a table revokes nobody without such a signature.
    """
    document, _ = read(signed, "revocation")
    try:
        roster = roster_at(document["roster"])
        by, case = document["by"], document["case"]
        if not _is_sound(document) or document["vault"] != roster.vault:
            raise Tampered("This is not a revocation of this vault.")
        if by in roster.custodians:
            public = roster.custodians[by].signing
        else:
            public = roster.member(by).signing
            if not any(_on_team(by, document, file) for file in files(case)):
                raise Tampered("A revocation is signed by somebody who is on no team of the case.")
        read_by(signed, "revocation", by, public)
        return Revocation(case, document["version"], document["member"], by, document["day"])
    except (KeyError, TypeError, Invalid):
        raise Tampered("This is not a revocation of this vault.") from None


def _on_team(code: str, document: Document, file: CaseFile) -> bool:
    if document["case"] is None:
        return file.has_promised(code, "brief")
    return any(
        one.promises(code, "brief")
        for one in (*file.earlier, file)
        if (one.id, one.version) == (document["case"], document["version"])
    )


def _is_sound(document: Document) -> bool:
    numbers = document["version"], document["roster"]
    everywhere = document["case"] is None
    return (
        set(document) == _PARTS
        and all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
        and (everywhere or isinstance(document["case"], str))
        and (not everywhere or document["version"] == document["roster"])
        and all(CODE.match(document[part]) for part in ("member", "by"))
        and DAY.match(document["day"]) is not None
    )
