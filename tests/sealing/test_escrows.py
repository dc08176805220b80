"""Escrow records: only whole ones, to the present custodians, are taken; each custodian gets one share."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest

from tests.cast import (
    C1,
    C2,
    CUSTODIANS,
    MEMBERS,
    ROSTER,
    THRESHOLD,
    Person,
    following,
    identifier,
    next_epoch,
    signed_by,
)
from vault.errors import Conflict, Invalid, Tampered
from vault.opening import entrust
from vault.sealing import boxes, escrows, shares
from vault.sealing.digests import Json, b64, pad, unb64, unpad
from vault.sealing.locks import unlock
from vault.sealing.rosters import Roster, follow

RECORD = identifier("record")
ESCROW = entrust(b"a secret", "identity", RECORD, ROSTER)


def damaged(path: str, value: Json) -> dict[str, Any]:
    """The record in which one part is another, or (...) missing."""
    record = copy.deepcopy(ESCROW)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner: Any = record
    for step in steps:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return record


def later(**changes: Json) -> Roster:
    return follow(ROSTER, signed_by(following(ROSTER, MEMBERS, **changes), CUSTODIANS))


def another_epoch(custodians: Iterable[Person] = CUSTODIANS, threshold: int = THRESHOLD) -> Roster:
    return follow(ROSTER, signed_by(next_epoch(ROSTER, custodians, threshold)[0], CUSTODIANS))


def test_what_was_entrusted_is_taken() -> None:
    assert escrows.check(ESCROW, "identity", RECORD, ROSTER) == ESCROW
    assert escrows.check_form(ESCROW) == ESCROW


def test_a_record_sealed_under_an_earlier_roster_of_the_epoch_is_taken() -> None:
    assert escrows.check(ESCROW, "identity", RECORD, later()) == ESCROW


def test_every_record_of_a_purpose_has_one_size() -> None:
    for purpose, size in (("identity", 2048), ("case-key", 64)):
        record = entrust(b"", purpose, RECORD, ROSTER)
        assert len(unb64(record["locked"])) == size + 84
        assert {len(unb64(share["sealed"])) for share in record["shares"]} == {33 + 1140}


def test_the_payload_opens_with_k_shares_and_is_bound_to_all_but_the_ciphertexts() -> None:
    opened = [
        escrows.open_share(escrows.for_custodian(ESCROW, person.code), person.secret.sealing)
        for person in CUSTODIANS
    ]
    data_key = shares.combine(opened[1:4])
    assert unpad(unlock(data_key, escrows.binding(ESCROW), unb64(ESCROW["locked"]))) == b"a secret"
    for path, value in (
        ("threshold", 2),
        ("epoch", 2),
        ("shares.0.hash", b64(bytes(32))),
        ("shares.0.custodian", "C9"),
    ):
        with pytest.raises(Tampered):
            unlock(data_key, escrows.binding(damaged(path, value)), unb64(ESCROW["locked"]))


@pytest.mark.parametrize("path", [*ESCROW, *(f"shares.3.{key}" for key in ESCROW["shares"][3])])
@pytest.mark.parametrize(
    "value", [..., None, True, 0, -1, 7, 2**40, "", "AAAA", [], {}, ["C1"], {"a": 1}, b64(bytes(16)), "A\n"]
)
def test_no_part_may_be_missing_or_of_another_type_or_length(path: str, value: Json) -> None:
    if value is True and path == "epoch":
        value = [True]
    if value is None and path == "origin":
        value = {**escrows.sharing(ESCROW), "epoch": 0}
    with pytest.raises((Invalid, Conflict)):
        escrows.check(damaged(path, value), "identity", RECORD, ROSTER)


@pytest.mark.parametrize("path", ["epoch", "roster", "threshold", "shares.0.index"])
def test_true_is_no_number(path: str) -> None:
    with pytest.raises(Invalid):
        escrows.check(damaged(path, True), "identity", RECORD, ROSTER)


@pytest.mark.parametrize("record", [None, [], "text", 5, {}, {**ESCROW, "more": 1}])
def test_what_is_no_record_is_refused(record: Json) -> None:
    with pytest.raises(Invalid):
        escrows.check(record, "identity", RECORD, ROSTER)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("format", "witness-vault/v2/escrow"),
        ("purpose", "backup"),
        ("threshold", 1),
        ("threshold", 6),
        ("shares", ESCROW["shares"][::-1]),
        ("shares", [None] * 5),
        ("shares.0.index", 2),
        ("shares.0.more", 1),
        ("shares.0.sealed", b64(b"WV\x01\x02" + bytes(1169))),
        ("locked", b64(b"WV\x01\x01" + bytes(2128))),
    ],
)
def test_another_form_is_refused(path: str, value: Json) -> None:
    with pytest.raises(Invalid):
        escrows.check_form(damaged(path, value))


@pytest.mark.parametrize(
    ("purpose", "name"), [("case-key", RECORD), ("identity", identifier("another")), ("identity", "")]
)
def test_a_record_that_belongs_elsewhere_is_refused(purpose: str, name: str) -> None:
    with pytest.raises(Invalid):
        escrows.check(ESCROW, purpose, name, ROSTER)


@pytest.mark.parametrize(("path", "value"), [("vault", identifier("elsewhere")), ("roster", 3)])
def test_a_record_of_another_vault_or_of_the_future_is_refused(path: str, value: Json) -> None:
    with pytest.raises(Invalid):
        escrows.check(damaged(path, value), "identity", RECORD, ROSTER)


@pytest.mark.parametrize(
    "roster",
    [another_epoch(), another_epoch(threshold=4), another_epoch(CUSTODIANS[:4])],
    ids=["another epoch", "another threshold", "other custodians"],
)
def test_a_record_sealed_to_other_custodians_is_a_conflict_that_says_to_seal_again(roster: Roster) -> None:
    with pytest.raises(Conflict, match="seal again"):
        escrows.check(ESCROW, "identity", RECORD, roster)


class TestShares:
    def test_a_custodian_gets_one_share_and_no_payload(self) -> None:
        extract = escrows.for_custodian(ESCROW, "C2")
        assert "locked" not in extract
        assert extract["share"] == ESCROW["shares"][1]
        assert not any(
            share["sealed"] in str(extract) for share in ESCROW["shares"] if share["custodian"] != "C2"
        )

    def test_who_holds_no_share_gets_none(self) -> None:
        with pytest.raises(Invalid):
            escrows.for_custodian(ESCROW, "C6")

    def test_it_opens_for_its_custodian_alone(self) -> None:
        extract = escrows.for_custodian(ESCROW, "C1")
        share = escrows.open_share(extract, C1.secret.sealing)
        assert escrows.is_share(share, ESCROW["shares"][0])
        with pytest.raises(Tampered):
            escrows.open_share(extract, C2.secret.sealing)

    @pytest.mark.parametrize("part", ["purpose", "vault", "record", "epoch", "threshold", "total", "share"])
    @pytest.mark.parametrize("value", [..., None, 2, "another", [], {}])
    def test_it_opens_only_where_it_belongs(self, part: str, value: Json) -> None:
        extract = escrows.for_custodian(ESCROW, "C1")
        if value is ...:
            del extract[part]
        else:
            extract[part] = value
        with pytest.raises(Tampered):
            escrows.open_share(extract, C1.secret.sealing)

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("index", 2),
            ("index", None),
            ("custodian", "C2"),
            ("hash", b64(bytes(32))),
            ("hash", None),
            ("sealed", "A"),
            ("sealed", 5),
        ],
    )
    def test_no_part_of_it_may_be_another(self, part: str, value: Json) -> None:
        extract = copy.deepcopy(escrows.for_custodian(ESCROW, "C1"))
        extract["share"][part] = value
        with pytest.raises(Tampered):
            escrows.open_share(extract, C1.secret.sealing)

    @pytest.mark.parametrize("forged", [b"", b"\1", b"\2" + bytes(32), b"\1" + bytes(31), pad(b"", 64)])
    def test_a_share_that_the_server_made_up_is_refused(self, forged: bytes) -> None:
        """A box proves no author: the server can seal anything to a custodian, under a hash that fits."""
        extract = copy.deepcopy(escrows.for_custodian(ESCROW, "C1"))
        about = escrows.share_binding(ESCROW, extract["escrow"], extract["share"], 5)
        sealed = boxes.seal(C1.secret.sealing.public, about, forged)
        extract["share"] |= {"hash": escrows.share_hash(forged), "sealed": b64(sealed)}
        with pytest.raises(Tampered):
            escrows.open_share(extract, C1.secret.sealing)
