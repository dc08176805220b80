"""The pinned page's modules meet the test vectors and Python, both ways, in a real browser from a real file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error

from tests.cast import C1, seed
from tests.vectors.reader import cases
from vault.page import bundle
from vault.sealing import escrows
from vault.sealing.digests import b64, canonical, unb64
from vault.sealing.keypairs import CHEAPEST, KEY_FILE, CostProfile, SealingKey, SigningKey, unwrap, wrap
from vault.sealing.signatures import read_by
from vault.sealing.signs import is_plain
from vault.sealing.words import fingerprint, opening_key, word_list

Case = dict[str, Any]
Probe = Callable[[str, Case], Any]
ROOT = Path(__file__).parents[2]
SECRET, FACTOR, ABOUT = seed("secret"), seed("factor"), {"code": "V2"}
WRAPPED: Case = {
    "passphrase": "the long way round",
    "factor": b64(FACTOR),
    "kind": "request-key",
    "about": ABOUT,
}


@pytest.fixture(scope="module")
def probe(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """Calls a function of pinned.js, put together as the page is, on a page that was opened from disk."""
    script = bundle("tests/browser/pinned.js", lambda path: (ROOT / path).read_text("utf-8"))
    place = tmp_path_factory.mktemp("pinned") / "probe.html"
    place.write_text(
        f'<!doctype html><meta charset="utf-8"><title>probe</title><script>{script}</script>', "utf-8"
    )
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(place.as_uri())
        yield lambda name, case: page.evaluate("([name, given]) => probe[name](given)", [name, case])


@pytest.mark.parametrize(
    ("function", "file", "answer"),
    [
        ("canonical", "canonical", "canonical"),
        ("unlock", "locked", "plaintext"),
        ("unseal", "boxes", "plaintext"),
        ("openEntry", "audits", "body"),
        ("chainEnd", "chains", "end"),
    ],
)
def test_the_modules_meet_the_vectors(probe: Probe, function: str, file: str, answer: str) -> None:
    met = {case["name"]: case[answer] for case in cases(file) if answer in case and "refused" not in case}
    given = [case for case in cases(file) if case["name"] in met]
    assert met
    assert {case["name"]: probe(function, case) for case in given} == met


@pytest.mark.parametrize(
    ("function", "file"),
    [
        ("canonical", "canonical"),
        ("unlock", "locked"),
        ("unseal", "boxes"),
        ("combine", "shares"),
        ("openEntry", "audits"),
        ("chainEnd", "chains"),
    ],
)
def test_the_modules_refuse_what_the_vectors_refuse(probe: Probe, function: str, file: str) -> None:
    refused = [case for case in cases(file) if "refused" in case]
    assert refused
    for case in refused:
        with pytest.raises(Error):
            probe(function, case)


def test_a_chain_is_refused_by_the_position_of_what_does_not_hold(probe: Probe) -> None:
    for case in cases("chains"):
        if "refused" in case:
            with pytest.raises(Error, match=f"at entry {case['at']}:"):
                probe("chainEnd", case)


def test_what_was_padded_is_unpadded(probe: Probe) -> None:
    whole = [case for case in cases("padding") if "padded" in case]
    assert whole
    for case in whole:
        assert probe("unpad", case) == case["data"]


@pytest.mark.parametrize("padded", [b"", bytes(3), b"\0\0\0\5abcd", b"\0\0\0\1ab", b"\xff\xff\xff\xffabcd"])
def test_padding_that_nobody_writes_is_refused(probe: Probe, padded: bytes) -> None:
    with pytest.raises(Error):
        probe("unpad", {"padded": b64(padded)})


def test_any_quorum_of_shares_gives_the_secret(probe: Probe) -> None:
    for case in cases("shares"):
        if "refused" not in case:
            chosen = next(iter(combinations(reversed(case["shares"]), case["threshold"])))
            assert probe("combine", {"shares": chosen}) == case["secret"]


def test_a_quorum_opens_an_escrow_and_no_altered_one(probe: Probe) -> None:
    whole, *altered = cases("escrows")
    three = {index: whole["seeds"][f"C{index}"] for index in (1, 3, 4)}
    assert probe("openEscrow", {"record": whole["record"], "seeds": three}) == whole["payload"]
    for case in altered:
        with pytest.raises(Error):
            probe("openEscrow", {"record": {**whole["record"], **case["changed"]}, "seeds": three})


def test_a_record_has_one_fingerprint_in_both(probe: Probe) -> None:
    record = cases("escrows")[0]["record"]
    assert probe("fingerprintOf", {"record": record}) == escrows.fingerprint(record)


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":{"b":1,"b":2}}',
        "1.0",
        "1e3",
        "01",
        "NaN",
        "[1,]",
        "[,1]",
        '{"a":1,}',
        '{"a" 1}',
        "{1:1}",
        "[1 2]",
        "[] []",
        "",
        "\ufeff{}",
        '"\\ud800"',
        '{"é":1}',
        '"a\nb"',
        '"\\x"',
        "9007199254740992",
        "[" * 33 + "]" * 33,
        "'a'",
        "{]",
        "[}",
        '{"a":}',
        "tru",
    ],
)
def test_json_with_two_readings_is_refused(probe: Probe, text: str) -> None:
    with pytest.raises(Error):
        probe("canonical", {"json": text})


def test_json_is_read_whole(probe: Probe) -> None:
    texts = [
        '{"__proto__":{"a":[]},"b":[{},[1,-2,null,true,"\\u00e9\\n"]]}',
        " [ ] ",
        "[" * 32 + "]" * 32,
        '"é"',
    ]
    for text in texts:
        assert probe("canonical", {"json": text}) == probe("canonical", {"json": text.strip()})
    assert (
        unb64(probe("canonical", {"json": texts[0]}))
        == '{"__proto__":{"a":[]},"b":[{},[1,-2,null,true,"é\\n"]]}'.encode()
    )


def test_public_halves_come_out_alike(probe: Probe) -> None:
    for at in range(5):
        secret = seed(f"key {at}")
        assert probe("sealingPublic", {"seed": b64(secret)}) == b64(SealingKey(secret).public)
        assert probe("signingPublic", {"seed": b64(secret)}) == b64(SigningKey(secret).public)


def test_python_verifies_what_the_page_signs(probe: Probe) -> None:
    document = {"format": "witness-vault/v1/terms", "reason": "نعم"}
    signed = probe("sign", {"document": document, "by": "C1", "seed": b64(C1.secret.signing.seed)})
    assert read_by(signed, "terms", "C1", C1.secret.signing.public) == document


def test_words_stand_for_the_same_in_both(probe: Probe) -> None:
    for at in range(5):
        digest = seed(f"digest {at}")
        assert probe("words", {"digest": b64(digest)}) == fingerprint(digest)
    for code in ("Ability able\u00a0about", "ability-able-about", "  ability  able about "):
        assert probe("openingKey", {"code": code}) == b64(opening_key(code))
    drawn = probe("randomWords", {"count": 2000}).split(" ")
    assert len(drawn) == 2000
    assert set(drawn) <= set(word_list())
    assert len(set(drawn)) > 1500


def test_the_same_text_is_plain_in_both(probe: Probe) -> None:
    signs = [*range(0x0, 0x250), *range(0x600, 0x620), *range(0x1FF0, 0x2070), *range(0xFE00, 0xFE10)]
    signs += [
        0x034F,
        0x061C,
        0x115F,
        0x1680,
        0x17B4,
        0x180E,
        0x2800,
        0x3000,
        0x3164,
        0xFEFF,
        0xFFA0,
        0xE0001,
        0xE0100,
    ]
    texts = [f"a{chr(sign)}b" for sign in signs] + ["a  b", "a \u200c b", "a\u200db", "\u0622\u200c\u0628"]
    differing = [
        text.encode("unicode_escape") for text in texts if probe("isPlain", {"text": text}) != is_plain(text)
    ]
    assert differing == []


@pytest.mark.parametrize("cost", [CHEAPEST, CostProfile(64, 2, 3)])
def test_the_page_unwraps_what_python_wraps(probe: Probe, cost: CostProfile) -> None:
    wrapped = wrap(SECRET, WRAPPED["passphrase"], FACTOR, ("request-key", ABOUT), cost)
    assert probe("unwrap", {**WRAPPED, "wrapped": wrapped}) == b64(SECRET)
    for wrong in ({"passphrase": "the short way"}, {"factor": b64(bytes(32))}, {"about": {"code": "V1"}}):
        with pytest.raises(Error):
            probe("unwrap", {**WRAPPED, "wrapped": wrapped, **wrong})


def test_python_unwraps_what_the_page_wraps_at_the_cost_of_a_key_file(probe: Probe) -> None:
    wrapped = probe("wrap", {**WRAPPED, "secret": b64(SECRET)})
    kdf = wrapped["kdf"]
    assert CostProfile(kdf["memory_kib"], kdf["iterations"], kdf["lanes"]) == KEY_FILE
    assert unwrap(wrapped, WRAPPED["passphrase"], FACTOR, ("request-key", ABOUT)) == SECRET


@pytest.mark.parametrize(
    "kdf",
    [
        {"memory_kib": 1024 * 1024 + 1},
        {"memory_kib": 2**40},
        {"memory_kib": 7},
        {"iterations": 17},
        {"iterations": 0},
        {"lanes": 17, "memory_kib": 1024},
        {"lanes": 0},
        {"memory_kib": "64"},
        {"memory_kib": None},
        {"name": "argon2i"},
        {"salt": "AAAA"},
    ],
)
def test_costs_that_no_reader_should_pay_are_refused_before_deriving(probe: Probe, kdf: Case) -> None:
    wrapped = wrap(SECRET, WRAPPED["passphrase"], FACTOR, ("request-key", ABOUT), CHEAPEST)
    with pytest.raises(Error, match="not hold a wrapped key"):
        probe("unwrap", {**WRAPPED, "wrapped": {**wrapped, "kdf": {**wrapped["kdf"], **kdf}}})


def test_a_document_is_canonical_for_both(probe: Probe) -> None:
    card = C1.card["document"]
    assert unb64(probe("canonical", {"json": canonical(card).decode()})) == canonical(card)
