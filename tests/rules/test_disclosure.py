"""vault.rules.disclosure: what may be said outside"""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import AIR_STRIKE, HOSPITAL, ROOT, VOCABULARIES
from vault.errors import Invalid
from vault.rules.circumstances import Band, Circumstances
from vault.rules.dependence import LinkKind, Tie, Ties
from vault.rules.disclosure import LADDER, NOT_NOW, Form, Gate, Line, Policy, lines, refusals
from vault.rules.independence import Account
from vault.rules.observations import Observation
from vault.rules.sheets import Cell, Figure, Person, Sheet, sheet

TODAY = date(2026, 11, 22)
STRIKE = Cell("strike.took_place", "yes", "direct")
AIRCRAFT = Cell("aircraft.present", "yes", "direct")
TWO = Cell("aircraft.number", 2, "saw")
ALL = frozenset({"corroboration", "aggregate", "count_exact", "detail"})
SAID = [(STRIKE, None), (AIRCRAFT, 0), (TWO, 1)]
AROUND = Circumstances(
    pools={
        "strike.took_place": Band.FROM_50,
        "aircraft.present": Band.FROM_50,
        "aircraft.number": Band.FROM_20,
    },
    contacts=60,
)


def sermin(uses: dict[int, frozenset[str]] | None = None, ties: Ties | None = None) -> Sheet:
    """The Sermin case; everybody allows everything unless said otherwise of the witness of that number."""
    coding = json.loads((ROOT / "tests/rules/sermin.json").read_text())["coding"]
    said: dict[str, list[Observation]] = {}
    for one in coding:
        raw = {name: one[name] for name in ("subject", "value", "perception", "modality")}
        raw |= {"incident": HOSPITAL, "chain": one.get("chain", [])}
        said.setdefault(f"w{one['witness']}", []).append(Observation.from_json(raw, VOCABULARIES))
    accounts = [Account(witness, tuple(observations)) for witness, observations in said.items()]
    persons = {f"w{number}": Person((uses or {}).get(number, ALL), ()) for number in (1, 2, 3)}
    return sheet(accounts, ties or Ties(), AIR_STRIKE, persons)


def crowd(count: int, uses: frozenset[str] = ALL) -> Sheet:
    """So many witnesses of the strike, all independent."""
    groups = tuple(frozenset({place}) for place in range(count))
    return Sheet(tuple(Person(uses, ()) for _ in range(count)), {STRIKE: Figure(groups, count)})


def shut(
    sheet: Sheet,
    around: Circumstances = AROUND,
    chosen: list[tuple[Cell, int | None]] | None = None,
    form: Form = Form.EXACT,
) -> list[tuple[Gate, int | None]]:
    said = lines(sheet, SAID if chosen is None else chosen, form, Policy())
    return [(one.gate, one.line) for one in refusals(sheet, said, around, Policy(), TODAY)]


def test_the_wanted_sentence_may_be_said() -> None:
    said = lines(sermin(), SAID, Form.EXACT, Policy())
    assert [(line.number, line.exactly) for line in said] == [(3, True), (2, True), (1, True)]
    assert shut(sermin()) == []


@pytest.mark.parametrize("witness", [1, 2, 3])
@pytest.mark.parametrize("use", ["count_exact", "detail"])
def test_it_is_not_said_when_one_of_the_three_does_not_allow_it(witness: int, use: str) -> None:
    # The third saw two, the second only heard: but "one of them" speaks of all three.
    assert shut(sermin({witness: ALL - {use}})) == [(Gate.NOW, None)]


@pytest.mark.parametrize("subject", ["strike.took_place", "aircraft.present", "aircraft.number"])
def test_it_is_not_said_when_one_does_not_allow_the_detail_of_one_claim(subject: str) -> None:
    details = {f"detail:{cell.subject}" for cell, _ in SAID}
    uses = frozenset({"count_exact", *details})
    assert shut(sermin({1: uses})) == []
    assert shut(sermin({1: uses - {f"detail:{subject}"}})) == [(Gate.NOW, None)]


