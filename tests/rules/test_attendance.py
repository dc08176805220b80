"""vault.rules.attendance"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid
from vault.rules.attendance import Attendance, Attendant, Presence, check_absence

TODAY = date(2026, 11, 22)
days = st.none() | st.integers(-400, 400).map(lambda number: TODAY + timedelta(days=number))


def ago(number: int) -> date:
    return TODAY - timedelta(days=number)


def custodians(*states: str) -> tuple[Attendant, ...]:
    """One for each letter: l(ive), a(way), s(ilent)."""
    known = {"l": (TODAY, None), "a": (TODAY, TODAY), "s": (None, None)}
    return tuple(Attendant(f"C{n}", *known[state], None) for n, state in enumerate("".join(states), 1))


@pytest.mark.parametrize(
    ("seen", "away", "presence"),
    [
        (TODAY, None, Presence.LIVE),
        (ago(14), None, Presence.LIVE),
        (ago(15), None, Presence.SILENT),
        (None, None, Presence.SILENT),
        (TODAY, TODAY, Presence.AWAY),
        (TODAY, ago(1), Presence.LIVE),
        (None, ago(-5), Presence.AWAY),
    ],
)
def test_who_can_be_asked(seen: date | None, away: date | None, presence: Presence) -> None:
    assert Attendant("C1", seen, away, None).presence(TODAY) is presence


@pytest.mark.parametrize(
    ("drill", "recent"), [(TODAY, True), (ago(90), True), (ago(91), False), (None, False)]
)
def test_a_drill_counts_for_ninety_days(drill: date | None, recent: bool) -> None:
    assert Attendant("C1", None, None, drill).has_drilled(TODAY) is recent


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ("lllll", None),
        ("lllla", None),
        ("lllas", "No more than 3"),
        ("llass", "and 2 can"),
        ("sssss", "and none can"),
    ],
)
def test_an_alarm_is_given_below_one_more_than_it_takes(states: str, word: str | None) -> None:
    alarm = Attendance(3, custodians(states)).alarm(TODAY)
    assert alarm is None if word is None else word in (alarm or "")


def test_where_everybody_is_needed_there_is_never_one_to_spare() -> None:
    assert Attendance(2, custodians("ll")).alarm(TODAY) is not None


@given(seen=days, away=days)
def test_whoever_is_away_is_never_counted_as_live(seen: date | None, away: date | None) -> None:
    live = Attendance(2, [Attendant("C1", seen, away, None)]).live(TODAY)
    assert not (live and away and away >= TODAY)


@pytest.mark.parametrize("until", ["", "soon", "2026-11-31", "2026-11-21", "2027-05-22"])
def test_an_absence_ends_on_a_day_that_is_to_come_and_not_too_far_away(until: str) -> None:
    with pytest.raises(Invalid):
        check_absence(until, TODAY)


@pytest.mark.parametrize("until", ["2026-11-22", "2027-05-21"])
def test_an_absence_ends_on_its_last_day(until: str) -> None:
    assert check_absence(until, TODAY).isoformat() == until
