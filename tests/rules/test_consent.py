"""vault.rules.consent"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid, Refused
from vault.rules.consent import Consent, Use, permits, require


@pytest.mark.parametrize("use", [*Use, "detail:aircraft.number"])
def test_refused_is_the_default(use: str) -> None:
    with pytest.raises(Refused):
        require(Consent(True, frozenset()), use)


@pytest.mark.parametrize("use", [*Use, "detail:aircraft.number"])
def test_what_was_granted_is_allowed_and_nothing_else(use: str) -> None:
    consent = Consent(True, frozenset({use}))
    require(consent, use)
    assert {other for other in Use if permits(consent, other)} == {use} & set(Use)


def test_detail_of_one_claim_is_not_detail_of_another() -> None:
    one, every = Consent(True, frozenset({"detail:aircraft.number"})), Consent(True, frozenset({"detail"}))
    assert permits(one, "detail:aircraft.number")
    assert not permits(one, "detail:aircraft.altitude")
    assert not permits(one, "detail")
    assert permits(every, "detail:aircraft.altitude")


@given(st.sets(st.sampled_from(Use)), st.sampled_from(Use))
def test_without_a_record_nothing_is_allowed(uses: set[Use], use: Use) -> None:
    assert not permits(Consent(False, frozenset(uses)), use)


@given(st.booleans(), st.sets(st.sampled_from([*Use, "detail:aircraft.number"])))
def test_consent_survives_json(recording: bool, uses: set[str]) -> None:
    consent = Consent(recording, frozenset(uses))
    assert Consent.parse(consent.to_json()) == consent


@pytest.mark.parametrize("use", ["", "marketing", "detail:", "detail:Aircraft", "detail:a b", "verbatim:x"])
def test_an_unknown_use_is_invalid_wherever_it_comes_from(use: str) -> None:
    with pytest.raises(Invalid):
        permits(Consent(True, frozenset({use})), use)
    with pytest.raises(Invalid):
        Consent.parse({"recording": True, "uses": [use]})


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"recording": "yes"},
        {"recording": True, "uses": "verbatim"},
        {"recording": True, "uses": [1]},
        {"recording": True, "uses": ["verbatim", "verbatim"]},
        {"recording": True, "media": True},
    ],
)
def test_consent_of_another_shape_is_invalid(raw: Any) -> None:
    with pytest.raises(Invalid):
        Consent.parse(raw)
