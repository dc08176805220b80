"""Findings from the command line: proposed, read and decided on, and nothing is signed unasked."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from tests.cast import V1, V2, Person
from tests.cli.line import HOSTILE, Line, harmless
from tests.weighing import Weighed, weighed, wish
from vault.errors import NotFound


@pytest.fixture
def there(line: Line) -> Weighed:
    """What there is to weigh, at the other end of the line."""
    return weighed(line.scene)


def act(line: Line, by: Person, command: str, *words: str, answer: str = "", agreed: bool = True) -> str:
    yes = ("--yes",) if agreed and command in ("propose", "decide") else ()
    return line.run(by, "finding", command, *words, "--case", line.scene.case, *yes, answer=answer).out


def propose(line: Line, raw: dict[str, Any], by: Person = V1, **more: Any) -> str:
    file = line.profile(by).folder / "finding.json"
    file.write_text(json.dumps(raw), "utf-8")
    return act(line, by, "propose", str(file), **more).split()[-1]


def test_one_proposes_and_another_decides(line: Line, there: Weighed) -> None:
    raw = wish(line.scene, there)
    finding = propose(line, {name: raw[name] for name in raw if name not in ("finding", "version")})
    decide = ("--finding", finding, "--uphold", "--reason", "It follows")
    with pytest.raises(click.Abort):
        act(line, V2, "decide", *decide, answer="n\n", agreed=False)
    shown = line.said.out
    assert "for  edition 1, aircraft.present yes, direct: 3: Three people." in shown
    assert "for  video “The hospital after the strike”" in shown
    assert "“What made this crater?”: probable, says Expert 1 (munitions)" in shown
    assert "against  “There was no air strike.”, A ministry, 2015-10-22: denies: A denial." in shown
    act(line, V2, "decide", *decide)
    assert "upheld by V2: It follows" in act(line, V1, "show", "--finding", finding)
    with pytest.raises(NotFound, match="waits for a decision"):
        act(line, V2, "decide", *decide)
    propose(line, {**raw, "finding": finding, "version": 2, "likelihood": "unknown", "factors": []}, V2)
    listed = act(line, V1, "list")
    assert "version 1 stands; its newest version waits" in listed
    assert "rests on claim: 1, video: 1, opinion: 1, response: 1" in listed
    assert json.loads(act(line, V1, "list", "--json"))[0]["finding"] == finding
    assert [one["version"] for one in json.loads(act(line, V1, "show", "--finding", finding, "--json"))] == [
        2,
        1,
    ]


def test_nothing_is_proposed_without_a_yes(line: Line, there: Weighed) -> None:
    with pytest.raises(click.Abort):
        propose(line, wish(line.scene, there), answer="n\n", agreed=False)
    assert act(line, V2, "list") == ""


def test_hostile_words_of_a_server_do_nothing_to_the_terminal(line: Line, there: Weighed) -> None:
    finding = propose(line, wish(line.scene, there))
    facts = {"proposition": {"en": HOSTILE}, "likelihood": HOSTILE, "incident": HOSTILE, "version": HOSTILE}
    listed = {
        **facts,
        "finding": HOSTILE,
        "stands": True,
        "waits": True,
        "sources": {"x": {HOSTILE: HOSTILE}},
    }
    number = {"number": {"min": HOSTILE, "max": 2}}
    says = dict.fromkeys(
        ("evidence", "title", "question", "answer", "expert", "field", "who", "said", "as"), HOSTILE
    )
    cell = {"edition": HOSTILE, "subject": HOSTILE, "value": {"min": HOSTILE, "max": 1}, "column": HOSTILE}
    factors: list[dict[str, Any]] = [
        {"kind": "claim", **cell, "says": number},
        {"kind": HOSTILE, "says": None},
        *(
            {"kind": kind, "says": {**says, "words": {"en": HOSTILE}}}
            for kind in ("evidence", "opinion", "response")
        ),
    ]
    told = [{**one, "weight": HOSTILE, "why": HOSTILE, "now": HOSTILE} for one in factors]
    signed = {"author": HOSTILE, "day": HOSTILE, "reasons": HOSTILE}
    taken = {"author": HOSTILE, "reason": HOSTILE, "upheld": True}
    path = f"/api/cases/{line.scene.case}/findings"
    line.lie("GET", path, lambda _: [listed])
    line.lie("GET", f"{path}/{finding}", lambda _: [{**facts, **signed, "factors": told, "decision": taken}])
    for printed, rows in ((act(line, V1, "list"), 2), (act(line, V1, "show", "--finding", finding), 13)):
        assert printed.count("\n") == rows
        assert all(harmless(row) for row in printed.splitlines())
