"""vault.rules.codings: what a second coder may hand in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.cast import AIR_STRIKE, HOSPITAL, MOSQUE
from vault.errors import Invalid
from vault.rules.codings import SecondCoding, TwiceCoded, disputes
from vault.rules.observations import Observation

KNOWN = {HOSPITAL: AIR_STRIKE, MOSQUE: AIR_STRIKE}
SAW = {"incident": HOSPITAL, "subject": "aircraft.present", "perception": ["saw"], "words": "I saw it."}


def coding(**changes: Any) -> SecondCoding:
    raw = {"codes": "d1", "incidents": [HOSPITAL], "observations": [SAW], **changes}
    return SecondCoding.parse({name: said for name, said in raw.items() if said is not ...}, KNOWN)


def test_it_names_what_it_codes_on_which_incidents_and_what_was_said() -> None:
    found = coding(incidents=[MOSQUE, HOSPITAL], supersedes="c1", note="The wind was loud.")
    assert (found.codes, found.supersedes, found.note) == ("d1", "c1", "The wind was loud.")
    assert found.incidents == tuple(sorted([HOSPITAL, MOSQUE]))
    assert ([one.subject for one in found.observations], found.said[0].words) == (
        ["aircraft.present"],
        "I saw it.",
    )


def test_what_is_left_out_says_nothing() -> None:
    found = coding()
    assert (found.supersedes, found.note) == (None, "")
    assert coding(observations=..., note="Nothing of it.").observations == ()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"codes": ...}, "codes"),
        ({"codes": "d" * 44}, "codes"),
        ({"supersedes": 1}, "supersedes"),
        ({"incidents": ...}, "names the incidents"),
        ({"incidents": ["elsewhere"]}, "names the incidents"),
        ({"incidents": [HOSPITAL, HOSPITAL]}, "incidents"),
        ({"incidents": [MOSQUE]}, "no others"),
        ({"observations": [], "note": " "}, "nothing to hand in"),
        ({"observations": [SAW, SAW]}, "coded twice"),
        ({"observations": [{**SAW, "perception": ["saw", "did_not_see"]}]}, "did not see it"),
        (
            {
                "observations": [
                    {
                        **SAW,
                        "perception": ["learnt_from_others"],
                        "chain": [{"kind": "medic", "named": True, "origin": "Dr Quillfeather"}],
                    }
                ]
            },
            "four words",
        ),
        ({"witness": "w1"}, "not known"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_and_never_repeated(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence) as refused:
        coding(**changes)
    assert "Quillfeather" not in refused.value.message


def test_two_codings_that_put_a_witness_into_the_same_columns_differ_in_nothing_that_is_disputed() -> None:
    range_ = {**_NUMBER, "value": {"min": 2, "max": 3}}
    cases: list[tuple[list[dict[str, Any]], list[dict[str, Any]], set[tuple[str, Any]]]] = [
        ([], [{**_PRESENT, "perception": ["unknown"], "modality": "not_asked"}], set()),
        ([], [{**_NUMBER, "perception": ["learnt_from_others"]}], {("aircraft.number", 2)}),
        ([_NUMBER], [range_], {("aircraft.number", 2)}),  # both saw two to three; only the first saw two
    ]
    for first, second, disputed in cases:
        one = TwiceCoded("w1", _observed(first), _observed(second))
        other = TwiceCoded("w1", one.second, one.first)
        assert disputes([one], AIR_STRIKE) == dict.fromkeys(disputed, 1) == disputes([other], AIR_STRIKE)


_PRESENT = {"incident": HOSPITAL, "subject": "aircraft.present", "perception": ["saw"]}
_NUMBER = {**_PRESENT, "subject": "aircraft.number", "value": 2}


def test_a_witness_on_whom_coders_disagree_twice_is_one_witness() -> None:
    plain = {name: SAW[name] for name in ("incident", "subject")}
    saw, heard, unseen = (
        _observed([{**plain, "perception": [how]}]) for how in ("saw", "heard", "did_not_see")
    )
    twice = [TwiceCoded("w1", saw, unseen), TwiceCoded("w1", heard, unseen), TwiceCoded("w2", saw, unseen)]
    assert disputes(twice, AIR_STRIKE) == {("aircraft.present", "yes"): 2}


def _observed(said: list[dict[str, Any]]) -> tuple[Observation, ...]:
    return tuple(Observation.from_json(one, KNOWN) for one in said)
