"""vault.rules.independence: what counts"""

import json
from collections import defaultdict
from itertools import chain
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import (
    ACCOUNTS,
    AIR_STRIKE,
    HOSPITAL,
    LINKS,
    NOT_DIRECT,
    ROOT,
    VOCABULARIES,
    person,
    says,
    tied,
)
from vault.errors import Invalid
from vault.rules.dependence import Ties
from vault.rules.independence import COLUMNS, Account, Row, count
from vault.rules.observations import Observation
from vault.rules.vocabulary import Modality, Placed, Range, Value

SENSES = ("saw", "heard", "felt", "smelled", "attended")
Links = list[tuple[str, str]]


def rows(accounts: list[Account], links: Links | None = None) -> dict[tuple[str, Value], Row]:
    return {(row.subject, row.value): row for row in count(accounts, tied(links or []), AIR_STRIKE)}


def the_row(subject: str, *accounts: Account, value: Value = "yes", links: Links | None = None) -> Row:
    return rows(list(accounts), links)[subject, value]


def test_the_sermin_case_comes_out_exactly() -> None:
    case = json.loads((ROOT / "tests/rules/sermin.json").read_text())
    said: dict[str, list[Observation]] = defaultdict(list)
    for coding in case["coding"]:
        members = ("subject", "value", "perception", "modality", "chain")
        raw = {name: coding[name] for name in members if name in coding}
        said[f"w{coding['witness']}"].append(
            Observation.from_json({**raw, "incident": HOSPITAL}, VOCABULARIES)
        )
    table = count([person(witness, *all_of) for witness, all_of in said.items()], Ties(), AIR_STRIKE)
    assert json.dumps([row.to_json() for row in table]) == json.dumps(case["claims"])


# --- Persons ------------------------------------------------------------------------------------------


def test_the_same_witness_in_two_interviews_counts_once() -> None:
    row = the_row(
        "aircraft.present",
        person("w1", says("aircraft.present", "heard")),
        person("w1", says("aircraft.present", "saw")),
    )
    assert (row.direct_min, row.direct_max, row.heard, row.saw) == (1, 1, 1, 1)


def test_witnesses_interviewed_together_count_as_one_and_direct_if_either_is() -> None:
    both = [
        person("w1", says("aircraft.present", "heard")),
        person("w2", says("aircraft.present", "did_not_perceive", modality=Modality.NOT_ABLE_TO_SAY)),
    ]
    apart, together = (
        the_row("aircraft.present", *both),
        the_row("aircraft.present", *both, links=[("w1", "w2")]),
    )
    assert (apart.direct_min, apart.not_perceived) == (1, 1)
    assert (together.direct_min, together.not_perceived) == (1, 0)


@pytest.mark.parametrize("silent", [[], [person("w3", says("place.in_use", "saw"))]])
def test_a_silent_person_still_carries_a_joint_interview(silent: list[Account]) -> None:
    speaking = [person(witness, says("strike.took_place", "heard")) for witness in ("w1", "w2")]
    links = [("w1", "w3"), ("w3", "w2")]
    assert the_row("strike.took_place", *speaking, *silent, links=links).direct_max == 1
    assert the_row("strike.took_place", *speaking, *silent).direct_max == 2


def test_hearsay_ties_nobody_together() -> None:
    told = [person(witness, says("strike.second", "learnt_from_others")) for witness in ("w1", "w2")]
    seen = [person(witness, says("strike.second", "saw")) for witness in ("w3", "w4")]
    row = the_row("strike.second", *told, *seen)
    assert (row.direct_min, row.hearsay) == (2, 2)


# --- Columns ------------------------------------------------------------------------------------------


def test_aftermath_and_recording_are_columns_of_their_own_and_never_direct() -> None:
    row = the_row(
        "place.damage",
        person("w1", says("place.damage", "saw_aftermath", "saw_on_recording", value="heavy")),
        value="heavy",
    )
    assert (row.aftermath, row.recording, row.direct_min, row.saw) == (1, 1, 0, 0)


