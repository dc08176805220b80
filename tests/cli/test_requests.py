"""The requester's side of an opening on the command line: how it stands, what comes of it, that nothing remains."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.cast import C1, C2, C3, C4, V2, Person, following
from tests.cli.line import HOSTILE, Line, LineAfter, harmless
from tests.cli.requesting import decide, requested, sealed_record
from tests.stage import DAYS, later
from tests.visitor import Api, Visitor
from vault.cli.requests import CODE
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.sealing.rosters import Roster


def approve(line: Line) -> tuple[str, str]:
    """Asked for and approved: the opening's id and code."""
    opening, code = requested(line, sealed_record(line))
    decide(line, opening)
    return opening, code


def refuse(line: Line, person: Person, opening: str, why: str) -> None:
    line.run(person, "opening", "decide", "--yes", "--refuse", why, "--", opening)


def status(line: Line, *more: str, code: str = "") -> str:
    return line.run(V2, "opening", "status", *more, typed={CODE: code} if code else None).out


def test_status_says_who_decided_and_until_when(line: Line, record: str) -> None:
    opening, _ = requested(line, record)
    said, _, until = status(line).strip().rpartition(" ")
    assert said == f"{opening}  approved by 0 of 3; the custodians can decide until"
    assert until in {later(30).isoformat(), later(31).isoformat()}  # asked before midnight, or after
    line.run(C1, "opening", "decide", "--yes", "--", opening)
    refuse(line, C2, opening, "not now")
    assert "approved by 1 of 3 (C1); refused by C2;" in status(line, "--", opening)
    for custodian in (C3, C4):
        line.run(custodian, "opening", "decide", "--yes", "--", opening)
    assert f"it can be collected until {later(7)}: `witness-vault opening combine`" in status(
        line, "--", opening
    )
    assert "agreed, it can be collected" in line.run(C1, "opening", "inbox").out


def test_status_lists_every_request_of_this_device(line: Line, record: str) -> None:
    names = [requested(line, record)[0] for _ in range(3)]
    assert sorted(part.split("  ")[0] for part in status(line).splitlines()) == sorted(names)


def test_why_custodians_refused_is_read_with_the_opening_code_alone(line: Line, record: str) -> None:
    opening, code = requested(line, record)
    refuse(line, C1, opening, f"ask the family first{HOSTILE}")
    assert "the family" not in status(line, "--", opening)
    shown = status(line, "--reasons", "--", opening, code=code)
    assert "    C1 refused: ask the family first" in shown
    assert all(harmless(part) for part in shown.splitlines())
    with pytest.raises(Tampered, match="ten words"):
        status(line, "--reasons", "--", opening, code=f"{code} x")
    with pytest.raises(Invalid):
        status(line, "--reasons", code=code)


def test_a_reason_that_the_server_made_up_is_not_shown(line: Line, record: str) -> None:
    opening, code = requested(line, record)
    other, _ = requested(line, record)
    refuse(line, C1, other, "of another request")
    (refusal,) = _shown(line, other)["refusals"]
    line.lie("GET", f"/api/openings/{opening}", lambda told: {**told, "refusals": [refusal]})
    with pytest.raises(Tampered):
        status(line, "--reasons", "--", opening, code=code)


def test_what_was_handed_over_is_combined_from_a_file_without_a_server_or_passphrase(
    line_after: LineAfter, tmp_path: Path
) -> None:
    line, (opening, code) = line_after(approve)
    handed = _collected(line, opening, tmp_path)
    before = len(line.heard)
    combine = ("opening", "combine", "--yes", "--from", str(handed))
    with pytest.raises(Tampered):
        line.run(V2, *combine, typed={CODE: f"{code} x"})
    shown = line.run(V2, *combine, typed={CODE: code}).out
    assert "Contact: by the well" in shown
    assert len(line.heard) == before
    # the key has served: the same file opens nothing any more, even for who kept the code
    with pytest.raises(NotFound):
        line.run(V2, *combine, typed={CODE: code})


