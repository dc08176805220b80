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

An incident under review shows no figures. It leaves that state when three have changed, when what changed is as it
was, or by a **re-cut**: a quorum of custodians signs, with a reason, that today's figures be shown; at most once per
incident in 180 days, and never of fewer than three persons.

Whatever moves a person's part in the figures is a change of that person: withdrawn consent, a correction, being set
aside as not credible, a settled link. Two witnesses who are found to be the same person change, and are added, as one.
A second coding moves no figure, and changes nobody: whoever reads could else complete a batch at will, and read off the
one person who did change. Where coders disagree is said when figures are next counted.

**Comparison.** What changed since the edition before is said without any number below three: whether an incident's
figures are new, the same or hidden, and of a claim whether three persons more, or fewer, perceived it directly.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vault.errors import N_, Invalid, Refused

BATCH = 3
RECUT_EVERY = timedelta(days=180)


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


@dataclass(frozen=True)
class Present:
    """Who has an account on an incident now, each with a hash of all that counts of them; who of these witnesses are
    the same person; and whether a quorum signed that the figures be cut anew."""

    persons: Mapping[str, str]
    same: Collection[frozenset[str]] = ()
    recut: bool = False


def decide(previous: IncidentState | None, present: Present, edition: int) -> IncidentState:
    """The state of an incident in the edition being cut, by the batch rule."""
    persons, enough = present.persons, _persons(present.persons, present.same) >= BATCH
    if previous is None or previous.figures is None:
        if not enough:
            return IncidentState(Status.TOO_FEW, None, {})
        return IncidentState(Status.COUNTED, edition, dict(persons))
    basis = previous.basis
    changed = {person for person in basis.keys() | persons.keys() if basis.get(person) != persons.get(person)}
    hidden = present.recut and previous.status is Status.UNDER_REVIEW
    if enough and (hidden or _persons(changed, present.same) >= BATCH):
        return IncidentState(Status.COUNTED, edition, dict(persons))
    still_true = changed.isdisjoint(basis)  # nobody changed, or some were only added
    return IncidentState(Status.CARRIED if still_true else Status.UNDER_REVIEW, previous.figures, basis)


def _persons(witnesses: Iterable[str], same: Collection[frozenset[str]]) -> int:
    """How many distinct persons these witnesses are: a witness found to be another one adds nobody."""
    persons = [{witness} for witness in witnesses]
    for group in same:
        joined = [person for person in persons if person & group]
        apart = [person for person in persons if not person & group]
        persons = [*apart, *([set().union(*joined)] if joined else [])]
    return len(persons)


def must_have_come(before: int, now: int) -> int:
    """How many of `now` witnesses must have spoken since the edition before, where the last figures had `before`: with
    fewer than three more, the incident would not be counted anew, so at least the third came since then."""
    return max(1, now - before - (BATCH - 1))


def may_recut(status: Status, recuts: Collection[date], today: date) -> None:
    """Raises Refused unless an incident may be cut anew by a quorum's signature, after those of the given days."""
    if status is not Status.UNDER_REVIEW:
        raise Refused(
            "Only an incident that is under review can be cut anew before three persons have changed."
        )
    if recuts and today < max(recuts) + RECUT_EVERY:
        day = max(recuts) + RECUT_EVERY
        raise Refused("An incident is cut anew at most once in 180 days: next on %(day)s.", day=day)


class Since(StrEnum):
    """What an edition changes of an incident, in words that single nobody out."""

    NEW = "new"  # not in the edition before
    STILL_TOO_FEW = "still_too_few"
    FIRST_FIGURES = "first_figures"
    UNCHANGED = "unchanged"
    THREE_OR_MORE_CHANGED = "three_or_more_changed"
    RECUT = "recut"
    NOW_UNDER_REVIEW = "now_under_review"
    STILL_UNDER_REVIEW = "still_under_review"
    SHOWN_AGAIN = "shown_again"  # what had changed is as it was


class Moved(StrEnum):
    """How the direct perception of one claim moved; one or two persons are never told from none."""

    MORE = "three_or_more_more"
    FEWER = "three_or_more_fewer"
    ABOUT_AS_MANY = "about_as_many"


def since(previous: Status | None, status: Status, recut: bool = False) -> Since:
    """What became of an incident from one edition to the next."""
    if status is Status.TOO_FEW:
        return Since.NEW if previous is None else Since.STILL_TOO_FEW
    if status is Status.UNDER_REVIEW:
        return Since.STILL_UNDER_REVIEW if previous is Status.UNDER_REVIEW else Since.NOW_UNDER_REVIEW
    if status is Status.CARRIED:
        return Since.SHOWN_AGAIN if previous is Status.UNDER_REVIEW else Since.UNCHANGED
    if previous in (None, Status.TOO_FEW):
        return Since.FIRST_FIGURES
    return Since.RECUT if recut else Since.THREE_OR_MORE_CHANGED


def moved(before: int, now: int) -> Moved:
    """How a claim's lower bound moved; a claim that nobody had coded had 0."""
    if abs(now - before) < BATCH:
        return Moved.ABOUT_AS_MANY
    return Moved.MORE if now > before else Moved.FEWER


def about_how_many(count: int) -> str:
    """How many deposits were set aside, in words that one single deposit cannot be read off from."""
    if count == 0:
        return N_("none")
    return N_("fewer than 3") if count < BATCH else N_("3 or more")


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
        raise Refused("The next edition can be cut on %(day)s.", day=day)
