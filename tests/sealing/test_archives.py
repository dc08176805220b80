"""Backups: what was put in comes out; whatever is cut, flipped or exchanged is refused, with or without a key."""

from __future__ import annotations

import copy
import hashlib
import io
import json
from typing import Any

import pytest
from cryptography.cobblestone import Cobblestone256Encryptor
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import backing
from tests.backing import PAIRS, about, cast_keys, read, written
from tests.cast import C1, C2, CHAIN, CUSTODIANS, MEMBERS, ROSTER, following, identifier, signed_by
from vault.errors import Invalid, Tampered
from vault.sealing import archives, boxes
from vault.sealing.digests import Json, b64, canonical
from vault.sealing.keypairs import SealingKey
from vault.sealing.pieces import PIECE

RECORDS = [b"one", b"two" * 1000, b"\0\0\0\0"]
WHOLE = written(RECORDS)
HEADER = WHOLE.index(b"\n") + 1


def with_sum(text: bytes) -> bytes:
    """The text up to its checksum, with the checksum that it has now."""
    return text[: -archives.SUM] + hashlib.sha256(text[: -archives.SUM]).digest()


def with_body(plain: bytes) -> bytes:
    """A backup whose body is this, whatever it means."""
    named = {"format": "witness-vault/v1/backup", **about()}
    key = Cobblestone256Encryptor.generate_key()
    box = boxes.seal(PAIRS["archive"].public, archives._binding(named), key)
    line = canonical({**named, "box": b64(box)}) + b"\n"
    stream = Cobblestone256Encryptor(key, archives._context(line))
    return with_sum(line + stream.update(plain) + stream.finalize() + bytes(archives.SUM))


@given(st.lists(st.binary(min_size=1, max_size=5000), max_size=30), st.sampled_from(["archive", "snapshot"]))
@settings(max_examples=20)
def test_what_was_put_in_comes_out_in_its_order(records: list[bytes], kind: str) -> None:
    assert read(written(records, kind)) == records


def test_a_record_may_be_longer_than_what_is_read_at_once() -> None:
    long = bytes(range(256)) * (3 * PIECE // 256)
    assert read(written([long, b"x", long])) == [long, b"x", long]


def test_the_length_says_a_class_and_nothing_else_is_alike() -> None:
    one, other = written([b"a"]), written([b"b" * 1000] * 200)
    assert len(one) == len(other) > PIECE
    bodies = [text[text.index(b"\n") + 1 :] for text in (one, written([b"a"]))]
    assert bodies[0][:64] != bodies[1][:64]


@given(st.data())
@settings(max_examples=60)
def test_any_changed_byte_is_refused(data: st.DataObject) -> None:
    place = data.draw(st.one_of(st.integers(0, len(WHOLE) - 1), st.integers(0, HEADER)))
    changed = bytearray(WHOLE)
    changed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises((Tampered, Invalid)):
        read(bytes(changed))
    if place < len(WHOLE) - archives.SUM:  # nor does it help to know how checksums are made
        with pytest.raises((Tampered, Invalid)):
            read(with_sum(bytes(changed)))


@pytest.mark.parametrize(
    "left", [0, 10, HEADER, HEADER + 20, HEADER + 16_500, len(WHOLE) - 40, len(WHOLE) - 1]
)
def test_a_backup_that_was_cut_is_refused(left: int) -> None:
    for cut in (WHOLE[:left], with_sum(WHOLE[:left] + bytes(archives.SUM)), WHOLE + b"more"):
        with pytest.raises((Tampered, Invalid)):
            read(cut)


def test_another_backup_s_header_opens_nothing() -> None:
    other = written(RECORDS, day="2026-11-23")
    for head, body in ((WHOLE, other), (other, WHOLE)):
        mixed = head[: head.index(b"\n") + 1] + body[body.index(b"\n") + 1 :]
        with pytest.raises(Tampered):
            read(with_sum(mixed))


def test_it_opens_with_its_own_key_alone() -> None:
    for key in (SealingKey.generate(), PAIRS["snapshot"]):
        with pytest.raises(Tampered):
            read(WHOLE, key)


@pytest.mark.parametrize(
    "plain",
    [
        b"",
        b"\0\0\0\5one",
        b"\0\0\0\3one",
        b"\0\0\0\3one\0\0\0\0not zeros",
        b"\0\0\0\0" + bytes(3 * 1024 * 1024) + b"\1",
        b"\xff\xff\xff\xff",
    ],
)
def test_a_body_that_is_not_written_as_this_vault_writes_it_is_refused(plain: bytes) -> None:
    with pytest.raises(Tampered):
        read(with_body(plain))


def test_the_header_says_whose_it_is_without_a_key() -> None:
    header = archives.read_header(io.BytesIO(WHOLE))
    assert (header.kind, header.vault, header.day) == ("archive", ROSTER.vault, "2026-11-22")
    assert (header.roster.digest, header.revisions) == (ROSTER.digest, backing.REVISIONS)
    assert header.keys.digest
    assert repr(header).count(b64(PAIRS["archive"].public)) == 0


def _without(part: str) -> bytes:
    line = json.loads(WHOLE[:HEADER])
    del line[part]
    return canonical(line) + b"\n" + WHOLE[HEADER:]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]\n",
        b"{}\n",
        b"not JSON\n",
        *(_without(part) for part in ("format", "rosters", "keys", "escrow", "box", "day")),
        canonical({**json.loads(WHOLE[:HEADER]), "format": "witness-vault/v2/backup"}) + b"\n",
    ],
)
def test_what_is_no_backup_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        archives.read_header(io.BytesIO(text))


def _escrow(**changes: Json) -> dict[str, Any]:
    return {**copy.deepcopy(cast_keys()[1]["archive"]), **changes}


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "other"},
        {"kind": "snapshot"},
        {"day": "today"},
        {"day": 5},
        {"revisions": []},
        {"revisions": {"testimony": 1}},
        {"vault": identifier("another")},
        {"rosters": []},
        {"rosters": list(CHAIN[:1])},
        {"rosters": "text"},
        {"escrow": cast_keys()[1]["snapshot"]},
        {"escrow": _escrow(record=identifier("another"))},
        {"escrow": 5},
        {"keys": signed_by(cast_keys()[0]["document"], (C1, C2))},
        {"keys": signed_by({**cast_keys()[0]["document"], "epoch": 2}, CUSTODIANS)},
        {"keys": signed_by({**cast_keys()[0]["document"], "roster": 9}, CUSTODIANS)},
        {"keys": 5},
    ],
)
def test_a_header_whose_parts_do_not_belong_together_is_refused(changes: Any) -> None:
    named = {"format": "witness-vault/v1/backup", **about(), **changes, "box": "AA"}
    with pytest.raises((Tampered, Invalid)):
        archives.read_header(io.BytesIO(canonical(named) + b"\n"))


def test_a_later_roster_of_the_epoch_is_as_good() -> None:
    later = signed_by(following(ROSTER, MEMBERS), CUSTODIANS)
    assert archives.read_header(io.BytesIO(written([], rosters=[*CHAIN, later]))).roster.version == 3
