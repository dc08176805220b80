"""vault.rules.dependence"""

import pytest

from tests.rules.cast import HOSPITAL, MOSQUE, tied
from vault.errors import Invalid
from vault.rules.dependence import STRONG, LinkKind, Settlement, Tie, Ties, Told, upstream

HOUSEHOLD, ORIGIN, SHOWN = LinkKind.HOUSEHOLD, LinkKind.ORIGIN, LinkKind.SHOWN


def joined(ties: Ties, one: str, other: str, incident: str = HOSPITAL) -> tuple[bool, bool]:
    """Whether two count as one, and whether they might."""
    strong, weak = ties.strong(incident), ties.weak(incident)
    return strong.leader(one) == strong.leader(other), weak.leader(one) == weak.leader(other)


def test_whoever_is_not_linked_stands_alone() -> None:
    assert joined(Ties(), "w1", "w2") == (False, False)


def test_strong_links_join_and_weak_ones_might() -> None:
    assert joined(tied([("w1", "w2")], HOUSEHOLD), "w1", "w2") == (True, True)
    assert joined(tied([("w1", "w2")], SHOWN), "w1", "w2") == (False, True)


def test_a_tie_of_one_incident_ties_nobody_elsewhere() -> None:
    ties = Ties(frozenset({Tie(LinkKind.SAME_PERSON, frozenset({"w1", "w2"}), HOSPITAL)}))
    assert joined(ties, "w1", "w2") == (True, True)
    assert joined(ties, "w1", "w2", MOSQUE) == (False, False)
    assert ties.near({"w1"}, STRONG, HOSPITAL) == {"w1", "w2"}
    assert ties.near({"w1"}, STRONG, MOSQUE) == {"w1"}


def test_a_settlement_speaks_of_its_pair_its_kind_and_nobody_else() -> None:
    apart = Settlement(HOUSEHOLD, "w2", "w1", False)
    two, three = tied([("w1", "w2")], HOUSEHOLD), tied([("w1", "w2", "w3")], HOUSEHOLD)
    assert joined(Ties(two.groups, settled=frozenset({apart})), "w1", "w2") == (False, False)
    assert joined(Ties(three.groups, settled=frozenset({apart})), "w1", "w2") == (True, True)
    other_kind = Settlement(LinkKind.PRESENT, "w1", "w2", False)
    assert joined(Ties(two.groups, settled=frozenset({other_kind})), "w1", "w2") == (True, True)


def test_a_decision_that_a_link_holds_outweighs_one_that_it_does_not() -> None:
    settled = {Settlement(SHOWN, "w1", "w2", dependent) for dependent in (True, False)}
    assert joined(Ties(settled=frozenset(settled)), "w1", "w2") == (False, True)
    assert Ties(settled=frozenset(settled)).near({"w2"}, {SHOWN}, HOSPITAL) == {"w1", "w2"}
    assert Ties(settled=frozenset(settled)).near({"w3"}, {SHOWN}, HOSPITAL) == {"w3"}


def test_an_origin_may_be_settled_either_way() -> None:
    told = Told(HOSPITAL, "aircraft.present", "w2", "w1")
    about = (HOSPITAL, "aircraft.present")
    denied = Ties(frozenset(), frozenset({told}), frozenset({Settlement(ORIGIN, "w2", "w1", False, about)}))
    held = Ties(settled=frozenset({Settlement(ORIGIN, "w2", "w1", True, about)}))
    both = Ties(denied.groups, denied.told, denied.settled | held.settled)
    assert denied.sources(HOSPITAL, [told]) == {}
    assert held.sources(HOSPITAL) == both.sources(HOSPITAL) == {"aircraft.present": {"w2": {"w1"}}}
    assert both.sources(MOSQUE) == {}


def test_a_settlement_that_says_nothing_is_invalid() -> None:
    with pytest.raises(Invalid):
        Settlement(HOUSEHOLD, "w1", "w1", True)
    with pytest.raises(Invalid):
        Settlement(ORIGIN, "w1", "w2", True)
    with pytest.raises(Invalid):
        Settlement(HOUSEHOLD, "w1", "w2", True, (HOSPITAL, "aircraft.present"))


def test_who_stands_first_in_a_settlement_matters_for_origins_alone() -> None:
    one, other = Settlement(HOUSEHOLD, "w1", "w2", True), Settlement(HOUSEHOLD, "w2", "w1", True)
    assert one.to_json() == other.to_json()
    about = (HOSPITAL, "aircraft.present")
    told, telling = Settlement(ORIGIN, "w1", "w2", True, about), Settlement(ORIGIN, "w2", "w1", True, about)
    assert told.to_json() != telling.to_json()
    assert told.to_json()["about"] == list(about)


def test_upstream_leads_from_accounts_to_their_origins_and_never_back() -> None:
    sources = {"w1": {"w2"}, "w2": {"w3"}, "w3": {"w1"}, "w4": {"w1"}}
    assert upstream(["w2"], sources) == {(ORIGIN, "w1", "w2"), (ORIGIN, "w2", "w3"), (ORIGIN, "w3", "w1")}
    assert upstream(["w5"], sources) == set()
