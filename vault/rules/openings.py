"""The life of a request for an opening, counted in days.

Custodians decide until its last day. From the k-th approval on the roster's cooling days run, in which everybody can
still speak up; then whoever asked can collect it, as often as a bad line makes necessary, to the seventh day after.
A new epoch ends every request made before it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vault.errors import N_, Expired, Refused
from vault.rules.quorum import Tally

COLLECTABLE = timedelta(days=7)
_ANEW = N_("The custodians have changed since this was asked for: ask anew.")


class State(StrEnum):
    """How a request stands."""

    WAITING = "waiting"  # for decisions
    REFUSED = "refused"  # by so many that k can no longer agree
    COOLING = "cooling"  # k agreed; it is not handed over yet
    DUE = "due"  # it can be collected
    OVER = "over"  # one of its last days has passed
    FORMER = "former"  # asked of the custodians of an earlier epoch


@dataclass(frozen=True)
class Life:
    """The days of one request: its last for decisions, that of the k-th approval, and how long it cools."""

    expires: date
    met: date | None
    cooling: int
    former: bool = False

    @property
    def first(self) -> date | None:
        """The first day on which it can be collected."""
        return None if self.met is None else self.met + timedelta(days=self.cooling)

    @property
    def last(self) -> date | None:
        """The last one."""
        return None if self.first is None else self.first + COLLECTABLE

    def state(self, tally: Tally, today: date) -> State:
        """How it stands today. Without k approvals that hold, the day on which there were k says nothing."""
        if self.former:
            return State.FORMER
        if tally.met and self.first is not None:
            if today < self.first:
                return State.COOLING
            return State.DUE if today <= self.first + COLLECTABLE else State.OVER
        if today > self.expires:
            return State.OVER
        return State.REFUSED if tally.hopeless else State.WAITING

    def require_present(self) -> None:
        """Raises Expired for a request of an earlier epoch."""
        if self.former:
            raise Expired(_ANEW)

    def require_decidable(self, today: date) -> None:
        """Raises Expired once nobody can decide any more."""
        self.require_present()
        if today > self.expires:
            raise Expired("This request is past its last day; a new one is needed.")

    def require_due(self, tally: Tally, today: date) -> None:
        """Raises Refused before it can be collected, Expired afterwards."""
        self.require_present()
        match self.state(tally, today):
            case State.OVER if tally.met:
                raise Expired("This could be collected until %(day)s: ask anew.", day=self.last)
            case State.OVER:
                raise Expired("This request is past its last day; a new one is needed.")
            case State.COOLING:
                raise Refused(
                    "The custodians have agreed; it can be collected from %(day)s on.", day=self.first
                )
            case State.REFUSED:
                raise Refused(
                    "So many custodians refused that no %(threshold)d can agree any more.",
                    threshold=tally.threshold,
                )
            case State.WAITING:
                tally.require_met()
