"""Statements through the vault: every gate by each who signs, signatures before rows, published, revised, pulled."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.cast import C1, C2, R1, V1, V2, Person, following
from tests.proofs import V3
from tests.readers import audited
from tests.speaking import (
    ABOUT,
    AIRCRAFT,
    STRIKE,
    TEAM,
    TWO,
    approve,
    approved,
    considered,
    hand_in,
    listing,
    opened,
    packets,
    prepare,
    publish,
    published,
    signed_on_device,
    speaker,
)
from tests.stage import DAY, DAYS, After, Scene, later
from tests.teams import change as change_team
from tests.teams import revoke, without
from tests.test_consents import change
from vault import publishing, statements, verifier
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.rules.disclosure import Gate
from vault.sealing import preparations
from vault.statements import State
from vault.store.testimony import StatementApprovalRow, StatementPacketRow, StatementRow


@pytest.fixture
def scene(after: After) -> Scene:
    """The Sermin case up to its statement."""
    return opened(after)[0]


def state(scene: Scene) -> State:
    return listing(scene)[0].state


def test_the_sermin_statement_goes_from_a_table_to_a_file_that_verifies(scene: Scene) -> None:
    name = prepare(scene)
    assert state(scene) is State.PREPARED
    approve(scene, V2, name)
    assert (state(scene), packets(scene, C1)) == (State.PREPARED, [])
    approve(scene, V3, name)
    assert state(scene) is State.APPROVED
    publish(scene, C1)
    (one,) = listing(scene)
    assert (one.state, packets(scene, C1), packets(scene, C2)) == (State.PUBLISHED, [], [])
    with scene.reading() as uow:
        data = publishing.to_bytes(publishing.file_of(uow, statements.every(uow)[0]))
    report = verifier.conclude(lambda: verifier.Given(data))
    assert (report.code, report.about) == (verifier.NOT_IN_LOG, ABOUT)
    assert report.lines == [
        "strike.took_place = yes, direct: 3",
        "aircraft.present = yes, direct: 2, among those of line 0",
        "aircraft.number = 2, saw: 1, among those of line 1",
    ]


def test_each_act_is_in_the_audit_chain(scene: Scene) -> None:
    name = prepare(scene)
    approve(scene, V2, name), approve(scene, V3, name), publish(scene, C1)
    with scene.writing() as uow:
        publishing.pull(uow, speaker(V2), scene.case, name, DAY)
    acts = [(one["actor"], one["act"]) for one in audited(scene) if one["act"].startswith("statement")]
    assert acts == [
        ("V1", "statement prepared"),
        ("V2", "statement approved"),
        ("V3", "statement approved"),
        ("C1", "statement published"),
        ("V2", "statement pulled"),
    ]


def test_what_was_chosen_is_nested_by_the_figures(scene: Scene) -> None:
    found = considered(scene, cells=(TWO, AIRCRAFT, STRIKE))
    assert [(line.cell, line.number, line.within) for line in found.lines] == [
        (STRIKE, 3, None),
        (AIRCRAFT, 2, 0),
        (TWO, 1, 1),
    ]
    assert found.refusals == ()
    assert all(one.agreed for one in found.inferences)


def by(person: Person, act: Callable[[Scene, Person], object], what: str) -> Any:
    return pytest.param(person, act, id=f"{person.code} {what}")


NOT_THEIRS = [
    by(R1, prepare, "prepares"),
    by(C1, prepare, "prepares"),
    by(R1, lambda scene, who: approve(scene, who, prepare(scene)), "approves"),
    by(C1, lambda scene, who: approve(scene, who, prepare(scene)), "approves"),
    by(V1, lambda scene, who: approve(scene, who, prepare(scene)), "approves their own"),
    by(V2, packets, "reads packets"),
    by(R1, lambda scene, who: pull(scene, who, prepare(scene)), "pulls"),
    by(C1, lambda scene, who: pull(scene, who, prepare(scene)), "pulls in the place of a reviewer"),
]


def pull(scene: Scene, by: Person, name: str) -> None:
    with scene.writing() as uow:
        publishing.pull(uow, speaker(by), scene.case, name, DAY)


@pytest.mark.parametrize(("who", "act"), NOT_THEIRS)
def test_nobody_does_what_is_not_theirs(
    scene: Scene, who: Person, act: Callable[[Scene, Person], object]
) -> None:
    with pytest.raises(Refused):
        act(scene, who)


def test_approving_twice_hands_it_to_custodians_as_of_today_and_counts_once(scene: Scene) -> None:
    name = prepare(scene)
    assert approve(scene, V2, name).lacking == 1
    assert approve(scene, V2, name).lacking == 1
    assert approve(scene, V3, name).lacking == 0
    assert approve(scene, V2, name, later(9)).looked_at == later(9)
    assert state(scene) is State.APPROVED


def test_in_a_small_vault_one_other_reviewer_is_enough_and_the_statement_says_so(scene: Scene) -> None:
    scene.become(small_vault=True)
    name = prepare(scene)
    assert approve(scene, V3, name).lacking == 0
    publish(scene, C1)
    (one,) = listing(scene)
    assert (one.state, one.statement.policy["reviewers"]) == (State.PUBLISHED, 1)


def test_a_vault_that_has_become_small_does_not_loosen_what_was_prepared(scene: Scene) -> None:
    name = prepare(scene)
    scene.become(small_vault=True)
    with pytest.raises(Refused, match="as it was prepared"):
        approve(scene, V2, name)


def test_who_approves_finds_a_gate_shut_that_was_open(after: After) -> None:
    scene, made = opened(after)
    name = prepare(scene)
    change(scene, made.witnesses[0], "corroboration", "aggregate", "detail")
    with pytest.raises(Refused) as refused:
        approve(scene, V2, name)
    assert "cannot be said now" in refused.value.message
    assert [one.gate for one in considered(scene).refusals] == [Gate.NOW]


@pytest.mark.parametrize("about", [{}, {"en": " "}, {"ar": "قصف"}, {"en": "two\nlines"}, {"en": "a" * 301}])
def test_what_it_is_about_is_one_plain_line_in_english_at_least(scene: Scene, about: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        prepare(scene, about=about)
    assert listing(scene) == ()


# --- a row that somebody put there counts for nothing ----------------------------------------------------------------


def test_a_statement_that_lacks_a_signature_is_not_published(scene: Scene) -> None:
    name = approved(scene)
    _, signed = signed_on_device(scene, C1)
    for code in ("V1", "V2", "C1"):
        fewer = {**signed, "signatures": [one for one in signed["signatures"] if one["by"] != code]}
        with pytest.raises((Refused, Tampered)):
            hand_in(scene, C1, name, fewer)
    with pytest.raises(Refused):
        hand_in(scene, C2, name, signed)
    assert state(scene) is State.APPROVED


def test_another_statement_than_was_approved_is_not_published(scene: Scene) -> None:
    name = approved(scene)
    _, signed = signed_on_device(scene, C1)
    more = json.loads(json.dumps(signed))
    more["document"]["lines"][0]["number"] = 4
    with pytest.raises(Tampered):
        hand_in(scene, C1, name, more)


def test_what_was_taken_back_is_not_published_in_the_place_of_one_that_does_not_wait(scene: Scene) -> None:
    name = approved(scene)
    _, signed = signed_on_device(scene, C1)
    with scene.writing() as uow:
        publishing.pull(uow, speaker(V1), scene.case, name, DAY)
    other = prepare(scene)
    with pytest.raises(NotFound):
        hand_in(scene, C1, other, signed)
    with scene.reading() as uow:
        assert statements.every(uow) == ()


@pytest.mark.parametrize("column", ["published", "pulled"])
def test_what_is_written_into_a_column_publishes_and_pulls_nothing(scene: Scene, column: str) -> None:
    name = published(scene) if column == "pulled" else prepare(scene)
    before = state(scene)
    forged = preparations.pull(
        {"vault": scene.roster().vault, "case": scene.case, "statement": name, "roster": 1},
        "V1",
        DAY,
        V2.secret.signing,
    )
    for text in ("{", "{}", "[" * 90_000, json.dumps(forged)):
        with scene.writing() as uow:
            uow.testimony.execute(update(StatementRow).values({column: text}))
        assert state(scene) is before


def test_an_approval_that_somebody_put_there_counts_for_nothing(scene: Scene) -> None:
    name = prepare(scene)
    approve(scene, V2, name)
    with scene.writing() as uow:
        row = uow.testimony.scalars(select(StatementApprovalRow)).one()
        uow.testimony.add(StatementApprovalRow(statement=row.statement, reviewer="V3", sealed=row.sealed))
    assert (listing(scene)[0].approved.lacking, state(scene)) == (1, State.PREPARED)


def test_a_statement_that_no_reviewer_of_the_case_signed_is_not_there(scene: Scene) -> None:
    prepare(scene)
    with scene.writing() as uow:
        row = uow.testimony.scalars(select(StatementRow)).one()
        uow.testimony.add(StatementRow(name=bytes(16), case=row.case, sealed=row.sealed))
        uow.testimony.add(StatementRow(name=bytes(15) + b"1", case=row.case, sealed=b"nothing"))
    assert len(listing(scene)) == 1


def test_what_was_published_and_lost_its_origin_is_told_and_not_passed_over(scene: Scene) -> None:
    published(scene)
    with scene.writing() as uow:
        uow.testimony.execute(update(StatementRow).values(sealed=b"nothing"))
    with pytest.raises(Tampered):
        listing(scene)


def test_a_statement_that_was_erased_is_missed_by_the_one_that_follows_it(scene: Scene) -> None:
    published(scene)
    again(scene)
    with scene.reading() as uow:
        known = statements.every(uow)
        both = statements.on(known, scene.hospital)
    assert [one.statement.previous for one in both] == [None, both[0].statement.digest]
    with pytest.raises(Tampered, match="follow one another"):
        statements.on(both[1:], scene.hospital)
    with pytest.raises(Tampered, match="follow one another"):
        statements.on([*both, both[0]], scene.hospital)


def again(scene: Scene) -> str:
    """A second statement on the incident: fewer lines."""
    name = approved(scene, cells=(STRIKE, AIRCRAFT))
    publish(scene, C1)
    return name


# --- after it is published -------------------------------------------------------------------------------------------


def test_of_two_that_were_prepared_on_an_incident_the_second_is_tried_anew(scene: Scene) -> None:
    names = [approved(scene), approved(scene, cells=(STRIKE, AIRCRAFT))]
    handed = [signed_on_device(scene, C1, name)[1] for name in names]
    hand_in(scene, C1, names[0], handed[0])
    assert hand_in(scene, C1, names[0], handed[0]).digest  # an answer that was lost changes nothing
    with pytest.raises(Conflict, match="meanwhile"):
        hand_in(scene, C1, names[1], handed[1])
    with pytest.raises(Refused, match="as it was prepared"):
        approve(scene, V2, names[1])
    with pytest.raises(Conflict):
        approve(scene, V2, names[0])


def test_it_is_revised_once_in_180_days(scene: Scene) -> None:
    published(scene)
    again(scene)
    found = considered(scene, cells=(STRIKE,))
    assert [one.gate for one in found.refusals] == [Gate.REVISION]
    with pytest.raises(Refused, match="at most once in 180 days"):
        prepare(scene, cells=(STRIKE,))


def test_what_is_pulled_says_nothing_more_and_goes_on_counting(scene: Scene) -> None:
    name = published(scene)
    pull(scene, V2, name)
    pull(scene, V3, name)
    (one,) = listing(scene)
    assert (one.state, one.published and one.published.pulled_by) == (State.PULLED, "V2")
    with scene.reading() as uow:
        assert len(statements.on(statements.every(uow), scene.hospital)) == 1


def test_a_custodian_pulls_what_their_device_signed_in_their_own_name_alone(scene: Scene) -> None:
    published(scene)
    (one,) = listing(scene)
    about = {"vault": scene.roster().vault, "case": scene.case, "statement": one.statement.digest}
    signed = preparations.pull({**about, "roster": scene.roster().version}, "C2", DAY, C2.secret.signing)
    with pytest.raises(Tampered), scene.writing() as uow:
        publishing.take_pull(uow, speaker(C1), signed, DAY)
    with scene.writing() as uow:
        publishing.take_pull(uow, speaker(C2), signed, DAY)
    assert state(scene) is State.PULLED


@pytest.mark.parametrize("signed", [None, {}, {"document": {"case": None}}])
def test_what_pulls_nothing_is_refused(scene: Scene, signed: Any) -> None:
    with pytest.raises((Invalid, NotFound)), scene.writing() as uow:
        publishing.take_pull(uow, speaker(C1), signed, DAY)


def test_what_nobody_has_read_is_taken_back_without_a_trace(scene: Scene) -> None:
    name = approved(scene)
    _, signed = signed_on_device(scene, C1)
    pull(scene, V3, name)
    assert (listing(scene), packets(scene, C1)) == ((), [])
    with scene.reading() as uow:
        rows = [
            uow.testimony.scalars(select(one)).all() for one in (StatementPacketRow, StatementApprovalRow)
        ]
    assert rows == [[], []]
    with pytest.raises(NotFound):
        hand_in(scene, C1, name, signed)


def test_nothing_is_published_under_an_older_roster(scene: Scene) -> None:
    name = approved(scene)
    _, signed = signed_on_device(scene, C1)
    scene.carry(C1, following(scene.roster(), **DAYS))
    with pytest.raises(Conflict, match="roster"):
        hand_in(scene, C1, name, signed)


def test_nothing_is_published_that_somebody_signed_whose_keys_were_revoked(scene: Scene) -> None:
    name = approved(scene)
    _, signed = signed_on_device(scene, C1)
    revoke(scene, C2, "V3")
    with pytest.raises(Refused, match="revoked"):
        hand_in(scene, C1, name, signed)


def test_nothing_is_published_that_somebody_signed_who_has_left_the_case(scene: Scene) -> None:
    name = approved(scene)
    _, signed = signed_on_device(scene, C1)
    change_team(scene, V1, without("V3", TEAM))
    with pytest.raises(Refused, match="left the case"):
        hand_in(scene, C1, name, signed)
