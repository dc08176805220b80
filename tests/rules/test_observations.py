"""vault.rules.observations"""

from typing import Any

import pytest
from hypothesis import given

from tests.rules.cast import HOSPITAL, OBSERVATIONS, VOCABULARIES, coded, says
from vault.errors import Invalid
from vault.rules.observations import Certainty, ChainLink, Distance, Observation, WhyNot
from vault.rules.vocabulary import ChainKind, Modality, Placed

LINK = {"kind": "armed_group_member", "named": False, "origin_direct": "unknown"}


def test_an_observation_is_read_with_its_defaults() -> None:
    assert Observation.from_json(coded("heard", "did_not_see"), VOCABULARIES) == says(
        "aircraft.present", "heard", "did_not_see"
    )


def test_hearsay_is_read_with_its_chain() -> None:
    raw = coded("learnt_from_others", chain=[LINK, {"kind": "unknown", "named": True}])
    assert Observation.from_json(raw, VOCABULARIES).chain == (
        ChainLink(ChainKind.ARMED_GROUP_MEMBER, False, Placed.UNKNOWN),
        ChainLink(ChainKind.UNKNOWN, True, Placed.UNKNOWN),
    )


@pytest.mark.parametrize("perception", ["did_not_see", "did_not_hear", "did_not_perceive"])
def test_not_perceiving_takes_one_word_and_affirms_nothing(perception: str) -> None:
    assert Observation.from_json(coded(perception), VOCABULARIES).modality is Modality.NOT_ABLE_TO_SAY


def test_perceptions_are_written_in_the_order_in_which_they_are_defined() -> None:
    written = says("aircraft.present", "did_not_see", "heard", "felt").to_json()
    assert written == {
        "incident": HOSPITAL,
        "subject": "aircraft.present",
        "value": "yes",
        "perception": ["heard", "felt", "did_not_see"],
        "modality": "affirmed",
        "placed": "unknown",
        "chain": [],
    }


def test_a_chain_survives_json() -> None:
    raw = coded("learnt_from_others", value="yes", modality="affirmed", placed="no", chain=[LINK])
    assert Observation.from_json(raw, VOCABULARIES).to_json() == raw


FULL = {
    "why_not": ["night", "looked_elsewhere"],
    "certainty": "fairly",
    "distance": "under_2_km",
    "chain": [{**LINK, "origin": "w7"}, LINK],
}


def test_an_observation_in_full_survives_json() -> None:
    raw = coded("learnt_from_others", "did_not_see", value="yes", modality="affirmed", placed="no", **FULL)
    read = Observation.from_json(raw, VOCABULARIES)
    assert read.to_json() == raw
    assert (read.certainty, read.distance) == (Certainty.FAIRLY, Distance.UNDER_2_KM)
    assert read.why_not == {WhyNot.NIGHT, WhyNot.LOOKED_ELSEWHERE}


def test_members_that_say_nothing_make_no_other_observation() -> None:
    bare = Observation.from_json(coded("heard"), VOCABULARIES)
    empty = coded("heard", why_not=[], certainty=None, distance=None, chain=[])
    assert Observation.from_json(empty, VOCABULARIES) == bare
    assert bare.to_json().keys().isdisjoint({"why_not", "certainty", "distance"})


def test_a_chain_says_how_deep_it_is_and_where_it_comes_from() -> None:
    read = Observation.from_json(coded("learnt_from_others", chain=FULL["chain"]), VOCABULARIES)
    assert (read.depth, read.origins) == (2, ("w7",))
    assert Observation.from_json(coded("learnt_from_others"), VOCABULARIES).depth is None
    assert read.naming(str.upper).origins == ("W7",)
    assert read.naming(str.upper).chain[1] == read.chain[1]


@given(OBSERVATIONS)
def test_whatever_is_accepted_survives_json(observation: Observation) -> None:
    try:
        read = Observation.from_json(observation.to_json(), VOCABULARIES)
    except Invalid:
        return
    assert read == observation


def test_only_an_affirmed_direct_sense_is_direct() -> None:
    assert says("strike.took_place", "saw", "inferred").direct_senses == {"saw"}
    assert not says("strike.took_place", "saw", modality=Modality.UNCERTAIN).direct_senses
    assert not says("strike.took_place", "saw_aftermath", "saw_on_recording").direct_senses


@pytest.mark.parametrize(
    ("raw", "hint"),
    [
        (None, "object"),
        (coded("saw", incident="elsewhere"), "incident"),
        (coded("saw", subject="aircraft.colour"), "no such claim"),
        (coded("saw", subject=3), "subject"),
        (coded("saw", value="no"), "Aircraft: present"),
        (coded(), "how the witness knows"),
        (coded("felt_it_coming"), "one of saw"),
        (coded("saw", "saw"), "twice"),
        ({**coded(), "perception": [["saw"]]}, "twice"),
        ({**coded(), "perception": "saw"}, "list"),
        (coded("saw", "did_not_see"), "saw it and did not see it"),
        (coded("heard", "did_not_hear"), "heard it and did not hear it"),
        (coded("attended", "did_not_perceive"), "perceived it and did not perceive it"),
        (coded("unknown", "inferred"), "unknown and known"),
        (coded("saw", modality="not_asked"), "was asked"),
        (coded("did_not_see", modality="affirmed"), "cannot affirm"),
        (coded("did_not_see", "did_not_hear", modality="affirmed"), "cannot affirm"),
        (coded("saw", modality="sworn"), "one of affirmed"),
        (coded("saw", modality=None), "one of affirmed"),
        (coded("saw", placed=True), "one of yes"),
        (coded("saw", chain=[LINK]), "learnt from others"),
        (coded("learnt_from_others", chain=[LINK] * 11), "at most 10"),
        (coded("learnt_from_others", chain=[{"kind": "medic"}]), "named"),
        (coded("learnt_from_others", chain=[{**LINK, "name": "x"}]), "not known"),
        (coded("learnt_from_others", chain=[{**LINK, "origin": 7}]), "origin"),
        (coded("saw", why_not=["night"]), "needs did not see"),
        (coded("did_not_see", why_not=["bored"]), "one of indoors"),
        (coded("saw", certainty="0.9"), "one of certain"),
        (coded("saw", distance="near"), "one of at_the_place"),
        (coded("saw", words="x"), "not known"),
        (coded("saw", note="x"), "not known"),
    ],
)
def test_an_observation_that_makes_no_sense_is_invalid(raw: Any, hint: str) -> None:
    with pytest.raises(Invalid, match=hint):
        Observation.from_json(raw, VOCABULARIES)


@pytest.mark.parametrize(
    "raw",
    [
        coded("did_not_see", "learnt_from_others", modality="affirmed"),
        coded("did_not_perceive", "saw_aftermath", modality="affirmed"),
        coded("did_not_see", modality="denied", placed="yes"),
        coded("heard", modality="not_able_to_say"),
        coded("unknown"),
        coded("learnt_from_others", chain=[LINK] * 10),
        coded("saw", "heard", "felt", "smelled", "attended", "saw_aftermath", "inferred"),
    ],
)
def test_what_people_really_say_is_accepted(raw: Any) -> None:
    Observation.from_json(raw, VOCABULARIES)
