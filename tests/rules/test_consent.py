"""vault.rules.consent"""

from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid, Refused
from vault.rules.consent import Consent, Use, both, permits, present, require, standing

USES = [*Use, "detail:aircraft.number", "detail:aircraft.altitude"]
CONSENTS = st.builds(Consent, st.sampled_from([True, True, False]), st.frozensets(st.sampled_from(USES)))


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


# --- changes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What one deposit states."""

    digest: str
    witness: str
    consent: Consent
    supersedes: str | None = None
    changes_consent: bool = False


ALL, NONE = Consent(True, frozenset(Use)), Consent(False, frozenset())
STATED = st.lists(
    st.builds(
        Said,
        st.sampled_from("abcdef"),
        st.sampled_from(["w1", "w2"]),
        CONSENTS,
        st.sampled_from([None, *"abcdefx"]),
        st.booleans(),
    ),
    unique_by=lambda one: one.digest,
)


def change(digest: str, consent: Consent, replaces: str | None = None, witness: str = "w1") -> Said:
    return Said(digest, witness, consent, replaces, True)


@given(CONSENTS, CONSENTS, st.sampled_from(USES))
def test_both_allow_what_each_of_them_allows(one: Consent, other: Consent, use: str) -> None:
    assert permits(both(one, other), use) == (permits(one, use) and permits(other, use))


@given(STATED, st.randoms(use_true_random=False), st.sampled_from(USES))
def test_what_is_allowed_now_does_not_depend_on_order_and_never_exceeds_any_standing_change(
    stated: list[Said], random: Random, use: str
) -> None:
    before = present(stated)
    random.shuffle(stated)
    assert present(stated) == before
    replaced = {one.supersedes for one in stated}
    for one in stated:
        if not one.changes_consent and one.digest in before and permits(before[one.digest], use):
            changes = [other for other in stated if other.changes_consent and other.witness == one.witness]
            assert all(permits(last.consent, use) for last in changes if last.digest not in replaced)


@given(STATED)
def test_whoever_changed_nothing_keeps_what_their_interviews_say(stated: list[Said]) -> None:
    changed = {one.witness for one in stated if one.changes_consent}
    interviews = {one.digest for one in stated if one.witness in changed and not one.changes_consent}
    assert present(stated).keys() == interviews


def test_a_change_takes_the_place_of_what_it_names_and_narrows_all_else() -> None:
    interviews = [Said("a", "w1", NONE), Said("b", "w1", ALL), Said("c", "w2", NONE)]
    narrow = Consent(True, frozenset({"corroboration", "detail:aircraft.number"}))
    assert present([*interviews, change("d", narrow, "a")]) == {"a": narrow, "b": narrow}


@pytest.mark.parametrize("named", ["x", "c"], ids=["nobody's", "another witness's"])
def test_a_change_that_names_what_it_cannot_replace_widens_nothing_and_still_narrows(named: str) -> None:
    interviews = [Said("a", "w1", ALL), Said("c", "w2", NONE)]
    assert present([*interviews, change("d", NONE, named)]) == {"a": Consent(False, frozenset())}
    assert "c" not in present([*interviews, change("d", ALL, named)])


def test_in_a_circle_all_stand_and_whoever_leads_into_it_takes_their_place() -> None:
    assert standing({"a": "b", "b": "a"}) == {"a", "b"}
    assert standing({"a": "b", "b": "a", "c": "b"}) == {"c"}
    assert standing({"a": None, "b": "a", "c": "a"}) == {"b", "c"}
