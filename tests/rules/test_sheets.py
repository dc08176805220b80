"""vault.rules.sheets: who stands where behind the figures, without names"""

import json
from datetime import date

import pytest
from hypothesis import given

from tests.rules.cast import ACCOUNTS, AIR_STRIKE, LINKS, person, says, tied
from vault.errors import Invalid
from vault.rules.dependence import LinkKind, Ties
from vault.rules.independence import DIRECT_COLUMNS, Account, count
from vault.rules.sheets import Cell, Figure, Person, Sheet, sheet

AIRCRAFT = Cell("aircraft.present", "yes", "direct")


def of(accounts: list[Account], ties: Ties | None = None) -> Sheet:
    persons = {
        account.witness: Person(frozenset({"corroboration"}), (f"record of {account.witness}",))
        for account in reversed(accounts)
    }
    return sheet(accounts, ties or Ties(), AIR_STRIKE, persons)


@given(ACCOUNTS, LINKS)
def test_a_sheet_has_the_figures_of_the_table(accounts: list[Account], links: list[tuple[str, str]]) -> None:
    ties = tied(links)
    made = of(accounts, ties)
    for row in count(accounts, ties, AIR_STRIKE):
        direct = made.figure(Cell(row.subject, row.value, "direct"))
        assert (len(direct.groups), direct.upper) == (row.direct_min, row.direct_max)
        for sense in DIRECT_COLUMNS:
            found = made.figure(Cell(row.subject, row.value, sense))
            assert (found.upper, found.witnesses <= direct.witnesses) == (getattr(row, sense), True)


@given(ACCOUNTS, LINKS)
def test_a_sheet_reads_back_as_it_was_written(accounts: list[Account], links: list[tuple[str, str]]) -> None:
    made = of(accounts, tied(links))
    assert Sheet.from_json(json.loads(json.dumps(made.to_json())), AIR_STRIKE) == made


def test_those_who_may_depend_on_each_other_are_one_group() -> None:
    both = [person("w1", says("aircraft.present", "saw")), person("w2", says("aircraft.present", "heard"))]
    figure = of(both, tied([("w1", "w2")], LinkKind.INTRODUCER)).figure(AIRCRAFT)
    assert figure == Figure((frozenset({0, 1}),), upper=2)


def test_witnesses_stand_in_the_order_that_was_given_and_are_not_named() -> None:
    made = of(
        [person("w1", says("aircraft.present", "saw")), person("w2", says("strike.took_place", "felt"))]
    )
    assert [one.records for one in made.witnesses] == [("record of w2",), ("record of w1",)]
    assert made.figure(AIRCRAFT).groups == (frozenset({1}),)


def test_nobody_stands_in_a_cell_that_nobody_coded() -> None:
    assert of([]).figure(AIRCRAFT) == Figure((), 0)


@pytest.mark.parametrize(
    "row",
    [
        {"column": "hearsay"},
        {"groups": [[]]},
        {"groups": [[1]]},
        {"groups": [[0, 0]]},
        {"groups": [0]},
        {"value": "twelve"},
        {"upper": True},
        {"more": 1},
    ],
)
def test_a_sheet_that_no_cut_would_have_made_is_refused(row: dict[str, object]) -> None:
    sound = {"subject": "aircraft.present", "value": "yes", "column": "saw", "groups": [[0]], "upper": 1}
    witnesses: list[object] = [{"uses": [], "records": []}]
    assert Sheet.from_json({"witnesses": witnesses, "rows": [sound]}, AIR_STRIKE).witnesses
    with pytest.raises(Invalid):
        Sheet.from_json({"witnesses": witnesses, "rows": [{**sound, **row}]}, AIR_STRIKE)


def test_under_an_embargo_a_witness_allows_nothing_that_is_said_outside_until_its_day() -> None:
    person = Person(frozenset({"aggregate"}), ("r",), date(2027, 4, 1))
    assert person.on(date(2027, 3, 31)) == Person(frozenset(), ("r",))
    assert person.on(date(2027, 4, 1)) == Person(frozenset({"aggregate"}), ("r",))
