"""Openings for a court, from the published file and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.assessing import counted_by_two
from tests.cast import V1
from tests.cli.line import Line
from tests.test_court import said, signed
from vault.errors import Invalid, NotFound


def test_openings_are_written_from_the_published_file(line: Line, tmp_path: Path) -> None:
    counted_by_two(line.scene)
    path = tmp_path / "published.json"
    path.write_text(json.dumps({"statement": signed(said(line.scene))}))
    words = ("--case", line.scene.case, "--yes")
    found = json.loads(line.run(V1, "statement", "openings", str(path), *words, "--line", "0").out)
    assert (found["line"], len(found["leaves"])) == (0, 3)
    place = f"/api/cases/{line.scene.case}/openings-for-court"
    line.lie("POST", place, lambda _: {"commitments": 3, "openable": 2, "openings": None})
    with pytest.raises(NotFound, match="2 of 3 commitments"):
        line.run(V1, "statement", "openings", str(path), *words, "--line", "0")
    path.write_text("{}")
    with pytest.raises(Invalid, match="not a published statement"):
        line.run(V1, "statement", "openings", str(path), *words, "--line", "0")
