"""What the accused says, from the command line: kept only with a yes, listed with what contradicts it."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from tests.answers import answer, heard, point, record, undisputed
from tests.cast import V1, V2, Person
from tests.cli.line import HOSTILE, Line, harmless
from vault.errors import Conflict, Invalid


def act(line: Line, by: Person, command: str, *words: str, answer: str = "", agreed: bool = True) -> str:
    yes = ("--yes",) if agreed and command != "list" else ()
    return line.run(by, "response", command, *words, "--case", line.scene.case, *yes, answer=answer).out


def kept(line: Line, raw: dict[str, Any], **more: Any) -> str:
    file = line.profile(V1).folder / "response.json"
    file.write_text(json.dumps(raw), "utf-8")
    return act(line, V1, "record", str(file), **more).split()[-1]


def ask(line: Line, **more: Any) -> str:
    words = [
        "--day",
        "2015-11-09",
        "--to",
        "The minister",
        "--how",
        "letter",
        "--incident",
        line.scene.hospital,
    ]
    return act(line, V1, "approach", *words, answer="Which aircraft?\n", **more).split()[-1]


def come_back(line: Line, approach: str, *words: str) -> str:
    said = ["--approach", approach, "--kind", "acknowledged_only", "--summary", "Received"]
    return act(line, V2, "returned", *said, *(words or ("--day", "2015-11-20")))


def test_what_was_said_and_asked_is_listed_with_what_contradicts_it(line: Line) -> None:
    late = kept(line, answer(line.scene))
    early = kept(line, undisputed(line.scene, points=[point(line.scene, "acknowledges", "We hit it.")]))
    come_back(line, ask(line))
    shown = act(line, V2, "list")
    assert "2015-12-23: The ministry of defence, Press briefing; written down by V1" in shown
    assert "1. “We hit it.”: acknowledges strike.took_place yes" in shown
    assert "asked The minister (letter): Which aircraft?" in shown
    assert "came back (acknowledged only): Received" in shown
    assert f"They contradict themselves on strike.took_place yes (incident {line.scene.hospital})" in shown
    assert f"point 1 of {early}, point 1 of {late}" in shown
    assert json.loads(act(line, V2, "list", "--json")) == heard(line.scene).to_json()


def test_what_is_replaced_says_in_place_of_what(line: Line) -> None:
    name = record(line.scene, answer(line.scene))
    kept(line, answer(line.scene, replaces=name))
    assert f"in place of {name}" in act(line, V1, "list")
    with pytest.raises(Conflict):
        kept(line, answer(line.scene, replaces=name))


def test_nothing_is_kept_without_a_yes_nor_when_it_says_too_little(line: Line) -> None:
    with pytest.raises(click.Abort):
        kept(line, answer(line.scene), answer="n\n", agreed=False)
    with pytest.raises(click.Abort):
        ask(line, agreed=False)
    with pytest.raises(Invalid):
        kept(line, answer(line.scene, points=[]))
    with pytest.raises(Conflict):
        come_back(line, "nothing")
    assert not heard(line.scene).entries


def test_hostile_words_of_a_server_do_nothing_to_the_terminal(line: Line) -> None:
    claim = {"incident": HOSTILE, "subject": HOSTILE, "value": {"min": HOSTILE, "max": HOSTILE}}
    told = {"words": {"en": HOSTILE}, "kind": HOSTILE, "about": [claim]}
    shown = {"item": None, "shown_as": HOSTILE, "finding": HOSTILE, "why": HOSTILE}
    said = {
        **dict.fromkeys(("said", "who", "where", "replaces"), HOSTILE),
        "points": [told],
        "imagery": [shown],
    }
    facts = dict.fromkeys(("name", "author", "day"), HOSTILE)
    places = [{"response": HOSTILE, "point": 0}] * 2
    lie = {
        "entries": [{**facts, "act": "response", "content": said}],
        "conflicts": [{"claim": claim, "points": places}],
    }
    line.lie("GET", f"/api/cases/{line.scene.case}/responses", lambda _: lie)
    printed = act(line, V1, "list")
    assert printed.count("\n") == 4
    assert all(harmless(row) for row in printed.splitlines())
