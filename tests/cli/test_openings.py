"""An opening from the command line: decided is what was named and read, and what is shown is only text."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from tests import stage
from tests.cast import C1, C2, C3, V2
from tests.cli.line import HOSTILE, Line, LineAfter, harmless
from tests.cli.requesting import REASON, decide, requested, sealed_record
from tests.visitor import Api, Visitor
from vault.cli.requests import CODE
from vault.errors import Invalid, NotFound, Refused, Tampered
from vault.opening import Days, ask
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.terms import check_terms, open_packet, seal_packet


def test_an_identity_is_shown_as_text_whatever_was_typed_into_it(line: Line, record: str) -> None:
    opening, code = requested(line, record)
    assert REASON in line.run(C1, "opening", "inbox").out
    decide(line, opening)
    shown = line.run(V2, "opening", "combine", "--yes", "--", opening, typed={CODE: code}).out
    assert all(harmless(part) for part in shown.splitlines())
    assert "Contact: by the well" in shown.splitlines()
    assert "Name: Amal\\u001b[2J" in shown
    assert "    second\\u001b[8m" in shown.splitlines()


def test_two_custodians_open_nothing(line: Line, record: str) -> None:
    opening, code = requested(line, record)
    for custodian in (C1, C2):
        line.run(custodian, "opening", "decide", "--yes", "--", opening)
    with pytest.raises(Refused):
        line.run(V2, "opening", "combine", "--yes", "--", opening, typed={CODE: code})
    assert line.said.out == ""


def test_a_request_is_carried_by_hand_when_it_must_meet_no_server(
    line: Line, record: str, tmp_path: Path
) -> None:
    file = tmp_path / "request.json"
    asked = ("--record", record, "--reason", REASON, "--offline", "--out", str(file))
    code = line.run(V2, "opening", "request", *asked).err.strip().rpartition(": ")[2]
    assert line.heard == []
    opening = line.run(V2, "opening", "submit-request", str(file)).out.strip()
    for custodian in (C1, C2, C3):
        folder, made = tmp_path / f"{custodian.code}-requests", tmp_path / f"{custodian.code}.json"
        line.run(custodian, "opening", "inbox", "--out", str(folder))
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        before = len(line.heard)
        packet = str(folder / f"request-{opening}.json")
        line.run(custodian, "opening", "decide", packet, "--offline", "--yes", "--out", str(made))
        assert len(line.heard) == before
        line.run(custodian, "opening", "submit-decision", str(made))
    shown = line.run(V2, "opening", "combine", "--yes", "--", opening, typed={CODE: code}).out
    assert "Contact: by the well" in shown


@pytest.mark.parametrize(
    "reason",
    [
        f"{REASON}{HOSTILE}",
        "a\x1b[8m",
        "a\rb",
        "a\nb",
        "\u202ea",
        "a\u2028b",
        "a\u200bb",
        "a\x9bb",
        "\ufeffa",
        "\x7f",
    ],
)
def test_a_reason_that_could_hide_something_is_refused_by_whoever_reads_it(
    line: Line, record: str, reason: str
) -> None:
    with pytest.raises(Invalid):
        requested(line, record, reason)
    assert line.posted("/api/openings") == 0
    assert not (line.profile(V2).folder / "openings").exists()
    with pytest.raises(Invalid):
        check_terms(_terms(line, record, reason), line.scene.roster(), stage.DAY.isoformat())


def test_an_ordinary_reason_in_any_script_stands(line: Line, record: str) -> None:
    reason = "لنسألها إن كانت بأمان"
    terms = _terms(line, record, reason)
    assert check_terms(terms, line.scene.roster(), stage.DAY.isoformat())["reason"] == reason


def test_a_packet_that_holds_another_opening_is_neither_shown_nor_decided(
    line: Line, record: str, tmp_path: Path
) -> None:
    wanted, _ = requested(line, record)
    other, _ = requested(line, record, "something else entirely")
    waiting = _waiting(line)
    swapped = {**waiting[wanted], "packet": b64(_resealed(line, wanted, waiting[other]["packet"]))}
    line.lie("GET", "/api/openings", lambda _: {"openings": [swapped]})
    said = line.run(C1, "opening", "inbox", "--out", str(tmp_path / "requests"))
    assert f"{wanted}  Do not decide: " in said.out
    assert "something else entirely" not in said.out
    assert not (tmp_path / "requests").exists()
    with pytest.raises(Tampered):
        line.run(C1, "opening", "decide", "--yes", "--", wanted)
    assert line.posted("/api/decisions") == 0


def test_no_name_that_a_server_gives_leads_out_of_the_folder_for_requests(
    line: Line, record: str, tmp_path: Path
) -> None:
    opening, _ = requested(line, record)
    waiting = _waiting(line)[opening]
    outside = "/../../elsewhere"
    lie = {**waiting, "opening": outside, "packet": b64(_resealed(line, outside, waiting["packet"], opening))}
    line.lie("GET", "/api/openings", lambda _: {"openings": [lie]})
    line.profile(C1)
    before = set(tmp_path.rglob("*"))
    line.run(C1, "opening", "inbox", "--out", str(tmp_path / "requests"))
    assert set(tmp_path.rglob("*")) == before


def carry(line: Line) -> str:
    """A request is carried to C1; what the file is called."""
    opening, _ = requested(line, sealed_record(line))
    line.run(C1, "opening", "inbox", "--out", str(line.folder / "carried"))
    return f"carried/request-{opening}.json"


@pytest.mark.parametrize("part", ["format", "vault", "opening", "recipient", "packet"])
@pytest.mark.parametrize("value", [None, 5, [], "another"])
def test_a_file_that_is_no_request_is_refused(line_after: LineAfter, part: str, value: Json) -> None:
    line, name = line_after(carry)
    file = line.folder / name
    file.write_text(json.dumps({**json.loads(file.read_text()), part: value}))
    with pytest.raises((NotFound, Tampered, Invalid)):
        line.run(C1, "opening", "decide", str(file), "--offline", "--yes")
    assert line.said.out == ""


def test_the_page_names_a_request_without_naming_the_server(line: Line, record: str) -> None:
    visitor = Visitor(line.scene.app(), V2)
    listing = visitor.get(f"/cases/{line.scene.case}/testimony").get_data(as_text=True)
    (path,) = re.findall(r'href="(/cases/[^"]+/testimony/[^"]+)"', listing)
    page = visitor.get(path).get_data(as_text=True)
    assert f"witness-vault opening request --profile PROFILE --record {record} --reason" in page
    assert "--server" not in page


def _terms(line: Line, record: str, reason: str) -> Any:
    name, _, escrow = record.partition(".")
    about = {"purpose": "identity", "record": name, "escrow": escrow, "reason": reason, "requester": "V2"}
    assert V2.request is not None
    days = Days(stage.DAY.isoformat(), stage.later(30).isoformat())
    return ask(about, line.scene.roster(), V2.request, days)[0]


def _waiting(line: Line) -> dict[str, dict[str, Any]]:
    """What the server shows to C1."""
    found = Api(line.scene.app(), C1, line.scene.roster().vault).call("GET", "/api/openings").get_json()
    return {one["opening"]: one for one in found["openings"]}


def _resealed(line: Line, named: str, packet: str, truly: str = "") -> bytes:
    """A packet's content, sealed to C1 anew under another name, as anybody may."""
    vault = line.scene.roster().vault
    for opening in [truly] if truly else _waiting(line):
        try:
            content = open_packet(C1.secret.sealing, vault, opening, "C1", unb64(packet))
        except Tampered:
            continue
        return seal_packet(C1.secret.sealing.public, vault, named, "C1", content)
    raise AssertionError("The packet opens under no name.")
