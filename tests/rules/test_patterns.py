"""vault.rules.patterns"""

from hypothesis import given
from hypothesis import strategies as st

from vault.rules.patterns import STEPS, Pattern, patterns

COUNTS = st.lists(st.integers(0, 10), max_size=8)


def of(counts: list[int]) -> Pattern:
    (pattern,) = patterns({str(number): [("strike.second", count)] for number, count in enumerate(counts)})
    return pattern


def test_incidents_are_counted_by_how_many_affirm() -> None:
    assert of([3, 3, 4, 5, 5, 5, 8, 9, 10, 2]) == Pattern("strike.second", (9, 6, 3))


def test_fewer_than_three_incidents_are_not_told_apart() -> None:
    assert {of([3] * many + [0]).incidents for many in (0, 1, 2)} == {(None, None, None)}


def test_of_several_values_the_one_that_most_perceived_decides() -> None:
    rows = [("aircraft.number", 2), ("aircraft.number", 3), ("aircraft.number", 1)]
    assert patterns(dict.fromkeys("abc", rows)) == (Pattern("aircraft.number", (3, None, None)),)


def test_subjects_come_in_alphabetical_order_and_without_tables_there_are_none() -> None:
    assert [one.subject for one in patterns({"a": [("b", 3), ("a", 3)]})] == ["a", "b"]
    assert patterns({}) == ()


@given(COUNTS.filter(len))
def test_more_persons_are_never_affirmed_in_more_incidents(counts: list[int]) -> None:
    told = [0 if found is None else found for found in of(counts).incidents]
    assert len(told) == len(STEPS)
    assert told == sorted(told, reverse=True)
    assert all(found == 0 or found >= 3 for found in told)
