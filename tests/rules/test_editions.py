"""vault.rules.editions"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid, Refused
from vault.rules.editions import (
    BATCH,
    IncidentState,
    Moved,
    Present,
    Since,
    Status,
    about_how_many,
    decide,
    is_cutting_day,
    may_recut,
    moved,
    must_have_come,
    next_cutting_day,
    require_cutting_day,
    since,
)

PERSONS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("123"))
DAYS = st.dates(date(2015, 1, 1), date(2040, 1, 1))


def people(text: str) -> dict[str, str]:
    """ "a1 b2" is person a with accounts 1, person b with accounts 2."""
    return {word[0]: word[1:] for word in text.split()}


COUNTED = IncidentState(Status.COUNTED, 1, people("a1 b1 c1"))

#   persons now, status, whether the basis is that of today
CASES = {
    "nothing happened": ("a1 b1 c1", Status.CARRIED, False),
    "one added": ("a1 b1 c1 d1", Status.CARRIED, False),
    "two added": ("a1 b1 c1 d1 e1", Status.CARRIED, False),
    "three added": ("a1 b1 c1 d1 e1 f1", Status.COUNTED, True),
    "one corrected": ("a2 b1 c1", Status.UNDER_REVIEW, False),
    "one withdrawn": ("a1 b1", Status.UNDER_REVIEW, False),
    "one added, one corrected": ("a2 b1 c1 d1", Status.UNDER_REVIEW, False),
    "one replaced by another": ("a1 b1 d1", Status.UNDER_REVIEW, False),
    "two added, one corrected": ("a2 b1 c1 d1 e1", Status.COUNTED, True),
    "three corrected": ("a2 b2 c2", Status.COUNTED, True),
    "one withdrawn, two corrected, one added": ("a2 b2 d1", Status.COUNTED, True),
    "one withdrawn, two corrected": ("a2 b2", Status.UNDER_REVIEW, False),
    "all withdrawn": ("", Status.UNDER_REVIEW, False),
}


@pytest.mark.parametrize("name", CASES)
def test_figures_change_only_when_three_persons_changed(name: str) -> None:
    now, status, new_basis = CASES[name]
    state = decide(COUNTED, Present(people(now)), 7)
    assert state.status is status
    assert (state.figures, state.basis) == ((7, people(now)) if new_basis else (1, COUNTED.basis))


@pytest.mark.parametrize("previous", [None, IncidentState(Status.TOO_FEW, None, {})])
def test_the_first_figures_need_three_persons(previous: IncidentState | None) -> None:
    assert decide(previous, Present(people("a1 b1")), 4) == IncidentState(Status.TOO_FEW, None, {})
    assert decide(previous, Present(people("a1 b1 c1")), 4) == IncidentState(
        Status.COUNTED, 4, people("a1 b1 c1")
    )


def test_changes_add_up_over_editions_until_three_have_changed() -> None:
    once = decide(COUNTED, Present(people("a1 b1 c1 d1")), 2)
    twice = decide(once, Present(people("a1 b1 c2 d1")), 3)
    assert (once.status, twice.status) == (Status.CARRIED, Status.UNDER_REVIEW)
    assert decide(twice, Present(people("a1 b1 c2 d1 e1")), 4).status is Status.COUNTED


def test_a_change_that_is_undone_ends_the_review() -> None:
    assert (
        decide(decide(COUNTED, Present(people("a2 b1 c1")), 2), Present(people("a1 b1 c1")), 3).status
        is Status.CARRIED
    )


@given(st.lists(PERSONS, max_size=8))
def test_two_figures_of_one_incident_never_differ_by_fewer_than_three_persons(
    cuts: list[dict[str, str]],
) -> None:
    state: IncidentState | None = None
    shown: dict[str, str] = {}
    for number, persons in enumerate(cuts, 1):
        state = decide(state, Present(persons), number)
        if state.status is Status.COUNTED:
            changed = {who for who in shown.keys() | persons.keys() if shown.get(who) != persons.get(who)}
            assert min(len(changed), len(persons)) >= BATCH
            assert state.figures == number
            shown = persons
        assert state.basis == shown
        if state.status is Status.CARRIED:
            assert shown.items() <= persons.items()


SAME = [frozenset("ab")]


def test_pseudonyms_of_one_person_are_one_person() -> None:
    assert decide(None, Present(people("a1 b1 c1"), SAME), 1).status is Status.TOO_FEW
    assert decide(None, Present(people("a1 b1 c1 d1"), SAME), 1).status is Status.COUNTED
    now = people("a2 b2 c2 d1 e1")
    before = IncidentState(Status.COUNTED, 1, people("a1 b1 c1 d1 e1"))
    assert decide(before, Present(now), 2).status is Status.COUNTED
    assert decide(before, Present(now, SAME), 2).status is Status.UNDER_REVIEW


def test_one_person_known_by_overlapping_findings_is_one_person() -> None:
    found = [frozenset("ab"), frozenset("bc"), frozenset("xy")]
    assert decide(None, Present(people("a1 b1 c1 d1"), found), 1).status is Status.TOO_FEW


@given(
    st.lists(PERSONS, max_size=6),
    st.lists(st.frozensets(st.sampled_from("abcdefgh"), min_size=2), max_size=2),
)
def test_finding_persons_to_be_the_same_never_shows_more(
    cuts: list[dict[str, str]], same: list[frozenset[str]]
) -> None:
    for now in cuts:
        for before in (None, COUNTED):
            if decide(before, Present(now, same), 2).status is Status.COUNTED:
                assert decide(before, Present(now), 2).status is Status.COUNTED


def test_a_quorum_may_have_an_incident_under_review_cut_anew() -> None:
    review = IncidentState(Status.UNDER_REVIEW, 1, COUNTED.basis)
    now = people("a2 b1 c1")
    assert decide(review, Present(now), 3).status is Status.UNDER_REVIEW
    assert decide(review, Present(now, recut=True), 3) == IncidentState(Status.COUNTED, 3, now)
    assert decide(review, Present(people("a2 b1"), recut=True), 3) == review
    assert decide(COUNTED, Present(people("a1 b1 c1 d1"), recut=True), 3).status is Status.CARRIED


def test_an_incident_is_cut_anew_at_most_once_in_180_days() -> None:
    first = date(2026, 1, 1)
    may_recut(Status.UNDER_REVIEW, [], first)
    may_recut(Status.UNDER_REVIEW, [first], first + timedelta(days=180))
    with pytest.raises(Refused, match="2026-06-30"):
        may_recut(Status.UNDER_REVIEW, [date(2020, 1, 1), first], first + timedelta(days=179))


@pytest.mark.parametrize("status", set(Status) - {Status.UNDER_REVIEW})
def test_only_an_incident_under_review_is_cut_anew(status: Status) -> None:
    with pytest.raises(Refused, match="under review"):
        may_recut(status, [], date(2026, 1, 1))


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (None, Status.TOO_FEW, Since.NEW),
        (None, Status.COUNTED, Since.FIRST_FIGURES),
        (Status.TOO_FEW, Status.TOO_FEW, Since.STILL_TOO_FEW),
        (Status.TOO_FEW, Status.COUNTED, Since.FIRST_FIGURES),
        (Status.COUNTED, Status.CARRIED, Since.UNCHANGED),
        (Status.CARRIED, Status.CARRIED, Since.UNCHANGED),
        (Status.COUNTED, Status.COUNTED, Since.THREE_OR_MORE_CHANGED),
        (Status.COUNTED, Status.UNDER_REVIEW, Since.NOW_UNDER_REVIEW),
        (Status.UNDER_REVIEW, Status.UNDER_REVIEW, Since.STILL_UNDER_REVIEW),
        (Status.UNDER_REVIEW, Status.CARRIED, Since.SHOWN_AGAIN),
        (Status.UNDER_REVIEW, Status.COUNTED, Since.THREE_OR_MORE_CHANGED),
    ],
)
def test_what_became_of_an_incident_is_said_in_words(
    before: Status | None, now: Status, words: Since
) -> None:
    assert since(before, now) is words


def test_a_recut_is_said_to_be_one() -> None:
    assert since(Status.UNDER_REVIEW, Status.COUNTED, recut=True) is Since.RECUT


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_comparison_never_tells_one_or_two_persons_from_none(before: int, now: int) -> None:
    words = moved(before, now)
    assert (words is Moved.ABOUT_AS_MANY) == (abs(now - before) < BATCH)
    assert (words is Moved.MORE) == (now >= before + BATCH)


def test_the_first_edition_may_be_cut_on_any_day() -> None:
    assert is_cutting_day([], 30, date(2026, 11, 22))
    require_cutting_day([], 30, date(2026, 11, 22))


def test_later_editions_wait_for_the_cutting_day_counted_from_the_first() -> None:
    first = date(2026, 1, 1)
    assert not is_cutting_day([first], 30, date(2026, 1, 30))
    assert is_cutting_day([first], 30, date(2026, 1, 31))
    late = date(2026, 2, 25)
    assert is_cutting_day([first], 30, late)
    assert next_cutting_day(first, 30, late) == date(2026, 3, 2)
    with pytest.raises(Refused, match="2026-03-02"):
        require_cutting_day([first, late], 30, date(2026, 3, 1))


@given(DAYS, st.integers(1, 400), DAYS)
def test_the_next_cutting_day_is_the_first_of_its_row_after_the_day(
    first: date, every: int, day: date
) -> None:
    found = next_cutting_day(first, every, day)
    assert found > max(first, day)
    assert (found - first).days % every == 0
    assert found - timedelta(days=every) <= max(first, day)


def test_a_clock_set_back_opens_no_cutting_day() -> None:
    assert not is_cutting_day([date(2026, 1, 1)], 30, date(2025, 1, 1))


def test_cutting_days_are_at_least_a_day_apart() -> None:
    with pytest.raises(Invalid):
        next_cutting_day(date(2026, 1, 1), 0, date(2026, 1, 1))


def test_how_many_were_set_aside_does_not_single_one_out() -> None:
    assert [about_how_many(count) for count in (0, 1, 2, 3, 400)] == [
        "none",
        "fewer than 3",
        "fewer than 3",
        "3 or more",
        "3 or more",
    ]


@given(st.integers(0, 20), st.integers(0, 20))
def test_of_those_who_are_counted_anew_the_third_at_least_came_since_the_edition_before(
    before: int, more: int
) -> None:
    came = must_have_come(before, before + more)
    assert came == max(1, more - 2)
