"""vault.rules.findings and factors: how likely, resting on what, and by two reviewers"""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import AIR_STRIKE, HOSPITAL, MOSQUE
from vault.errors import Invalid
from vault.rules.assessments import Decision
from vault.rules.factors import CELLS, Counted, Factor, Item, Opinion, Point, Source, Weight
from vault.rules.findings import Entry, Likelihood, Proposed, Standing, Version, from_json, standing
from vault.rules.vocabulary import Range

FACTORS = (
    Factor(Counted(1, "aircraft.number", 2, "direct"), Weight.FOR, "Two of them."),
    Factor(Item("item", "entry"), Weight.FOR, ""),
    Factor(Opinion("item", "opinion"), Weight.FOR, "Only these aircraft carry it."),
    Factor(Point("response", 0), Weight.AGAINST, "They say that nothing flew."),
)
VERSION = Version("f1", 1, HOSPITAL, {"en": "By two aircraft."}, Likelihood.LIKELY, FACTORS, "Together.")
SAID = VERSION.to_json()


def written(*numbers: int, **changes: Any) -> list[Entry]:
    return [Entry(f"v{number}", "V1", replace(VERSION, number=number, **changes)) for number in numbers]


def decided(name: str, by: str = "V2", *, upheld: bool = True) -> Entry:
    return Entry(f"d{name}", by, Decision(name, upheld, "So it is"))


def stands(*entries: Entry) -> Proposed | None:
    return standing(entries).findings["f1"].stands


VALUES = {
    "aircraft.number": st.integers(1, 9) | st.builds(Range, st.integers(1, 3), st.integers(4, 9)),
    "aircraft.present": st.just("yes"),
}
COUNTED = st.sampled_from(sorted(VALUES)).flatmap(
    lambda subject: st.builds(
        Counted, st.integers(1), st.just(subject), VALUES[subject], st.sampled_from(CELLS)
    )
)
ID = st.text("abc", max_size=9)
ABOUT = COUNTED | st.builds(Item, ID, ID) | st.builds(Opinion, ID, ID) | st.builds(Point, ID, st.integers(0))
FACTOR = st.builds(Factor, ABOUT, st.sampled_from(Weight), st.text("abc ", max_size=9))


@given(st.lists(FACTOR, min_size=1, max_size=9, unique_by=lambda one: one.about))
def test_what_a_version_says_is_read_as_it_was_written(factors: list[Factor]) -> None:
    version = replace(VERSION, factors=tuple(factors))
    assert from_json("finding", version.to_json(), AIR_STRIKE) == version
    kinds = [version.of(source) for source in Source]
    assert sorted(map(repr, (one for kind in kinds for one in kind))) == sorted(map(repr, factors))
    assert {*version.weighing(Weight.FOR), *version.weighing(Weight.AGAINST)} == set(factors)


def test_only_unknown_rests_on_nothing() -> None:
    nothing = {**SAID, "factors": []}
    with pytest.raises(Invalid, match="without a factor"):
        from_json("finding", nothing, AIR_STRIKE)
    assert from_json("finding", {**nothing, "likelihood": "unknown"}, AIR_STRIKE)


def factor(**changes: Any) -> dict[str, Any]:
    return {"factors": [{**FACTORS[0].to_json(), **changes}]}


@pytest.mark.parametrize(
    "change",
    [
        {"likelihood": "certain"},
        {"reasons": " \n"},
        {"reasons": "x" * 4_001},
        {"proposition": {}},
        {"proposition": "By two aircraft."},
        {"proposition": {"ar": "طائرتان"}},
        {"proposition": {"en": "By two\naircraft."}},
        {"proposition": {"en": "x" * 601}},
        {"proposition": {"en": "x", "Arabic!": "x"}},
        {"version": True},
        {"factors": [FACTORS[0].to_json(), {**FACTORS[0].to_json(), "weight": "against"}]},
        {"factors": [FACTORS[1].to_json()] * 51},
        {"factors": ["aircraft"]},
        {"more": 1},
        factor(kind="rumour"),
        factor(weight="somewhat"),
        factor(why="x" * 1_001),
        factor(subject="aircraft.colour"),
        factor(value="many"),
        factor(column="everybody"),
        factor(edition="1"),
        factor(item="item"),
        factor(kind="evidence"),
        factor(kind="response"),
    ],
)
def test_what_cannot_be_read_is_no_finding(change: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        from_json("finding", {**SAID, **change}, AIR_STRIKE)


@pytest.mark.parametrize(("act", "vocabulary"), [("motion", AIR_STRIKE), ("finding", None), (None, None)])
def test_an_entry_is_a_version_on_a_known_incident_or_a_decision(act: object, vocabulary: Any) -> None:
    with pytest.raises(Invalid):
        from_json(act, SAID, vocabulary)


def test_the_newest_version_that_was_upheld_stands() -> None:
    assert stands(*written(1)) is None
    first = stands(*written(1), decided("v1"), *written(2))
    assert first is not None
    assert (first.version.number, first.decider) == (1, "V2")
    both = [*written(1, 2), decided("v2"), decided("v1")]
    assert (found := stands(*both)) is not None
    assert found.version.number == 2
    assert stands(*written(1), decided("v1", upheld=False)) is None


def test_a_finding_is_listed_by_what_stands_or_else_by_what_was_written_last() -> None:
    waiting = standing(written(1, 2)).findings["f1"]
    assert (waiting.shown.name, waiting.newest.name) == ("v2", "v2")
    upheld = standing([*written(1, 2), decided("v1")]).findings["f1"]
    assert (upheld.shown.name, upheld.newest.name) == ("v1", "v2")


def test_findings_stand_in_the_order_of_their_first_versions() -> None:
    other = [Entry("o1", "V1", replace(VERSION, finding="a0"))]
    assert list(standing([*written(1), *other, *written(2)]).findings) == ["f1", "a0"]


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        (written(2), "not the next version"),
        (written(1, 3), "not the next version"),
        (written(1) * 2, "not the next version"),
        ([*written(1), *written(2, incident=MOSQUE)], "stays with its incident"),
        ([decided("v1")], "no such version"),
        ([*written(1), decided("v2")], "no such version"),
        ([*written(1), decided("v1"), decided("v1", "V3")], "decided already"),
        ([*written(1), decided("v1", "V1")], "Somebody else"),
    ],
)
def test_a_log_that_no_vault_would_have_written_has_no_standing(entries: list[Entry], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        standing(entries)


def test_a_decision_takes_a_reason() -> None:
    said = {"motion": "v1", "upheld": True, "reason": "So it is"}
    assert from_json("decision", said, None) == Decision("v1", True, "So it is")
    with pytest.raises(Invalid, match="Say why"):
        from_json("decision", {**said, "reason": " "}, None)
    assert Standing().findings == {}
