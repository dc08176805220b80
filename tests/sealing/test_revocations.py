"""How long a revocation stands: until a quorum has signed the next version of what it names."""

from __future__ import annotations

from dataclasses import replace

from tests.cast import ROSTER
from vault.sealing.revocations import Revocation, stands

EVERYWHERE = Revocation(None, ROSTER.version, "R1", "C1", "2026-11-22")


def test_in_all_cases_it_stands_until_the_next_roster() -> None:
    assert stands(EVERYWHERE, None, ROSTER)
    assert not stands(EVERYWHERE, None, replace(ROSTER, version=ROSTER.version + 1))


def test_in_a_case_it_stands_nowhere_else() -> None:
    assert not stands(replace(EVERYWHERE, case="another"), None, ROSTER)
