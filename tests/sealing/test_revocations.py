"""Revocations: who may sign one, and how long it stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import C1, OUTSIDER, R1, R2, ROSTER, V1, Person
from tests.sealing.test_casefiles import FILE, roster_at
from vault.errors import Tampered
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import Json
from vault.sealing.revocations import Revocation, read_revocation, revocation, stands
from vault.sealing.signatures import Signed, sign

DAY = "2026-11-22"
EVERYWHERE = Revocation(None, ROSTER.version, "R1", "C1", DAY)


def signed(by: Person, file: CaseFile | None, **changes: Json) -> Signed:
    """R1's revocation with these changes (... removes a part)."""
    document = {**revocation(file, "R1", by.code, ROSTER, DAY), **changes}
    whole = {part: value for part, value in document.items() if value is not ...}
    return sign(whole, by.code, by.secret.signing)


@pytest.mark.parametrize(
    ("by", "file"),
    [(C1, None), (V1, None), (R1, None), (C1, FILE), (V1, FILE), (R1, FILE)],
    ids=lambda one: getattr(one, "code", "everywhere"),
)
def test_in_an_emergency_one_is_enough(by: Person, file: CaseFile | None) -> None:
    version = ROSTER.version if file is None else file.version
    found = read_revocation(signed(by, file), roster_at, file)
    assert found == Revocation(None if file is None else file.id, version, "R1", by.code, DAY)
    assert stands(found, file, ROSTER)


@pytest.mark.parametrize(("by", "file"), [(R2, None), (R2, FILE), (OUTSIDER, None), (OUTSIDER, FILE)])
def test_nobody_else_takes_keys_away(by: Person, file: CaseFile | None) -> None:
    with pytest.raises(Tampered):
        read_revocation(signed(by, file), roster_at, file)


@pytest.mark.parametrize(
    "changes",
    [
        {"vault": "another"},
        {"case": 5},
        {"case": None},
        {"version": True},
        {"member": "nobody"},
        {"day": "today"},
        {"more": 1},
        {"roster": ...},
    ],
    ids=str,
)
def test_one_that_is_not_sound_takes_nothing_away(changes: dict[str, Json]) -> None:
    with pytest.raises(Tampered):
        read_revocation(signed(C1, replace(FILE, version=9), **changes), roster_at, FILE)


def test_one_that_another_signed_takes_nothing_away() -> None:
    with pytest.raises(Tampered):
        read_revocation({**signed(R2, FILE), "document": signed(C1, FILE)["document"]}, roster_at, FILE)


def test_in_all_cases_it_stands_until_the_next_roster() -> None:
    assert stands(EVERYWHERE, None, ROSTER)
    assert not stands(EVERYWHERE, None, replace(ROSTER, version=ROSTER.version + 1))


def test_in_a_case_it_stands_nowhere_else() -> None:
    assert not stands(replace(EVERYWHERE, case="another"), None, ROSTER)
