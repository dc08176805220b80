"""Tables at the command line: a plan of one, incidents from one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cast import R1, V1
from tests.cli.line import HOSTILE, Line, harmless
from tests.stage import PLAN, actor
from vault import cases
from vault.cli.main import cli
from vault.errors import Invalid

TABLE = """incident,place,date,vocabulary,claims
A bridge,Upriver,2015-10-05,air-strike,aircraft.number=2-3; aircraft.altitude
A prison,,2015,detention,
"""


def test_a_plan_made_of_a_table_is_proposed_as_it_is(line: Line, tmp_path: Path) -> None:
    table, plan = tmp_path / "table.csv", tmp_path / "plan.json"
    table.write_text(TABLE)
    made = ["case", "skeleton", str(table), "--code", "S7", "--title", "Seven", "--out", str(plan)]
    team = ["--member", "V1:editions,evidence", "--member", "R1"]
    CliRunner().invoke(cli, [*made, *team], standalone_mode=False, catch_exceptions=False)
    planned = json.loads(plan.read_text())
    assert planned["team"] == {"V1": ["brief", "editions", "evidence"], "R1": ["brief"]}
    assert [one["vocabulary"] for one in planned["incidents"]] == ["air-strike", "detention"]
    line.run(V1, "case", "propose", str(plan), "--yes")
    planned["incidents"][1]["claims"] = [{"subject": "aircraft.number", "value": 2}]
    plan.write_text(json.dumps(planned))
    with pytest.raises(Invalid):
        line.run(V1, "case", "propose", str(plan), "--yes")


def test_incidents_are_shown_then_added_once(line: Line, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(TABLE)
    said = line.run(V1, "case", "add-incidents", line.scene.case, str(table), answer="y\n")
    assert "A bridge · Upriver · 2015-10-05 · air-strike · aircraft.number=2-3; aircraft.altitude" in said.err
    added = said.out.split()
    assert len(added) == 2
    again = line.run(V1, "case", "add-incidents", line.scene.case, str(table), "--yes")
    assert again.out == ""
    with line.scene.reading() as uow:
        assert [one["incident"] for one in cases.show(uow, actor(R1), line.scene.case).incidents][2:] == added


def test_every_fault_of_a_table_is_said_and_nothing_sent(line: Line, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(f"incident,date\n{HOSTILE.strip()},5.10.15\n,2015\n", newline="")
    with pytest.raises(Invalid):
        line.run(V1, "case", "add-incidents", line.scene.case, str(table), "--yes")
    assert line.posted(f"/api/cases/{line.scene.case}/incidents/table") == 0
    assert all(harmless(said) for said in line.said.err.splitlines())


def test_a_table_is_written_to_a_file_and_can_be_brought_in_elsewhere(line: Line, tmp_path: Path) -> None:
    csv_file, json_file = tmp_path / "incidents.csv", tmp_path / "incidents.json"
    where = ("--case", line.scene.case, "--yes", "--out")
    line.run(V1, "export", "incidents", *where, str(csv_file))
    line.run(V1, "export", "incidents", *where, str(json_file), "--format", "json")
    taken = json.loads(json_file.read_text())
    assert [row["id"] for row in taken["rows"]] == [line.scene.hospital, line.scene.mosque]
    other = line.scene.open_case({**PLAN, "code": "S2", "incidents": []}, {"V1": ["brief"]})
    line.run(V1, "case", "add-incidents", other, str(csv_file), "--yes")
    with line.scene.reading() as uow:
        brought = cases.show(uow, actor(V1), other).incidents
    assert [one["title"] for one in brought] == [row["incident"] for row in taken["rows"]]
