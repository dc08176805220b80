"""What may be said outside: policy RP-1, the gates that every published number has to pass.

Whoever reads a statement may know everybody who lived in the place, who was there, and whom the team met. A number is
published only where that does not point at a person.

**Ladder form.** "Fewer than 3", "at least 3, 5, 8, 12 …": of those who allow that they are counted in sums. "Fewer than
3" does not tell nobody from two.

**Exact form.** "Three witnesses; two perceived aircraft, one of them saw two." One line stands for all, of at least
three persons; every other line is about some of the persons of another. Such a line also speaks of those whom it leaves
out: so everyone whom the first line counts must allow exact numbers, and the detail of each claim that is named. A
figure that is a range is not exact.

**Pool.** How many people could have perceived it, at least: 20, and five for each one counted, in each line and among
those whom it leaves out. Where nobody has said how many, the gate is shut.

**Cover.** Whom the team met, whatever they said, of those who could have perceived the incident, since the last
statement or else since it happened, and before the edition was cut: five for each one by whom a number grows, reckoned
in the share of the pool who could have perceived that claim. And since the edition before: five for each one who must
have spoken since then. For a statement tells its month, editions are cut on fixed days, and count an incident anew with
the third who changed: so a reader knows that somebody spoke in that time. Not counted: shut.

**History.** All that was said before about the incident, taken together with this, must not pin down one or two
persons (`history`).

**Revision.** A statement is revised at most once in 180 days; it can be pulled at any time.

A refusal names the gate and what would cure it. What a witness does not allow is never said to be the reason: it reads
like everything else that is "not now".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from vault.errors import N_, Invalid, Message
from vault.rules.circumstances import Circumstances
from vault.rules.consent import Use
from vault.rules.sheets import Cell, Figure, Sheet

LADDER = (3, 5, 8, 12, 20, 30, 50)


@dataclass(frozen=True)
class Policy:
    """The parameters of RP-1; a statement carries them. `share` is a percentage. Raises Invalid for weaker nonsense."""

    ladder: tuple[int, ...] = LADDER
    pool: int = 20
    share: int = 20
    cover: int = 5
    width: int = 2
    reviewers: int = 2
    revised_after_days: int = 180

    def __post_init__(self) -> None:
        rising = tuple(sorted(set(self.ladder))) == self.ladder
        if not self.ladder or not rising or self.ladder[0] < 3 or self.pool < 1 or not 1 <= self.share <= 100:
            raise Invalid(
                "A policy needs a rising ladder from 3 on, a pool of at least 1, a share of 1 to 100 %."
            )
        if min(self.cover, self.reviewers) < 1 or self.width < 2 or self.revised_after_days < 0:
            raise Invalid("A policy needs cover and approvals of at least 1, and a width of at least 2.")

    def to_json(self) -> dict[str, object]:
        """As a statement carries it (FORMATS 16)."""
        return {
            "name": "RP-1",
            "ladder": list(self.ladder),
            "pool": self.pool,
            "share": self.share,
            "cover": self.cover,
            "width": self.width,
            "reviewers": self.reviewers,
            "revised_after_days": self.revised_after_days,
        }

    def step(self, count: int) -> int:
        """The highest step of the ladder that a count reaches; 0 for fewer than the first."""
        return max((step for step in self.ladder if step <= count), default=0)


class Form(StrEnum):
    """How a statement says its numbers."""

    LADDER = "ladder"
    EXACT = "exact"


@dataclass(frozen=True)
class Line:
    """One number of a statement; `within`: its persons are among those of that earlier line."""

    cell: Cell
    number: int
    exactly: bool
    within: int | None = None


class Gate(StrEnum):
    """What a statement has to pass."""

    FORM = "form"
    NOW = "now"
    POOL = "pool"
    COVER = "cover"
    HISTORY = "history"
    REVISION = "revision"


@dataclass(frozen=True)
class Refusal:
    """Which gate is shut, for which line (None: for the statement), and what would open it."""

    gate: Gate
    line: int | None
    cure: str


NOT_NOW = Refusal(
    Gate.NOW, None, N_("This cannot be said now. Try the ladder form, fewer claims, or the next edition.")
)
_NOTHING = Refusal(Gate.FORM, None, N_("Choose at least one claim."))
_TWICE = N_("Name each claim once.")
_ONE_FIRST = N_(
    "Put the claim that counts everybody first, and each other claim under one that contains its persons."
)
_NOT_AMONG = N_(
    "These persons are not all, one by one, among those of the line above it: use the ladder form."
)
_RANGE = N_(
    "This figure is a range, so no exact number is true: use the ladder form, or settle the doubtful links."
)
_TOO_FEW = N_("An exact statement needs at least three persons in its first line.")
_NO_POOL = N_("Enter, and have another reviewer confirm, how many people could have perceived this.")
_SMALL_POOL = N_("Too few people could have perceived this: leave the claim out, or choose a wider one.")
_NO_COVER = N_(
    "Enter, and have another reviewer confirm, how many people the team met before the edition was cut."
)
_LATELY = N_(
    "Between the edition of these figures and the one before, the team has to have met more people: have their number "
    "confirmed, or wait until the incident is counted anew."
)
_SMALL_COVER = N_(
    "The team met too few people for this number: meet more, leave the claim out, or choose a wider one."
)


def lines(
    sheet: Sheet, chosen: Sequence[tuple[Cell, int | None]], form: Form, policy: Policy
) -> tuple[Line, ...]:
    """The lines that a statement about these cells would have: numbers are written here, and typed by nobody."""
    exactly = form is Form.EXACT
    count = _exact if exactly else _allowed
    found = ((cell, len(count(sheet, sheet.figure(cell))), within) for cell, within in chosen)
    return tuple(
        Line(cell, number if exactly else policy.step(number), exactly, within if exactly else None)
        for cell, number, within in found
    )


def refusals(
    sheet: Sheet, said: Sequence[Line], circumstances: Circumstances, policy: Policy, today: date
) -> tuple[Refusal, ...]:
    """Every gate but the history's that is shut; none: the statement may be made as far as these gates go."""
    shut = [*_form(sheet, said, policy), *_revision(circumstances, policy, today)]
    if not all(refusal.gate is Gate.REVISION for refusal in shut):
        return tuple(shut)
    consented = all(_consented(sheet, said)) and not any(_said_otherwise(sheet, said, policy))
    shut += [] if consented else [NOT_NOW]
    return (*shut, *_pools(sheet, said, circumstances, policy), *_covers(sheet, said, circumstances, policy))


