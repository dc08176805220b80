"""Backup keys: only whole ones, in escrow with the present custodians, signed by a quorum of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backing import PAIRS, cast_keys
from tests.cast import C1, C2, C3, CHAIN, CUSTODIANS, MEMBERS, ROSTER, following, identifier, signed_by
from vault.errors import Conflict, Invalid, Tampered
from vault.sealing import backupkeys
from vault.sealing.digests import Json
from vault.sealing.rosters import at, follow, verify_chain

SIGNED, HELD = cast_keys()
DOCUMENT: dict[str, Any] = SIGNED["document"]
OTHER = "A" * 43


def test_keys_are_read_as_they_were_made() -> None:
    keys = backupkeys.read_signed(SIGNED, at(verify_chain(CHAIN)))
    assert (keys.vault, keys.roster, keys.epoch, keys.version) == (ROSTER.vault, ROSTER.version, 1, 1)
    assert keys.publics == {kind: pair.public for kind, pair in PAIRS.items()}
    assert backupkeys.check(DOCUMENT, HELD, ROSTER) == keys


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "witness-vault/v1/roster"},
        {"vault": "short"},
        {"version": 0},
        {"version": True},
        {"epoch": "1"},
        {"keys": {"archive": DOCUMENT["keys"]["archive"]}},
        {"keys": {**DOCUMENT["keys"], "archive": OTHER}},
        {"escrows": {**DOCUMENT["escrows"], "archive": "AA"}},
        {"keys": None},
        {"more": 1},
    ],
)
def test_keys_that_are_not_whole_are_refused(changes: dict[str, Json]) -> None:
    with pytest.raises(Invalid):
        backupkeys.parse({**DOCUMENT, **changes})


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(Invalid):
        backupkeys.parse(5)


@pytest.mark.parametrize(
    "held",
    [
        None,
        {},
        {**HELD, "more": {}},
        {"archive": HELD["snapshot"], "snapshot": HELD["archive"]},
        {**HELD, "archive": {**HELD["archive"], "record": identifier("another")}},
    ],
)
def test_keys_without_their_own_escrow_records_are_refused(held: Json) -> None:
    with pytest.raises(Invalid):
        backupkeys.check(DOCUMENT, held, ROSTER)


def test_keys_whose_escrow_is_another_than_the_signed_one_are_refused() -> None:
    for kind in backupkeys.KINDS:
        escrows = {**DOCUMENT["escrows"], kind: OTHER}
        with pytest.raises(Invalid):
            backupkeys.check({**DOCUMENT, "escrows": escrows}, HELD, ROSTER)


def test_keys_for_the_custodians_of_before_are_refused() -> None:
    later = follow(ROSTER, signed_by(following(ROSTER, MEMBERS), CUSTODIANS))
    with pytest.raises(Conflict):
        backupkeys.check(DOCUMENT, HELD, later)


def test_less_than_a_quorum_makes_no_keys() -> None:
    known = at(verify_chain(CHAIN))
    assert backupkeys.read_signed(signed_by(DOCUMENT, (C1, C2, C3)), known).version == 1
    with pytest.raises(Tampered):
        backupkeys.read_signed(signed_by(DOCUMENT, (C1, C2)), known)
    with pytest.raises(Tampered):
        backupkeys.read_signed(signed_by({**DOCUMENT, "epoch": 2}, CUSTODIANS), known)
