"""Custodians sign statements on their own devices, once they have read them there; and pull them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import C1, C2, V2
from tests.cli.line import Line, LineAfter
from tests.speaking import approve, approved, listing, sermin
from tests.stage import later
from vault.cli import statements
from vault.errors import NotFound, VaultError
from vault.statements import State


def waits(line: Line) -> tuple[Any, str]:
    made = sermin(line.scene)
    return made, approved(line.scene)


@pytest.fixture
def line(line_after: LineAfter) -> tuple[Line, str]:
    """A line to a vault in which a statement waits for custodians, and its name."""
    found, (made, name) = line_after(waits)
    found.scene._facts = made.facts
    return found, name


def test_a_custodian_reads_it_in_words_signs_it_and_pulls_it(line: tuple[Line, str]) -> None:
    vault, name = line
    shown = vault.run(C1, "custodian", "statements").out
    assert f"{name}  waits for your signature" in shown
    assert "Three witnesses" in shown
    assert "Prepared by V1, approved by V2, V3." in shown
    signed = vault.run(C1, "custodian", "sign-statement", name, answer="y\n")
    digest = signed.out.strip().rpartition(" ")[2]
    assert "Publish this, in exactly these words?" in signed.err
    assert listing(vault.scene)[0].statement.digest == digest
    assert f"{digest}  published" in vault.run(C2, "custodian", "statements").out
    vault.run(C2, "custodian", "pull-statement", digest, "--yes")
    assert listing(vault.scene)[0].state is State.PULLED
    assert f"{digest}  published; pulled by C2" in vault.run(C1, "custodian", "statements").out


def test_what_does_not_wait_is_not_signed_and_what_is_not_published_not_pulled(
    line: tuple[Line, str],
) -> None:
    vault, name = line
    for command in ("sign-statement", "pull-statement"):
        with pytest.raises(NotFound):
            vault.run(C1, "custodian", command, "A" * 22, "--yes")
    vault.lie(
        "GET", "/api/statements", lambda told: {**told, "waiting": [{"statement": name, "packet": "AAAA"}]}
    )
    assert f"{name}  Do not sign:" in vault.run(C1, "custodian", "statements").out
    with pytest.raises(VaultError):
        vault.run(C1, "custodian", "sign-statement", name, "--yes")
    assert listing(vault.scene)[0].state is State.APPROVED


def test_a_packet_of_another_custodian_or_statement_is_not_signed(line: tuple[Line, str]) -> None:
    vault, _ = line
    other = {"statement": "A" * 22}
    vault.lie("GET", "/api/statements", lambda told: {**told, "waiting": [{**told["waiting"][0], **other}]})
    with pytest.raises(VaultError):
        vault.run(C1, "custodian", "sign-statement", "A" * 22, "--yes")


def test_an_approval_lasts_fourteen_days(line: tuple[Line, str], monkeypatch: pytest.MonkeyPatch) -> None:
    vault, name = line
    monkeypatch.setattr(statements, "today", lambda: later(15))
    with pytest.raises(VaultError, match="approve it again"):
        vault.run(C1, "custodian", "sign-statement", name, "--yes")
    approve(vault.scene, V2, name, later(10))
    vault.run(C1, "custodian", "sign-statement", name, "--yes")
