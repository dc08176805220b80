"""Canonical JSON, b64, hashes and padding: one spelling of everything, and nothing else is read."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import Invalid, Tampered
from vault.sealing import digests
from vault.sealing.digests import b64, canonical, label_tag, parse, parse_object, stored, unb64

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
KEYS = st.text(st.characters(max_codepoint=0x7F), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
DOCUMENTS = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


class TestB64:
    @given(st.binary(max_size=70))
    def test_bytes_come_back(self, data: bytes) -> None:
        assert unb64(b64(data)) == data
        assert unb64(b64(data), len(data)) == data

    @given(st.text("ABCZabcz0129-_+/= \n", max_size=8))
    def test_a_text_is_read_only_in_its_one_spelling(self, text: str) -> None:
        try:
            data = unb64(text)
        except Invalid:
            return
        assert b64(data) == text

    @pytest.mark.parametrize(
        "text",
        [
            "A",
            "AAAAA",
            "AA==",
            "AB",
            "AAF",
            "+A",
            "/A",
            "A A",
            "AA\n",
            "ÄÄ",
            "٣٣",
            None,
            5,
            b"AA",
            ["AA"],
            True,
        ],
    )
    def test_any_other_spelling_is_refused(self, text: object) -> None:
        with pytest.raises(Invalid):
            unb64(text)

    @pytest.mark.parametrize("size", [0, 1, 31, 33])
    def test_another_size_is_refused(self, size: int) -> None:
        with pytest.raises(Invalid):
            unb64(b64(bytes(32)), size)


class TestCanonical:
    @given(DOCUMENTS)
    def test_a_document_comes_back_from_its_spelling(self, value: Any) -> None:
        assert parse(canonical(value)) == value
        assert canonical(parse(canonical(value))) == canonical(value)

    @given(st.dictionaries(KEYS, LEAVES))
    def test_the_order_of_keys_and_white_space_do_not_matter(self, value: dict[str, Any]) -> None:
        other = OrderedDict(reversed(value.items()))
        assert canonical(other) == canonical(value)
        assert canonical(parse(json.dumps(other, indent=3))) == canonical(value)

    def test_the_spelling_is_that_of_rfc_8785(self) -> None:
        value = {"numbers": [333333333, -0], "b": "€\u000f\nA'B\"\\/\u2028", "literals": [None, True, False]}
        spelled = '{"b":"€\\u000f\\nA\'B\\"\\\\/\u2028","literals":[null,true,false],"numbers":[333333333,0]}'
        assert canonical(value) == spelled.encode()

    @pytest.mark.parametrize(
        "value",
        [
            1.0,
            float("nan"),
            2**53,
            -(2**53),
            "\ud800",
            ["\udfff"],
            {"é": 1},
            {"\ud800": 1},
            {1: 2},
            {None: 2},
            b"bytes",
            {"set"},
            object(),
            {"in": {"deep": [1.5]}},
            MappingProxyType({"a": 1}),
        ],
    )
    def test_what_has_no_spelling_is_refused(self, value: Any) -> None:
        with pytest.raises(Invalid):
            canonical(value)

    def test_nesting_has_a_bound_so_that_no_document_exhausts_the_stack(self) -> None:
        assert parse(canonical(nested(32))) == nested(32)
        for depth in (33, 900, 100_000):
            with pytest.raises(Invalid):
                parse("[" * depth + "]" * depth)
        with pytest.raises(Invalid):
            canonical(nested(33))


class TestParse:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "1.0",
            "1e3",
            "NaN",
            "-Infinity",
            "9007199254740992",
            "9" * 5000,
            '{"a":1,"a":1}',
            '{"x":{"a":1,"a":2}}',
            '{"é":1}',
            '"\\ud800"',
            '"\ud800"',
            "\ufeff{}",
            "[1,]",
            "'a'",
            "01",
        ],
    )
    def test_what_is_not_a_document_is_refused(self, text: str) -> None:
        with pytest.raises(Invalid):
            parse(text)

    @pytest.mark.parametrize(
        "data", [b"\xff", b"\xef\xbb\xbf{}", '{"a":1}'.encode("utf-16"), b'"\xed\xa0\x80"']
    )
    def test_bytes_are_utf_8_and_nothing_else(self, data: bytes) -> None:
        with pytest.raises(Invalid):
            parse(data)

    @given(st.text(max_size=60) | st.binary(max_size=60))
    def test_anything_else_is_invalid_and_never_a_crash(self, data: str | bytes) -> None:
        try:
            value = parse(data)
        except Invalid:
            return
        assert parse(canonical(value)) == value

    def test_an_object_is_read(self) -> None:
        assert parse_object('{"a": [1]}') == {"a": [1]}

    @pytest.mark.parametrize("text", ["[]", "1", '"a"', "null", "true"])
    def test_what_is_not_an_object_is_refused_where_one_belongs(self, text: str) -> None:
        with pytest.raises(Invalid):
            parse_object(text)


class TestHashes:
    def test_a_hash_is_sha_256_under_its_label(self) -> None:
        assert digests.digest("share", b"x") == hashlib.sha256(b"witness-vault/v1/share\0x").digest()
        assert digests.label("share") == b"witness-vault/v1/share"

    def test_no_hash_is_valid_for_another_kind(self) -> None:
        assert digests.digest("share", b"") != digests.digest("shred", b"")

    def test_a_document_is_named_by_its_content_alone(self) -> None:
        assert digests.document_digest({"a": 1, "b": 2}) == digests.document_digest({"b": 2, "a": 1})
        assert digests.document_digest({"a": 1}) == digests.digest("document", b'{"a":1}')

    def test_a_context_holds_kind_and_object(self) -> None:
        assert digests.context("share", {"b": 1, "a": "x"}) == b'witness-vault/v1/share\0{"a":"x","b":1}'

    def test_a_witness_has_one_tag_in_a_case_and_another_elsewhere(self) -> None:
        tag = digests.witness_tag("case", "one-two-three-four")
        assert len(unb64(tag)) == 16
        assert tag == digests.witness_tag("case", "one-two-three-four")
        assert tag != digests.witness_tag("other", "one-two-three-four")


class TestPadding:
    @given(st.binary(max_size=200), st.integers(0, 60))
    def test_data_comes_back_from_any_size_that_holds_it(self, data: bytes, more: int) -> None:
        size = len(data) + 4 + more
        padded = digests.pad(data, size)
        assert len(padded) == size
        assert digests.unpad(padded) == data

    @given(st.binary(max_size=50), st.integers(1, 54))
    def test_longer_data_is_refused(self, data: bytes, less: int) -> None:
        with pytest.raises(Invalid):
            digests.pad(data, len(data) + 4 - less)

    @given(st.binary(max_size=30), st.integers(1, 20), st.integers(1, 255), st.data())
    def test_a_filler_that_is_not_zero_is_refused(self, data: bytes, more: int, value: int, at: Any) -> None:
        padded = bytearray(digests.pad(data, len(data) + 4 + more))
        padded[4 + len(data) + at.draw(st.integers(0, more - 1))] = value
        with pytest.raises(Invalid):
            digests.unpad(bytes(padded))

    @pytest.mark.parametrize("padded", [b"", b"\0\0\0", b"\0\0\0\1", b"\xff\xff\xff\xffabc"])
    def test_a_length_beyond_the_buffer_is_refused(self, padded: bytes) -> None:
        with pytest.raises(Invalid):
            digests.unpad(padded)

    @pytest.mark.parametrize(
        ("length", "size"),
        [(0, 16384), (16380, 16384), (16381, 32768), (32764, 32768), (32765, 65536), (1_000_000, 1_048_576)],
    )
    def test_the_size_class_is_the_smallest_that_fits(self, length: int, size: int) -> None:
        assert digests.size_class(length) == size


@pytest.mark.parametrize(
    ("one", "other"), [("The Baker", "the  BAKER "), ("\ufb01lm \uff11", "film 1"), ("map", "map")]
)
def test_a_label_has_one_tag_however_it_is_typed(one: str, other: str) -> None:
    assert label_tag("case", "introducer", one) == label_tag("case", "introducer", other)


def test_a_label_has_another_tag_in_another_place() -> None:
    tags = {label_tag(case, kind, "A") for case in ("one", "two") for kind in ("introducer", "interpreter")}
    assert len(tags) == 4
    assert {len(tag) for tag in tags} == {22}


@given(st.dictionaries(KEYS, DOCUMENTS, min_size=1))
def test_what_was_stored_is_read_again(document: dict[str, Any]) -> None:
    assert stored(json.dumps(document), *document) == document


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"document": {"for',
        "{}",
        "[]",
        "null",
        "NaN",
        '{"document": 0.5}',
        "[" * 90_000,
        '{"a": 1}',
        b"\xff",
    ],
)
def test_a_row_that_holds_anything_else_is_damaged(text: str | bytes) -> None:
    with pytest.raises(Tampered):
        stored(text, "document")
