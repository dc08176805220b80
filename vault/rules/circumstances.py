"""What surrounds the figures of an incident: how many could have perceived it, how many the team met, what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from vault.rules.sheets import Cell


class Band(StrEnum):
    """About how many people could have perceived something."""

    UNDER_20 = "under_20"
    FROM_20 = "20_to_49"
    FROM_50 = "50_to_199"
    FROM_200 = "200_to_999"
    FROM_1000 = "1000_or_more"

    @property
    def least(self) -> int:
        """The lower bound: the gates reckon with that."""
        return {"20_to_49": 20, "50_to_199": 50, "200_to_999": 200, "1000_or_more": 1000}.get(self, 0)


@dataclass(frozen=True)
class Circumstances:
    """What was signed by two about an incident: who could have perceived each subject, and how many of those who could
    the team met, in all and `lately`: since the edition before; how many must have spoken since that; and what was
    published before: the number of each cell, and on which days."""

    pools: Mapping[str, Band] = field(default_factory=dict)
    contacts: int | None = None
    lately: int | None = None
    came: int = 0
    published: Mapping[Cell, int] = field(default_factory=dict)
    days: Sequence[date] = ()

    def pool(self, cell: Cell) -> int | None:
        """How many people could have perceived a claim, at least; None where nobody has said."""
        band = self.pools.get(cell.subject)
        return None if band is None else band.least
