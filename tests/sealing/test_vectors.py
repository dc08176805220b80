"""The Python implementation meets the test vectors; tests/browser/ holds the browser's to the same."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

import pytest

from tests.vectors import make
from tests.vectors.reader import cases, each, open_escrow
from vault.errors import Invalid, Tampered
from vault.sealing import audits, boxes, casefiles, escrows, locks, shares
from vault.sealing.audits import Link
from vault.sealing.digests import b64, canonical, context, digest, document_digest, pad, parse, unb64, unpad
from vault.sealing.keypairs import SealingKey
from vault.sealing.words import fingerprint

Case = dict[str, Any]

REPEATABLE = sorted(make.FILES.keys() - {"boxes", "escrows", "cases", "audits", "chains"})


@pytest.mark.parametrize("file", REPEATABLE)
def test_the_generator_writes_the_committed_vectors(file: str) -> None:
    assert json.loads(json.dumps(list(make.FILES[file]()))) == cases(file)


@each("b64", refused=False)
def test_bytes_are_spelled_and_read_as_b64(case: Case) -> None:
    assert b64(bytes.fromhex(case["hex"])) == case["b64"]
    assert unb64(case["b64"]).hex() == case["hex"]


@each("b64", refused=True)
def test_any_other_b64_is_refused(case: Case) -> None:
    with pytest.raises(Invalid):
        unb64(case["b64"])


@each("canonical", refused=False)
def test_json_has_one_spelling(case: Case) -> None:
    assert b64(canonical(json.loads(case["json"]))) == case["canonical"]
    assert canonical(parse(unb64(case["canonical"]))) == unb64(case["canonical"])


@each("canonical", refused=True)
def test_what_has_no_spelling_is_refused(case: Case) -> None:
    with pytest.raises(Invalid):
        canonical(json.loads(case["json"]))


@each("hashes", refused=False)
def test_hashes_and_contexts_carry_their_kind(case: Case) -> None:
    if "hash" in case:
        assert b64(digest(case["kind"], unb64(case["data"]))) == case["hash"]
    else:
        assert b64(context(case["kind"], case["about"])) == case["context"]


@each("padding", refused=False)
def test_padding_is_exact_and_comes_off(case: Case) -> None:
    assert b64(pad(unb64(case["data"]), case["size"])) == case["padded"]
    assert b64(unpad(unb64(case["padded"]))) == case["data"]


@each("padding", refused=True)
def test_what_does_not_fit_is_refused(case: Case) -> None:
    with pytest.raises(Invalid):
        pad(unb64(case["data"]), case["size"])


@each("locked", refused=False)
def test_what_was_locked_unlocks(case: Case) -> None:
    unlocked = locks.unlock(unb64(case["key"]), (case["kind"], case["about"]), unb64(case["locked"]))
    assert b64(unlocked) == case["plaintext"]


@each("locked", refused=True)
def test_nothing_else_unlocks(case: Case) -> None:
    with pytest.raises(Tampered):
        locks.unlock(unb64(case["key"]), (case["kind"], case["about"]), unb64(case["locked"]))


@each("boxes", refused=False)
def test_what_was_sealed_unseals(case: Case) -> None:
    key = SealingKey(unb64(case["seed"]))
    assert b64(key.public) == case["public"]
    assert b64(boxes.unseal(key, (case["kind"], case["about"]), unb64(case["box"]))) == case["plaintext"]


@each("boxes", refused=True)
def test_nothing_else_unseals(case: Case) -> None:
    key = SealingKey(unb64(case["seed"]))
    with pytest.raises(Tampered):
        boxes.unseal(key, (case["kind"], case["about"]), unb64(case["box"]))


@each("shares", refused=False)
def test_shares_are_the_polynomials_values_and_any_k_give_the_secret(case: Case) -> None:
    drawn = iter(case["coefficients"])
    dealt = shares.split(
        unb64(case["secret"]), case["threshold"], case["total"], lambda _: unb64(next(drawn))
    )
    assert [b64(share) for share in dealt] == case["shares"]
    for chosen in combinations(dealt, case["threshold"]):
        assert b64(shares.combine(chosen)) == case["secret"]


@each("shares", refused=True)
def test_shares_that_do_not_belong_together_are_refused(case: Case) -> None:
    with pytest.raises(Invalid):
        shares.combine([unb64(share) for share in case["shares"]])


@each("escrows", refused=False)
def test_any_quorum_opens_an_escrow_and_nobody_below_it(case: Case) -> None:
    seeds = dict(enumerate(case["seeds"].values(), 1))
    for chosen in combinations(seeds, case["record"]["threshold"]):
        assert b64(open_escrow(case["record"], {i: seeds[i] for i in chosen})) == case["payload"]
    for chosen in combinations(seeds, case["record"]["threshold"] - 1):
        with pytest.raises(Tampered):
            open_escrow(case["record"], {i: seeds[i] for i in chosen})


@each("escrows", refused=True)
def test_an_altered_escrow_stays_closed(case: Case) -> None:
    whole = cases("escrows")[0]
    seeds = dict(list(enumerate(whole["seeds"].values(), 1))[:3])
    with pytest.raises((Tampered, Invalid)):
        open_escrow({**whole["record"], **case["changed"]}, seeds)


@each("keypairs", refused=False)
def test_a_seed_has_one_public_key(case: Case) -> None:
    assert b64(SealingKey(unb64(case["seed"])).public) == case["public"]


@each("words", refused=False)
def test_a_digest_has_its_six_words(case: Case) -> None:
    assert fingerprint(unb64(case["digest"])) == case["words"]


@each("cases", refused=False)
def test_a_case_names_its_brief_and_its_escrow_records(case: Case) -> None:
    file = casefiles.parse(case["document"])
    assert file.digest == case["digest"]
    assert file.brief == (1, b64(document_digest(case["brief"])))
    assert file.escrows == {key: escrows.fingerprint(held) for key, held in case["born"]["escrows"].items()}
    assert {key: b64(public) for key, public in file.keys.items()} == case["born"]["publics"]


@each("audits", refused=False)
def test_an_entry_opens_for_whom_it_is_boxed_to(case: Case) -> None:
    assert b64(canonical(_opened(case))) == case["body"]


@each("audits", refused=True)
def test_an_entry_that_was_altered_or_moved_does_not_open(case: Case) -> None:
    with pytest.raises(Tampered):
        _opened(case)


def _opened(case: Case) -> dict[str, Any]:
    return audits.read(audits.from_json(case["entry"]), case["code"], SealingKey(unb64(case["seed"])))


@each("chains", refused=False)
def test_a_chain_has_one_end(case: Case) -> None:
    assert b64(audits.chain(_links(case))) == case["end"]


@each("chains", refused=True)
def test_a_chain_is_refused_at_the_first_entry_that_does_not_hold(case: Case) -> None:
    with pytest.raises(Tampered, match=f"at entry {case['at']}:"):
        audits.chain(_links(case))


def _links(case: Case) -> list[Link]:
    decisions = [None if one["decision"] is None else unb64(one["decision"]) for one in case["links"]]
    return [
        (unb64(one["link"]), unb64(one["commitment"]), decision)
        for one, decision in zip(case["links"], decisions, strict=True)
    ]
