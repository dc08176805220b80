"""vault.rules.quorum"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid, Refused
from vault.rules.quorum import Tally

CUSTODIANS = frozenset({"C1", "C2", "C3", "C4", "C5"})

#   threshold, approved, eligible, met, missing, text
CASES = {
    "nobody": (3, "", CUSTODIANS, False, 3, "0 of 3"),
    "one": (3, "C1", CUSTODIANS, False, 2, "1 of 3"),
    "one fewer than k": (3, "C1 C2", CUSTODIANS, False, 1, "2 of 3"),
    "k": (3, "C1 C2 C5", CUSTODIANS, True, 0, "3 of 3"),
    "more than k": (3, "C1 C2 C3 C4", CUSTODIANS, True, 0, "4 of 3"),
    "strangers": (3, "C1 X1 X2", CUSTODIANS, False, 2, "1 of 3"),
    "all of all": (5, "C1 C2 C3 C4 C5", CUSTODIANS, True, 0, "5 of 5"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_tally_says_where_it_stands(name: str) -> None:
    threshold, approved, eligible, met, missing, text = CASES[name]
    tally = Tally(threshold, frozenset(approved.split()), eligible)
    assert (tally.met, tally.missing, str(tally)) == (met, missing, text)
    assert tally.waiting == eligible - set(approved.split())
    if met:
        tally.require_met()
    else:
        with pytest.raises(Refused, match=text):
            tally.require_met()


@pytest.mark.parametrize(("threshold", "eligible"), [(1, CUSTODIANS), (0, CUSTODIANS), (6, CUSTODIANS)])
def test_a_threshold_of_one_or_above_the_eligible_is_invalid(
    threshold: int, eligible: frozenset[str]
) -> None:
    with pytest.raises(Invalid):
        Tally(threshold, frozenset(), eligible)


@given(st.sets(st.sampled_from(sorted(CUSTODIANS))), st.sampled_from(sorted(CUSTODIANS)))
def test_another_approval_never_unmakes_a_quorum(approved: set[str], another: str) -> None:
    before = Tally(3, frozenset(approved), CUSTODIANS)
    after = Tally(3, frozenset(approved | {another}), CUSTODIANS)
    assert after.missing <= before.missing