@pytest.mark.parametrize("part", ["format", "vault", "opening", "escrow", "approvals", "rosters"])
def test_a_file_that_was_handed_over_for_something_else_opens_nothing(
    line_after: LineAfter, tmp_path: Path, part: str
) -> None:
    line, (opening, code) = line_after(approve)
    handed = _collected(line, opening, tmp_path)
    for value in (None, "another", [None] * 9):
        handed.write_text(json.dumps({**json.loads(handed.read_text()), part: value}))
        with pytest.raises((Tampered, Invalid, NotFound, Refused)):
            line.run(
                V2, "opening", "combine", "--yes", "--from", str(handed), "--", opening, typed={CODE: code}
            )
        assert line.said.out == ""
    assert line.profile(V2).names("openings") == [opening]


def test_rosters_that_came_with_a_file_must_continue_the_pinned_ones(
    line_after: LineAfter, tmp_path: Path
) -> None:
    line, (opening, code) = line_after(approve)
    line.scene.carry(C1, _renewed(line.scene.roster()))
    handed = _collected(line, opening, tmp_path)
    content = json.loads(handed.read_text())
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps({**content, "rosters": [*content["rosters"][:-1], content["rosters"][0]]}))
    with pytest.raises(Tampered):
        line.run(V2, "opening", "combine", "--yes", "--from", str(forged), typed={CODE: code})
    line.run(V2, "opening", "combine", "--yes", "--from", str(handed), typed={CODE: code})
    assert line.profile(V2).roster().version == line.scene.roster().version


def test_nothing_of_an_identity_remains_on_the_device(line: Line) -> None:
    opening, code = approve(line)
    folder = line.profile(V2).folder
    before = {path for path in folder.rglob("*") if path.stem != opening}
    shown = line.run(V2, "opening", "combine", "--yes", "--", opening, typed={CODE: code}).out
    assert "by the well" in shown
    assert set(folder.rglob("*")) == before
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"by the well" not in kept
    assert code.encode() not in kept
    assert "by the well" not in "".join(body for _, body in line.heard)


def test_whoever_is_not_alone_sees_nothing_and_can_come_back(line_after: LineAfter) -> None:
    line, (opening, code) = line_after(approve)
    with pytest.raises(click.Abort):
        line.run(V2, "opening", "combine", "--", opening, typed={CODE: code}, answer="n\n")
    assert "by the well" not in line.said.out
    assert "by the well" in line.run(V2, "opening", "combine", "--yes", "--", opening, typed={CODE: code}).out


@pytest.mark.parametrize("name", ["../member", "x", "../../etc/passwd"])
def test_no_name_leads_out_of_the_folder_of_openings(line: Line, name: str) -> None:
    with pytest.raises(Invalid, match="not the id"):
        line.run(V2, "opening", "combine", "--yes", "--", name, typed={CODE: "x"})


_SHOW = "from vault.cli.screen import show_once; show_once([f'line {n}' for n in range(30)])"


def test_a_terminal_shows_an_identity_on_its_other_screen_and_keeps_nothing() -> None:
    """What stands on xterm's other screen never comes into what can be scrolled back to."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "LINES": "12", "COLUMNS": "80"}
    shown = subprocess.Popen(
        [sys.executable, "-c", _SHOW], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    os.write(ours, b"\n" * 10)
    said = b""
    while part := _read(ours):
        said += part
    os.close(ours)
    assert shown.wait() == 0
    before, _, rest = said.partition(b"\x1b[?1049h")
    inside, _, after = rest.rpartition(b"\x1b[?1049l")
    assert b"line" not in before + after
    assert all(f"line {n}".encode() in inside for n in range(30))
    assert inside.rstrip().endswith(b"\x1b[2J\x1b[H")
    assert inside.count(b"Press Enter") == 3


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""


def _shown(line: Line, opening: str) -> dict[str, list[object]]:
    told: dict[str, list[object]] = (
        Api(line.scene.app(), V2).call("GET", f"/api/openings/{opening}").get_json()
    )
    return told


def _collected(line: Line, opening: str, folder: Path) -> Path:
    """The file that V2 collects in a browser."""
    answer = Visitor(line.scene.app(), V2).post(f"/openings/{opening}/collect")
    file = folder / "handed-over.json"
    file.write_bytes(answer.data)
    return file


def _renewed(roster: Roster) -> dict[str, object]:
    return following(roster, **DAYS)
