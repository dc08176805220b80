"""Faults: nothing is lost, nothing is half there, the next attempt ends as if undisturbed, and a sentence says why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from drill.faults import ACTS, ANYWHERE, FAULTS, Fault
from tests.faults.acts import DEPOSIT
from tests.faults.breaking import Act, killed_anywhere, prepared

on_postgresql = pytest.mark.parametrize("backend", ["postgresql"], indirect=True, scope="session")


@pytest.mark.sqlite
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_what_must_hold_holds(fault: Fault, staged: Path, tmp_path: Path) -> None:
    assert fault.attempt(staged, tmp_path)


@on_postgresql
@pytest.mark.parametrize("fault", ANYWHERE, ids=lambda fault: fault.what)
def test_it_holds_on_postgresql(fault: Fault, staged: Path, tmp_path: Path) -> None:
    assert fault.attempt(staged, tmp_path)


@on_postgresql
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.name)
def test_it_holds_on_postgresql_whatever_is_killed(act: Act, staged: Path, tmp_path: Path) -> None:
    """Before each commit and each change to a file."""
    with prepared(act, staged, tmp_path) as again:
        assert killed_anywhere(replace(act, statements=False), again)


@pytest.mark.both
def test_each_attempt_begins_with_the_vault_as_it_was(staged: Path, tmp_path: Path) -> None:
    with prepared(DEPOSIT, staged, tmp_path) as again:
        scene, given = again()
        before = scene.taken()
        DEPOSIT.do(scene, given)
        assert scene.taken() != before
        scene, _ = again()
        assert scene.taken() == before
