"""Across incidents: what the newest editions of the cases granted say together (docs/FORMATS.md §8.2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from vault import audit, cases, editions, keyrings
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.rules.patterns import STEPS, Pattern, patterns
from vault.rules.vocabulary import Vocabulary
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Counted:
    """An incident that has figures: whose, in which edition, and by subject the highest step that it reaches (0: none,
    though somebody perceived it directly)."""

    case: str
    code: str
    edition: int
    incident: dict[str, str]
    reached: dict[str, int]


@dataclass(frozen=True)
class Across:
    """The incidents of one vocabulary and the patterns of its subjects, in its order."""

    vocabulary: Vocabulary
    incidents: tuple[Counted, ...]
    patterns: tuple[Pattern, ...]

    def to_json(self) -> dict[str, Any]:
        """As FORMATS 8.2 has it."""
        return {
            "vocabulary": self.vocabulary.name,
            "incidents": [
                {"case": one.case, "edition": one.edition, "incident": one.incident["incident"]}
                for one in self.incidents
            ],
            "patterns": [
                {
                    "subject": one.subject,
                    "incidents": {str(step): many for step, many in zip(STEPS, one.incidents, strict=True)},
                }
                for one in self.patterns
            ],
        }


def look(vault: Installation, uow: UnitOfWork, actor: Actor, today: date) -> tuple[Across, ...]:
    """By vocabulary, every incident with figures in the newest edition of a case whose editions the actor may read.

    One audit entry. Raises Tampered as `editions.history` does.
    """
    require(actor.role, Permission.READ_EDITION)
    counted: dict[str, list[tuple[Counted, list[tuple[str, int]]]]] = defaultdict(list)
    for case in cases.listing(uow, actor):
        shelf = (
            editions.history(uow, actor, case) if keyrings.holds(uow, actor, case.file, "editions") else ()
        )
        for entry in shelf[-1].document["incidents"] if shelf else ():
            if entry["claims"] is not None:
                facts = case.incident(entry["incident"])
                table = [(claim["subject"], claim["direct"]["min"]) for claim in entry["claims"]]
                one = Counted(case.id, case.file.code, shelf[-1].number, facts, _reached(table))
                counted[facts["vocabulary"]].append((one, table))
    audit.record(uow, actor.code, "patterns read", {}, today)
    return tuple(_across(vault.vocabularies[name], counted[name]) for name in sorted(counted))


def _across(vocabulary: Vocabulary, counted: list[tuple[Counted, list[tuple[str, int]]]]) -> Across:
    found = patterns({f"{one.case}/{one.incident['incident']}": table for one, table in counted})
    ordered = sorted(found, key=lambda one: vocabulary.order(one.subject, "yes"))
    return Across(vocabulary, tuple(one for one, _ in counted), tuple(ordered))


def _reached(table: list[tuple[str, int]]) -> dict[str, int]:
    most: dict[str, int] = {}
    for subject, direct in table:
        most[subject] = max(most.get(subject, 0), direct)
    return {
        subject: max((step for step in STEPS if step <= direct), default=0)
        for subject, direct in most.items()
        if direct
    }
