"""The Sermin statement is made, and is refused for the right reason when any one thing that allows it is taken away."""

from __future__ import annotations

import pytest

from tests.cast import R1, V1, V2
from tests.readers import cut
from tests.speaking import (
    ALL,
    agree,
    approve,
    around,
    considered,
    counted,
    opened,
    prepare,
    speaker,
    told,
)
from tests.stage import After, Scene, later
from tests.test_consents import change
from vault import cases, editions, grounds
from vault.errors import Refused
from vault.preparing import Considered
from vault.rules.assessments import Contacts, Pool
from vault.rules.circumstances import Band
from vault.rules.disclosure import Gate

NOW = [(Gate.NOW, None)]
CANNOT_SAY, SMALL_POOL, FEW_MET = "cannot be said now", "Too few people could have", "The team met too few"


def shut(found: Considered) -> list[tuple[Gate, int | None]]:
    return [(one.gate, one.line) for one in found.refusals]


def refused(scene: Scene, waiting: str, cure: str) -> list[tuple[Gate, int | None]]:
    """Nobody prepares it anew or approves what waits, for this reason; which gates are shut."""
    with pytest.raises(Refused, match=cure):
        prepare(scene)
    with pytest.raises(Refused, match=cure):
        approve(scene, V2, waiting)
    return shut(considered(scene))


# The third saw two; the second only heard; the first perceived no aircraft, so that lines speak of them by leaving out.
@pytest.mark.parametrize("witness", [0, 1, 2])
@pytest.mark.parametrize("use", ["count_exact", "detail", "corroboration"])
def test_without_one_consent_of_one_of_the_three_it_cannot_be_said_now(
    after: After, witness: int, use: str
) -> None:
    scene, made = opened(after)
    waiting = prepare(scene)
    change(scene, made.witnesses[witness], *(one for one in ALL if one != use))
    assert refused(scene, waiting, CANNOT_SAY) == NOW


@pytest.mark.parametrize(
    ("witness", "subject"), [(0, "aircraft.number"), (1, "strike.took_place"), (2, "aircraft.present")]
)
def test_without_the_detail_of_one_claim_of_one_of_the_three_it_cannot_be_said_now(
    after: After, witness: int, subject: str
) -> None:
    scene, made = opened(after)
    details = [f"detail:{one}" for one in around(scene) if one not in (subject, "contacts")]
    change(scene, made.witnesses[witness], "corroboration", "aggregate", "count_exact", *details)
    assert shut(considered(scene)) == NOW


def test_with_each_detail_by_itself_it_is_said(after: After) -> None:
    scene, made = opened(after)
    details = [f"detail:{one}" for one in around(scene) if one != "contacts"]
    change(scene, made.witnesses[0], "corroboration", "aggregate", "count_exact", *details)
    assert shut(considered(scene)) == []


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        ("strike.took_place", [(Gate.POOL, 0), (Gate.POOL, 1), (Gate.POOL, 2)]),
        ("aircraft.present", [(Gate.POOL, 1), (Gate.POOL, 2)]),
        ("aircraft.number", [(Gate.POOL, 2)]),
        ("contacts", [(Gate.COVER, 0), (Gate.COVER, 1), (Gate.COVER, 2)]),
    ],
)
def test_without_what_two_reviewers_say_around_it_it_is_refused_until_they_do(
    after: After, missing: str, expected: list[tuple[Gate, int]]
) -> None:
    scene, _ = opened(after, counted)
    known = around(scene)
    for name, thing in known.items():
        if name != missing:
            agree(scene, thing)
    with pytest.raises(Refused, match="have another reviewer confirm"):
        prepare(scene)
    assert shut(considered(scene)) == expected
    agree(scene, known[missing])
    assert approve(scene, V2, prepare(scene)).lacking == 1


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("strike.took_place", [(Gate.POOL, 0), (Gate.POOL, 1), (Gate.POOL, 2), (Gate.COVER, 0)]),
        ("aircraft.present", [(Gate.POOL, 1), (Gate.POOL, 2), (Gate.COVER, 1)]),
        ("aircraft.number", [(Gate.POOL, 2), (Gate.COVER, 2)]),
    ],
)
def test_a_pool_that_turns_out_too_small_refuses_what_was_prepared(
    after: After, subject: str, expected: list[tuple[Gate, int]]
) -> None:
    scene, _ = opened(after)
    waiting = prepare(scene)
    agree(scene, Pool(scene.hospital, subject, Band.UNDER_20))
    assert refused(scene, waiting, SMALL_POOL) == expected


def test_a_tally_that_turns_out_too_small_refuses_what_was_prepared(after: After) -> None:
    scene, _ = opened(after)
    waiting = prepare(scene)
    agree(scene, Contacts(scene.hospital, 1, 14, 14))
    assert refused(scene, waiting, FEW_MET) == [(Gate.COVER, 0)]


# --- since the edition before ----------------------------------------------------------------------------------------


def came(scene: Scene, incident: str, day: int) -> int:
    """How many must have spoken since the edition before that of the figures."""
    with scene.reading() as uow:
        who = speaker(V1)
        case = cases.show(uow, who, scene.case)
        place = case, editions.history(uow, who, case), incident
        found = grounds.of(scene.vault, uow, who, place, later(day))
    assert found is not None
    return found.came


def test_figures_that_are_counted_anew_need_whom_the_team_met_since_the_edition_before(after: After) -> None:
    scene, _ = opened(after)
    told(scene)  # three more, who say the same
    cut(scene, 30)
    assert came(scene, scene.hospital, 30) == 1
    every_line = [(Gate.COVER, number) for number in range(3)]
    assert shut(considered(scene, day=later(30))) == [
        (Gate.COVER, None),
        *every_line,
    ]  # the old tally is of the old
    for lately, expected in ((4, [(Gate.COVER, None)]), (5, [])):
        agree(scene, Contacts(scene.hospital, 2, 60, lately))
        found = considered(scene, day=later(30))
        assert shut(found) == expected
    assert [line.number for line in found.lines] == [6, 4, 2]


def test_who_came_when_the_first_figures_were_cut_anew_is_reckoned_from_both_editions(after: After) -> None:
    scene, _ = opened(after)
    told(scene), told(scene)
    cut(scene, 30)
    assert came(scene, scene.hospital, 30) == 4
    agree(scene, Contacts(scene.hospital, 2, 60, 19))
    assert (Gate.COVER, None) in shut(considered(scene, day=later(30)))
    agree(scene, Contacts(scene.hospital, 2, 60, 20))
    assert (Gate.COVER, None) not in shut(considered(scene, day=later(30)))


def test_figures_that_were_carried_over_are_those_of_their_own_edition(after: After) -> None:
    scene, _ = opened(after)
    scene.deposit(R1, scene.said("heard"), consent={"recording": True, "uses": list(ALL)})
    cut(scene, 30)
    assert came(scene, scene.hospital, 30) == 0
    assert shut(considered(scene, day=later(30))) == []


def test_somebody_came_where_the_edition_before_had_no_figures(after: After) -> None:
    scene, _ = opened(after)
    for _ in range(3):
        scene.deposit(R1, scene.said("heard", incident=scene.mosque))
    cut(scene, 30)
    assert came(scene, scene.mosque, 30) == 1
