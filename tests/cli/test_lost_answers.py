"""A line that fails after the deposit has arrived costs neither the receipt nor a second deposit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cast import R1
from tests.cli.line import Line
from vault.cli import member
from vault.errors import Unreachable


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is not what is tested here."""
    monkeypatch.setattr(member, "_PAUSES", (0, 0))


def draft(line: Line, folder: Path) -> str:
    path = folder / "draft.json"
    said = line.scene.interview(line.scene.said("heard"), identity={"name": "Nobody At All"})
    path.write_text(json.dumps(said))
    return str(path)


def lose(line: Line, answers: int) -> list[str]:
    """Let the first answers to a deposit be lost after the vault has acted; the paths that were asked."""
    asked: list[str] = []

    def lost(path: str) -> bool:
        asked.append(path)
        return len(asked) <= answers

    line.lost = lost
    return asked


def test_the_receipt_comes_with_a_later_answer_and_one_deposit_is_kept(line: Line, tmp_path: Path) -> None:
    asked = lose(line, 2)
    given = line.run(R1, "deposit", draft(line, tmp_path), "--case", line.scene.case)
    assert set(json.loads(given.out)) == {"format", "pseudonym", "digest", "withdrawal_token"}
    assert given.err.count("The line failed; trying again.") == 2
    assert len(asked) == 3
    assert line.scene.taken() == {"testimony": 1, "observations": 1, "identities": 1}


def test_a_line_that_stays_dead_is_said_in_the_end(line: Line, tmp_path: Path) -> None:
    lose(line, 99)
    with pytest.raises(Unreachable):
        line.run(R1, "deposit", draft(line, tmp_path), "--case", line.scene.case)
