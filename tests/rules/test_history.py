"""vault.rules.history: what all statements on an incident say together"""

from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.rules.cast import AIR_STRIKE
from vault.errors import Invalid
from vault.rules.disclosure import Gate, Line, Policy
from vault.rules.history import Guess, Inference, Said, inferences, refusals
from vault.rules.sheets import Cell
from vault.rules.vocabulary import Range

POLICY = Policy()
STRIKE = Cell("strike.took_place", "yes", "direct")
SAW_IT = Cell("strike.took_place", "yes", "saw")
AIRCRAFT = Cell("aircraft.present", "yes", "direct")
TWO = Cell("aircraft.number", 2, "saw")
ABOUT_TWO = Cell("aircraft.number", Range(1, 3), "saw")
SEEN = Cell("aircraft.present", "yes", "saw")


def exactly(cell: Cell, number: int, within: int | None = None) -> Line:
    return Line(cell, number, True, within)


def at_least(cell: Cell, number: int) -> Line:
    return Line(cell, number, False)


def said(*lines: Line, figures: str = "November") -> Said:
    return Said(figures, lines)


def inferred(guess: Guess, cell: Cell, *statements: Said) -> list[tuple[int | None, int | None]]:
    found = inferences(statements, AIR_STRIKE, POLICY)
    return [(one.least, one.most) for one in found if (one.guess, one.cell) == (guess, cell)]


def shut(proposed: Said, *earlier: Said) -> list[int | None]:
    found = refusals(earlier, proposed, AIR_STRIKE, POLICY)
    assert all(one.gate is Gate.HISTORY for one in found)
    return [one.line for one in found]


def test_a_step_of_the_ladder_reaches_up_to_the_next() -> None:
    steps = [(0, 2), (3, 4), (5, 7), (8, 11), (12, 19), (20, 29), (30, 49), (50, None)]
    for least, most in steps:
        assert inferred(Guess.COUNT, STRIKE, said(at_least(STRIKE, least))) == [(least, most)]
        assert shut(said(at_least(STRIKE, least))) == []


def test_the_wanted_sentence_points_at_nobody_who_has_not_agreed() -> None:
    assert shut(said(exactly(STRIKE, 3), exactly(AIRCRAFT, 2, 0), exactly(TWO, 1, 1))) == []


def test_what_a_ladder_leaves_out_may_not_be_one_person() -> None:
    # "At least 3" twice: whoever is among the strike's witnesses and perceived no aircraft is nobody, or one.
    assert inferred(Guess.LEFT_OUT, SEEN, said(at_least(AIRCRAFT, 3), at_least(SEEN, 3))) == [(0, 1)]
    assert shut(said(at_least(AIRCRAFT, 3), at_least(SEEN, 3))) == [0, 1]
    assert shut(said(at_least(AIRCRAFT, 8), at_least(SEEN, 3))) == []


def test_claims_that_do_not_contain_one_another_say_nothing_of_each_other() -> None:
    assert shut(said(at_least(STRIKE, 3), at_least(AIRCRAFT, 3))) == []


@pytest.mark.parametrize(
    ("inner", "outer"), [(TWO, SEEN), (TWO, AIRCRAFT), (TWO, ABOUT_TWO), (SAW_IT, STRIKE)]
)
def test_the_narrower_claim_is_among_the_wider_one(inner: Cell, outer: Cell) -> None:
    assert inferred(Guess.LEFT_OUT, inner, said(at_least(inner, 3), at_least(outer, 5))) == [(1, 4)]
    assert inferred(Guess.LEFT_OUT, outer, said(at_least(inner, 3), at_least(outer, 5))) == []


def test_a_second_statement_on_the_same_figures_is_read_with_the_first() -> None:
    first = said(exactly(STRIKE, 5), exactly(AIRCRAFT, 4, 0))
    assert shut(said(at_least(SEEN, 3)), first) == [0]
    assert shut(said(at_least(SEEN, 3), figures="December"), first) == []


def test_an_exact_line_does_not_tell_who_does_not_allow_sums() -> None:
    assert shut(said(at_least(STRIKE, 3)), said(exactly(STRIKE, 4))) == [0]
    assert shut(said(at_least(STRIKE, 3)), said(exactly(STRIKE, 3))) == []


def test_a_change_of_one_may_not_be_read_off() -> None:
    assert shut(said(at_least(STRIKE, 3), figures="December"), said(exactly(STRIKE, 4))) == [0]
    assert inferred(
        Guess.CHANGE, STRIKE, said(exactly(STRIKE, 4)), said(at_least(STRIKE, 3), figures="December")
    ) == [(-1, 0)]
    assert shut(said(at_least(STRIKE, 5), figures="December"), said(exactly(STRIKE, 3))) == []
    assert shut(said(exactly(STRIKE, 4), figures="December"), said(exactly(STRIKE, 3))) == []
    assert shut(said(at_least(STRIKE, 3), figures="December"), said(at_least(STRIKE, 3))) == []


@pytest.mark.parametrize(("left", "refused"), [(1, [0]), (2, [0]), (3, [])])
def test_who_is_no_longer_counted_agreed_to_no_exact_difference(left: int, refused: list[int]) -> None:
    assert shut(said(exactly(STRIKE, 6 - left), figures="December"), said(exactly(STRIKE, 6))) == refused


def test_a_statement_that_betrays_a_claim_which_it_does_not_name_is_refused_as_a_whole() -> None:
    earlier = said(at_least(TWO, 3)), said(at_least(TWO, 3), figures="December")
    assert shut(said(exactly(SEEN, 3), figures="December"), *earlier) == [None]


def test_statements_that_contradict_each_other_are_not_reckoned_with() -> None:
    with pytest.raises(Invalid):
        refusals([said(at_least(AIRCRAFT, 3))], said(at_least(SEEN, 5)), AIR_STRIKE, POLICY)


def test_what_pointed_at_somebody_before_does_not_shut_the_gate_for_ever() -> None:
    published = said(at_least(AIRCRAFT, 3), at_least(SEEN, 3))
    assert shut(said(at_least(STRIKE, 20), figures="December"), published) == []


NUMBERS = st.sampled_from([0, 3, 5, 8])
CELLS = [STRIKE, AIRCRAFT, SEEN, TWO]
AMONG = [(SEEN, AIRCRAFT), (TWO, SEEN), (TWO, AIRCRAFT)]


@given(st.dictionaries(st.sampled_from(CELLS), NUMBERS, min_size=1, max_size=4))
def test_the_bounds_are_those_of_every_world_that_fits(steps: dict[Cell, int]) -> None:
    statement = said(*(at_least(cell, number) for cell, number in steps.items()))
    reach = {0: range(3), 3: range(3, 5), 5: range(5, 8), 8: range(8, 12)}
    worlds = [
        world
        for counts in product(*(reach[number] for number in steps.values()))
        for world in [dict(zip(steps, counts, strict=True))]
        if all(world[inner] <= world[outer] for inner, outer in AMONG if inner in world and outer in world)
    ]
    assume(worlds)
    for one in inferences([statement], AIR_STRIKE, POLICY):
        of = [_reckoned(world, one) for world in worlds]
        assert (one.least, one.most) == (min(of), max(of))


def _reckoned(world: dict[Cell, int], one: Inference) -> int:
    return world[one.cell] if one.other is None else world[one.other] - world[one.cell]
