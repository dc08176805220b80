"""The attack on what is published, in short: `python -m bench attack` is the long form."""

from itertools import product
from math import prod, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.adversary import from_live_count, from_releases
from bench.attack import Found, attack, systems
from bench.bayes import Number, Step, Way, posterior
from bench.releases import LiveCount, edited
from bench.villages import Size, make

SMALL = Size(villages=11, incidents=40, interviews=180)
NUMBERS = 3
steps = st.sets(st.integers(0, NUMBERS - 1)).map(lambda places: tuple(sorted(places)))
ways = st.lists(st.builds(Way, steps, st.floats(0.05, 4.0)), max_size=2)
bounds = st.tuples(st.integers(0, 3), st.integers(0, 2)).map(lambda both: Number(both[0], sum(both)))


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    world = make(SMALL, 1)
    return {name: attack(world, system) for name, system in systems(world).items()}


@settings(max_examples=60)
@given(st.lists(ways, max_size=5), st.lists(bounds, min_size=NUMBERS, max_size=NUMBERS))
def test_the_adversary_weighs_every_world_that_fits(
    candidates: list[list[Way]], numbers: list[Number]
) -> None:
    chances: dict[tuple[Way | None, ...], float] = {}
    for chosen in product(*[[None, *some] for some in candidates]):
        spoken = [way for way in chosen if way is not None]
        sums = [sum(place in way.step for way in spoken) for place in range(NUMBERS)]
        if all(number.least <= many <= number.most for many, number in zip(sums, numbers, strict=True)):
            chances[chosen] = chances.get(chosen, 0.0) + prod(way.odds for way in spoken)
    if not chances:
        with pytest.raises(ValueError, match="No world fits"):
            posterior(candidates, numbers)
        return
    expected = [
        sum(chance for chosen, chance in chances.items() if chosen[place] is not None) / sum(chances.values())
        for place in range(len(candidates))
    ]
    assert posterior(candidates, numbers) == pytest.approx(expected, abs=1e-9)


def test_an_insider_takes_those_known_out_of_the_numbers() -> None:
    somebody: list[Way] = [Way((0,), 0.5)]
    known: Step = (0,)
    assert posterior([somebody] * 4, [Number(3, 3)], [known, known]) == pytest.approx([0.25] * 4)


def test_the_adversary_is_right_as_often_as_they_believe() -> None:
    world = make(Size(villages=20, incidents=80, interviews=200), 4)
    believed: list[tuple[float, bool]] = []
    for number, told in enumerate(world.told):
        spoke = {one.person for one in told}
        cells = (world.cell_of[one.person] for one in told)
        read = from_releases(world, world.incidents[number], edited(told))
        asked = from_live_count(LiveCount(world), number, cells)
        believed += [(chance, who in spoke) for chances in (read, asked) for who, chance in chances.items()]
    for low, high in ((0.0, 0.05), (0.05, 0.1), (0.1, 0.2), (0.2, 0.5), (0.5, 1.1)):
        some = [(chance, spoke) for chance, spoke in believed if low <= chance < high]
        expected, spread = sum(one for one, _ in some), sqrt(sum(one * (1 - one) for one, _ in some))
        assert abs(sum(spoke for _, spoke in some) - expected) <= 3 * spread + 1, (low, len(some))


@pytest.mark.parametrize("name", ["live count", "live count, none below 3"])
def test_a_live_count_betrays_nine_of_ten_with_and_without_a_threshold(
    name: str, found: dict[str, Found]
) -> None:
    assert found[name].sure >= 0.9
    assert found[name].insider_sure >= 0.9


@pytest.mark.parametrize("name", ["RP-1", "RP-1, reader without the batch rule"])
def test_what_is_published_betrays_nobody(name: str, found: dict[str, Found]) -> None:
    assert found[name].sure == 0
    assert found[name].likely <= found["nothing"].likely + 0.01
    assert found[name].insider_sure <= 0.005
    assert found[name].mean / found[name].prior <= 1.5
    assert found[name].incidents > 0.3


def test_without_cover_since_the_edition_before_the_month_would_betray_who_spoke_last(
    found: dict[str, Found],
) -> None:
    without = found["RP-1, no cover since the edition before"]
    assert without.likely > found["RP-1"].likely
    assert without.incidents > found["RP-1"].incidents


def test_statements_betray_less_than_the_editions_that_they_come_from(found: dict[str, Found]) -> None:
    assert found["RP-1"].mean < found["reviewer's editions"].mean
    assert found["RP-1"].likely < found["reviewer's editions"].likely


def test_a_tally_of_people_who_were_not_there_covers_nobody(found: dict[str, Found]) -> None:
    assert found["RP-1, tally of everybody met"].likely > found["RP-1"].likely
