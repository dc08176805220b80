"""vault.rules.dependence"""

import pytest

from tests.rules.cast import HOSPITAL, MOSQUE, tied
from vault.errors import Invalid
from vault.rules.dependence import LinkKind, Settlement, Tie, Ties, Told, upstream

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


def test_ways_lead_to_where_all_meet_who_hang_together() -> None:
    kind = LinkKind.PRESENT
    ties = Ties(tied([("w1", "w2"), ("w2", "w3"), ("w3", "w1"), ("w8", "w9")], kind).groups)
    assert ties.ways(["w2", "w3", "w7"], weak=False) == {(kind, "w2", "w1"), (kind, "w3", "w1")}
    assert ties.ways(["w9"], weak=True) == {(kind, "w9", "w8")}
    assert tied([("w1", "w2")], SHOWN).ways(["w2"], weak=False) == set()


def test_ways_have_no_more_steps_than_they_need() -> None:
    row = tied([(f"w{one}", f"w{one + 1}") for one in range(1, 5)], HOUSEHOLD)
    assert len(row.ways(["w5"], weak=False)) == 4
    assert len(Ties(row.groups | tied([("w1", "w5")], SHOWN).groups).ways(["w5"], weak=True)) == 1


def test_of_two_ways_the_strong_one_is_told() -> None:
    both = Ties(
        tied([("w1", "w2")], LinkKind.INTRODUCER).groups | tied([("w1", "w2")], LinkKind.HOUSEHOLD).groups
    )
    assert both.ways(["w2"], weak=True) == {(LinkKind.HOUSEHOLD, "w2", "w1")}
    before = (
        tied([("w1", "w2")], LinkKind.PRESENT).groups
        | tied([("w1", "w2")], LinkKind.MAYBE_SAME_PERSON).groups
    )
    assert Ties(before).ways(["w2"], weak=True) == {(LinkKind.PRESENT, "w2", "w1")}


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
