"""What waits for somebody is said in a few lines, with the command by which they go on."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete

from tests.asking import sealed_identity
from tests.cast import C1, C2, C3, C4, R1, V1, V2, Person, following
from tests.cli.line import HOSTILE, Line, harmless
from tests.stage import DAYS, actor, later
from tests.visitor import Api
from vault import attendance, proposals
from vault.cli import inbox as command
from vault.errors import Tampered
from vault.sealing.drills import report
from vault.store.testimony import AttendanceRow, GrantRow


def told(line: Line, person: Person = C1) -> list[str]:
    return line.run(person, "inbox").out.splitlines()


def attend(line: Line) -> None:
    """Four custodians were here today."""
    for custodian in (C1, C2, C3, C4):
        with line.scene.writing() as uow:
            attendance.see(uow, custodian.code, later(0))


def drilled(line: Line, days: int) -> None:
    signed = report(line.scene.roster(), ("C1", C1.secret.signing), later(-days).isoformat(), {}, [])
    with line.scene.writing() as uow:
        row = uow.testimony.get(AttendanceRow, "C1") or AttendanceRow(custodian="C1")
        row.drill = json.dumps(signed)
        uow.testimony.add(row)


def test_when_nothing_waits_it_says_so(line: Line) -> None:
    attend(line)
    drilled(line, 3)
    assert told(line) == ["Nothing waits for you."]
    assert told(line, V2) == ["Nothing waits for you."]
    assert told(line, R1) == ["Nothing waits for you."]


def test_a_custodian_is_told_of_decisions_and_signatures_until_they_are_given(line: Line) -> None:
    attend(line)
    drilled(line, 3)
    opening = sealed_identity(line.scene)
    opening.ask()
    document = following(line.scene.roster(), **DAYS)
    with line.scene.writing() as uow:
        proposals.propose(uow, actor(C2), document, None, later(0))
    assert told(line) == [
        "1 request waits for your decision: `witness-vault opening inbox`",
        "1 proposal waits for your signature: `witness-vault custodian proposals`",
    ]
    opening.decide(C1)
    assert told(line)[0].startswith("1 proposal")


def test_too_few_custodians_raise_an_alarm(line: Line) -> None:
    lines = told(line)
    assert "An opening takes 3 custodians, and 1 can be reached: until more sign in, nothing opens." in lines


@pytest.mark.parametrize(("days", "said"), [(None, "not proved yet"), (91, "last proved on"), (90, None)])
def test_an_old_drill_is_called_to_mind(
    line: Line, monkeypatch: pytest.MonkeyPatch, days: int | None, said: str | None
) -> None:
    monkeypatch.setattr(command, "today", lambda: later(0))
    attend(line)
    if days is not None:
        drilled(line, days)
    lines = told(line)
    assert lines == ["Nothing waits for you."] if said is None else said in lines[0]


@pytest.mark.parametrize(("days", "when"), [(149, None), (150, "runs out on"), (181, "has run out")])
def test_a_roster_near_its_end_is_everybodys_matter(
    line: Line, monkeypatch: pytest.MonkeyPatch, days: int, when: str | None
) -> None:
    monkeypatch.setattr(command, "today", lambda: later(days))
    lines = [said for said in told(line, V1) if said.startswith("The roster")]
    assert (lines == []) if when is None else (len(lines) == 1 and when in lines[0])
    custodians = [said for said in told(line) if said.startswith("The roster")]
    assert all(said.endswith("`witness-vault custodian renew`") for said in custodians)


def test_who_asked_is_told_when_it_can_be_collected(line: Line) -> None:
    opening = sealed_identity(line.scene)
    opening.ask()
    for custodian in (C1, C2):
        opening.decide(custodian)
    assert told(line, V2) == ["Nothing waits for you."]
    opening.decide(C3)
    assert told(line, V2) == ["1 opening waits to be collected: `witness-vault opening status` says how"]
    assert told(line, V1) == ["Nothing waits for you."]


def test_a_key_that_was_promised_and_not_handed_over_is_named_by_its_case(line: Line) -> None:
    with line.scene.writing() as uow:
        uow.testimony.execute(delete(GrantRow).where(GrantRow.member == "V2", GrantRow.key == "testimony"))
    assert told(line, V2) == [
        "Case S1: a key that you are promised was not handed to you: `witness-vault access show` says which"
    ]


def test_a_case_is_due_for_rotation_when_somebody_left(line: Line) -> None:
    kept = [one for one in line.scene.roster().document["members"] if one["code"] != "R2"]
    line.scene.carry(C1, {**following(line.scene.roster(), **DAYS), "members": kept})
    assert "Case S1: keys are due to be replaced by a reviewer: `witness-vault access rotate`" in told(
        line, V1
    )


@pytest.mark.parametrize("answer", [{}, [], {"decisions": "many"}])
def test_a_server_that_answers_something_else_is_not_repeated(line: Line, answer: object) -> None:
    line.lie("GET", "/api/inbox", lambda _: answer)
    with pytest.raises(Tampered):
        told(line)


def test_what_a_server_says_cannot_move_the_terminal(line: Line) -> None:
    line.lie("GET", "/api/inbox", lambda said: {**said, "alarm": HOSTILE, "keys": [HOSTILE]})
    assert all(harmless(said) for said in told(line, V2))


def test_its_counts_are_of_the_own_role_alone(line: Line) -> None:
    sealed_identity(line.scene).ask()
    shown = Api(line.scene.app(), R1).call("GET", "/api/inbox").get_json()
    empty = {"decisions": 0, "signatures": 0, "collectable": 0, "keys": [], "rotations": []}
    assert shown == {**empty, "alarm": None, "drill": None}
