"""Whether enough custodians can be reached: who was seen lately, who said they are away, whose shares still open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vault.errors import N_, Invalid, Message

SEEN_WITHIN = timedelta(days=14)
DRILL_WITHIN = timedelta(days=90)
LONGEST_ABSENCE = timedelta(days=180)


class Presence(StrEnum):
    """Whether a custodian can be asked today."""

    LIVE = "live"
    AWAY = "away"
    SILENT = "silent"


@dataclass(frozen=True)
class Attendant:
    """One custodian: the day last seen, the last day of an absence, the day of the newest drill."""

    code: str
    seen: date | None
    away: date | None
    drill: date | None

    def presence(self, today: date) -> Presence:
        """Away is who said so; live is who signed in within 14 days."""
        if self.away is not None and today <= self.away:
            return Presence.AWAY
        if self.seen is not None and today - self.seen <= SEEN_WITHIN:
            return Presence.LIVE
        return Presence.SILENT

    def has_drilled(self, today: date) -> bool:
        """Whether they proved within 90 days that their shares open."""
        return self.drill is not None and today - self.drill <= DRILL_WITHIN


@dataclass(frozen=True)
class Attendance:
    """All custodians of whom `threshold` together open something."""

    threshold: int
    custodians: Sequence[Attendant]

    def live(self, today: date) -> tuple[str, ...]:
        """Who can be reached today."""
        return tuple(one.code for one in self.custodians if one.presence(today) is Presence.LIVE)

    def alarm(self, today: date) -> Message | None:
        """What to say when fewer than k + 1 can be reached: one loss more, or this one, and nothing opens."""
        count = len(self.live(today))
        if count > self.threshold:
            return None
        if count == self.threshold:
            return Message(
                "No more than %(count)d custodians can be reached, as many as an opening takes: if one of them is "
                "lost, nothing opens.",
                count=count,
            )
        return Message(
            "An opening takes %(threshold)d custodians, and %(count)s can be reached: until more sign in, nothing "
            "opens.",
            threshold=self.threshold,
            count=count or N_("none"),
        )


def check_absence(until: str, today: date) -> date:
    """The last day of an absence. Raises Invalid for no day, one that is over, or one too far away."""
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise Invalid("Give the last day of your absence as a date, such as 2026-12-31.") from None
    if not today <= day <= today + LONGEST_ABSENCE:
        raise Invalid(
            "The last day of an absence is today or later, and at most 180 days away: for longer, somebody should take "
            "your place."
        )
    return day
