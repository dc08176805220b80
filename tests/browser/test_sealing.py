"""The browser's sealing meets the test vectors, and what it seals opens elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Browser, Error

from tests.browser.conftest import Site
from tests.vectors.make import made, roster
from tests.vectors.reader import cases, each, open_escrow
from vault import opening
from vault.errors import Tampered
from vault.sealing import boxes, escrows, locks, shares
from vault.sealing.digests import b64, canonical, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import parse

Case = dict[str, Any]
Probe = Callable[[str, Case], Any]

IDENTITY = canonical({"format": "witness-vault/v1/identity", "pseudonym": "a-b-c-d", "name": "أحمد بن عليّ"})
RECORD = b64(made("record", 16))


@pytest.fixture(scope="module")
def probe(chromium: Browser, site: Site) -> Iterator[Probe]:
    """Calls a function of probe.js in the browser."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(site.url)
        page.evaluate("async () => { globalThis.probe = (await import('/tests/probe.js')).probe; }")
        yield lambda name, case: page.evaluate("([name, given]) => probe[name](given)", [name, case])


def custodians(total: int, threshold: int) -> Case:
    document = roster({f"C{i}": made(f"custodian {i}") for i in range(1, total + 1)})
    return {**document, "threshold": threshold}


def seeds(*indices: int) -> dict[int, str]:
    return {i: b64(made(f"custodian {i}")) for i in indices}


def sealed_in_browser(probe: Probe, document: Case) -> Case:
    secret = {"purpose": "identity", "vault": document["vault"], "record": RECORD, "roster": document}
    sealed: Case = probe("entrust", {**secret, "payload": b64(IDENTITY), "paddedTo": 2048})
    return sealed


@pytest.mark.parametrize(
    ("function", "file", "answer"),
    [
        ("writeB64", "b64", "b64"),
        ("readB64", "b64", "hex"),
        ("canonical", "canonical", "canonical"),
        ("hash", "hashes", "hash"),
        ("context", "hashes", "context"),
        ("hkdf", "derivations", "derived"),
        ("pad", "padding", "padded"),
        ("lock", "locked", "locked"),
        ("unlock", "locked", "plaintext"),
        ("split", "shares", "shares"),
        ("unseal", "boxes", "plaintext"),
    ],
)
def test_the_browser_meets_the_vectors(probe: Probe, function: str, file: str, answer: str) -> None:
    met = {case["name"]: case[answer] for case in cases(file) if answer in case and "refused" not in case}
    given = [case for case in cases(file) if case["name"] in met]
    assert met
    assert {case["name"]: probe(function, case) for case in given} == met


@pytest.mark.parametrize(
    ("function", "file"),
    [
        ("readB64", "b64"),
        ("canonical", "canonical"),
        ("pad", "padding"),
        ("unlock", "locked"),
        ("combine", "shares"),
        ("unseal", "boxes"),
    ],
)
def test_the_browser_refuses_what_the_vectors_refuse(probe: Probe, function: str, file: str) -> None:
    refused = [case for case in cases(file) if "refused" in case]
    assert refused
    for case in refused:
        with pytest.raises(Error):
            probe(function, case)


def test_any_quorum_of_the_vectors_shares_gives_the_secret_in_the_browser(probe: Probe) -> None:
    for case in cases("shares"):
        if "refused" not in case and case["threshold"] < case["total"]:
            for chosen in combinations(case["shares"], case["threshold"]):
                assert probe("combine", {"shares": chosen}) == case["secret"]


def test_an_escrow_of_python_opens_in_the_browser_with_a_quorum_only(probe: Probe) -> None:
    case = cases("escrows")[0]
    given = dict(enumerate(case["seeds"].values(), 1))
    for chosen in combinations(given, 3):
        opened = probe("openEscrow", {"record": case["record"], "seeds": {i: given[i] for i in chosen}})
        assert opened == case["payload"]
    with pytest.raises(Error):
        probe("openEscrow", {"record": case["record"], "seeds": {i: given[i] for i in (1, 2)}})


@each("escrows", refused=True)
def test_an_altered_escrow_stays_closed_in_the_browser(probe: Probe, case: Case) -> None:
    whole = cases("escrows")[0]
    three = dict(list(enumerate(whole["seeds"].values(), 1))[:3])
    with pytest.raises(Error):
        probe("openEscrow", {"record": {**whole["record"], **case["changed"]}, "seeds": three})


