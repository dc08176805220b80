"""Last days and the end of a case, by the commands that custodians give."""

from __future__ import annotations

import click
import pytest

from tests.cast import C1, C2, CUSTODIANS, THRESHOLD
from tests.cli.line import Line
from tests.retention import ending, lasting, since
from tests.stage import DAY, Scene, later
from vault.cli.proposals import in_words
from vault.errors import Invalid, NotFound, Refused
from vault.rules.retention import Stage

REASON = ("--reason", "witnesses_were_told", "--yes")


def sign(line: Line, name: str) -> str:
    """A quorum signs, and reads what it means."""
    for custodian in CUSTODIANS[:THRESHOLD]:
        line.run(custodian, "custodian", "sign", "--yes", "--", name)
    return line.said.err


def test_a_quorum_sets_the_last_day_and_takes_it_back(line: Line) -> None:
    case, until = ("--case", line.scene.case), later(400).isoformat()
    name = line.run(C1, "custodian", "set-last-day", *case, "--until", until, *REASON).out.strip()
    assert "no last day" in line.run(C2, "custodian", "cases").out
    read = sign(line, name)
    assert f"case S1 ({line.scene.case})" in read
    assert f"kept until {until} and no longer: witnesses were told" in read
    assert "It deletes nothing" in read
    assert f"S1: kept until {until}" in line.run(C2, "custodian", "cases").out
    name = line.run(C1, "custodian", "set-last-day", *case, "--without-end", *REASON).out.strip()
    assert "have no last day" in sign(line, name)
    assert lasting(line.scene).until is None


def test_what_is_past_its_last_day_is_destroyed_only_after_a_quorum_has_read_what_goes(line: Line) -> None:
    case = ("--case", line.scene.case)
    since(line.scene, 10)
    with pytest.raises(Invalid):
        line.run(C1, "custodian", "destroy", *case, "--yes")
    since(line.scene, -1)
    assert "past its last day" in line.run(C1, "custodian", "cases").out
    name = line.run(C1, "custodian", "destroy", *case, "--yes").out.strip()
    read = sign(line, name)
    for words in ("DESTROYED for good", "who said it", "Kept: editions", "call it off"):
        assert words in read
    listed = line.run(C2, "custodian", "cases").out
    assert f"All its records are to be destroyed, from {later(7).isoformat()} on" in listed
    assert name in listed
    line.run(C2, "custodian", "withdraw", "--yes", "--", name)
    assert lasting(line.scene).stage(DAY) is Stage.DUE


def test_nobody_signs_that_a_day_is_over_which_is_not_by_their_own_clock(scene: Scene) -> None:
    for of in ("case", "records"):
        with pytest.raises(Refused, match="clock of this device"):
            in_words(ending(scene, later(1), 2, of=of), scene.roster())


def test_of_single_records_it_is_said_which_and_not_how_many(line: Line) -> None:
    case, until = ("--case", line.scene.case), later(-1).isoformat()
    with pytest.raises(Refused):
        line.run(C1, "custodian", "destroy", *case, "--yes")
    name = line.run(C1, "custodian", "destroy", *case, "--only-records-until", until, "--yes").out.strip()
    read = sign(line, name)
    assert f"witnesses set {until} or an earlier day" in read
    assert "readers alone see" in read
    assert "Records whose witnesses set" in line.run(C2, "custodian", "cases").out


def test_a_day_is_named_or_none(line: Line) -> None:
    case = ("--case", line.scene.case)
    for given in ((), ("--without-end", "--until", "2030-01-01")):
        with pytest.raises(click.UsageError):
            line.run(C1, "custodian", "set-last-day", *case, *given, *REASON)
    with pytest.raises(NotFound):
        line.run(C1, "custodian", "destroy", "--case", "another", "--yes")
