"""vault.rules.accounts"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import AGREES, AIR_STRIKE, HOSPITAL, MOSQUE, OBSERVATIONS, WITNESSES, person, says, tied
from vault.rules import codings
from vault.rules.accounts import Decisions, Deposited, Resolved, allowed, resolve
from vault.rules.codings import Recoding
from vault.rules.consent import Consent
from vault.rules.credibility import Excluded, Rating
from vault.rules.dependence import LinkKind, Settlement, Tie, Ties
from vault.rules.independence import count
from vault.rules.observations import Observation

HEARD = says("aircraft.present", "heard")
SAW = says("aircraft.present", "saw")
HERE = frozenset({HOSPITAL})
DECLINES = Consent(True, frozenset({"verbatim"}))


def deposit(
    digest: str,
    witness: str,
    *said: Observation,
    supersedes: str | None = None,
    together_with: Sequence[str] = (),
    consent: Consent = AGREES,
) -> Deposited:
    return Deposited(digest, supersedes, witness, consent, tuple(together_with), said)


def standing(*deposits: Deposited) -> dict[str, set[Observation]]:
    return {one.witness: set(one.observations) for one in resolve(deposits).accounts.get(HOSPITAL, ())}


def set_aside(*deposits: Deposited) -> tuple[int, int]:
    resolved = resolve(deposits)
    return resolved.repeated, resolved.misdirected


ORIGINAL = deposit("d1", "w1", HEARD)


def test_a_follow_up_adds_to_the_account_of_its_witness() -> None:
    assert standing(ORIGINAL, deposit("d2", "w1", SAW)) == {"w1": {HEARD, SAW}}


def test_a_correction_replaces_what_it_corrects() -> None:
    assert standing(ORIGINAL, deposit("d2", "w1", SAW, supersedes="d1")) == {"w1": {SAW}}


def test_of_a_chain_of_corrections_the_last_stands_in_whatever_order_they_come() -> None:
    chain = [
        deposit("d3", "w1", supersedes="d2"),
        ORIGINAL,
        deposit("d4", "w1", SAW, supersedes="d3"),
        deposit("d2", "w1", HEARD, supersedes="d1"),
    ]
    assert standing(*chain) == standing(*reversed(chain)) == {"w1": {SAW}}


def test_a_correction_leaves_other_deposits_of_the_witness_alone() -> None:
    second = deposit("d2", "w1", says("strike.second", "felt"))
    assert standing(ORIGINAL, second, deposit("d3", "w1", SAW, supersedes="d1")) == {
        "w1": {SAW, *second.observations}
    }


def test_two_corrections_of_one_deposit_both_stand_until_one_is_corrected() -> None:
    one, other = deposit("d2", "w1", SAW, supersedes="d1"), deposit("d3", "w1", HEARD, supersedes="d1")
    assert standing(ORIGINAL, one, other) == {"w1": {SAW, HEARD}}
    assert standing(ORIGINAL, one, other, deposit("d4", "w1", supersedes="d2")) == {"w1": {HEARD}}


def test_a_correction_of_what_is_not_there_is_set_aside_in_silence_since_it_may_be_withdrawn() -> None:
    lost = deposit("d2", "w2", SAW, supersedes="d9")
    assert standing(ORIGINAL, lost) == {"w1": {HEARD}}
    assert set_aside(ORIGINAL, lost) == (0, 0)


def test_nobody_can_correct_another_witness_away() -> None:
    attack = deposit("d2", "w2", SAW, supersedes="d1")
    assert standing(ORIGINAL, attack) == {"w1": {HEARD}}
    assert set_aside(ORIGINAL, attack) == (0, 1)


def test_a_repeated_deposit_counts_once() -> None:
    assert standing(ORIGINAL, ORIGINAL, ORIGINAL) == {"w1": {HEARD}}
    assert set_aside(ORIGINAL, ORIGINAL, ORIGINAL) == (2, 0)


def test_without_consent_to_corroboration_there_is_no_account() -> None:
    assert standing(deposit("d1", "w1", HEARD, consent=DECLINES)) == {}


def test_a_correction_that_takes_consent_back_takes_the_account_back() -> None:
    assert standing(ORIGINAL, deposit("d2", "w1", HEARD, supersedes="d1", consent=DECLINES)) == {}


def test_a_joint_interview_ties_witnesses_even_through_one_who_declines_to_be_counted() -> None:
    resolved = resolve(
        [
            deposit("d1", "w1", HEARD, together_with=["w3"]),
            deposit("d2", "w2", SAW),
            deposit("d3", "w3", SAW, together_with=["w2"], consent=DECLINES),
        ]
    )
    assert [said.witness for said in resolved.accounts[HOSPITAL]] == ["w1", "w2"]
    (row,) = count(resolved.accounts[HOSPITAL], resolved.ties, AIR_STRIKE)
    assert (row.direct_max, row.heard, row.saw) == (1, 1, 1)


def test_a_correction_may_take_a_joint_interview_back() -> None:
    joint = deposit("d1", "w1", HEARD, together_with=["w2"])
    assert resolve([joint]).ties == tied([("w1", "w2")])
    assert resolve([joint, deposit("d2", "w1", HEARD, supersedes="d1")]).ties == Ties()


def test_accounts_are_kept_apart_by_incident() -> None:
    elsewhere = says("strike.took_place", "saw", incident=MOSQUE)
    resolved = resolve([deposit("d1", "w1", HEARD, elsewhere), deposit("d2", "w2", elsewhere)])
    assert resolved.accounts == {
        HOSPITAL: (person("w1", HEARD),),
        MOSQUE: (person("w1", elsewhere), person("w2", elsewhere)),
    }


def test_a_person_is_all_that_their_own_deposits_add() -> None:
    resolved = resolve([deposit("d1", "w1", HEARD, SAW, together_with=["w3", "w2"])])
    assert resolved.persons(HOSPITAL) == {
        "w1": {"observations": [HEARD.to_json(), SAW.to_json()], "together_with": ["w2", "w3"]}
    }
    assert resolved.persons(MOSQUE) == {}


def changed(before: Resolved, after: Resolved) -> set[str]:
    old, new = before.persons(HOSPITAL), after.persons(HOSPITAL)
    return {who for who in old.keys() | new.keys() if old.get(who) != new.get(who)}


FACTS: dict[str, Any] = {
    "present": ("w4",),
    "household": ("w5",),
    "introducer": "A",
    "shown_before": ("clip",),
}


def test_a_person_is_also_what_their_deposits_say_about_dependence() -> None:
    alone, linked = ORIGINAL, replace(ORIGINAL, depositor="R1", interpreter="I", **FACTS)
    assert resolve([alone]).persons(HOSPITAL)["w1"].keys() == {"observations", "together_with"}
    (found,) = resolve([linked]).persons(HOSPITAL).values()
    assert {name: found[name] for name in FACTS} == {
        **{k: list(v) for k, v in FACTS.items()},
        "introducer": ["A"],
    }
    assert found["interviewer"] == [("R1", "I")]


def test_weak_links_are_drawn_between_all_who_share_a_label() -> None:
    shared = [replace(deposit(f"d{one}", f"w{one}"), introducer="A") for one in (1, 2, 3)]
    assert resolve(shared).ties == tied([("w1", "w2", "w3")], LinkKind.INTRODUCER)
    assert resolve(shared[:1]).ties == Ties()


@pytest.mark.parametrize(
    ("decisions", "who"),
    [
        (Decisions(settled=frozenset({Settlement(LinkKind.PRESENT, "w1", "w2", False)})), {"w1", "w2"}),
        (
            Decisions(
                settled=frozenset(
                    {Settlement(LinkKind.ORIGIN, "w1", "w2", False, (MOSQUE, "aircraft.present"))}
                )
            ),
            set(),
        ),
        (
            Decisions(same=frozenset({Tie(LinkKind.SAME_PERSON, frozenset({"w1", "w2"}), HOSPITAL)})),
            {"w1", "w2"},
        ),
        (Decisions(same=frozenset({Tie(LinkKind.SAME_PERSON, frozenset({"w1", "w2"}), MOSQUE)})), set()),
        (Decisions(ratings=frozenset({Rating("w1", HOSPITAL)})), set()),
        (
            Decisions(ratings=frozenset({Rating("w1", HOSPITAL, excluded=Excluded.OTHER, reason="x")})),
            {"w1"},
        ),
        (Decisions(recodings=frozenset({Recoding("d1", "R2", HERE, (SAW,))})), set()),
        (Decisions(recodings=frozenset({Recoding("d9", "R2", HERE, (SAW,))})), set()),
    ],
)
def test_a_decision_changes_those_whom_it_is_about(decisions: Decisions, who: set[str]) -> None:
    deposits = [ORIGINAL, deposit("d2", "w2", SAW), deposit("d3", "w3", HEARD)]
    assert changed(resolve(deposits), resolve(deposits, decisions)) == who


def test_who_is_set_aside_is_known_with_the_reason_and_on_that_incident_alone() -> None:
    elsewhere = says("strike.took_place", "saw", incident=MOSQUE)
    rating = Rating("w1", HOSPITAL, excluded=Excluded.SPOKE_UNDER_PRESSURE, reason="x")
    resolved = resolve([deposit("d1", "w1", HEARD, elsewhere)], Decisions(ratings=frozenset({rating})))
    assert resolved.accounts == {MOSQUE: (person("w1", elsewhere),)}
    assert resolved.excluded == {(HOSPITAL, "w1", Excluded.SPOKE_UNDER_PRESSURE)}


def test_a_second_coding_of_somebody_who_does_not_count_is_not_shown() -> None:
    recoding = Decisions(recodings=frozenset({Recoding("d1", "R2", HERE, (SAW,))}))
    assert resolve([deposit("d1", "w1", HEARD, consent=DECLINES)], recoding).twice == {}
    assert resolve([ORIGINAL], recoding).twice[HOSPITAL][0].second == (SAW,)


def recoded(*recodings: Recoding) -> tuple[list[tuple[Observation, ...]], int]:
    """What second codings of one deposit by R1 stand, and how many are misdirected."""
    handed_in = [replace(ORIGINAL, depositor="R1"), replace(deposit("d2", "w2", SAW), depositor="R2")]
    resolved = resolve(handed_in, Decisions(recodings=frozenset(recodings)))
    return [one.second for one in resolved.twice.get(HOSPITAL, ())], resolved.misdirected


def test_a_second_coding_of_ones_own_deposit_is_misdirected_and_of_nothing_passed_over() -> None:
    assert recoded(Recoding("d9", "R2", HERE, (SAW,))) == ([], 0)
    assert recoded(Recoding("d1", "R1", HERE, (SAW,))) == ([], 1)
    assert recoded(Recoding("d1", "R2", HERE, (SAW,))) == ([(SAW,)], 0)


def test_a_coder_replaces_only_their_own_coding_of_the_same_deposit() -> None:
    first = Recoding("d1", "V2", HERE, (SAW,), "c1")
    assert recoded(first, Recoding("d1", "V2", HERE, (HEARD,), "c2", "c1")) == ([(HEARD,)], 0)
    for other in (
        Recoding("d1", "V1", HERE, (HEARD,), "c2", "c1"),
        Recoding("d2", "V2", HERE, (HEARD,), "c2", "c1"),
        Recoding("d1", "V2", HERE, (HEARD,), "c2", "c9"),
        Recoding("d1", "V2", HERE, (HEARD,), "c2", "d1"),
    ):
        assert recoded(first, other) == ([(SAW,)], 1)


@given(st.permutations([("c1", None), ("c2", "c1"), ("c3", "c1"), ("c4", "c9")]))
def test_which_second_codings_stand_does_not_depend_on_their_order(
    order: list[tuple[str, str | None]],
) -> None:
    found, misdirected = codings.standing(
        [Recoding("d1", "V2", HERE, (), digest, supersedes) for digest, supersedes in order], {"d1": "R1"}
    )
    assert ({one.digest for one in found}, misdirected) == ({"c2", "c3"}, 1)


DEPOSITS = st.lists(
    st.builds(
        Deposited,
        digest=st.sampled_from(["d1", "d2", "d3", "d4"]),
        supersedes=st.sampled_from([None, "d1", "d2", "d9"]),
        witness=WITNESSES,
        consent=st.sampled_from([AGREES, DECLINES]),
        together_with=st.lists(WITNESSES, max_size=2).map(tuple),
        observations=st.lists(OBSERVATIONS, max_size=3).map(tuple),
    ),
    max_size=4,
    unique_by=lambda one: one.digest,
)


@given(DEPOSITS)
def test_the_order_of_deposits_does_not_matter(deposits: list[Deposited]) -> None:
    assert resolve(deposits) == resolve(deposits[::-1])


@given(DEPOSITS, WITNESSES, st.lists(OBSERVATIONS, max_size=3), st.lists(WITNESSES, max_size=4))
def test_one_more_deposit_changes_at_most_the_person_who_gave_it(
    deposits: list[Deposited], witness: str, said: list[Observation], together: list[str]
) -> None:
    more = deposit("new", witness, *said, together_with=together)
    assert changed(resolve(deposits), resolve([*deposits, more])) <= {witness}


def test_a_witness_allows_what_all_that_stands_of_theirs_allows() -> None:
    wide = Consent(True, frozenset({"paraphrase", "corroboration"}))
    first, other = deposit("d1", "w1", consent=wide), deposit("d2", "w2", consent=wide)
    assert allowed([first, other]) == {"w1": wide, "w2": wide}
    assert allowed([first, other, deposit("d3", "w1")])["w1"].uses == {"corroboration"}
    corrected = deposit("d3", "w1", supersedes="d1")
    assert allowed([first, other, corrected])["w1"] == AGREES
    withdrawn = replace(deposit("d3", "w1", consent=Consent(False, frozenset())), changes_consent=True)
    assert not allowed([first, other, withdrawn])["w1"].recording
    astray = replace(deposit("d3", "w1", supersedes="d2"), consent=DECLINES)
    assert allowed([first, other, astray]) == {"w1": wide, "w2": wide}
