"""Quotes from the command line: proposed, listed and decided on, and nothing is shown or signed unasked."""

from __future__ import annotations

import json
from typing import Any

import click
import pytest

from tests.cast import V1, V2, Person
from tests.cli.line import HOSTILE, Line, harmless
from tests.quoting import BANDS, WORDS, surround, told_by_a_doctor
from vault.errors import Invalid, NotFound


@pytest.fixture
def receipt(line: Line) -> str:
    """The receipt of what a doctor told, at the other end of the line."""
    told = told_by_a_doctor(line.scene)
    surround(line.scene)
    return told.digest


def act(line: Line, by: Person, command: str, *words: str, answer: str = "", agreed: bool = True) -> str:
    yes = ("--yes",) if agreed else ()
    return line.run(by, "quote", command, "--case", line.scene.case, *words, *yes, answer=answer).out


def propose(line: Line, receipt: str, *claims: str, **more: Any) -> str:
    words = ["--receipt", receipt, "--incident", line.scene.hospital, "--descriptor", "doctor"]
    for claim in claims or ("aircraft.number=2",):
        words += ["--claim", claim]
    for code, band in BANDS.items():
        words += ["--there-are", code, band]
    return act(line, V1, "propose", *words, **{"answer": f"{WORDS}\n", **more})


def listed(line: Line) -> list[dict[str, Any]]:
    return list(json.loads(act(line, V2, "list", "--json")))


def test_one_proposes_and_another_decides(line: Line, receipt: str) -> None:
    assert "The witness is called: health_worker." in propose(line, receipt)
    name = listed(line)[0]["quote"]
    with pytest.raises(click.Abort):
        act(line, V2, "decide", "--quote", name, "--uphold", "--reason", "x", answer="n\n", agreed=False)
    assert WORDS in line.said.err
    act(line, V2, "decide", "--quote", name, "--uphold", "--reason", "It says no more")
    shown = act(line, V1, "list")
    assert f"“{WORDS}” (health_worker, 20_to_49 there); asserts aircraft.number 2" in shown
    assert "upheld by V2: It says no more" in shown


def test_nothing_is_proposed_without_a_yes_and_only_what_can_be_read(line: Line, receipt: str) -> None:
    with pytest.raises(click.Abort):
        propose(line, receipt, answer=f"{WORDS}\nn\n", agreed=False)
    for claim in ("aircraft.number=2-x", "aircraft.number=two", "aircraft.number=3-2"):
        with pytest.raises(Invalid):
            propose(line, receipt, claim)
    with pytest.raises(NotFound):
        act(line, V2, "decide", "--quote", "x", "--reject", "--reason", "x")
    assert listed(line) == []


def test_a_claim_is_typed_as_it_is_said(line: Line, receipt: str) -> None:
    propose(line, receipt, "aircraft.present", "aircraft.number=2")
    assert [claim["value"] for claim in listed(line)[0]["claims"]] == ["yes", 2]


@pytest.mark.usefixtures("receipt")
def test_hostile_words_of_a_server_do_nothing_to_the_terminal(line: Line) -> None:
    claim = {"subject": HOSTILE, "value": {"min": HOSTILE, "max": HOSTILE}}
    said = dict.fromkeys(("quote", "words", "descriptor", "band", "author"), HOSTILE)
    one = {**said, "claims": [claim], "decision": None, "refusals": [HOSTILE]}
    line.lie("GET", f"/api/cases/{line.scene.case}/quotes", lambda _: [one])
    printed = act(line, V1, "list")
    assert printed.count("\n") == 2
    assert all(harmless(row) for row in printed.splitlines())