@pytest.mark.parametrize(
    ("pools", "expected"),
    [
        ({"strike.took_place": None}, [(Gate.POOL, 0), (Gate.POOL, 1), (Gate.POOL, 2)]),
        (
            {"strike.took_place": Band.UNDER_20},
            [(Gate.POOL, 0), (Gate.POOL, 1), (Gate.POOL, 2), (Gate.COVER, 0)],
        ),
        ({"aircraft.present": None}, [(Gate.POOL, 1), (Gate.POOL, 2)]),
        ({"aircraft.present": Band.UNDER_20}, [(Gate.POOL, 1), (Gate.POOL, 2), (Gate.COVER, 1)]),
        ({"aircraft.number": None}, [(Gate.POOL, 2)]),
        ({"aircraft.number": Band.UNDER_20}, [(Gate.POOL, 2), (Gate.COVER, 2)]),
    ],
)
def test_it_is_not_said_without_a_pool_of_each_line_and_of_those_left_out(
    pools: dict[str, Band | None], expected: list[tuple[Gate, int]]
) -> None:
    known = {name: band for name, band in {**AROUND.pools, **pools}.items() if band is not None}
    assert shut(sermin(), replace(AROUND, pools=known)) == expected


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        (60, []),
        (15, []),
        (14, [(Gate.COVER, 0)]),
        (12, [(Gate.COVER, 0), (Gate.COVER, 2)]),
        (9, [(Gate.COVER, 0), (Gate.COVER, 1), (Gate.COVER, 2)]),
        (None, [(Gate.COVER, 0), (Gate.COVER, 1), (Gate.COVER, 2)]),
    ],
)
def test_it_is_not_said_when_the_team_met_too_few(
    contacts: int | None, expected: list[tuple[Gate, int]]
) -> None:
    assert shut(sermin(), replace(AROUND, contacts=contacts)) == expected


@pytest.mark.parametrize(
    ("lately", "came", "expected"),
    [
        (None, 0, []),
        (None, 1, [(Gate.COVER, None)]),
        (4, 1, [(Gate.COVER, None)]),
        (5, 1, []),
        (14, 3, [(Gate.COVER, None)]),
    ],
)
def test_it_is_not_said_when_the_team_met_too_few_since_the_edition_before(
    lately: int | None, came: int, expected: list[tuple[Gate, None]]
) -> None:
    assert shut(sermin(), replace(AROUND, lately=lately, came=came)) == expected


def test_what_was_published_before_needs_no_cover_again() -> None:
    before = {STRIKE: 3, AIRCRAFT: 1}
    assert shut(sermin(), replace(AROUND, contacts=5, published=before)) == [(Gate.COVER, 2)]


def test_a_range_is_no_exact_number() -> None:
    ties = Ties(frozenset({Tie(LinkKind.INTRODUCER, frozenset({"w2", "w3"}))}))
    assert (Gate.FORM, 1) in shut(sermin(ties=ties))


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        (
            [{0}, {1}, {2}, {3}],
            [{0, 1}, {2}, {3}, {4}],
        ),  # "four, four of them", while one of the four is left out
        ([{0}, {1}, {2}, {3}], [{0, 1}, {2}, {3}]),
        ([{0, 1}, {2}], [{0}, {1, 2}, {3}, {4}]),
        ([{0, 1}, {2}], [{0}, {1}, {2}, {3}]),  # "four, two of them", of whom one and not two is left out
    ],
)
def test_who_counts_as_one_in_one_line_and_not_in_the_other_is_not_counted_out(
    inner: list[set[int]], outer: list[set[int]]
) -> None:
    figures = [Figure(tuple(map(frozenset, groups)), len(groups)) for groups in (outer, inner)]
    two = Sheet((Person(ALL, ()),) * 5, dict(zip((STRIKE, AIRCRAFT), figures, strict=True)))
    assert shut(two, chosen=SAID[:2]) == [(Gate.FORM, 1)]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ([], [(Gate.FORM, None)]),
        ([(STRIKE, None), (STRIKE, 0)], [(Gate.FORM, None)]),
        ([(STRIKE, None), (AIRCRAFT, None)], [(Gate.FORM, 1)]),
        ([(STRIKE, 0)], [(Gate.FORM, 0)]),
        ([(STRIKE, None), (AIRCRAFT, 1)], [(Gate.FORM, 1)]),
        ([(STRIKE, None), (TWO, 0), (AIRCRAFT, 1)], [(Gate.FORM, 2)]),
        ([(AIRCRAFT, None)], [(Gate.FORM, 0)]),
    ],
)
def test_lines_that_do_not_stand_under_one_another_are_refused(
    chosen: list[tuple[Cell, int | None]], expected: list[tuple[Gate, int | None]]
) -> None:
    assert shut(sermin(), chosen=chosen) == expected


