"""`witness-vault verify`: the verifier's own answer, and the vault's six words."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cast import FOUNDING
from tests.proofs import PROVEN
from vault.cli.main import cli
from vault.sealing.digests import canonical
from vault.sealing.words import fingerprint
from vault.verifier import DATE_ASSERTED, FAILED, MISUSED, NOT_IN_LOG


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "published.json"
    path.write_bytes(PROVEN.data)
    return path


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["verify", *words], standalone_mode=False)
    return done.exit_code, done.stdout


def test_a_statement_is_verified_with_its_openings(file: Path, tmp_path: Path) -> None:
    opened = tmp_path / "openings.json"
    opened.write_bytes(canonical(PROVEN.openings(1)))
    code, said = run(str(file), str(opened))
    assert code == DATE_ASSERTED
    assert "2 different accounts stand behind line 1" in said
    assert fingerprint(FOUNDING.digest) in said


def test_two_checkpoints_are_compared(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "checkpoint.txt"
    other.write_text(PROVEN.proof["checkpoint"], "utf-8")
    assert run(str(file), "--checkpoint", str(other), "--json")[0] == DATE_ASSERTED


def test_every_end_has_its_code(file: Path, tmp_path: Path) -> None:
    file.write_bytes(PROVEN.changed(lambda raw: raw.update(proof=None)).data)
    assert run(str(file))[0] == NOT_IN_LOG
    checkpoint = tmp_path / "checkpoint.txt"
    checkpoint.write_text("", "utf-8")
    assert run(str(file), "--checkpoint", str(checkpoint), "--consistency", str(checkpoint))[0] == MISUSED
    file.write_bytes(b"{}")
    code, said = run(str(file))
    assert code == FAILED
    assert "six words" not in said
