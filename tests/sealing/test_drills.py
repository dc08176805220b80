"""A drill's report names its custodian, its epoch and exactly the shares that opened."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import C1, C2, ROSTER, identifier, seed, signed_by
from vault.errors import Tampered
from vault.sealing import drills
from vault.sealing.digests import Json, b64

SHARES = {identifier(f"record {number}"): b64(seed(f"share {number}")) for number in range(3)}
SOME = sorted(SHARES)[:2]
REPORT = drills.report(ROSTER, ("C1", C1.secret.signing), "2026-11-22", SHARES, SOME)


def test_a_report_is_read_by_anybody_with_the_roster() -> None:
    document = drills.read_report(REPORT, "C1", ROSTER)
    assert (document["records"], document["digest"]) == (3, drills.digest_of(SHARES))
    assert document["anew"] == drills.digest_of({record: SHARES[record] for record in SOME})


def test_the_digest_changes_with_every_record_and_share_and_not_with_their_order() -> None:
    known = drills.digest_of(SHARES)
    assert drills.digest_of(dict(reversed(SHARES.items()))) == known
    for record in SHARES:
        assert drills.digest_of({one: SHARES[one] for one in SHARES if one != record}) != known
        assert drills.digest_of({**SHARES, record: b64(seed("another share"))}) != known


@pytest.mark.parametrize(
    "changes",
    [
        {"vault": identifier("other")},
        {"custodian": "C2"},
        {"epoch": 2},
        {"records": "3"},
        {"roster": True},
        {"digest": 5},
        {"day": "today"},
        {"day": "2026-11-31"},
        {"day": 5},
        {"more": 1},
    ],
)
def test_a_report_of_another_or_not_whole_is_refused(changes: dict[str, Json]) -> None:
    with pytest.raises(Tampered):
        drills.read_report(signed_by({**REPORT["document"], **changes}, [C1]), "C1", ROSTER)


def test_a_report_in_anothers_name_is_refused() -> None:
    with pytest.raises(Tampered):
        drills.read_report(signed_by(REPORT["document"], [C2]), "C1", ROSTER)
    with pytest.raises(Tampered):
        drills.read_report(REPORT, "C9", ROSTER)


@pytest.mark.parametrize(
    "raw", [None, {}, [], {"document": {"format": "witness-vault/v1/drill"}, "signatures": []}]
)
def test_what_is_no_report_is_refused(raw: Any) -> None:
    with pytest.raises(Tampered):
        drills.read_report(raw, "C1", ROSTER)
