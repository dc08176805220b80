"""vault.rules.vocabulary and the vocabulary of air strikes"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import AIR_STRIKE
from vault.errors import Invalid
from vault.rules.vocabulary import DIRECT, NOT_PERCEIVED, Perception, Range, Value, Vocabulary, value_to_json

NUMBERS = st.one_of(
    st.integers(1, 100),
    st.tuples(st.integers(1, 100), st.integers(1, 100)).map(
        lambda ends: {"min": min(ends), "max": max(ends)}
    ),
)

YES = '[subjects.a]\nlabel="A"\ngroup="G"\n'


def test_the_air_strike_vocabulary_keeps_its_claims_in_order() -> None:
    assert (AIR_STRIKE.name, AIR_STRIKE.version) == ("air-strike", 1)
    assert " ".join(subject.code for subject in AIR_STRIKE.subjects) == (
        "strike.took_place strike.second strike.on_rescuers aircraft.present aircraft.number aircraft.type "
        "aircraft.altitude aircraft.direction aircraft.sound aircraft.departed_from "
        "communications.intercepted warning.given weapon.release weapon.munition weapon.remnants "
        "weapon.unexploded explosions.count place.structure place.protected_marking place.in_use "
        "place.hit_before place.damage harm.killed harm.injured military.presence attribution.actor"
    )


def test_only_number_type_and_altitude_entail_that_aircraft_were_present() -> None:
    entailing = {subject.code for subject in AIR_STRIKE.subjects if AIR_STRIKE.ancestors(subject.code)}
    assert entailing == {"aircraft.number", "aircraft.type", "aircraft.altitude"}
    assert AIR_STRIKE.ancestors("aircraft.number") == ("aircraft.present",)


def test_the_claims_of_a_group_stand_together() -> None:
    groups = [subject.group for subject in AIR_STRIKE.subjects]
    turns = [group for group, before in zip(groups, [None, *groups], strict=False) if group != before]
    assert len(turns) == len(set(turns))


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
        'name="v"\nversion=1\n',
        'name="v"\nversion=1\nsubjects=1\n',
        'name="v"\nversion=1\n[subjects]\n',
        'name="v"\nversion=1\ncolour=1\n' + YES,
        'name="v"\nversion=true\n' + YES,
        "version=1\n" + YES,
        'name="v"\nversion=1\n' + YES + 'kind="colour"\n',
        'name="v"\nversion=1\n' + YES + 'kind="number"\n',
        'name="v"\nversion=1\n' + YES + 'kind="number"\nminimum=3\nmaximum=3\n',
        'name="v"\nversion=1\n' + YES + "maximum=3\n",
        'name="v"\nversion=1\n' + YES + 'kind="code"\n',
        'name="v"\nversion=1\n' + YES + 'kind="code"\ncodes={one=1}\n',
        'name="v"\nversion=1\n' + YES + 'kind="code"\ncodes=["one"]\n',
        'name="v"\nversion=1\n' + YES + 'codes={one="One"}\n',
        'name="v"\nversion=1\n' + YES + 'parent="a"\n',
        'name="v"\nversion=1\n' + YES + 'parent="b"\n[subjects.b]\nlabel="B"\ngroup="G"\n',
        'name="v"\nversion=1\n' + YES + 'kind="code"\ncodes={o="O"}\n'
        '[subjects.b]\nlabel="B"\ngroup="G"\nparent="a"\n',
    ],
)
def test_a_broken_vocabulary_is_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        Vocabulary.parse(text)


def test_chains_may_have_several_links() -> None:
    text = 'name="v"\nversion=1\n' + YES
    text += '[subjects.b]\nlabel="B"\ngroup="G"\nparent="a"\n[subjects.c]\nlabel="C"\ngroup="G"\nparent="b"\n'
    assert Vocabulary.parse(text).ancestors("c") == ("b", "a")
