"""Deposits: two halves, cut into frames that all look alike, come back whole and signed or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cast import OUTSIDER, R1, R2, ROSTER, VAULT, identifier, seed
from vault.errors import Tampered
from vault.sealing import boxes, deposits
from vault.sealing.deposits import FRAME_DATA, Half, Place
from vault.sealing.digests import Document, Json, b64, canonical, document_digest
from vault.sealing.keypairs import SealingKey
from vault.sealing.locks import lock
from vault.sealing.signatures import Signed, sign

CASE = identifier("case")
KEY = SealingKey(seed("testimony key"))
PLACE = Place(VAULT, CASE, "testimony", 1)
TOKEN = seed("withdrawal token")
FACTS = {"vault": VAULT, "case": CASE, "roster": 2, "depositor": "R1", "kind": "original", "supersedes": None}
OBSERVATIONS = {"nonce": deposits.Root(TOKEN).nonce("observations"), "observations": []}


def position_of(token: bytes, position: int) -> bytes:
    part = "testimony" if position == 0 else f"testimony/{position}"
    return deposits.record_id(token, part)


ids = partial(position_of, TOKEN)


def body(length: int) -> dict[str, Any]:
    return {"nonce": deposits.Root(TOKEN).nonce("testimony"), "testimony": "x" * length}


def statement(testimony: Document) -> Signed:
    document = deposits.statement(FACTS, testimony, OBSERVATIONS)
    return deposits.sign_statement(document, R1.secret.signing)


def sealed(length: int) -> dict[bytes, bytes]:
    testimony = body(length)
    return deposits.seal_half(statement(testimony), testimony, KEY.public, PLACE, ids)


def key_of(said: Document) -> bytes:
    again = said["kind"] == deposits.SECOND_CODING
    if said["roster"] != ROSTER.version or (again and said["depositor"] != "R2"):
        raise Tampered("There is no such roster.")
    return ROSTER.member(said["depositor"]).signing


def frame(following: bytes, data: bytes, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return following + size.to_bytes(4, "big") + data + bytes(FRAME_DATA - len(data))


def box(record: bytes, plaintext: bytes) -> bytes:
    return boxes.seal(KEY.public, PLACE.frame(record), plaintext)


class TestFrames:
    @settings(max_examples=15)
    @given(st.integers(0, 61_440))
    def test_a_half_of_any_length_comes_back_from_its_frames(self, length: int) -> None:
        frames = sealed(length)
        opened = {"deposit": statement(body(length)), "body": body(length)}
        assert deposits.unseal_halves(frames, [(PLACE, KEY)]) == ({ids(0): opened}, 0)

    @pytest.mark.parametrize("count", [1, 2, 4])
    def test_a_half_that_fills_its_frames_exactly_takes_no_other(self, count: int) -> None:
        rest = len(canonical({"deposit": statement(body(0)), "body": body(0)}))
        assert len(sealed(count * FRAME_DATA - rest)) == count
        assert len(sealed(count * FRAME_DATA - rest + 1)) == count + 1

    def test_every_frame_fills_a_slot_exactly(self) -> None:
        locked = [lock(bytes(32), ("slot", {}), frame) for frame in sealed(40_000).values()]
        assert {len(content) for content in locked} == {deposits.SLOT_SIZE} == {16384}
        assert FRAME_DATA == 15140

    def test_frames_of_several_halves_are_told_apart(self) -> None:
        frames: dict[bytes, bytes] = {}
        firsts, testimony = [], body(20_000)
        for token in (TOKEN, seed("another token"), seed("a third token")):
            of = partial(position_of, token)
            frames |= deposits.seal_half(statement(testimony), testimony, KEY.public, PLACE, of)
            firsts.append(of(0))
        halves, unsound = deposits.unseal_halves(dict(sorted(frames.items())), [(PLACE, KEY)])
        assert (set(halves), unsound) == (set(firsts), 0)

    def test_records_of_a_deposit_follow_from_its_token_alone(self) -> None:
        parts = ("testimony", "testimony/1", "observations", "identity", "match")
        assert len({deposits.record_id(TOKEN, part) for part in parts}) == 5
        assert {len(deposits.record_id(TOKEN, part)) for part in parts} == {16}
        assert deposits.record_id(TOKEN, "identity") != deposits.record_id(seed("another"), "identity")
        assert deposits.Root(TOKEN).nonce("testimony") != deposits.Root(TOKEN).nonce("observations")

    def test_branches_of_a_token_share_no_id_and_no_nonce_and_its_trunk_alone_withdraws(self) -> None:
        trunk = deposits.Root(TOKEN)
        roots = [trunk, trunk.change(), *(trunk.again(number) for number in range(deposits.MOST_CODINGS))]
        assert len({root.record("testimony") for root in roots}) == len(roots)
        assert len({root.nonce("testimony") for root in roots}) == len(roots)
        assert [root for root in roots if root.withdraws] == [trunk]


class TestDamage:
    @pytest.mark.parametrize(
        "place",
        [
            Place(VAULT, CASE, "corroboration", 1),
            Place(VAULT, CASE, "testimony", 2),
            Place(VAULT, identifier("another case"), "testimony", 1),
            Place(identifier("another vault"), CASE, "testimony", 1),
        ],
    )
    def test_frames_open_only_where_they_belong(self, place: Place) -> None:
        assert deposits.unseal_halves(sealed(20_000), [(place, KEY)]) == ({}, 2)

    def test_frames_in_each_others_slots_do_not_open(self) -> None:
        one, two = sealed(20_000).values()
        assert deposits.unseal_halves({ids(0): two, ids(1): one}, [(PLACE, KEY)]) == ({}, 2)

    def test_another_key_opens_nothing(self) -> None:
        assert deposits.unseal_halves(sealed(10), [(PLACE, OUTSIDER.secret.sealing)]) == ({}, 1)

    def test_a_missing_frame_leaves_nothing_of_the_half(self) -> None:
        frames = sealed(40_000)
        del frames[ids(1)]
        halves, unsound = deposits.unseal_halves(frames, [(PLACE, KEY)])
        assert ids(0) not in halves
        assert unsound >= 1

    @pytest.mark.parametrize(
        "frames",
        [
            {ids(0): box(ids(0), b"")},
            {ids(0): box(ids(0), bytes(100))},
            {ids(0): box(ids(0), frame(bytes(16), b"{}") + b"\0")},
            {ids(0): box(ids(0), frame(bytes(16), b"{}", FRAME_DATA + 1))},
            {ids(0): box(ids(0), frame(bytes(16), b"{}", 1))},
            {ids(0): box(ids(0), frame(bytes(16), b"\xff"))},
            {ids(0): box(ids(0), frame(bytes(16), b"[" * 5000))},
            {ids(0): box(ids(0), frame(ids(0), b"{}"))},
            {ids(0): box(ids(0), frame(ids(1), b"{}")), ids(1): box(ids(1), frame(ids(0), b""))},
            {
                ids(0): box(ids(0), frame(ids(1), b"{}")),
                ids(1): box(ids(1), frame(ids(2), b"")),
                ids(2): box(ids(2), frame(ids(1), b"")),
            },
        ],
        ids=[
            "empty",
            "short",
            "long",
            "a length beyond the frame",
            "cut off",
            "no text",
            "no JSON",
            "a circle of one",
            "a circle of two",
            "a circle at the end",
        ],
    )
    def test_what_somebody_else_sealed_there_is_no_half(self, frames: dict[bytes, bytes]) -> None:
        assert deposits.unseal_halves(frames, [(PLACE, KEY)])[0] == {}

    def test_unsound_frames_are_counted_and_do_not_hide_the_others(self) -> None:
        stray, broken, long = (seed(name)[:16] for name in ("stray", "broken", "long"))
        frames = sealed(20_000) | {
            stray: box(stray, frame(bytes(16), b"not JSON")),
            broken: b"not even a box",
            long: box(long, frame(seed("nowhere")[:16], b"{}")),
        }
        halves, unsound = deposits.unseal_halves(frames, [(PLACE, KEY)])
        assert (set(halves), unsound) == ({ids(0)}, 3)

    def test_a_planted_frame_that_leads_to_a_half_does_not_hide_it(self) -> None:
        planted = seed("planted")[:16]
        frames = sealed(20_000) | {planted: box(planted, frame(ids(0), b"before it"))}
        halves, unsound = deposits.unseal_halves(frames, [(PLACE, KEY)])
        assert (set(halves), unsound) == ({ids(0)}, 1)


class TestVerification:
    def opened(self) -> Json:
        return {"deposit": statement(body(10)), "body": body(10)}

    def verify(self, opened: Json, half: str = "testimony", case: Document | None = None) -> Half:
        return deposits.verify_half(opened, half, case or {"vault": VAULT, "case": CASE}, key_of)

    def test_a_signed_half_is_what_its_depositor_said(self) -> None:
        opened = self.opened()
        document = opened["deposit"]["document"]
        assert self.verify(opened) == Half(b64(document_digest(document)), document, body(10))

    def test_both_halves_belong_to_one_statement(self) -> None:
        other = self.verify({"deposit": statement(body(10)), "body": OBSERVATIONS}, "observations")
        assert other.digest == self.verify(self.opened()).digest

    @pytest.mark.parametrize(
        "change",
        [
            lambda opened: {**opened, "body": {**opened["body"], "testimony": "Something else."}},
            lambda opened: {**opened, "body": OBSERVATIONS},
            lambda opened: {**opened, "body": None},
            lambda opened: {**opened, "body": "text"},
            lambda opened: {"body": opened["body"]},
            lambda opened: {"deposit": opened["deposit"]},
            lambda opened: {**opened, "deposit": None},
            lambda opened: {**opened, "deposit": {**opened["deposit"], "signatures": []}},
            lambda _: None,
            lambda _: [],
            lambda _: "text",
        ],
        ids=range(11),
    )
    def test_any_change_is_refused(self, change: Callable[[Json], Json]) -> None:
        with pytest.raises(Tampered):
            self.verify(change(self.opened()))

    @pytest.mark.parametrize(
        "case", [{"case": identifier("another")}, {"vault": identifier("another")}, {"nowhere": 1}]
    )
    def test_a_half_of_another_case_or_vault_is_refused(self, case: Document) -> None:
        with pytest.raises(Tampered):
            self.verify(self.opened(), case=case)

    def test_a_half_does_not_pass_for_the_other(self) -> None:
        with pytest.raises(Tampered):
            self.verify(self.opened(), "observations")

    @pytest.mark.parametrize(
        "changes",
        [
            {"depositor": "R2"},
            {"depositor": "X1"},
            {"depositor": ["R1"]},
            {"roster": 1},
            {"roster": [2]},
            {"more": 1},
            {"kind": ...},
            {"supersedes": ...},
            {"format": "witness-vault/v1/brief"},
        ],
        ids=str,
    )
    def test_a_statement_that_says_something_else_is_refused_although_signed(
        self, changes: dict[str, Json]
    ) -> None:
        document = {**statement(body(10))["document"], **changes}
        document = {key: value for key, value in document.items() if value is not ...}
        signed = json.loads(json.dumps({**sign(document, "R1", R1.secret.signing)}))
        with pytest.raises(Tampered):
            self.verify({"deposit": signed, "body": body(10)})

    @pytest.mark.parametrize(
        ("changes", "sound"),
        [
            ({"kind": "second-coding", "codes": "a digest"}, True),
            ({"kind": "second-coding", "codes": "a digest", "supersedes": "another"}, True),
            ({"kind": "second-coding", "codes": "a digest", "supersedes": ["another"]}, False),
            ({"kind": "second-coding"}, False),
            ({"kind": "second-coding", "codes": None}, False),
            ({"kind": "second-coding", "codes": "a digest", "depositor": "R1"}, False),
            ({"codes": "a digest"}, False),
            ({"supersedes": "another"}, False),
            ({"kind": "consent"}, True),
            ({"kind": "consent", "supersedes": "another"}, True),
            ({"kind": "correction"}, False),
            ({"kind": "correction", "supersedes": "another"}, True),
            ({"kind": "withdrawal-request"}, False),
        ],
        ids=str,
    )
    def test_a_statement_has_the_members_of_its_kind_and_a_signer_who_may(
        self, changes: dict[str, Json], sound: bool
    ) -> None:
        document = {**statement(body(10))["document"], "depositor": "R2", **changes}
        by = {"R1": R1, "R2": R2}[document["depositor"]]
        opened = {"deposit": sign(document, by.code, by.secret.signing), "body": body(10)}
        if sound:
            assert self.verify(opened).statement == document
            return
        with pytest.raises(Tampered):
            self.verify(opened)

    def test_nobody_deposits_in_the_name_of_another(self) -> None:
        document = statement(body(10))["document"]
        with pytest.raises(Tampered):
            self.verify({"deposit": sign(document, "R1", R2.secret.signing), "body": body(10)})

    def test_a_body_that_is_no_object_is_refused_although_signed(self) -> None:
        testimony: Any = ["a list"]
        with pytest.raises(Tampered):
            self.verify({"deposit": statement(testimony), "body": testimony})
