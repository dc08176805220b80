"""Rebuttal sheets from the command line: what answers is asked for, and nothing is signed or taken unasked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tests.answered import Answered, answered, choice, given_out, listed, upheld
from tests.cast import V1, V2, Person
from tests.cli.line import HOSTILE, Line, harmless, open_line
from tests.stage import After
from vault import publishing, statements
from vault.cli.main import cli
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered

Asked = tuple[Line, Answered]


@pytest.fixture
def asked(after: After, tmp_path: Path) -> Iterator[Asked]:
    scene, made = after(answered)
    scene._facts = made.facts
    with open_line(scene, tmp_path / "profiles") as line:
        yield line, made


def act(line: Line, by: Person, command: str, *words: str, agreed: bool = True, answer: str = "") -> str:
    yes = ("--yes",) if agreed and command not in ("list", "choices") else ()
    return line.run(by, "rebuttal", command, *words, "--case", line.scene.case, *yes, answer=answer).out


def proposed(line: Line, made: Answered, **more: Any) -> str:
    file = line.profile(V1).folder / "sheet.json"
    file.write_text(json.dumps(choice(made)), "utf-8")
    return act(line, V1, "propose", str(file), **more).split()[-1]


def test_a_sheet_is_chosen_proposed_decided_on_and_taken(asked: Asked, tmp_path: Path) -> None:
    line, made = asked
    offered = json.loads(act(line, V1, "choices", "--response", made.response))
    assert offered["points"][0][0]["source"] == {"statement": made.statement, "line": 1}
    name = proposed(line, made)
    shown = act(line, V2, "decide", "--rebuttal", name, "--uphold", "--reason", "It says what they say")
    assert f"statement; line 2; {made.statement}" in shown
    assert "“A video shows the damage.”" in shown
    shown = act(line, V1, "list")
    assert "answers A ministry, 2015-12-23, A press conference; proposed by V1" in shown
    assert "upheld by V2: It says what they say" in shown
    assert json.loads(act(line, V1, "list", "--json"))[0]["rebuttal"] == name
    for form, first in (("pdf", b"%PDF-"), ("html", b"<!doctype html>"), ("json", b"{")):
        out = tmp_path / f"sheet.{form}"
        act(line, V1, "print", "--rebuttal", name, "--language", "ar", "--format", form, "--out", str(out))
        assert out.read_bytes().startswith(first)
    assert json.loads(out.read_bytes()) == given_out(line.scene, name).published
    assert "\n  given out by V1, " in act(line, V1, "list")
    with pytest.raises(Conflict):
        act(line, V1, "print", "--rebuttal", name, "--out", str(out))


def test_nothing_is_signed_or_taken_without_a_yes(asked: Asked, tmp_path: Path) -> None:
    line, made = asked
    with pytest.raises(click.Abort):
        proposed(line, made, agreed=False, answer="n\n")
    assert listed(line.scene) == ()
    name, out = proposed(line, made), tmp_path / "sheet.pdf"
    decision = ["--rebuttal", name, "--uphold", "--reason", "So it is"]
    with pytest.raises(click.Abort):
        act(line, V2, "decide", *decision, agreed=False, answer="n\n")
    with pytest.raises(Refused, match="once another"):
        act(line, V1, "print", "--rebuttal", name, "--out", str(out))
    act(line, V2, "decide", *decision)
    with pytest.raises(click.Abort):
        act(line, V1, "print", "--rebuttal", name, "--out", str(out), agreed=False, answer="n\n")
    assert not out.exists()
    with pytest.raises(NotFound):
        act(line, V2, "decide", "--rebuttal", "nothing", "--reject", "--reason", "x")


def test_a_server_that_answers_otherwise_writes_nothing(asked: Asked, tmp_path: Path) -> None:
    line, made = asked
    name, out = upheld(line.scene, made), tmp_path / "sheet.pdf"
    line.lie("POST", f"/api/cases/{line.scene.case}/rebuttals/{name}/out", lambda _: {"content": "*"})
    with pytest.raises(Invalid):
        act(line, V1, "print", "--rebuttal", name, "--out", str(out))
    assert not out.exists()


def test_whoever_received_a_sheet_verifies_it_and_reads_each_reference(asked: Asked, tmp_path: Path) -> None:
    line, made = asked
    published = given_out(line.scene, upheld(line.scene, made)).published
    sheet, statement = tmp_path / "sheet.json", tmp_path / "statement.json"
    sheet.write_text(json.dumps(published, ensure_ascii=False), "utf-8")
    with line.scene.reading() as uow:
        (one,) = statements.every(uow)
        statement.write_bytes(publishing.to_bytes(publishing.file_of(uow, one)))
    run = CliRunner().invoke
    told = run(cli, ["rebuttal", "verify", str(sheet)], standalone_mode=False).output
    assert "Signed by V1 and V2, reviewers of the vault with the six words: " in told
    assert f"Statement {made.statement}, line 2: give its file too" in told
    told = run(cli, ["rebuttal", "verify", str(sheet), str(statement)], standalone_mode=False).output
    assert "Witnesses: Of those who perceived the strike directly, two perceived aircraft directly." in told
    assert "Photograph: A video shows the damage. (SHA-256 " in told
    told = run(cli, ["rebuttal", "verify", str(sheet), str(statement), "--language", "ar"]).output
    assert "أدرك ثلاثة من الشهود الغارة مباشرةً." in told
    sheet.write_text(json.dumps(published).replace('"line": 1', '"line": 0'), "utf-8")
    assert isinstance(run(cli, ["rebuttal", "verify", str(sheet)], standalone_mode=False).exception, Tampered)


def test_hostile_words_do_nothing_to_the_terminal(asked: Asked) -> None:
    line, made = asked
    upheld(line.scene, made)

    def hostile(found: Any) -> Any:
        found[0]["sheet"]["about"] = {"en": HOSTILE}
        return found

    line.lie("GET", f"/api/cases/{line.scene.case}/rebuttals", hostile)
    assert all(map(harmless, act(line, V1, "list").splitlines()))
