"""Faults: nothing is lost, nothing is half there, the next attempt ends as if undisturbed, and a sentence says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from drill.faults import FAULTS, Fault


@pytest.mark.sqlite
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_what_must_hold_holds(fault: Fault, staged: Path, tmp_path: Path) -> None:
    assert fault.attempt(staged, tmp_path)
