"""What reviewers decide about sources and links: one append-only log for each case (docs/FORMATS.md §8.3).

Each entry is signed, names the one before it, and is sealed to the case's corroboration key: whoever may count may
assess, and nobody else can read of whom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from vault import audit, cases, keyrings, ledgers
from vault.errors import Conflict, Invalid, Tampered
from vault.keyrings import Actor
from vault.ledgers import Ledger
from vault.rules import assessments as rule
from vault.rules.access import Permission, allows, require
from vault.rules.assessments import Decision, Entry, Motion, Standing
from vault.rules.credibility import Rating
from vault.sealing.casefiles import CaseFile
from vault.sealing.keypairs import SealingKey
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
    entry = {
        "format": "witness-vault/v1/assessment",
        "day": today.isoformat(),
        "act": str(act),
        "content": content,
    }
    ledgers.append(uow, actor, _ledger(file), log.documents, entry)
    audit.record(uow, actor.code, "source assessed", {"case": case}, today)


def read(uow: UnitOfWork, file: CaseFile, keys: Sequence[SealingKey]) -> Log:
    """The log of a case. Raises Tampered when an entry is forged, or one in the middle is missing."""
    documents = ledgers.read(uow, _ledger(file), keys)
    return Log(documents, tuple(map(_entry, documents)))


def waiting(uow: UnitOfWork, actor: Actor, file: CaseFile) -> int:
    """How many motions wait for the actor's decision. Raises Refused without the corroboration key, Tampered."""
    moved = read(
        uow, file, [key for _, key in keyrings.case_keys(uow, actor, file, "corroboration")]
    ).standing.moved
    return sum(one.decision is None and one.author != actor.code for one in moved.values())


def _entry(document: dict[str, Any]) -> Entry:
    try:
        said = rule.from_json(document["act"], document["content"])
    except (Invalid, KeyError):
        raise Tampered("An assessment says nothing that this vault knows.") from None
    return Entry(ledgers.name(document), document["author"], said)


def _ledger(file: CaseFile) -> Ledger:
    return Ledger(file, "assessment", "corroboration", AssessmentRow)