@pytest.mark.parametrize(("threshold", "total"), [(2, 2), (2, 3), (3, 5), (5, 9)])
def test_what_the_browser_entrusts_opens_for_any_quorum(probe: Probe, threshold: int, total: int) -> None:
    document = custodians(total, threshold)
    record = sealed_in_browser(probe, document)
    assert escrows.check(record, "identity", RECORD, parse(document)) == record
    assert record["roster"] == document["version"]
    for chosen in combinations(range(1, total + 1), threshold):
        assert open_escrow(record, seeds(*chosen)) == IDENTITY


def test_one_below_the_quorum_never_opens_what_the_browser_entrusts(probe: Probe) -> None:
    record = sealed_in_browser(probe, custodians(5, 3))
    for chosen in combinations(range(1, 6), 2):
        with pytest.raises(Tampered):
            open_escrow(record, seeds(*chosen))


def test_the_browser_and_python_write_records_of_one_shape(probe: Probe) -> None:
    document = custodians(9, 5)
    theirs, ours = (
        sealed_in_browser(probe, document),
        opening.entrust(IDENTITY, "identity", RECORD, parse(document)),
    )
    assert theirs.keys() == ours.keys()
    assert len(canonical(theirs)) == len(canonical(ours)) <= 20396
    assert [share.keys() for share in theirs["shares"]] == [share.keys() for share in ours["shares"]]


def test_the_minimal_roster_of_the_page_suffices(probe: Probe) -> None:
    document = custodians(3, 2)
    minimal = {key: document[key] for key in ("vault", "version", "epoch", "threshold")}
    minimal["custodians"] = [{key: c[key] for key in ("code", "sealing")} for c in document["custodians"]]
    assert open_escrow(sealed_in_browser(probe, minimal), seeds(1, 3)) == IDENTITY


@pytest.mark.parametrize(
    "wrong",
    [
        {"vault": b64(bytes(16))},
        {"threshold": 1},
        {"threshold": 4},
        {"threshold": "2"},
        {"custodians": []},
        {"custodians": list(reversed(custodians(3, 2)["custodians"]))},
        {"custodians": [{"code": f"C{i}", "sealing": b64(bytes(1215))} for i in (1, 2, 3)]},
    ],
)
def test_nothing_is_entrusted_to_a_roster_that_is_not_right(probe: Probe, wrong: Case) -> None:
    document = custodians(3, 2)
    secret = {"purpose": "identity", "vault": document["vault"], "record": RECORD, "paddedTo": 2048}
    with pytest.raises(Error):
        probe("entrust", {**secret, "roster": {**document, **wrong}, "payload": b64(IDENTITY)})


def test_an_identity_that_is_too_long_is_refused(probe: Probe) -> None:
    document = custodians(3, 2)
    secret = {"purpose": "identity", "vault": document["vault"], "record": RECORD, "paddedTo": 2048}
    with pytest.raises(Error):
        probe("entrust", {**secret, "roster": document, "payload": b64(bytes(2045))})


def test_a_box_of_the_browser_opens_in_python(probe: Probe) -> None:
    key = SealingKey(made("box seed"))
    given = {"public": b64(key.public), "kind": "share", "about": {"index": 1}, "plaintext": b64(b"a share")}
    box = unb64(probe("seal", given))
    assert len(box) == boxes.OVERHEAD + 7
    assert boxes.unseal(key, ("share", {"index": 1}), box) == b"a share"
    with pytest.raises(Tampered):
        boxes.unseal(key, ("share", {"index": 2}), box)


def test_the_browser_never_draws_the_same_randomness_twice(probe: Probe) -> None:
    locked = {"key": b64(made("key")), "kind": "draft", "about": {}, "plaintext": b64(b"again")}
    first, second = probe("lock", locked), probe("lock", locked)
    assert first != second
    assert {locks.unlock(made("key"), ("draft", {}), unb64(text)) for text in (first, second)} == {b"again"}
    dealing = {"secret": b64(made("secret")), "threshold": 2, "total": 2}
    dealt = [probe("split", dealing) for _ in range(3)]
    assert len({tuple(shares_) for shares_ in dealt}) == 3
    assert {shares.combine([unb64(share) for share in pair]) for pair in dealt} == {made("secret")}
