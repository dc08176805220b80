"""Withdrawal: how much of what a witness gave is destroyed, and why.

Whoever has the receipt of an interview withdraws that interview, or who the witness is, and gives no reason. A reader
withdraws in the name of a witness, with a reason by code, so many times a day and no more.
"""

from collections.abc import Mapping
from enum import StrEnum

MOST_A_DAY = 10  # by one reader: somebody who has a reader's device must not destroy a case in an hour


class Scope(StrEnum):
    """What is destroyed."""

    INTERVIEW = "interview"  # everything of one interview; by a reader, with its corrections
    WITNESS = "witness"  # everything that the witness ever said in the case
    IDENTITY = "identity"  # who they are: identity and match record; by a reader, of all their interviews


class Reason(StrEnum):
    """Why a reader withdraws."""

    WITNESS_ASKS = "witness_asks"
    WITNESS_IN_DANGER = "witness_in_danger"
    RECORDED_BY_MISTAKE = "recorded_by_mistake"
    TIME_IS_OVER = "time_is_over"


BY_RECEIPT = (Scope.INTERVIEW, Scope.IDENTITY)


def chain(one: str, replaces: Mapping[str, str | None]) -> frozenset[str]:
    """An interview, what it corrects and what corrects it, however far: one that is left would stand again.

    `replaces` names for each interview of the witness the one that it corrects.
    """
    pairs = [frozenset((deposit, other)) for deposit, other in replaces.items() if other is not None]
    found = frozenset({one})
    while grown := frozenset().union(*(pair for pair in pairs if pair & found)) - found:
        found |= grown
    return found & replaces.keys()