def counted(sheet: Sheet, line: Line) -> Sequence[frozenset[int]]:
    """The groups whom a line counts: in the ladder form those in which somebody allows sums."""
    return (_exact if line.exactly else _allowed)(sheet, sheet.figure(line.cell))


def _form(sheet: Sheet, said: Sequence[Line], policy: Policy) -> Iterator[Refusal]:
    if not said:
        yield _NOTHING
    if len({line.cell for line in said}) != len(said) or len({line.exactly for line in said}) > 1:
        yield Refusal(Gate.FORM, None, _TWICE)
    if not all(line.exactly for line in said):
        return
    for number, line in enumerate(said):
        figure = sheet.figure(line.cell)
        if (line.within is None) != (number == 0) or (line.within or 0) > max(0, number - 1):
            yield Refusal(Gate.FORM, number, _ONE_FIRST)
        elif line.within is not None and not _is_among(figure, sheet.figure(said[line.within].cell)):
            yield Refusal(Gate.FORM, number, _NOT_AMONG)
        elif figure.upper != len(figure.groups):
            yield Refusal(Gate.FORM, number, _RANGE)
        elif number == 0 and len(figure.groups) < policy.ladder[0]:
            yield Refusal(Gate.FORM, number, _TOO_FEW)


def _is_among(inner: Figure, outer: Figure) -> bool:
    """Whether the persons of a figure are among those of another, each group within one and no two within the same: who
    counts as one on one claim alone would make the number of those left out untrue."""
    pairs = [(one, other) for one in inner.groups for other in outer.groups if one & other]
    within = {other for _, other in pairs}
    return inner.witnesses <= outer.witnesses and len(pairs) == len(within) == len(inner.groups)


