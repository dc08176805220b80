"""Signed revocations: by one person, at once, until a quorum has decided (docs/FORMATS.md §7.1)."""

from __future__ import annotations

from collections.abc import Callable
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


def read_revocation(signed: Json, roster_at: Callable[[int], Roster], file: CaseFile | None) -> Revocation:
    """What was revoked, if whoever signed it may. Raises Tampered: a row in a table revokes nobody.

    In a case (`file`) that is a custodian or somebody on its team; in all cases a custodian, a reviewer, or whoever it
    is about: one stolen researcher's key must not lock everybody out everywhere.
    """
    document, _ = read(signed, "revocation")
    try:
        roster, by = roster_at(document["roster"]), document["by"]
        if _is_sound(document) and document["vault"] == roster.vault:
            custodian = roster.custodians.get(by)
            if custodian is None and not _is_colleague(by, document, roster, file):
                raise Tampered("A revocation is signed by somebody who may not take these keys away.")
            public = roster.member(by).signing if custodian is None else custodian.signing
            read_by(signed, "revocation", by, public)
            return Revocation(*(document[part] for part in ("case", "version", "member", "by", "day")))
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("This is not a revocation of this vault.")


def stands(found: Revocation, file: CaseFile | None, roster: Roster) -> bool:
    """Whether it holds still: until a quorum signs the next version of what it names."""
    if found.case is None:
        return found.version == roster.version
    return file is not None and (found.case, found.version) == (file.id, file.version)


def _is_colleague(code: str, document: Document, roster: Roster, file: CaseFile | None) -> bool:
    if document["case"] is None:
        return roster.member(code).role == "reviewer" or code == document["member"]
    versions = () if file is None else (*file.earlier, file)
    named = document["case"], document["version"]
    return any((one.id, one.version) == named and one.promises(code, "brief") for one in versions)


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
