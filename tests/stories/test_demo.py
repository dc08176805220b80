"""The demonstration, as a stranger starts it: one command, one table, nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from vault import verifier

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("witness-vault")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """What `witness-vault demo --once --json` does in a temporary folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    command = [str(COMMAND), "demo", "--once", "--json"]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    return done, folder


def test_the_demonstration_ends_well(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, _ = shown
    assert done.returncode == 0, done.stderr


def test_it_prints_the_table_of_the_hospital_and_nothing_else(
    shown: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, _ = shown
    assert done.stdout.count("\n") == 1
    table = json.loads(done.stdout)
    expected = json.loads((ROOT / "tests/rules/sermin.json").read_text("utf-8"))
    assert set(table) == {"edition", "incident", "claims", "month", "same_person", "details", "excluded"}
    assert table["edition"] == 1
    assert table["claims"] == expected["claims"]


def test_the_statement_is_published_verifies_and_rests_on_each_thing_that_allows_it(
    shown: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, _ = shown
    told = done.stderr[done.stderr.index("Everybody may read") :].splitlines()
    assert re.fullmatch(
        r"Everybody may read the statement at http://127\.0\.0\.1:\d+/public/[\w-]{43}", told[0]
    )
    assert told[2:5] == [
        "  Three witnesses perceived the strike directly.",
        "  Two of them perceived aircraft directly.",
        "  One of them saw two aircraft.",
    ]
    assert told[5] == f"`witness-vault verify` ends with 3. {verifier.VERDICTS[verifier.DATE_ASSERTED]}"
    missing = [line for line in told[7:] if line.startswith("  Without ")]
    gates = re.findall(r"^  Without (.+?): the gate “(\w+)” shuts\.", "\n".join(missing), re.MULTILINE)
    assert len(gates) == len(missing)
    assert dict(gates) == {
        "one witness's consent to exact numbers, any of the three": "now",
        "one witness's consent to details, any of the three": "now",
        "the pool of strike.took_place": "pool",
        "the pool of aircraft.present": "pool",
        "the pool of aircraft.number": "pool",
        "the tally of whom the team met": "cover",
    }


def test_the_denial_is_answered_point_by_point(
    shown: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, _ = shown
    told = done.stderr[done.stderr.index("The rebuttal sheet answers") :].splitlines()
    points = [place for place, line in enumerate(told) if line.startswith("  ") and line[2] != " "]
    seen, denied, demanded = (told[one:other] for one, other in zip(points, [*points[1:], None], strict=True))
    assert "did not see or hear the aircraft" in seen[0]
    assert "    statement: Two of them perceived aircraft directly." in seen
    assert "no air strike" in denied[0]
    assert denied[1] == "    statement: Three witnesses perceived the strike directly."
    assert {line.split(":")[0].strip() for line in denied[1:]} == {
        *("statement", "response", "evidence", "finding", "reply")
    }
    assert demanded[1:] == ["    Nobody can: who they are is sealed, and no one person can open it."]


def test_progress_goes_to_the_side(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    done, folder = shown
    assert f"A throw-away vault in {folder}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "fault" not in done.stderr


def test_nothing_is_left_behind(shown: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    _, folder = shown
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_ended_from_outside_it_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [str(COMMAND), "demo"]
    with subprocess.Popen(
        command, env=environment, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        assert "A throw-away vault in" in running.stderr.readline()
        running.send_signal(how)
        running.communicate(timeout=300)
    assert running.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [str(COMMAND), "demo", "--once", "--port", str(taken.getsockname()[1])]
        done = subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "That port is taken: name another with --port, or none.\n"
    assert list(tmp_path.iterdir()) == []
