"""Retention: how long the records of a case are kept, by what a quorum of custodians signs.

When the last day is over nothing happens by itself: the case is due. Destroying takes another quorum, a week in which
every custodian can still call it off, and a reader who carries it out.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vault.errors import N_, Conflict, Invalid, Refused
from vault.rules.fields import Fields

RETENTION = ("format", "vault", "roster", "case", "version", "until", "reason", "proposer", "day")
DESTRUCTION = ("format", "vault", "roster", "case", "of", "retention", "until", "proposer", "day")
FIRST, LAST = timedelta(days=90), timedelta(days=30)  # how long before it is said, and said urgently
AHEAD = timedelta(days=30)  # a last day is never nearer when it is set: nobody is surprised
WAIT = timedelta(days=7)  # between the k-th signature and the destruction
_CODE = 80
_DESTROYED = N_("The records of this case are destroyed already.")


class RetentionReason(StrEnum):
    """Why a case is kept so long. Codes: in the clear, words could name a person."""

    WITNESSES_WERE_TOLD = "witnesses_were_told"
    LAW_ASKS = "law_asks"
    MANDATE_ENDS = "mandate_ends"
    STILL_NEEDED = "still_needed"
    SET_BY_MISTAKE = "set_by_mistake"


class Of(StrEnum):
    """What of a case is destroyed."""

    CASE = "case"  # all its records
    RECORDS = "records"  # those whose witnesses set a last day that is over


class Stage(StrEnum):
    """How a case stands."""

    OPEN = "open"  # without a last day
    KEPT = "kept"  # it is far
    NEAR = "near"  # within 90 days
    SOON = "soon"  # within 30 days
    DUE = "due"  # over; nothing happens until custodians sign
    AGREED = "agreed"  # a quorum signed, and each of them can still call it off
    READY = "ready"  # a reader may carry it out
    DESTROYED = "destroyed"


@dataclass(frozen=True)
class Retention:
    """The last day of a case's records, or that they have none."""

    vault: str
    roster: int
    case: str
    version: int
    until: date | None
    reason: RetentionReason
    proposer: str
    day: date

    @classmethod
    def parse(cls, raw: object) -> "Retention":
        """Reads the document; raises Invalid."""
        fields = Fields(raw, "A retention", RETENTION)
        return cls(
            vault=fields.text("vault", _CODE),
            roster=fields.whole("roster"),
            case=fields.text("case", _CODE),
            version=fields.whole("version"),
            until=None if fields.value("until", "") is None else fields.day("until"),
            reason=fields.choice("reason", RetentionReason),
            proposer=fields.text("proposer", _CODE),
            day=fields.day("day"),
        )


@dataclass(frozen=True)
class Destruction:
    """That the records of a case are destroyed, whose last day is over; or those whose own is `until` or before."""

    vault: str
    roster: int
    case: str
    of: Of
    retention: int
    until: date
    proposer: str
    day: date

    @classmethod
    def parse(cls, raw: object) -> "Destruction":
        """Reads the document; raises Invalid, also for one of a day before `until` is over: who signs sees that, and
        not the server's clock alone."""
        fields = Fields(raw, "A destruction", DESTRUCTION)
        found = cls(
            vault=fields.text("vault", _CODE),
            roster=fields.whole("roster"),
            case=fields.text("case", _CODE),
            of=fields.choice("of", Of),
            retention=fields.whole("retention"),
            until=fields.day("until"),
            proposer=fields.text("proposer", _CODE),
            day=fields.day("day"),
        )
        if found.day <= found.until:
            raise Invalid("This last day is not over: nothing is destroyed before.")
        return found


@dataclass(frozen=True)
class Agreed:
    """What a quorum signed, the day of the k-th signature by the server's word, and whether it was carried out."""

    destruction: Destruction
    met: date
    done: bool

    @property
    def first(self) -> date:
        """The first day on which it may be carried out; never before a week after the day that was signed."""
        return max(self.met, self.destruction.day) + WAIT


@dataclass(frozen=True)
class Lasting:
    """What is signed about how long a case lasts."""

    retention: Retention | None = None
    agreed: Agreed | None = None

    @property
    def until(self) -> date | None:
        """The last day of its records."""
        return None if self.retention is None else self.retention.until

    @property
    def version(self) -> int:
        """Of what is in force; 0 before anything is."""
        return 0 if self.retention is None else self.retention.version

    @property
    def destroyed(self) -> bool:
        """Whether all its records are."""
        agreed = self.agreed
        return agreed is not None and agreed.done and agreed.destruction.of is Of.CASE

    @property
    def waits(self) -> Agreed | None:
        """The destruction that was agreed on and not carried out. Of a case whose last day was changed since, none."""
        agreed = self.agreed
        if agreed is None or agreed.done:
            return None
        decided = agreed.destruction.retention, agreed.destruction.until
        holds = agreed.destruction.of is Of.RECORDS or decided == (self.version, self.until)
        return agreed if holds else None

    def stage(self, today: date) -> Stage:
        """How the case stands today."""
        if self.destroyed:
            return Stage.DESTROYED
        if self.waits is not None and self.waits.destruction.of is Of.CASE:
            return Stage.AGREED if today < self.waits.first else Stage.READY
        if self.until is None:
            return Stage.OPEN
        if today > self.until:
            return Stage.DUE
        left = self.until - today
        return Stage.SOON if left <= LAST else Stage.NEAR if left <= FIRST else Stage.KEPT

    def check_next(self, new: Retention, today: date) -> None:
        """Raises Conflict unless this follows, Invalid for a last day that would surprise anybody."""
        if self.destroyed:
            raise Conflict(_DESTROYED)
        if new.version != self.version + 1:
            raise Conflict("The last day of this case was changed since: prepare it again.")
        if new.until == self.until:
            raise Invalid("This is the last day already.")
        if new.until is None:
            return
        longer = self.until is not None and new.until > self.until
        if new.until < today + (timedelta(days=1) if longer else AHEAD):
            raise Invalid("A last day is at least 30 days ahead, and one that is prolonged not over already.")

    def check_destruction(self, new: Destruction) -> None:
        """Raises Conflict unless it names what is in force, or where one waits."""
        if self.destroyed:
            raise Conflict(_DESTROYED)
        if self.waits is not None:
            raise Conflict(
                "A destruction in this case is agreed on already: have it carried out, or call it off."
            )
        if new.retention != self.version or (new.of is Of.CASE and new.until != self.until):
            raise Conflict("The last day of this case was changed since: prepare it again.")

    def require_ready(self, today: date) -> Destruction:
        """What may be carried out. Raises Conflict once it is done, Refused before a quorum and a week."""
        if self.destroyed:
            raise Conflict(_DESTROYED)
        if self.waits is None:
            raise Refused("No quorum of custodians has agreed that anything of this case is destroyed.")
        if today < self.waits.first:
            raise Refused(
                "Custodians can call this off until it may be carried out, from %(day)s on.",
                day=self.waits.first.isoformat(),
            )
        return self.waits.destruction
