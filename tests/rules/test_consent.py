"""vault.rules.consent"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid, Refused
from vault.rules.asking import Asking
from vault.rules.consent import (
    Consent,
    IdentityForm,
    Reading,
    Recipient,
    Use,
    both,
    permits,
    permits_export,
    permits_statement,
    present,
    reading,
    require,
    standing,
    statement_uses,
)

USES = [*Use, "detail:aircraft.number", "detail:aircraft.altitude"]
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
RECIPIENTS, FORMS = st.sampled_from(list(Recipient)), st.sampled_from(list(IdentityForm))
CONSENTS = st.builds(
    Consent,
    st.sampled_from([True, True, False]),
    st.frozensets(st.sampled_from(USES)),
    st.dictionaries(RECIPIENTS, FORMS).map(lambda given: frozenset(given.items())),
    st.none() | DAYS,
    st.builds(
        Asking, restated=st.sampled_from(["", "yes"]), restrictions=st.sampled_from(["", "Not Karim."])
    ),
    st.none() | DAYS,
)


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


@given(CONSENTS)
def test_consent_survives_json(consent: Consent) -> None:
    assert Consent.parse(consent.to_json()) == consent


def test_what_says_nothing_is_absent_so_that_a_consent_of_before_reads_and_writes_as_it_did() -> None:
    raw = {"recording": True, "uses": ["corroboration", "count_exact"]}
    assert Consent.parse(raw).to_json() == raw
    assert (
        Consent.parse({**raw, "recipients": {}, "embargo": None, "asking": {}, "until": None}).to_json()
        == raw
    )


@given(CONSENTS)
def test_the_half_that_is_counted_has_no_words_no_last_day_and_of_an_embargo_no_day_but_a_later_month(
    consent: Consent,
) -> None:
    coded = consent.coded
    assert not {"asking", "until"} & coded.to_json().keys()
    assert (coded.recording, coded.uses, coded.recipients) == (
        consent.recording,
        consent.uses,
        consent.recipients,
    )
    if consent.embargo is None:
        assert coded.embargo is None
    else:
        assert coded.embargo is not None
        assert coded.embargo.day == 1
        assert timedelta() <= coded.embargo - consent.embargo < timedelta(31)
    assert coded.coded == coded


ASKING = {"explained": "What it is for.", "restated": "yes", "language": "ar", "given": "thumbprint"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"recipients": {"neighbours": "none"}}, "recipients"),
        ({"recipients": {"icc": "everything"}}, '"icc" must be one of none, coded'),
        ({"recipients": ["icc"]}, "recipients"),
        ({"embargo": "soon"}, "a day such as"),
        ({"embargo": "2026-02-30"}, "a day such as"),
        ({"until": "2026-02-30"}, "a day such as"),
        ({"asking": {**ASKING, "given": "shouted"}}, '"given" must be one of'),
        ({"asking": {**ASKING, "language": "Quillfeather"}}, "language code"),
        ({"asking": {**ASKING, "explained": "x" * 2_001}}, "at most 2,000"),
        ({"asking": {**ASKING, "name": "Quillfeather"}}, "not known"),
        ({"asking": {**ASKING, "capacity": "represented", "guardian": " "}}, "Say who agreed"),
        ({"asking": {**ASKING, "restated": "no"}}, "was not understood"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_repeated(changes: dict[str, Any], sentence: str) -> None:
    raw = {"recording": True, "uses": ["corroboration"], "asking": ASKING}
    assert Consent.parse(raw).asking.given == "thumbprint"
    with pytest.raises(Invalid, match=sentence) as refused:
        Consent.parse({**raw, **changes})
    assert "Quillfeather" not in refused.value.message


def test_what_was_not_understood_may_be_kept_and_used_for_nothing() -> None:
    kept = {
        "recording": True,
        "uses": [],
        "asking": {"restated": "no", "capacity": "with_guardian", "guardian": "An aunt"},
    }
    assert Consent.parse(kept).recording


@given(CONSENTS, st.sampled_from(USES), DAYS)
def test_nothing_is_said_in_public_before_the_embargo_nor_what_was_not_allowed(
    consent: Consent, use: str, today: date
) -> None:
    said = permits_statement(consent, use, today)
    assert said <= (consent.embargo is None or today >= consent.embargo)
    assert said <= (permits(consent, use) or use == "aggregate")
    assert (use in statement_uses(consent) and not consent.is_embargoed(today)) <= said
    later = permits_statement(consent.coded, use, today)
    assert later <= said


def test_whoever_allows_exact_numbers_allows_lower_bounds_and_not_the_reverse() -> None:
    assert statement_uses(Consent(True, frozenset({"count_exact"}))) == {"aggregate", "count_exact"}
    assert statement_uses(Consent(True, frozenset({"aggregate"}))) == {"aggregate"}
    assert statement_uses(Consent(True, frozenset({"corroboration"}))) == {"corroboration"}
    assert statement_uses(Consent(False, frozenset(Use))) == frozenset()


@given(CONSENTS, st.sampled_from(USES), RECIPIENTS, FORMS, DAYS)
def test_what_is_handed_over_needs_the_use_the_recipient_and_no_more_of_who_they_are_than_was_allowed(
    consent: Consent, use: str, recipient: Recipient, identity: IdentityForm, today: date
) -> None:
    most = dict(consent.recipients).get(recipient)
    allowed = permits(consent, use) and most is not None and identity.rank <= most.rank
    allowed = allowed and (consent.embargo is None or today >= consent.embargo)
    over = consent.until is not None and today > consent.until
    if recipient is not Recipient.TEAM:
        assert permits_export(consent, use, recipient, identity, today) == (allowed and not over)
    elif identity.rank <= IdentityForm.CODED.rank:
        kept = permits(consent, use) and not over
        assert permits_export(consent, use, recipient, identity, today) == kept


def test_after_the_last_day_nothing_is_handed_to_anybody() -> None:
    day = date(2026, 11, 23)
    consent = Consent(True, frozenset({"legal"}), frozenset({(Recipient.ICC, IdentityForm.CODED)}), until=day)
    for recipient in (Recipient.ICC, Recipient.TEAM):
        about = Use.LEGAL, recipient, IdentityForm.CODED
        assert permits_export(consent, *about, day)
        assert not permits_export(consent, *about, day + timedelta(days=1))


def test_a_record_is_read_by_the_team_under_the_made_up_name_and_without_one_nothing_is() -> None:
    assert reading(Consent(True, frozenset({"internal"}))) is Reading.ALLOWED
    assert reading(Consent(True, frozenset({"corroboration"}))) is Reading.TO_CHECK
    assert reading(Consent(False, frozenset(Use))) is Reading.REFUSED
    assert Consent(False, frozenset(Use)).identity(Recipient.TEAM) is None


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


@given(CONSENTS, CONSENTS, st.tuples(st.sampled_from(USES), RECIPIENTS, FORMS, DAYS))
def test_both_hand_over_what_each_of_them_does(one: Consent, other: Consent, about: Any) -> None:
    each = permits_export(one, *about) and permits_export(other, *about)
    assert permits_export(both(one, other), *about) == each
    assert both(one, other) == both(other, one)


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
