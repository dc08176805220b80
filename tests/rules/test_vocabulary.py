"""vault.rules.vocabulary and the vocabularies that come with the vault"""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import AIR_STRIKE
from tests.rules.releases import present
from vault.errors import Invalid
from vault.rules.descriptors import called, ladder
from vault.rules.vocabulary import (
    DEEPEST_CHAIN,
    DIRECT,
    NOT_PERCEIVED,
    Perception,
    Range,
    Value,
    Vocabulary,
    value_to_json,
)

NUMBERS = st.one_of(
    st.integers(1, 100),
    st.tuples(st.integers(1, 100), st.integers(1, 100)).map(
        lambda ends: {"min": min(ends), "max": max(ends)}
    ),
)

VOCABULARIES = present()
HEAD = 'name="v"\nversion=1\ngroups={g="G"}\n'
YES = '[subjects.a]\nlabel="A"\ngroup="g"\n'
BAND = '[subjects.c]\nlabel="C"\ngroup="g"\nkind="band"\ncodes={low="Low",high="High"}\n'


def test_there_are_vocabularies_for_air_strikes_shelling_and_detention() -> None:
    assert set(VOCABULARIES) == {"air-strike", "shelling", "detention"}
    assert all(name == vocabulary.name for name, vocabulary in VOCABULARIES.items())


def test_the_first_chains_lead_to_aircraft_present_and_a_second_strike_is_a_root() -> None:
    for child in ("aircraft.number", "aircraft.type", "aircraft.altitude"):
        assert AIR_STRIKE.ancestors(child) == ("aircraft.present",)
    assert AIR_STRIKE.ancestors("strike.second") == ()
    assert AIR_STRIKE.ancestors("strike.second_delay") == ("strike.second",)


def test_a_doctor_can_be_called_a_health_worker_and_a_resident() -> None:
    assert ladder(AIR_STRIKE.descriptors, "doctor") == ("doctor", "health_worker", "resident")
    with pytest.raises(Invalid, match="Choose one of the descriptors"):
        ladder(AIR_STRIKE.descriptors, "surgeon")


def test_a_doctor_is_called_a_doctor_and_nobody_is_called_what_is_not_listed() -> None:
    assert called(AIR_STRIKE.descriptors, "doctor") == AIR_STRIKE.descriptors["doctor"].label
    with pytest.raises(Invalid):
        called(AIR_STRIKE.descriptors, "surgeon")


def test_a_descriptor_reads_the_same_in_every_vocabulary() -> None:
    read = {
        (code, one.label) for name in VOCABULARIES for code, one in VOCABULARIES[name].descriptors.items()
    }
    assert len(read) == len({code for code, _ in read})


@pytest.mark.parametrize(
    "table",
    [
        "descriptors=1",
        "descriptors={p=1}",
        "descriptors={P={label='p'}}",
        "descriptors={p={label=1}}",
        "descriptors={p={label='p',wider='q'},q={label='q'}}",
        "descriptors={p={label='p',wider='p'}}",
        "descriptors={p={label='p',age=1}}",
    ],
)
def test_a_ladder_leads_upwards(table: str) -> None:
    with pytest.raises(Invalid):
        Vocabulary.parse(f"{HEAD}{table}\n{YES}")


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_chain_stays_within_its_group(name: str) -> None:
    vocabulary = VOCABULARIES[name]
    for subject in vocabulary.subjects:
        groups = {vocabulary.subject(code).group for code in vocabulary.ancestors(subject.code)}
        assert groups <= {subject.group}


@pytest.mark.parametrize("name", VOCABULARIES)
def test_the_claims_of_a_group_stand_together_in_the_order_of_the_groups(name: str) -> None:
    groups = [subject.group for subject in VOCABULARIES[name].subjects]
    turns = [group for group, before in zip(groups, [None, *groups], strict=False) if group != before]
    assert turns == list(VOCABULARIES[name].groups.values())


def test_a_claim_means_the_same_in_every_vocabulary() -> None:
    for one, other in combinations(VOCABULARIES.values(), 2):
        for subject in one.subjects:
            twins = [twin for twin in other.subjects if twin.code == subject.code]
            for twin in twins:
                shared = subject.codes.keys() & twin.codes.keys()
                assert (subject.label, subject.kind, subject.parent) == (twin.label, twin.kind, twin.parent)
                assert (subject.minimum, subject.maximum) == (twin.minimum, twin.maximum)
                assert all(subject.codes[code] == twin.codes[code] for code in shared)
        groups = one.groups.keys() & other.groups.keys()
        assert all(one.groups[code] == other.groups[code] for code in groups)


