"""k of n as a value that explains itself. It knows votes, no keys."""

from dataclasses import dataclass

from vault.errors import Invalid, Refused

FEWEST = 2  # with a threshold of one, one coerced person is enough


@dataclass(frozen=True)
class Tally:
    """Who approved, of whom `threshold` are needed, and who refused; raises Invalid below two or above the eligible.

    A decision of somebody who is not eligible counts for nothing.
    """

    threshold: int
    approved: frozenset[str]
    eligible: frozenset[str]
    refused: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not FEWEST <= self.threshold <= len(self.eligible):
            raise Invalid(
                "A quorum needs at least %(fewest)d people, and no more than there are.", fewest=FEWEST
            )

    @property
    def given(self) -> int:
        """How many approvals count."""
        return len(self.approved & self.eligible)

    @property
    def missing(self) -> int:
        """How many approvals are still needed; 0 once the quorum is met."""
        return max(0, self.threshold - self.given)

    @property
    def waiting(self) -> frozenset[str]:
        """The eligible who have not approved."""
        return self.eligible - self.approved

    @property
    def hopeless(self) -> bool:
        """Whether so many refused that not enough are left."""
        return len(self.eligible - self.refused) < self.threshold

    @property
    def met(self) -> bool:
        """Whether enough of the eligible approved."""
        return self.missing == 0

    def require_met(self) -> None:
        """Raises Refused, with the tally, unless the quorum is met."""
        if not self.met:
            raise Refused(
                "This needs more approvals: so far %(given)d of %(threshold)d.",
                given=self.given,
                threshold=self.threshold,
            )

    def __str__(self) -> str:
        return f"{self.given} of {self.threshold}"
