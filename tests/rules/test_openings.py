"""The days of a request: every state has its own, and none is forgotten."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Expired, Refused
from vault.rules.openings import COLLECTABLE, Life, State
from vault.rules.quorum import Tally

ASKED = date(2026, 11, 22)
LAST = ASKED + timedelta(days=30)
ALL = frozenset({"C1", "C2", "C3"})
MET = Tally(2, frozenset({"C1", "C2"}), ALL)
ONE = Tally(2, frozenset({"C1"}), ALL)
HOPELESS = Tally(2, frozenset({"C1"}), ALL, frozenset({"C2", "C3"}))
days = st.integers(0, 60).map(lambda n: ASKED + timedelta(days=n))


def life(met: int | None = None, cooling: int = 0, former: bool = False) -> Life:
    return Life(LAST, None if met is None else ASKED + timedelta(days=met), cooling, former)


def on(day: int) -> date:
    return ASKED + timedelta(days=day)


@pytest.mark.parametrize(
    ("of", "tally", "day", "state"),
    [
        (life(), ONE, 0, State.WAITING),
        (life(), ONE, 30, State.WAITING),
        (life(), ONE, 31, State.OVER),
        (life(), HOPELESS, 5, State.REFUSED),
        (life(), HOPELESS, 31, State.OVER),
        (life(met=0), MET, 0, State.DUE),
        (life(met=0), MET, 7, State.DUE),
        (life(met=0), MET, 8, State.OVER),
        (life(met=10, cooling=3), MET, 12, State.COOLING),
        (life(met=10, cooling=3), MET, 13, State.DUE),
        (life(met=10, cooling=3), MET, 20, State.DUE),
        (life(met=10, cooling=3), MET, 21, State.OVER),
        (
            life(met=30, cooling=14),
            MET,
            44,
            State.DUE,
        ),  # agreed on the last day, it still cools and is handed over
        (life(met=0), ONE, 0, State.WAITING),  # the day alone, without approvals that hold, says nothing
        (life(), MET, 0, State.WAITING),
        (life(met=0, former=True), MET, 0, State.FORMER),
    ],
)
def test_a_request_stands_as_its_days_and_decisions_say(
    of: Life, tally: Tally, day: int, state: State
) -> None:
    assert of.state(tally, on(day)) is state


@given(st.integers(0, 30), st.integers(0, 14), days, st.sampled_from([ONE, MET, HOPELESS]), st.booleans())
def test_it_is_handed_over_when_it_is_due_and_only_then(
    met: int, cooling: int, today: date, tally: Tally, former: bool
) -> None:
    of = life(met if tally.met else None, cooling, former)
    due = of.state(tally, today) is State.DUE
    if due:
        of.require_due(tally, today)
        assert of.first is not None
        assert of.first <= today <= of.first + COLLECTABLE
        assert of.first - on(met) == timedelta(days=cooling)
    else:
        with pytest.raises((Refused, Expired)):
            of.require_due(tally, today)


@pytest.mark.parametrize(
    ("of", "tally", "day", "error", "said"),
    [
        (life(), ONE, 0, Refused, "so far 1 of 2"),
        (life(), ONE, 31, Expired, "past its last day"),
        (life(), HOPELESS, 0, Refused, "no 2 can agree"),
        (life(met=0, cooling=2), MET, 1, Refused, "from 2026-11-24 on"),
        (life(met=0), MET, 8, Expired, "until 2026-11-29"),
        (life(met=0, former=True), MET, 0, Expired, "ask anew"),
    ],
)
def test_each_refusal_says_what_to_do(
    of: Life, tally: Tally, day: int, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        of.require_due(tally, on(day))


def test_it_is_decided_on_until_its_last_day_and_by_the_present_custodians() -> None:
    life(met=0).require_decidable(on(30))
    with pytest.raises(Expired, match="last day"):
        life().require_decidable(on(31))
    with pytest.raises(Expired, match="ask anew"):
        life(former=True).require_decidable(on(0))


def test_before_k_approved_there_is_no_day_to_collect_it() -> None:
    assert (life().first, life().last) == (None, None)
    assert (life(met=1, cooling=2).first, life(met=1, cooling=2).last) == (on(3), on(10))


@given(st.sets(st.sampled_from(sorted(ALL))), st.sets(st.sampled_from(sorted(ALL))))
def test_a_quorum_that_is_met_is_never_hopeless_unless_somebody_said_both(
    approved: set[str], refused: set[str]
) -> None:
    tally = Tally(2, frozenset(approved - refused), ALL, frozenset(refused))
    assert not (tally.met and tally.hopeless)
