"""vault.rules.nesting: whose persons are among whose is read off the sheet"""

from hypothesis import given
from hypothesis import strategies as some

from vault.rules.disclosure import Form
from vault.rules.nesting import nested
from vault.rules.sheets import Cell, Figure, Person, Sheet

STRIKE, AIRCRAFT, SAW, WARNED, NOBODY = (
    Cell("strike.took_place", "yes", "direct"),
    Cell("aircraft.present", "yes", "direct"),
    Cell("aircraft.present", "yes", "saw"),
    Cell("warning.given", "yes", "direct"),
    Cell("weapon.release", "yes", "saw"),
)


def sheet() -> Sheet:
    return _sheet({STRIKE: {0, 1, 2}, AIRCRAFT: {1, 2}, SAW: {2}, WARNED: {3}})


def _sheet(cells: dict[Cell, set[int]]) -> Sheet:
    persons = tuple(Person(frozenset(), (str(number),)) for number in range(8))
    figures = {
        cell: Figure(tuple(frozenset({one}) for one in sorted(who)), len(who)) for cell, who in cells.items()
    }
    return Sheet(persons, figures)


def test_the_widest_stands_first_and_each_within_the_narrowest_that_has_its_persons() -> None:
    found = nested(sheet(), [SAW, STRIKE, AIRCRAFT], Form.EXACT)
    assert found == ((STRIKE, None), (AIRCRAFT, 0), (SAW, 1))


def test_what_is_within_nothing_says_so() -> None:
    assert nested(sheet(), [STRIKE, WARNED], Form.EXACT) == ((STRIKE, None), (WARNED, None))


def test_steps_of_the_ladder_stand_beside_each_other_in_the_order_of_the_table() -> None:
    chosen = [NOBODY, WARNED, AIRCRAFT, AIRCRAFT]
    assert nested(sheet(), chosen, Form.LADDER) == ((AIRCRAFT, None), (WARNED, None), (NOBODY, None))


CELLS = some.dictionaries(
    some.sampled_from([STRIKE, AIRCRAFT, SAW, WARNED, NOBODY]), some.sets(some.integers(0, 7)), min_size=1
)


@given(CELLS)
def test_what_is_said_to_be_within_is_within_and_comes_later(cells: dict[Cell, set[int]]) -> None:
    made = _sheet(cells)
    found = nested(made, list(cells), Form.EXACT)
    assert {cell for cell, _ in found} == set(cells)
    for place, (cell, within) in enumerate(found):
        if within is not None:
            assert within < place
            assert cells[cell] <= cells[found[within][0]]


@given(CELLS, some.randoms())
def test_the_order_of_choosing_does_not_matter(cells: dict[Cell, set[int]], chance: object) -> None:
    chosen = list(cells)
    chance.shuffle(chosen)  # type: ignore[attr-defined]
    made = _sheet(cells)
    assert nested(made, chosen, Form.EXACT) == nested(made, list(cells), Form.EXACT)
