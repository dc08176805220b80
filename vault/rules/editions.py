"""When an edition may be cut, and when an incident's figures may change in it.

**Days.** The first edition of a case may be cut at any time. After it, a cutting day falls every so many
days, counted from the first; on that day or later, one edition may be cut until the next cutting day.
Somebody who watches the figures thus learns when they moved, and never why.

**The batch rule.** If one interview could move a figure, whoever knows that one person spoke would read off
what they said. So the figures of an incident change only when at least three distinct persons changed on it
since its figures last changed: added, withdrawn, or with other accounts than then. "Then" is the *basis*:
the persons, each with a hash of all that counted, behind the figures last shown. Until three changed, the
basis stays as it is, so that changes add up over editions and are never forgotten.

- never had figures: `too-few` below three persons, `counted` from three on;
- nobody changed: `carried`, the old figures are still true;
- one or two were added and nothing else changed: `carried`, the old figures are true of those whom they
  count;
- one or two changed otherwise: `under-review`, because the old figures are no longer true and new ones
  would betray whoever changed;
- three or more changed: `counted`, and the basis is that of today; but if fewer than three persons are
  left, still `under-review`, on the old basis.

An incident under review shows no figures. It leaves that state when three have changed, or when what
changed is as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vault.errors import Invalid, Refused

BATCH = 3


class Status(StrEnum):
    """What an edition says of one incident."""

    COUNTED = "counted"
    CARRIED = "carried"
    UNDER_REVIEW = "under-review"
    TOO_FEW = "too-few"


@dataclass(frozen=True)
class IncidentState:
    """An incident as of one edition: its status, the edition that its figures come from, and their basis.

    `figures` is None, and the basis empty, as long as it never had any.
    """

    status: Status
    figures: int | None
    basis: Mapping[str, str]


def decide(previous: IncidentState | None, persons: Mapping[str, str], edition: int) -> IncidentState:
    """The state of an incident in the edition being cut, by the batch rule.

    `persons` maps each witness with an account on the incident to a hash of all that counts of them.
    """
    if previous is None or previous.figures is None:
        if len(persons) < BATCH:
            return IncidentState(Status.TOO_FEW, None, {})
        return IncidentState(Status.COUNTED, edition, dict(persons))
    basis = previous.basis
    changed = {person for person in basis.keys() | persons.keys() if basis.get(person) != persons.get(person)}
    if len(changed) >= BATCH and len(persons) >= BATCH:
        return IncidentState(Status.COUNTED, edition, dict(persons))
    still_true = changed.isdisjoint(basis)  # nobody changed, or some were only added
    return IncidentState(Status.CARRIED if still_true else Status.UNDER_REVIEW, previous.figures, basis)


def about_how_many(count: int) -> str:
    """How many deposits were set aside, in words that one single deposit cannot be read off from."""
    if count == 0:
        return "none"
    return "fewer than 3" if count < BATCH else "3 or more"


def next_cutting_day(first: date, every_days: int, day: date) -> date:
    """The first cutting day later than `day`, of a case first cut on `first`; raises Invalid."""
    if every_days < 1:
        raise Invalid("Cutting days must be at least one day apart.")
    periods = max(0, (day - first).days // every_days) + 1
    return first + timedelta(days=periods * every_days)


def is_cutting_day(cuts: Sequence[date], every_days: int, today: date) -> bool:
    """Whether an edition may be cut today, after those cut on the given days, oldest first."""
    return not cuts or today >= next_cutting_day(cuts[0], every_days, cuts[-1])


def require_cutting_day(cuts: Sequence[date], every_days: int, today: date) -> None:
    """Raises Refused, naming the next cutting day, unless an edition may be cut today."""
    if not is_cutting_day(cuts, every_days, today):
        day = next_cutting_day(cuts[0], every_days, cuts[-1])
        raise Refused(f"The next edition can be cut on {day.isoformat()}.")