@pytest.mark.parametrize(("placed", "denied"), [(Placed.YES, 1), (Placed.NO, 0), (Placed.UNKNOWN, 0)])
def test_only_a_denial_by_someone_placed_to_perceive_contradicts(placed: Placed, denied: int) -> None:
    said = says("aircraft.present", "did_not_hear", modality=Modality.DENIED, placed=placed)
    row = the_row("aircraft.present", person("w1", said))
    assert (row.denied, row.not_perceived) == (denied, 1)


def test_not_perceiving_is_no_denial() -> None:
    said = says("aircraft.present", "did_not_hear", modality=Modality.NOT_ABLE_TO_SAY, placed=Placed.YES)
    row = the_row("aircraft.present", person("w1", said))
    assert (row.denied, row.not_perceived) == (0, 1)


@pytest.mark.parametrize("modality", set(Modality) - {Modality.AFFIRMED})
def test_what_is_not_affirmed_is_neither_direct_nor_hearsay_nor_inferred(modality: Modality) -> None:
    said = says(
        "strike.second",
        *("saw", "saw_aftermath", "saw_on_recording", "learnt_from_others", "inferred"),
        modality=modality,
    )
    row = the_row("strike.second", person("w1", said))
    assert {column: getattr(row, column) for column in COLUMNS} == dict.fromkeys(COLUMNS, 0)
    assert row.direct_max == 0


def test_hearsay_and_inference_are_those_of_persons_without_a_direct_sense() -> None:
    said = says("strike.second", "learnt_from_others", "inferred")
    alone = the_row("strike.second", person("w1", said))
    assert (alone.hearsay, alone.inferred) == (1, 1)
    also_saw = the_row("strike.second", person("w1", said), person("w1", says("strike.second", "saw")))
    assert (also_saw.direct_min, also_saw.hearsay, also_saw.inferred) == (1, 0, 0)


# --- Claims ------------------------------------------------------------------------------------------


def test_a_parent_appears_because_of_its_child_and_takes_its_direct_senses() -> None:
    table = rows([person("w1", says("aircraft.number", "saw", "saw_on_recording", value=2))])
    parent = table["aircraft.present", "yes"]
    assert (parent.direct_min, parent.saw, parent.recording) == (1, 1, 0)
    assert list(table) == [("aircraft.present", "yes"), ("aircraft.number", 2)]


@pytest.mark.parametrize(
    "child",
    [
        says("aircraft.number", "learnt_from_others", value=2),
        says("aircraft.number", "inferred", value=2),
        says("aircraft.number", "saw", value=2, modality=Modality.UNCERTAIN),
        says("aircraft.number", "did_not_see", value=2, modality=Modality.DENIED, placed=Placed.YES),
    ],
)
def test_nothing_but_an_affirmed_direct_sense_climbs(child: Observation) -> None:
    parent = the_row("aircraft.present", person("w1", child))
    assert {getattr(parent, column) for column in COLUMNS} == {0}


def test_seeing_two_aircraft_outweighs_not_having_heard_them() -> None:
    row = the_row(
        "aircraft.present",
        person(
            "w1",
            says("aircraft.number", "saw", value=2),
            says("aircraft.present", "did_not_hear", modality=Modality.NOT_ABLE_TO_SAY),
        ),
    )
    assert (row.direct_min, row.not_perceived) == (1, 0)


def test_two_and_two_or_three_are_direct_for_two_to_three_and_not_for_each_other() -> None:
    table = rows(
        [
            person("w1", says("aircraft.number", "saw", value=2)),
            person("w2", says("aircraft.number", "saw", value=Range(2, 3))),
            person("w3", says("aircraft.number", "saw", value=Range(3, 4))),
        ]
    )
    assert {
        value: row.direct_min for (subject, value), row in table.items() if subject == "aircraft.number"
    } == {
        2: 1,
        Range(2, 3): 2,
        Range(3, 4): 1,
    }