@pytest.mark.parametrize("name", VOCABULARIES)
def test_every_value_of_every_claim_is_read_and_has_a_label(name: str) -> None:
    vocabulary = VOCABULARIES[name]
    for subject in vocabulary.subjects:
        for code in subject.codes:
            assert vocabulary.check_value(subject.code, code) == code
            assert vocabulary.value_label(subject.code, code) == subject.codes[code]
        for number in {subject.minimum, subject.maximum} - {0}:
            assert vocabulary.check_value(subject.code, number) == number


@pytest.mark.parametrize("name", VOCABULARIES)
def test_no_label_is_longer_than_a_form_can_show(name: str) -> None:
    for subject in VOCABULARIES[name].subjects:
        assert all(0 < len(label) <= 80 for label in (subject.label, *subject.codes.values()))


def test_an_unknown_claim_is_invalid() -> None:
    with pytest.raises(Invalid, match="air-strike"):
        AIR_STRIKE.subject("aircraft.colour")


@pytest.mark.parametrize(
    ("subject", "raw", "value"),
    [
        ("strike.took_place", "yes", "yes"),
        ("aircraft.number", 2, 2),
        ("aircraft.number", {"min": 2, "max": 3}, Range(2, 3)),
        ("aircraft.number", {"min": 2, "max": 2}, 2),
        ("aircraft.altitude", "unusually_high", "unusually_high"),
        ("aircraft.departed_from", "hmaymim", "hmaymim"),
        ("attribution.actor", "accused_state_air_force", "accused_state_air_force"),
        ("strike.second_delay", "from_5_to_15_min", "from_5_to_15_min"),
    ],
)
def test_a_value_has_one_form(subject: str, raw: object, value: object) -> None:
    assert AIR_STRIKE.check_value(subject, raw) == value


@pytest.mark.parametrize(
    ("subject", "raw", "hint"),
    [
        ("strike.took_place", "no", "modality"),
        ("strike.took_place", True, "modality"),
        ("strike.took_place", 1, "modality"),
        ("aircraft.number", "2", "from 1 to 100"),
        ("aircraft.number", "yes", "from 1 to 100"),
        ("aircraft.number", 0, "from 1 to 100"),
        ("aircraft.number", 101, "from 1 to 100"),
        ("aircraft.number", True, "from 1 to 100"),
        ("aircraft.number", 2.0, "from 1 to 100"),
        ("aircraft.number", None, "from 1 to 100"),
        ("aircraft.number", {"min": 3, "max": 2}, "from 1 to 100"),
        ("aircraft.number", {"min": 2}, "from 1 to 100"),
        ("aircraft.number", {"min": 2, "max": "3"}, "from 1 to 100"),
        ("aircraft.number", {"min": 2, "max": 3, "about": 1}, "from 1 to 100"),
        ("aircraft.altitude", "yes", "unusually_high"),
        ("aircraft.altitude", ["high"], "unusually_high"),
        ("strike.second_delay", 10, "from_5_to_15_min"),
        ("strike.second_delay", {"min": "under_5_min", "max": "over_6_h"}, "from_5_to_15_min"),
    ],
)
def test_a_value_outside_its_range_is_invalid_and_the_claim_is_named(
    subject: str, raw: Any, hint: str
) -> None:
    with pytest.raises(Invalid, match=hint) as caught:
        AIR_STRIKE.check_value(subject, raw)
    assert AIR_STRIKE.subject(subject).label in caught.value.message


@given(NUMBERS)
def test_a_value_survives_json(raw: object) -> None:
    value = AIR_STRIKE.check_value("aircraft.number", raw)
    assert AIR_STRIKE.check_value("aircraft.number", value_to_json(value)) == value


def test_values_in_words() -> None:
    assert AIR_STRIKE.value_label("harm.killed", Range(13, 2000)) == "13 to 2,000"
    assert AIR_STRIKE.value_label("aircraft.number", 2) == "2"
    assert AIR_STRIKE.value_label("aircraft.altitude", "unusually_high") == "Unusually high"
    assert AIR_STRIKE.value_label("aircraft.present", "yes") == "yes"


