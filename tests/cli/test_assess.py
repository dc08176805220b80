"""Assessments from the command line: what lies behind figures is shown on asking, and nothing is signed unasked."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from tests.assessing import counted_by_two
from tests.cast import V1, V2, Person
from tests.cli.line import HOSTILE, Line, harmless
from vault.errors import Conflict, Invalid, NotFound, Refused


@pytest.fixture
def counted(line: Line) -> Line:
    """A line to a case in which two reviewers may count; one link ties two of its four accounts."""
    counted_by_two(line.scene)
    return line


def act(line: Line, by: Person, command: str, *words: str, answer: str = "", agreed: bool = True) -> str:
    scene = line.scene
    where = ("--case", scene.case, "--incident", scene.hospital, "--number", "1")
    yes = ("--yes",) if agreed else ()
    return line.run(by, "assess", command, *where, *words, *yes, answer=answer).out


def shown(line: Line) -> dict[str, Any]:
    return dict(json.loads(act(line, V1, "sources", "--json")))


def move(line: Line, **answer: Any) -> str:
    """V1 moves that the link between the two does not hold; the motion's name."""
    one, other = shown(line)["links"][0]["accounts"]
    words = ("--accounts", str(one), str(other), "--kind", "interviewed_together", "--does-not-hold")
    act(line, V1, "link", *words, "--reason", "One after the other", **answer)
    return str(shown(line)["motions"][0]["motion"])


def test_what_two_reviewers_settle_is_listed_with_what_they_said(counted: Line) -> None:
    name = move(counted)
    listed = act(counted, V2, "sources")
    assert "interviewed together; moved by V1: One after the other; not decided" in listed
    assert listed.count("aircraft.present yes: ") == 4
    act(counted, V2, "decide", "--motion", name, "--uphold", "--reason", "Both say so")
    assert "upheld by V2: Both say so" in act(counted, V1, "sources")
    act(counted, V1, "contrary", "--motion", name, "--reason", "We were misled")
    newest = shown(counted)["motions"][0]
    assert (newest["dependent"], newest["reason"], newest["decision"]) == (True, "We were misled", None)


def test_an_account_is_rated_and_set_aside_by_its_number(counted: Line) -> None:
    act(counted, V1, "rate", "--account", "2", "--reliability", "B", "--information", "3")
    act(counted, V1, "set-aside", "--account", "2", "--why", "contradicts_itself", "--reason", "Two dates")
    found = shown(counted)
    assert found["accounts"][1]["grade"] == "B3"
    assert (found["motions"][0]["account"], found["motions"][0]["excluded"]) == (2, "contradicts_itself")
    assert "set account 2 aside: contradicts itself" in act(counted, V1, "sources")


def test_how_many_could_have_perceived_it_is_said_by_two(counted: Line) -> None:
    pool = ("--subject", "aircraft.present", "--band", "50_to_199", "--reason", "The quarter")
    act(counted, V1, "pool", *pool)
    act(counted, V1, "contacts", "--tally", "60", "--lately", "20", "--reason", "Our diary")
    met, could = shown(counted)["motions"]
    assert (could["subject"], could["band"]) == ("aircraft.present", "50_to_199")
    assert (met["contacts"], met["lately"]) == (60, 20)
    for one in (met, could):
        act(counted, V2, "decide", "--motion", one["motion"], "--uphold", "--reason", "So do we")
    listed = act(counted, V1, "sources")
    assert "50 to 199 people could have perceived aircraft.present; moved by V1" in listed
    assert (
        "the team met 60 people, 20 since the edition before; moved by V1: Our diary; upheld by V2" in listed
    )
    with pytest.raises(Invalid):
        act(counted, V1, "pool", "--subject", "no.such", "--band", "under_20", "--reason", "x")


def test_nothing_is_shown_or_signed_without_a_yes(counted: Line) -> None:
    name = move(counted)
    said = len(counted.heard)
    with pytest.raises(click.Abort):
        act(counted, V2, "sources", answer="n\n", agreed=False)
    assert len(counted.heard) == said
    for command, words, tells in (
        ("decide", ("--motion", name, "--reject", "--reason", "x"), "V1 moved: unlink account"),
        ("rate", ("--account", "1", "--reliability", "A", "--information", "2"), "rated A2; no figure moves"),
        ("set-aside", ("--account", "1", "--why", "other", "--reason", "x"), "Another reviewer"),
    ):
        with pytest.raises(click.Abort):
            act(counted, V2, command, *words, answer="n\n", agreed=False)
        assert tells in counted.said.err
    assert counted.posted(f"/api/cases/{counted.scene.case}/editions/1/{counted.scene.hospital}/sources") == 1


def test_a_reason_is_asked_for_and_nobody_decides_alone(counted: Line) -> None:
    name = move(counted)
    with pytest.raises(Conflict, match="Somebody else"):
        act(counted, V1, "decide", "--motion", name, "--uphold", answer="It is so\n")
    with pytest.raises(NotFound, match="no such motion"):
        act(counted, V1, "decide", "--motion", "x", "--uphold", "--reason", "x")


def test_whoever_may_not_count_is_refused(line: Line) -> None:
    with pytest.raises(Refused):
        act(line, V2, "sources")


def test_hostile_words_of_a_server_do_nothing_to_the_terminal(counted: Line) -> None:
    motion = {"motion": HOSTILE, "account": 1, "excluded": HOSTILE, "author": HOSTILE, "reason": HOSTILE}
    said = {"subject": HOSTILE, "value": HOSTILE, "perception": [HOSTILE], "modality": HOSTILE, "grade": "F6"}
    answer: dict[str, Any] = {
        "edition": 1,
        "accounts": [{"account": 1, "grade": HOSTILE, "said": [said]}],
        "links": [{"kind": HOSTILE, "accounts": [1, None], "subject": HOSTILE}],
        "motions": [{**motion, "decision": None}],
    }
    path = f"/api/cases/{counted.scene.case}/editions/1/{counted.scene.hospital}/sources"
    counted.lie("GET", path, lambda _: answer)
    printed = act(counted, V1, "sources")
    assert printed.count("\n") == 4
    assert all(harmless(row) for row in printed.splitlines())
