"""Coding a testimony a second time from a file, over a line that may fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest

from tests.cast import R1, V1, V2
from tests.cli.line import Line
from tests.readers import coding, told
from vault.cli import deposits
from vault.errors import Invalid, Refused, Unreachable


def written(line: Line, folder: Path, **changes: Any) -> tuple[str, str]:
    """A deposit's receipt digest, and the path of a file that codes it again."""
    receipt = line.scene.deposit(R1, line.scene.said("heard"))
    path = folder / "coding.json"
    path.write_text(json.dumps(coding(receipt.digest, line.scene.said("did_not_hear"), **changes)))
    return receipt.digest, str(path)


def test_a_reader_codes_again_and_gets_a_receipt(line: Line, tmp_path: Path) -> None:
    digest, path = written(line, tmp_path, note="Hard to hear.")
    given = json.loads(line.run(V2, "second-coding", path, "--case", line.scene.case, "--yes").out)
    assert set(given) == {"format", "pseudonym", "digest", "withdrawal_token"}
    (one,) = told(line.scene)[0]
    assert (one.half.digest, [again.digest for again in one.again]) == (digest, [given["digest"]])


def test_an_answer_that_was_lost_costs_neither_the_receipt_nor_a_second_deposit(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposits, "_PAUSES", (0, 0))
    _, path = written(line, tmp_path)
    answers = iter([True, True])
    line.lost = lambda _: next(answers, False)
    with pytest.raises(Unreachable):
        line.run(V2, "second-coding", path, "--case", line.scene.case, "--yes")
    assert len(line.run(V2, "second-coding", path, "--case", line.scene.case, "--yes").out) > 100
    assert line.scene.taken()["observations"] == 2


def test_it_is_asked_before_anything_is_sealed(line: Line, tmp_path: Path) -> None:
    _, path = written(line, tmp_path)
    with pytest.raises(click.Abort):
        line.run(V2, "second-coding", path, "--case", line.scene.case, answer="n\n")
    assert line.scene.taken()["observations"] == 1


def test_who_may_not_read_it_and_what_does_not_fit_is_refused(line: Line, tmp_path: Path) -> None:
    _, path = written(line, tmp_path)
    with pytest.raises(Refused):
        line.run(V1, "second-coding", path, "--case", line.scene.case, "--yes")
    (tmp_path / "coding.json").write_text('{"codes": "x", "incidents": []}')
    with pytest.raises(Invalid):
        line.run(V2, "second-coding", path, "--case", line.scene.case, "--yes")