def test_a_number_that_was_typed_is_not_said() -> None:
    typed = (Line(STRIKE, 4, True),)
    assert refusals(sermin(), typed, AROUND, Policy(), TODAY) == (NOT_NOW,)


@pytest.mark.parametrize(
    ("days", "again"),
    [
        ([], None),
        ([date(2026, 11, 1)], None),
        ([date(2026, 1, 1), date(2026, 5, 1)], None),
        ([date(2026, 1, 1), date(2026, 11, 1)], "2027-04-30"),
        ([date(2026, 1, 1), date(2026, 5, 26)], None),
        ([date(2026, 1, 1), date(2026, 5, 27)], "2026-11-23"),
    ],
)
def test_a_statement_is_revised_at_most_once_in_180_days(days: list[date], again: str | None) -> None:
    said = lines(sermin(), SAID, Form.EXACT, Policy())
    found = refusals(sermin(), said, replace(AROUND, days=days), Policy(), TODAY)
    assert [one.gate for one in found] == ([Gate.REVISION] if again else [])
    assert all(again is not None and again in one.cure for one in found)


@given(st.integers(0, 60))
def test_the_ladder_says_a_step_that_is_reached_and_does_not_tell_nobody_from_two(count: int) -> None:
    (line,) = lines(crowd(count), [(STRIKE, None)], Form.LADDER, Policy())
    assert line.number in (0, *LADDER)
    assert line.number <= count
    assert not any(line.number < step <= count for step in LADDER)
    assert (line.number == 0) == (count < 3)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_ladder_counts_those_alone_who_allow_sums(allow: int, others: int) -> None:
    every = crowd(allow + others)
    uses = tuple(Person(ALL if place < allow else ALL - {"aggregate"}, ()) for place in range(allow + others))
    assert lines(replace(every, witnesses=uses), [(STRIKE, None)], Form.LADDER, Policy()) == lines(
        crowd(allow), [(STRIKE, None)], Form.LADDER, Policy()
    )


def test_a_group_counts_in_sums_through_whoever_of_it_allows_it() -> None:
    pairs = Figure(tuple(frozenset({place, place + 1}) for place in (0, 2, 4)), 3)
    persons = tuple(Person(ALL if place % 2 else frozenset(), ()) for place in range(6))
    (line,) = lines(Sheet(persons, {STRIKE: pairs}), [(STRIKE, None)], Form.LADDER, Policy())
    assert line.number == 3


def test_the_ladder_takes_claims_that_do_not_contain_one_another() -> None:
    chosen: list[tuple[Cell, int | None]] = [(AIRCRAFT, None), (STRIKE, None), (TWO, None)]
    assert shut(sermin(), chosen=chosen, form=Form.LADDER) == []


def test_fewer_than_three_is_said_of_a_claim_that_nobody_coded() -> None:
    unheard_of = Cell("weapon.release", "yes", "saw")
    around = replace(AROUND, pools={**AROUND.pools, "weapon.release": Band.FROM_20})
    assert shut(sermin(), around, [(unheard_of, None)], Form.LADDER) == []