def test_rows_are_ordered_by_the_vocabulary_then_by_value() -> None:
    claims: list[tuple[str, Value]] = [
        ("strike.took_place", "yes"),
        ("aircraft.number", 1),
        ("aircraft.number", Range(1, 3)),
        ("aircraft.number", 2),
        ("aircraft.number", Range(2, 3)),
        ("aircraft.altitude", "low"),
        ("aircraft.altitude", "high"),
        ("aircraft.altitude", "unusually_high"),
        ("conditions.wind", "none"),
        ("conditions.wind", "strong"),
    ]
    mixed = claims[::2] + claims[1::2]
    assert sorted(mixed, key=lambda claim: AIR_STRIKE.order(*claim)) == claims


@pytest.mark.parametrize(
    ("claim", "observed", "contained"),
    [
        (Range(2, 3), 2, True),
        (Range(2, 3), Range(2, 3), True),
        (Range(1, 9), Range(2, 3), True),
        (2, Range(2, 3), False),
        (Range(2, 3), Range(3, 4), False),
        (2, 2, True),
        (2, 3, False),
        ("yes", "yes", True),
        ("high", "low", False),
        ("high", 2, False),
    ],
)
def test_a_claim_contains_the_values_within_it(claim: Any, observed: Any, contained: bool) -> None:
    assert Vocabulary.contains(claim, observed) is contained


def test_direct_senses_and_failures_to_perceive_are_apart() -> None:
    assert DIRECT.isdisjoint(NOT_PERCEIVED)
    assert {Perception.SAW_AFTERMATH, Perception.LEARNT_FROM_OTHERS}.isdisjoint(DIRECT)


@pytest.mark.parametrize(
    "text",
    [
        "name = ",
        HEAD,
        HEAD + "subjects=1\n",
        HEAD + "[subjects]\n",
        HEAD + "colour=1\n" + YES,
        'name="v"\nversion=true\ngroups={g="G"}\n' + YES,
        'version=1\ngroups={g="G"}\n' + YES,
        'name="v"\nversion=1\n' + YES,
        'name="v"\nversion=1\ngroups="g"\n' + YES,
        'name="v"\nversion=1\ngroups={h="H"}\n' + YES,
        'name="v"\nversion=1\ngroups={g=1}\n' + YES,
        HEAD + '[subjects."A"]\nlabel="A"\ngroup="g"\n',
        HEAD + '[subjects."a.b.c"]\nlabel="A"\ngroup="g"\n',
        HEAD + YES + 'kind="colour"\n',
        HEAD + YES + 'kind="number"\n',
        HEAD + YES + 'kind="number"\nminimum=3\nmaximum=3\n',
        HEAD + YES + "maximum=3\n",
        HEAD + YES + 'kind="code"\n',
        HEAD + YES + 'kind="band"\n',
        HEAD + YES + 'kind="code"\ncodes={one=1}\n',
        HEAD + YES + 'kind="code"\ncodes={one=""}\n',
        HEAD + YES + 'kind="code"\ncodes={"One"="One"}\n',
        HEAD + YES + 'kind="code"\ncodes=["one"]\n',
        HEAD + YES + 'codes={one="One"}\n',
        HEAD + YES + 'parent="a"\n',
        HEAD + YES + 'parent="b"\n[subjects.b]\nlabel="B"\ngroup="g"\n',
        HEAD + YES + 'parent="b"\n[subjects.b]\nlabel="B"\ngroup="g"\nparent="a"\n',
        HEAD + YES + 'kind="code"\ncodes={o="O"}\n[subjects.b]\nlabel="B"\ngroup="g"\nparent="a"\n',
        HEAD + BAND + '[subjects.b]\nlabel="B"\ngroup="g"\nparent="c"\n',
    ],
)
def test_a_broken_vocabulary_is_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        Vocabulary.parse(text)


def chain_of(links: int) -> str:
    """A vocabulary in which the last claim stands under that many others."""
    names = "abcdefgh"[: links + 1]
    parents = ["", *(f'parent="{name}"\n' for name in names)]
    return HEAD + "".join(
        f'[subjects.{name}]\nlabel="L"\ngroup="g"\n{parent}'
        for name, parent in zip(names, parents, strict=False)
    )


def test_chains_may_have_several_links_nearest_first() -> None:
    assert Vocabulary.parse(chain_of(2)).ancestors("c") == ("b", "a")


def test_a_chain_has_an_end() -> None:
    assert len(Vocabulary.parse(chain_of(DEEPEST_CHAIN)).ancestors("d")) == DEEPEST_CHAIN
    with pytest.raises(Invalid, match="chain"):
        Vocabulary.parse(chain_of(DEEPEST_CHAIN + 1))
