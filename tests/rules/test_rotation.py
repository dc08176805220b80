"""vault.rules.rotation"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.rules.rotation import State, Why, due, state

CODES = st.sets(st.sampled_from(["R1", "R2", "V1", "V2", "C1"]))
KEYS = ("brief", "testimony")


@pytest.mark.parametrize(
    ("team", "revoked", "listed", "expected"),
    [
        ({"R1": ["brief"]}, (), ("R1",), {}),
        ({"R1": ["brief"]}, ("R1",), ("R1",), {"brief": {"R1": Why.REVOKED}}),
        ({"R1": ["brief"]}, ("R1",), (), {"brief": {"R1": Why.REVOKED}}),
        ({"R1": ["brief"]}, (), (), {"brief": {"R1": Why.LEFT}}),
        ({}, (), ("R1",), {"brief": {"R1": Why.REMOVED}}),
        ({}, ("R1",), ("R1",), {"brief": {"R1": Why.REMOVED}}),
        ({}, (), (), {"brief": {"R1": Why.LEFT}}),
    ],
)
def test_a_key_is_due_while_somebody_who_had_it_must_not_read_on(
    team: dict[str, list[str]], revoked: tuple[str, ...], listed: tuple[str, ...], expected: object
) -> None:
    assert due({"brief": {"R1"}, "testimony": set()}, team, revoked, listed) == expected


@given(CODES, CODES, CODES, CODES)
def test_a_new_key_is_due_for_nobody_and_more_trouble_never_makes_less_due(
    had: set[str], promised: set[str], revoked: set[str], listed: set[str]
) -> None:
    team = {code: ["brief"] for code in promised}
    fresh = dict.fromkeys(KEYS, promised & listed - revoked)
    assert due(fresh, team, revoked, listed).get("brief") is None
    before = due({"brief": had}, team, revoked, listed)
    for code in had:
        after = due({"brief": had}, team, revoked | {code}, listed)
        assert before.get("brief", {}).keys() <= after.get("brief", {}).keys()


@pytest.mark.parametrize(
    ("promised", "why", "handed", "expected"),
    [
        (False, None, False, State.NONE),
        (False, None, None, State.NONE),
        (True, None, None, State.PROMISED),
        (True, None, True, State.HELD),
        (True, None, False, State.WAITING),
        (True, Why.REVOKED, True, State.REVOKED),
        (True, Why.LEFT, None, State.LEFT),
        (False, Why.REMOVED, False, State.REMOVED),
    ],
)
def test_how_a_member_stands_to_a_key(
    promised: bool, why: Why | None, handed: bool | None, expected: State
) -> None:
    assert state(promised, why, handed) is expected
