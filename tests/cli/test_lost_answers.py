"""A line that fails after the deposit has arrived costs neither the receipt nor a second deposit."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cast import R1
from tests.cli.line import Line
from vault.cli import deposits
from vault.errors import Invalid, Unreachable
from vault.profile import DEPOSITS


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is not what is tested here."""
    monkeypatch.setattr(deposits, "_PAUSES", (0, 0, 0))


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


def test_given_again_the_command_goes_on_with_the_same_deposit(line: Line, tmp_path: Path) -> None:
    lose(line, 3)
    given = draft(line, tmp_path)
    with pytest.raises(Unreachable, match="same file"):
        line.run(R1, "deposit", given, "--case", line.scene.case)
    assert line.scene.taken() == {"testimony": 1, "observations": 1, "identities": 1}
    receipt = json.loads(line.run(R1, "deposit", given, "--case", line.scene.case).out)
    assert len(receipt["withdrawal_token"]) == 43
    assert line.scene.taken() == {"testimony": 1, "observations": 1, "identities": 1}


def test_what_is_kept_meanwhile_goes_with_the_receipt_and_never_holds_an_identity(
    line: Line, tmp_path: Path
) -> None:
    lose(line, 3)
    given = draft(line, tmp_path)
    with pytest.raises(Unreachable):
        line.run(R1, "deposit", given, "--case", line.scene.case)
    folder = line.profile(R1).folder / DEPOSITS
    (kept,) = folder.iterdir()
    assert "Nobody At All" not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    line.run(R1, "deposit", given, "--case", line.scene.case)
    assert list(folder.iterdir()) == []


def test_a_draft_that_was_refused_is_a_new_attempt_when_it_is_mended(line: Line, tmp_path: Path) -> None:
    path = tmp_path / "draft.json"
    said = line.scene.interview(line.scene.said("heard", "did_not_hear"))
    path.write_text(json.dumps(said))
    with pytest.raises(Invalid):
        line.run(R1, "deposit", str(path), "--case", line.scene.case)
    assert list((line.profile(R1).folder / DEPOSITS).iterdir()) == []
    line.run(R1, "deposit", draft(line, tmp_path), "--case", line.scene.case)
    assert line.scene.taken() == {"testimony": 1, "observations": 1, "identities": 1}
