"""Across incidents: in how many of them at least 3, 5, 8 independent persons affirm a subject.

It is read off editions, never off accounts. The lower bound decides; of several values of a subject the one that most
persons perceived, for they may be the same persons. Fewer than three incidents are not told apart, nor from none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vault.rules.editions import BATCH

STEPS = (3, 5, 8)


@dataclass(frozen=True)
class Pattern:
    """A subject, and for each step in how many incidents so many persons perceived it; None: in fewer than three."""

    subject: str
    incidents: tuple[int | None, ...]


def patterns(tables: Mapping[str, Iterable[tuple[str, int]]]) -> tuple[Pattern, ...]:
    """The pattern of each subject in any table, in alphabetical order; by incident, the subject and direct lower bound
    of each row."""
    most: dict[str, dict[str, int]] = {}
    for incident, rows in tables.items():
        for subject, direct in rows:
            found = most.setdefault(subject, {})
            found[incident] = max(found.get(incident, 0), direct)
    return tuple(
        Pattern(subject, tuple(_told_apart(most[subject].values(), step) for step in STEPS))
        for subject in sorted(most)
    )


def _told_apart(counts: Iterable[int], step: int) -> int | None:
    found = sum(count >= step for count in counts)
    return found if found >= BATCH else None
