"""Re-cuts: what a quorum of custodians signs so that an incident under review shows figures again (see `editions`)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from vault.errors import Invalid
from vault.rules.fields import Fields

MEMBERS = ("format", "vault", "roster", "case", "incident", "edition", "requester", "reason", "day")
_CODE = 80


class RecutReason(StrEnum):
    """Why figures are needed before three people have changed. Codes: in the clear, words could name a person."""

    COURT_OR_MANDATE_ASKS = "court_or_mandate_asks"
    STATEMENT_RESTS_ON_IT = "statement_rests_on_it"
    FIGURES_WERE_WRONG = "figures_were_wrong"
    SAFETY_DEPENDS_ON_IT = "safety_depends_on_it"


@dataclass(frozen=True)
class Recut:
    """What is asked for: new figures of one incident, which is under review in the newest edition."""

    vault: str
    roster: int
    case: str
    incident: str
    edition: int
    requester: str
    reason: RecutReason

    @classmethod
    def parse(cls, raw: object) -> "Recut":
        """Reads the document; raises Invalid."""
        fields = Fields(raw, "A re-cut", MEMBERS)
        try:
            date.fromisoformat(fields.text("day", len("2026-11-22")))
        except ValueError:
            raise Invalid("A re-cut names the day on which it was asked for.") from None
        return cls(
            vault=fields.text("vault", _CODE),
            roster=fields.whole("roster"),
            case=fields.text("case", _CODE),
            incident=fields.text("incident", _CODE),
            edition=fields.whole("edition"),
            requester=fields.text("requester", _CODE),
            reason=fields.choice("reason", RecutReason),
        )
