"""What reviewers decide about sources and links: one append-only log for each case (docs/FORMATS.md §8.3).

Each entry is signed, names the one before it, and is sealed to the case's corroboration key: whoever may count may
assess, and nobody else can read of whom.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit, cases, keyrings
from vault import roster as rosters
from vault.errors import Conflict, Invalid, Tampered
from vault.keyrings import Actor
from vault.rules import assessments as rule
from vault.rules.access import Permission, allows, require
from vault.rules.assessments import Decision, Entry, Motion, Standing
from vault.rules.credibility import Rating
from vault.sealing import boxes
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import (
    Json,
    b64,
    canonical,
    document_digest,
    pad,
    parse_object,
    size_class,
    unb64,
    unpad,
)
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import read_by, sign
from vault.store.testimony import AssessmentRow
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Log:
    """A case's log, verified: the signed documents, oldest first, and what they say."""

    documents: tuple[dict[str, Any], ...]
    entries: tuple[Entry, ...]

    @property
    def head(self) -> str | None:
        """By what the newest entry is called."""
        return self.entries[-1].name if self.entries else None

    @property
    def standing(self) -> Standing:
        """What of it stands. Raises Tampered for a log that no vault would have written."""
        try:
            return rule.standing(self.entries)
        except Invalid:
            raise Tampered(
                "A decision in this case's assessments was taken by whom it did not behove."
            ) from None

    def require(self, head: object) -> None:
        """Raises Tampered when an entry that an edition rests on is no longer there."""
        if head is not None and head not in {entry.name for entry in self.entries}:
            raise Tampered("Assessments that the last edition rests on are missing.")


def may_assess(uow: UnitOfWork, actor: Actor, file: CaseFile) -> bool:
    """Whether the actor may rate sources and settle links in this case."""
    return allows(actor.role, Permission.ASSESS) and keyrings.holds(uow, actor, file, "corroboration")


def assess(uow: UnitOfWork, actor: Actor, case: str, said: Rating | Motion | Decision, today: date) -> None:
    """Add an entry. Raises Refused without the corroboration key, Conflict for a decision that cannot be taken."""
    require(actor.role, Permission.ASSESS)
    file = cases.show(uow, actor, case).file
    log = read(uow, file, [key for _, key in keyrings.case_keys(uow, actor, file, "corroboration")])
    act, content = rule.to_json(said)
    try:
        rule.standing([*log.entries, Entry("", actor.code, rule.from_json(act, content))])
    except Invalid as error:
        if isinstance(said, Decision):
            raise Conflict(error.message) from None
        raise
    position = len(log.entries) + 1
    document = {
        "format": "witness-vault/v1/assessment",
        **_about(file, position),
        "previous": log.head,
        "day": today.isoformat(),
        "author": actor.code,
        "roster": rosters.current(uow).version,
        "nonce": b64(secrets.token_bytes(16)),
        "act": str(act),
        "content": content,
    }
    signed = canonical(sign(document, actor.code, actor.keys.signing))
    box = boxes.seal(
        file.keys["corroboration"],
        ("assessment", _about(file, position)),
        pad(signed, size_class(len(signed))),
    )
    uow.testimony.add(AssessmentRow(case=unb64(file.id), position=position, sealed=box))
    uow.testimony.flush()
    audit.record(uow, actor.code, "source assessed", {"case": case}, today)


def read(uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey]) -> Log:
    """The log of a case. Raises Tampered when an entry is forged, or one in the middle is missing."""
    versions = {roster.version: roster for roster in rosters.history(uow)}
    rows = select(AssessmentRow).where(AssessmentRow.case == unb64(file.id)).order_by(AssessmentRow.position)
    documents: list[dict[str, Any]] = []
    entries: list[Entry] = []
    for position, row in enumerate(uow.testimony.scalars(rows), start=1):
        about = _about(file, position)
        signed = parse_object(unpad(boxes.unseal_with(keys, ("assessment", about), row.sealed)))
        document = _verify(signed, file, versions)
        earliest = documents[-1]["roster"] if documents else 1
        follows = document["previous"] == (entries[-1].name if entries else None)
        if not follows or document["roster"] < earliest or any(document[key] != about[key] for key in about):
            raise Tampered("The assessments of this case do not follow one another.")
        documents.append(document)
        entries.append(_entry(document))
    return Log(tuple(documents), tuple(entries))


def _entry(document: dict[str, Any]) -> Entry:
    try:
        said = rule.from_json(document["act"], document["content"])
    except (Invalid, KeyError):
        raise Tampered("An assessment says nothing that this vault knows.") from None
    return Entry(b64(document_digest(document)), document["author"], said)


def _verify(signed: Json, file: CaseFile, versions: Mapping[int, Roster]) -> dict[str, Any]:
    """The document, signed by a reviewer to whom the quorum's case gives the corroboration key."""
    try:
        author = signed["document"]["author"]
        member = versions[signed["document"]["roster"]].member(author)
        if member.role == "reviewer" and file.has_promised(author, "corroboration"):
            return read_by(signed, "assessment", author, member.signing)
    except (KeyError, TypeError):
        pass
    raise Tampered("An assessment is not signed by a reviewer who may count in this case.")


def _about(file: CaseFile, position: int) -> dict[str, Any]:
    return {"vault": file.vault, "case": file.id, "position": position}