@given(st.integers(3, 12), st.sampled_from(Band), st.integers(0, 100), st.integers(0, 50))
def test_more_contacts_never_shut_a_gate(count: int, band: Band, contacts: int, more: int) -> None:
    fewer = Circumstances({"strike.took_place": band}, contacts)
    chosen: list[tuple[Cell, int | None]] = [(STRIKE, None)]
    before = shut(crowd(count), fewer, chosen)
    after = shut(crowd(count), replace(fewer, contacts=contacts + more), chosen)
    assert set(after) <= set(before)


@given(st.integers(3, 60), st.integers(0, 3), st.integers(0, 4))
def test_a_wider_pool_never_shuts_the_gate_of_the_pool(count: int, band: int, wider: int) -> None:
    bands, chosen = list(Band), [(STRIKE, None)]
    narrow, wide = bands[band], bands[min(4, band + wider)]
    gates = [
        (Gate.POOL, 0) in shut(crowd(count), Circumstances({"strike.took_place": pool}, 1000), chosen)  # type: ignore[arg-type]
        for pool in (narrow, wide)
    ]
    assert gates[0] or not gates[1]


@pytest.mark.parametrize(
    ("count", "band", "expected"),
    [
        (4, Band.FROM_20, []),
        (5, Band.FROM_20, [(Gate.POOL, 0)]),
        (10, Band.FROM_50, []),
        (11, Band.FROM_50, [(Gate.POOL, 0)]),
    ],
)
def test_a_line_counts_at_most_a_fifth_of_those_who_could_have_perceived_it(
    count: int, band: Band, expected: list[tuple[Gate, int]]
) -> None:
    assert shut(crowd(count), Circumstances({"strike.took_place": band}, 1000), [(STRIKE, None)]) == expected


@pytest.mark.parametrize(("count", "expected"), [(11, [0]), (12, [0, 1])])
def test_those_whom_a_line_leaves_out_are_at_most_a_fifth_too(count: int, expected: list[int]) -> None:
    everybody = crowd(count)
    one = Figure(everybody.figure(STRIKE).groups[:1], 1)
    pools = {"strike.took_place": Band.FROM_50, "aircraft.present": Band.FROM_1000}
    made = replace(everybody, figures={**everybody.figures, AIRCRAFT: one})
    found = shut(made, Circumstances(pools, 1_000_000), [(STRIKE, None), (AIRCRAFT, 0)])
    assert found == [(Gate.POOL, line) for line in expected]


@given(st.sets(st.sampled_from([1, 2, 3]), min_size=1), st.sampled_from(["count_exact", "detail"]))
def test_a_refusal_for_consent_says_the_same_whoever_it_is(witnesses: set[int], use: str) -> None:
    lacking = sermin(dict.fromkeys(witnesses, ALL - {use}))
    said = lines(lacking, SAID, Form.EXACT, Policy())
    assert refusals(lacking, said, AROUND, Policy(), TODAY) == (NOT_NOW,)
    assert "consent" not in NOT_NOW.cure


@pytest.mark.parametrize(
    "nonsense",
    [
        {"ladder": ()},
        {"ladder": (2, 5)},
        {"ladder": (5, 3)},
        {"pool": 0},
        {"share": 0},
        {"share": 101},
        {"cover": 0},
        {"reviewers": 0},
        {"width": 1},
        {"revised_after_days": -1},
    ],
)
def test_a_policy_that_protects_nobody_is_refused(nonsense: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Policy(**nonsense)


def test_a_statement_carries_the_policy() -> None:
    assert Policy().to_json() == {
        "name": "RP-1",
        "ladder": [3, 5, 8, 12, 20, 30, 50],
        "pool": 20,
        "share": 20,
        "cover": 5,
        "width": 2,
        "reviewers": 2,
        "revised_after_days": 180,
    }
