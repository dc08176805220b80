"""Editions from the command line: what a terminal shows of them."""

from __future__ import annotations

import json

import pytest

from tests.cast import R1, V1, V2
from tests.cli.line import Line


@pytest.fixture
def counted(line: Line) -> Line:
    """An edition of two incidents; on one, two witnesses were introduced by the same person."""
    scene = line.scene
    interview = {"date": "2015-11-03", "language": "ar", "mode": "in_person", "introducer": "the baker"}
    for incident in (scene.hospital, scene.mosque):
        scene.deposit(R1, scene.said("saw", incident=incident))
        for _ in range(2):
            scene.deposit(R1, scene.said("heard", incident=incident), interview=interview)
    line.run(V1, "edition", "cut", "--case", scene.case, "--yes")
    return line


def test_a_range_is_written_from_its_lower_end_to_its_upper(counted: Line) -> None:
    where = ("--case", counted.scene.case, "--incident", counted.scene.hospital)
    assert "2 to 3" in counted.run(V2, "edition", "show", *where).out
    table = json.loads(counted.run(V2, "edition", "show", *where, "--json").out)
    assert [row["direct"] for row in table["claims"]] == [{"min": 2, "max": 3}]


def test_patterns_tell_fewer_than_three_incidents_from_nothing_else(counted: Line) -> None:
    shown = counted.run(V2, "edition", "patterns").out
    assert "air-strike: 2 incidents with figures" in shown
    assert shown.count("fewer than 3") == 3
    found = json.loads(counted.run(V2, "edition", "patterns", "--json").out)
    assert found["kinds"][0]["patterns"] == [
        {"subject": "aircraft.present", "incidents": {"3": None, "5": None, "8": None}}
    ]


def test_before_the_first_edition_there_are_no_patterns(line: Line) -> None:
    assert line.run(V2, "edition", "patterns").out == "No edition that you may read has figures.\n"