def test_who_denies_two_to_three_denies_two_but_who_denies_two_may_affirm_three() -> None:
    def denies(value: Value) -> Observation:
        return says(
            "aircraft.number", "did_not_see", value=value, modality=Modality.DENIED, placed=Placed.YES
        )

    table = rows([person("w1", denies(Range(2, 3))), person("w2", denies(2))])
    assert table["aircraft.number", 2].denied == table["aircraft.number", 2].not_perceived == 2
    assert table["aircraft.number", Range(2, 3)].denied == 1
    assert table["aircraft.number", Range(2, 3)].not_perceived == 1


def test_nothing_coded_gives_no_rows_and_an_unknown_claim_is_invalid() -> None:
    assert count([person("w1")], tied([("w1", "w2")]), AIR_STRIKE) == ()
    with pytest.raises(Invalid):
        count([person("w1", says("aircraft.colour", "saw"))], Ties(), AIR_STRIKE)


# --- Properties ------------------------------------------------------------------------------------------


@given(ACCOUNTS, LINKS, st.randoms(use_true_random=False))
def test_order_does_not_matter(accounts: list[Account], links: Links, random: Random) -> None:
    table = count(accounts, tied(links), AIR_STRIKE)
    random.shuffle(accounts)
    random.shuffle(links)
    turned = [(other, one) for one, other in links]
    backwards = [Account(said.witness, said.observations[::-1]) for said in accounts]
    assert count(backwards, tied(turned), AIR_STRIKE) == table


@given(ACCOUNTS, LINKS, st.lists(st.builds(person, st.sampled_from(["w1", "w6"]), NOT_DIRECT), max_size=4))
def test_adding_what_is_not_direct_never_changes_direct(
    accounts: list[Account], links: Links, more: list[Account]
) -> None:
    before, after = rows(accounts, links), rows([*accounts, *more], links)
    assert all(after[claim].direct_max == row.direct_max for claim, row in before.items())


@given(ACCOUNTS, LINKS, LINKS)
def test_merging_never_raises_any_count(accounts: list[Account], links: Links, more: Links) -> None:
    before, after = rows(accounts, links), rows(accounts, links + more)
    assert before.keys() == after.keys()
    for claim, row in after.items():
        assert row.direct_max <= before[claim].direct_max
        assert all(getattr(row, column) <= getattr(before[claim], column) for column in COLUMNS)


@given(ACCOUNTS, LINKS)
def test_no_figure_exceeds_what_bounds_it(accounts: list[Account], links: Links) -> None:
    people = len({said.witness for said in accounts})
    for row in count(accounts, tied(links), AIR_STRIKE):
        assert row.direct_min <= row.direct_max
        assert max(getattr(row, sense) for sense in SENSES) <= row.direct_max
        assert sum(getattr(row, sense) for sense in SENSES) >= row.direct_max
        for column in ("not_perceived", "hearsay", "inferred"):
            assert row.direct_max + getattr(row, column) <= people


@given(ACCOUNTS, LINKS)
def test_splitting_the_interviews_of_a_witness_changes_nothing(accounts: list[Account], links: Links) -> None:
    split = chain.from_iterable(
        [person(said.witness, observation) for observation in said.observations] for said in accounts
    )
    assert count(split, tied(links), AIR_STRIKE) == count(accounts, tied(links), AIR_STRIKE)


@given(ACCOUNTS, LINKS)
def test_every_parent_of_a_row_is_a_row_and_no_smaller(accounts: list[Account], links: Links) -> None:
    table = rows(accounts, links)
    for (subject, _), row in table.items():
        for parent in AIR_STRIKE.ancestors(subject):
            assert table[parent, "yes"].direct_min >= row.direct_min
