"""A change of consent from a file: what it does is said before it is handed in."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from tests.cast import R1
from tests.cli.line import Line


def test_what_a_change_of_consent_does_is_said_and_asked(line: Line, tmp_path: Path) -> None:
    told = line.scene.deposit(R1, line.scene.said("heard"))
    change = {
        "kind": "consent",
        "pseudonym": told.pseudonym,
        "consent": {"recording": False, "uses": []},
        "interview": {"date": "2015-11-03", "language": "ar", "mode": "voice_call"},
        "testimony": "",
    }
    path, case = tmp_path / "change.json", line.scene.case
    path.write_text(json.dumps(change))
    with pytest.raises(click.Abort):
        line.run(R1, "deposit", str(path), "--case", case, answer="n\n")
    assert "What it refuses holds from the next edition on" in line.said.err
    assert line.scene.taken()["observations"] == 1
    receipt = json.loads(line.run(R1, "deposit", str(path), "--case", case, "--yes").out)
    assert receipt["withdrawal_token"] is None
    assert line.scene.taken()["observations"] == 2
