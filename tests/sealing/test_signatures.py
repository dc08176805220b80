"""Signed documents: one spelling, one signer each, in order; whoever is named must have signed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import C1, C2, C3, CUSTODIANS, OUTSIDER, signed_by
from vault.errors import Tampered
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.signatures import read, read_by, sign, signature, signers, verify, with_signatures

DOCUMENT: dict[str, Any] = {"format": "witness-vault/v1/brief", "title": "Sermin", "number": 1}
PUBLICS = {person.code: person.secret.signing.public for person in CUSTODIANS}


def entry(by: Any = "C1", **parts: Any) -> dict[str, Any]:
    return {**signature(DOCUMENT, by, C1.secret.signing), **parts}


def test_a_signature_is_ed25519_over_the_labelled_canonical_document() -> None:
    signed = sign({"b": 1, "a": "é"}, "C1", C1.secret.signing)
    message = 'witness-vault/v1/signature\0{"a":"é","b":1}'.encode()
    raw = unb64(signed["signatures"][0]["signature"], 64)
    Ed25519PublicKey.from_public_bytes(C1.secret.signing.public).verify(raw, message)


def test_whoever_signed_is_read_back() -> None:
    signed = sign(DOCUMENT, "C1", C1.secret.signing)
    assert read_by(signed, "brief", "C1", C1.secret.signing.public) == DOCUMENT
    assert read(json.loads(json.dumps(signed)), "brief") == (DOCUMENT, signed["signatures"])


def test_signatures_stand_in_the_order_of_their_signers() -> None:
    signed = signed_by(DOCUMENT, [C3, C1, C2])
    assert [entry["by"] for entry in signed["signatures"]] == ["C1", "C2", "C3"]
    assert signers(DOCUMENT, signed["signatures"], PUBLICS) == {"C1", "C2", "C3"}


def test_signatures_of_others_do_not_count() -> None:
    signed = signed_by(DOCUMENT, [C1, OUTSIDER])
    assert signers(DOCUMENT, signed["signatures"], PUBLICS) == {"C1"}
    assert signers(DOCUMENT, [], PUBLICS) == frozenset()


@pytest.mark.parametrize("odd", [None, 7, "C1", [], {}, {"by": ["C1"]}])
def test_what_is_no_entry_signs_for_nobody_and_is_in_nobodys_way(odd: Json) -> None:
    assert signers(DOCUMENT, [odd, entry()], PUBLICS) == {"C1"}


def test_a_signature_in_the_name_of_another_is_refused() -> None:
    with pytest.raises(Tampered):
        signers(DOCUMENT, [signature(DOCUMENT, "C1", OUTSIDER.secret.signing)], PUBLICS)


@given(st.sampled_from(["title", "number", "format", "new"]), st.integers() | st.text("ab"))
def test_a_changed_document_is_refused(part: str, value: int | str) -> None:
    changed: dict[str, Any] = {**DOCUMENT, part: value}
    if changed != DOCUMENT:
        with pytest.raises(Tampered):
            verify(changed, entry(), C1.secret.signing.public)


@given(st.integers(0, 63), st.integers(1, 255))
def test_a_changed_signature_is_refused(position: int, change: int) -> None:
    raw = bytearray(unb64(entry()["signature"]))
    raw[position] ^= change
    with pytest.raises(Tampered):
        verify(DOCUMENT, entry(signature=b64(bytes(raw))), C1.secret.signing.public)


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"by": "C1"},
        entry(signature=None),
        entry(signature="A"),
        entry(signature=b64(bytes(63))),
        entry(signature=5),
        None,
        [],
    ],
)
def test_what_is_no_signature_is_refused(damaged: Json) -> None:
    with pytest.raises(Tampered):
        verify(DOCUMENT, damaged, C1.secret.signing.public)


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33)])
def test_what_is_no_signing_key_verifies_nothing(public: bytes) -> None:
    with pytest.raises(Tampered):
        verify(DOCUMENT, entry(), public)


def test_what_cannot_be_spelled_is_not_signed() -> None:
    with pytest.raises(Tampered):
        verify({"number": 1.5}, entry(), C1.secret.signing.public)


SHAPES: list[Json] = [
    None,
    [],
    "text",
    {},
    {"document": DOCUMENT},
    {"signatures": [entry()]},
    {"document": [], "signatures": [entry()]},
    {"document": {"title": "Sermin"}, "signatures": [entry()]},
    {"document": {**DOCUMENT, "format": 5}, "signatures": [entry()]},
    {"document": {**DOCUMENT, "format": "witness-vault/v2/brief"}, "signatures": [entry()]},
    {"document": {**DOCUMENT, "format": "witness-vault/v1/case"}, "signatures": [entry()]},
    {"document": DOCUMENT, "signatures": {}},
    {"document": DOCUMENT, "signatures": "C1"},
    {"document": DOCUMENT, "signatures": [None]},
    {"document": DOCUMENT, "signatures": [{"signature": "A"}]},
    {"document": DOCUMENT, "signatures": [entry(by=5)]},
    {"document": DOCUMENT, "signatures": [entry(by=["C1"])]},
    {"document": DOCUMENT, "signatures": [entry(), entry()]},
    {"document": DOCUMENT, "signatures": [entry("C2"), entry("C1")]},
    {"document": DOCUMENT, "signatures": [entry()], "more": 1},
]


@pytest.mark.parametrize("signed", SHAPES)
def test_any_other_shape_is_refused(signed: Json) -> None:
    with pytest.raises(Tampered):
        read(signed, "brief")


@pytest.mark.parametrize(
    "signed",
    [
        with_signatures(DOCUMENT, []),
        signed_by(DOCUMENT, [C2]),
        signed_by(DOCUMENT, [C1, C2]),
        sign(DOCUMENT, "C1", C2.secret.signing),
        sign({**DOCUMENT, "title": "Other"}, "C1", C1.secret.signing) | {"document": DOCUMENT},
    ],
    ids=["nobody", "somebody else", "two", "in another's name", "another document"],
)
def test_a_document_of_one_author_is_signed_by_that_one_alone(signed: Json) -> None:
    with pytest.raises(Tampered):
        read_by(signed, "brief", "C1", C1.secret.signing.public)