def _revision(circumstances: Circumstances, policy: Policy, today: date) -> Iterator[Refusal]:
    for day in circumstances.days[1:]:  # the first statement is no revision
        again = day + timedelta(days=policy.revised_after_days)
        if today < again:
            cure = Message(
                "A statement is revised at most once in %(days)d days: next on %(day)s.",
                days=policy.revised_after_days,
                day=again,
            )
            yield Refusal(Gate.REVISION, None, cure)


def _consented(sheet: Sheet, said: Sequence[Line]) -> Iterator[bool]:
    """Whether everyone of whom the statement speaks, whom lines leave out included, allows what it says."""
    if not said[0].exactly:
        return
    for place in sheet.figure(said[0].cell).witnesses:
        uses = sheet.witnesses[place].uses
        yield Use.COUNT_EXACT in uses
        yield from (Use.DETAIL in uses or f"{Use.DETAIL}:{line.cell.subject}" in uses for line in said)


def _said_otherwise(sheet: Sheet, said: Sequence[Line], policy: Policy) -> Iterator[bool]:
    """Whether a line says another number than the sheet has."""
    chosen = [(line.cell, line.within) for line in said]
    written = lines(sheet, chosen, Form.EXACT if said[0].exactly else Form.LADDER, policy)
    yield from (line != found for line, found in zip(said, written, strict=True))


def _pools(
    sheet: Sheet, said: Sequence[Line], circumstances: Circumstances, policy: Policy
) -> Iterator[Refusal]:
    for number, line in enumerate(said):
        for cell, count in _spoken_of(sheet, said, line):
            pool = circumstances.pool(cell)
            if pool is None:
                yield Refusal(Gate.POOL, number, _NO_POOL)
                break
            if pool < policy.pool or 100 * count > policy.share * pool:
                yield Refusal(Gate.POOL, number, _SMALL_POOL)
                break


def _covers(
    sheet: Sheet, said: Sequence[Line], circumstances: Circumstances, policy: Policy
) -> Iterator[Refusal]:
    widest = max((band.least for band in circumstances.pools.values()), default=0)
    if (circumstances.lately or 0) < policy.cover * circumstances.came:
        yield Refusal(Gate.COVER, None, _LATELY)
    for number, line in enumerate(said):
        count, pool = _count(sheet, line), circumstances.pool(line.cell)
        grown = count - min(count, circumstances.published.get(line.cell, 0))
        if not grown or pool is None:  # without a pool the gate before is shut
            continue
        if circumstances.contacts is None:
            yield Refusal(Gate.COVER, number, _NO_COVER)
        elif circumstances.contacts * pool < policy.cover * grown * widest:
            yield Refusal(Gate.COVER, number, _SMALL_COVER)


def _spoken_of(sheet: Sheet, said: Sequence[Line], line: Line) -> Iterator[tuple[Cell, int]]:
    """How many persons a line counts and, of each line that contains it, leaves out; each with whose pool they are."""
    yield line.cell, _count(sheet, line)
    members, above = sheet.figure(line.cell).witnesses, line.within
    while above is not None:
        outer = said[above]
        groups = sheet.figure(outer.cell).groups
        yield outer.cell, sum(1 for group in groups if group.isdisjoint(members))
        above = outer.within


def _count(sheet: Sheet, line: Line) -> int:
    """How many persons a line speaks of; nobody, when it says "fewer than 3"."""
    if not line.exactly and line.number == 0:
        return 0
    return len(counted(sheet, line))


def _exact(_sheet: Sheet, figure: Figure) -> Sequence[frozenset[int]]:
    return figure.groups


def _allowed(sheet: Sheet, figure: Figure) -> Sequence[frozenset[int]]:
    """The groups in which somebody allows to be counted in sums: those of a narrower claim are never more."""
    return [
        group for group in figure.groups if any(Use.AGGREGATE in sheet.witnesses[one].uses for one in group)
    ]
