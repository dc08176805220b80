"""vault.rules.points and vault.rules.responses: what the accused says, was asked, and where it contradicts itself"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules.cast import HOSPITAL, MOSQUE, VOCABULARIES
from vault.errors import Invalid
from vault.rules.points import Claim, Kind, Point, Response
from vault.rules.responses import (
    Approach,
    Entry,
    Place,
    Return,
    Said,
    act_of,
    conflicts,
    from_json,
    standing,
)

STRIKE = Claim(HOSPITAL, "strike.took_place", "yes")
NAME = "A" * 43


def about(claim: Claim = STRIKE) -> dict[str, object]:
    return claim.to_json()


def point(kind: str = "denies", *claims: Claim, **changes: Any) -> dict[str, Any]:
    claimed = [claim.to_json() for claim in claims or (STRIKE,)]
    return {"words": {"en": "There was no strike."}, "kind": kind, "about": claimed, **changes}


def response(*points: dict[str, Any], **changes: Any) -> dict[str, Any]:
    facts = {"said": "2015-12-23", "who": "The ministry", "where": "A briefing", "source": "A recording"}
    pictures = [{"item": None, "shown_as": "The hospital, after", "finding": "is_not", "why": "The roof"}]
    return {**facts, "points": list(points) or [point()], "imagery": pictures, "replaces": None, **changes}


APPROACH = {
    "day": "2015-11-09",
    "to": "The minister",
    "how": "letter",
    "incidents": [HOSPITAL],
    "asked": "Why",
}
RETURN = {"approach": NAME, "day": "2015-11-20", "kind": "refused", "summary": "No", "response": None}


def read(raw: Any) -> Response:
    return Response.from_json(raw, VOCABULARIES)


def entries(*said: Said) -> list[Entry]:
    return [Entry(f"e{place}", "V1", one) for place, one in enumerate(said)]


@pytest.mark.parametrize(
    ("act", "raw"),
    [
        ("response", response()),
        ("response", response(point("demands", about=[]), said="2015-10")),
        ("response", response(imagery=[{**response()["imagery"][0], "item": "A" * 22}], replaces=NAME)),
        ("approach", APPROACH),
        ("return", RETURN),
        ("return", {**RETURN, "response": NAME}),
    ],
)
def test_an_entry_is_written_as_it_was_read(act: str, raw: dict[str, Any]) -> None:
    said = from_json(act, raw, VOCABULARIES)
    assert (said.to_json(), act_of(said)) == (raw, act)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (response(said="2015-13"), "said"),
        (response(said="soon"), "said"),
        (response(said=None), "said"),
        (response(who=" "), "who"),
        (response(where="two\nlines"), "where"),
        (response(source="x" * 501), "source"),
        (response(points=[]), "points"),
        (response(points=[point()] * 21), "points"),
        (response(point(), point(kind="regrets")), "points/1/kind"),
        (response(point(words={"en": ""})), "points/0/en"),
        (response(point(words={"ar": "لا"})), "points/0/words"),
        (response(point("denies", STRIKE, STRIKE)), "points/0/about"),
        (response(point("demands", STRIKE)), "points/0/about"),
        (response(point("denies", STRIKE._replace(incident="x"))), "points/0/about"),
        (response(point("denies", STRIKE._replace(value=2))), "points/0/about"),
        (
            response(imagery=[{"item": "x", "shown_as": "x", "finding": "is_not", "why": ""}]),
            "imagery/0/item",
        ),
        (response(imagery=[{"item": None, "shown_as": "x", "finding": "no"}]), "imagery/0/finding"),
        (response(replaces=1), "replaces"),
    ],
)
def test_what_is_wrong_in_a_response_is_named_by_its_place(wrong: dict[str, Any], where: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(wrong)
    assert refusal.value.about == where


@pytest.mark.parametrize(
    ("act", "raw"),
    [
        ("approach", {**APPROACH, "incidents": []}),
        ("approach", {**APPROACH, "incidents": ["x"]}),
        ("approach", {**APPROACH, "asked": " "}),
        ("approach", {**APPROACH, "how": "pigeon"}),
        ("return", {**RETURN, "kind": "silence"}),
        ("return", {**RETURN, "summary": ""}),
        ("finding", RETURN),
    ],
)
def test_an_approach_or_a_return_that_says_too_little_is_refused(act: str, raw: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        from_json(act, raw, VOCABULARIES)


def test_what_is_replaced_stands_no_more_and_is_replaced_once() -> None:
    first, second = read(response()), read(response(replaces="e0"))
    found = standing(entries(first, second))
    assert (list(found.responses), found.replaced) == (["e1"], {"e0": "e1"})
    with pytest.raises(Invalid):
        standing(entries(first, second, second))
    with pytest.raises(Invalid):
        found.point(Place("e0", 0))


def test_only_points_that_stand_are_found() -> None:
    found = standing(entries(read(response())))
    assert found.point(Place("e0", 0)).kind is Kind.DENIES
    for place in (1, -1):
        with pytest.raises(Invalid):
            found.point(Place("e0", place))


@pytest.mark.parametrize(
    "changes", [{"approach": "e1"}, {"day": "2015-11-08"}, {"response": "e0"}, {"response": "e9"}]
)
def test_what_came_back_came_on_an_approach_not_before_it(changes: dict[str, str]) -> None:
    asked = Approach.from_json(APPROACH, VOCABULARIES)
    said = entries(asked, read(response()))
    raw = {**RETURN, "approach": "e0", "response": "e1"}
    came = Return.from_json(raw)
    assert standing([*said, Entry("e2", "V2", came)]).returns == {"e0": [came]}
    with pytest.raises(Invalid):
        standing([*said, Entry("e2", "V2", Return.from_json({**raw, **changes}))])


def test_a_denial_conflicts_with_what_was_not_disputed_before() -> None:
    said = {
        "late": read(response(point("denies"))),
        "early": read(response(point("demands", about=[]), point("does_not_dispute"), said="2015-10-31")),
    }
    (found,) = conflicts(said)
    assert (found.claim, found.one, found.other) == (STRIKE, Place("early", 1), Place("late", 0))


CLAIMS = st.sampled_from(
    [STRIKE, STRIKE._replace(incident=MOSQUE), STRIKE._replace(subject="aircraft.present")]
)
POINTS = st.builds(
    lambda kind, claims: Point({"en": "x"}, kind, () if kind is Kind.DEMANDS else tuple(claims)),
    st.sampled_from(Kind),
    st.sets(CLAIMS, max_size=3),
)
RESPONSES = st.dictionaries(
    st.sampled_from("abc"),
    st.builds(
        lambda said, points: replace(read(response(said=said)), points=tuple(points)),
        st.sampled_from(["2015-10", "2015-10-31", "2015-12-23"]),
        st.lists(POINTS, min_size=1, max_size=4),
    ),
)


def every_point(said: dict[str, Response]) -> Iterable[tuple[Place, Point]]:
    return (
        (Place(name, at), one) for name, response in said.items() for at, one in enumerate(response.points)
    )


@given(RESPONSES)
def test_two_points_conflict_exactly_where_one_denies_what_the_other_does_not(
    said: dict[str, Response],
) -> None:
    expected = {
        (claim, frozenset({one, other}))
        for one, denial in every_point(said)
        for other, granted in every_point(said)
        for claim in set(denial.about) & set(granted.about)
        if denial.kind is Kind.DENIES and granted.kind is not Kind.DENIES
    }
    found = conflicts(said)
    assert {(one.claim, frozenset({one.one, one.other})) for one in found} == expected
    assert len(found) == len(expected)
    assert all(said[one.one.response].said <= said[one.other.response].said for one in found)
