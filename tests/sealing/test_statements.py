"""Statements: one form, and who must have signed."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.cast import C1, C2, R1, V1, V2, Person, identifier, seed, signed_by
from tests.proofs import AT_LEAST, CHAINED, PROVEN, SIGNERS, V3
from vault import verifier
from vault.errors import Invalid, Tampered
from vault.sealing import statements
from vault.sealing.digests import b64, canonical, document_digest
from vault.sealing.signatures import signature, with_signatures

Change = Callable[[dict[str, Any]], object]
DOCUMENT = PROVEN.document


def line(at: int, **changes: Any) -> Change:
    return lambda document: document["lines"][at].update(changes)


def policy(**changes: Any) -> Change:
    return lambda document: document["policy"].update(changes)


UNSOUND: dict[str, Change] = {
    "another format": lambda document: document.update(format="witness-vault/v1/edition"),
    "an unknown member": lambda document: document.update(edition=3),
    "a member less": lambda document: document.pop("consent"),
    "a short vault": lambda document: document.update(
        vault=b64(bytes(15)), log={**document["log"], "origin": f"witness-vault/{b64(bytes(15))}"}
    ),
    "a long incident": lambda document: document.update(incident=b64(bytes(17))),
    "a short previous": lambda document: document.update(previous=b64(bytes(31))),
    "a short key": lambda document: document["log"].update(key=b64(bytes(31))),
    "short leaves": line(0, leaves=b64(bytes(31))),
    "no vault": lambda document: document.update(vault="vault"),
    "a short root": lambda document: document.update(root=b64(bytes(31))),
    "no words": lambda document: document.update(about={}),
    "a blank word": lambda document: document.update(about={"en": " "}),
    "two lines of words": lambda document: document.update(about={"en": "one\ntwo"}),
    "no language": lambda document: document.update(about={"english": "a strike"}),
    "an endless text": lambda document: document.update(about={"en": "a" * 501}),
    "a vocabulary with a space": lambda document: document.update(vocabulary="air strike"),
    "a day for a month": lambda document: document.update(month="2026-11-22"),
    "a thirteenth month": lambda document: document.update(month="2026-13"),
    "half an attestation": lambda document: document.update(same_person="in part"),
    "an unknown consent": lambda document: document.update(consent="all"),
    "another log": lambda document: document["log"].update(origin=f"witness-vault/{identifier('other')}"),
    "a log without key": lambda document: document["log"].update(key=None),
    "a previous that is none": lambda document: document.update(previous=""),
    "roster 0": lambda document: document.update(roster=0),
    "a roster that is true": lambda document: document.update(roster=True),
    "a name for a code": lambda document: document.update(preparer="Vera"),
    "no lines": lambda document: document.update(lines=[]),
    "lines in an object": lambda document: document.update(lines={}),
    "the same line twice": lambda document: document["lines"].append(dict(document["lines"][1])),
    "more in a line": line(0, more=None),
    "more in the policy": policy(more=None),
    "more in the log": lambda document: document["log"].update(more=None),
    "a step twice": policy(ladder=[3, 3, 5]),
    "exactly, as a number": lambda document: [one.update(exactly=1) for one in document["lines"]],
    "a ladder from two": policy(ladder=[2, 3]),
    "no pool": policy(pool=0),
    "a share beyond all": policy(share=101),
    "no width": policy(width=1),
    "no reviewer": policy(reviewers=0),
    "no ladder": policy(ladder=[]),
    "a ladder downwards": policy(ladder=[5, 3]),
    "a share in parts": policy(share=0.2),
    "a policy's sentence": policy(name="anything goes"),
    "an unknown column": line(0, column="hearsay"),
    "a subject with a space": line(0, subject="strike took place"),
    "a value with a space": line(0, value="yes or no"),
    "a value that is true": line(0, value=True),
    "a negative value": line(0, value=-1),
    "a range backwards": line(2, value={"min": 3, "max": 2}),
    "half a range": line(2, value={"min": 3}),
    "nobody, exactly": line(0, number=0),
    "exactly, perhaps": line(0, exactly=None),
    "one line less exact": line(1, exactly=False, number=3, within=None),
    "the consent of sums for exact numbers": lambda document: document.update(consent="aggregate"),
    "exactly two": line(0, number=2),
    "beside all": line(1, within=None),
    "within itself": line(0, within=0),
    "within a later one": line(1, within=2),
    "within a negative one": line(1, within=-1),
    "more within than around": line(1, number=4),
    "no leaves where somebody is counted": line(0, leaves=None),
}
LOOSE: dict[str, Change] = {
    "a step that is not on the ladder": line(0, number=4),
    "at least, within": line(1, within=0),
    "the consent of exact numbers for sums": lambda document: document.update(
        consent="all_counted_and_all_complements"
    ),
    "leaves where few are": line(2, leaves=b64(bytes(32))),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_an_unsound_statement_is_refused(name: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    UNSOUND[name](document)
    with pytest.raises(Invalid):
        statements.parse(document)
    with pytest.raises((verifier.Wrong, ValueError, TypeError, KeyError, AttributeError)):
        verifier.check_statement(document)


@pytest.mark.parametrize("name", LOOSE)
def test_an_unsound_statement_of_lower_bounds_is_refused(name: str) -> None:
    document = copy.deepcopy(AT_LEAST.document)
    LOOSE[name](document)
    with pytest.raises(Invalid):
        statements.parse(document)


def test_a_sound_statement_is_read() -> None:
    statement = statements.parse(DOCUMENT)
    assert statement.digest == b64(document_digest(DOCUMENT))
    assert (statement.preparer, statement.roster, len(statement.lines)) == ("V1", 3, 3)
    assert statement.root == PROVEN.root


@pytest.mark.parametrize(
    "change",
    [
        {"previous": b64(seed("earlier"))},
        {"same_person": "not done"},
        {"same_person": "2026-10"},
    ],
)
def test_what_a_statement_may_say_otherwise(change: dict[str, Any]) -> None:
    assert statements.parse({**DOCUMENT, **change}).document == {**DOCUMENT, **change}


def signed(*people: Person, **changes: Any) -> Any:
    return signed_by({**DOCUMENT, **changes}, people)


@pytest.mark.parametrize(
    ("people", "lacking", "complete"),
    [
        (SIGNERS, 0, True),
        ((*SIGNERS, C2), 0, True),
        ((V1,), 2, False),
        ((V1, V2, C1), 1, False),
        ((V1, V2, V3), 0, False),
        ((V2, V3, C1), 0, False),
    ],
)
def test_a_statement_takes_its_preparer_other_reviewers_and_a_custodian(
    people: tuple[Person, ...], lacking: int, complete: bool
) -> None:
    _, found = statements.signatories(signed(*people), CHAINED)
    assert (found.lacking, found.complete) == (lacking, complete)


@pytest.mark.parametrize(
    "statement",
    [
        signed(*SIGNERS, R1),
        signed(*SIGNERS, Person("X1")),
        signed(*SIGNERS, roster=4),
        signed(*SIGNERS, preparer="R1"),
        signed(*SIGNERS, preparer="C1"),
        signed(V2, V3, C1, Person("V1", "reviewer", epoch=2), roster=1),
    ],
)
def test_nobody_else_can_sign_one(statement: Any) -> None:
    with pytest.raises(Tampered):
        statements.signatories(statement, CHAINED)


def test_one_key_under_two_codes_signs_once() -> None:
    newest = CHAINED[-1]
    twin = replace(newest.members["V3"], signing=newest.members["V2"].signing)
    chain = [*CHAINED[:-1], replace(newest, members={**newest.members, "V3": twin})]
    others = signed(V1, V2, C1)["signatures"]
    entries = [*others, signature(DOCUMENT, "V3", V2.secret.signing)]
    with pytest.raises(Tampered, match="twice"):
        statements.signatories(with_signatures(DOCUMENT, entries), chain)


def test_a_statement_of_another_vault_is_not_this_vaults() -> None:
    other = identifier("another vault")
    log = {**DOCUMENT["log"], "origin": f"witness-vault/{other}"}
    with pytest.raises(Tampered):
        statements.signatories(signed(*SIGNERS, vault=other, log=log), CHAINED)


def test_a_signature_of_other_words_fails() -> None:
    raw = signed(*SIGNERS)
    raw["document"]["month"] = "2026-12"
    with pytest.raises(Tampered):
        statements.signatories(raw, CHAINED)


def test_a_stamp_is_named_by_the_hash_of_every_byte() -> None:
    assert statements.stamp(b"an answer") != statements.stamp(b"an answer\n")
    assert statements.stamp(b"") == {"answer": "", "hash": b64(hashlib.sha256(b"").digest())}


def test_what_a_court_is_given_opens_one_line_of_one_statement() -> None:
    given = statements.openings(statements.parse(DOCUMENT), 1, [({"leaf": 1}, {"path": 2})])
    assert given == {
        "format": "witness-vault/v1/commitment-openings",
        "statement": b64(document_digest(DOCUMENT)),
        "line": 1,
        "leaves": [{"leaf": 1}],
        "paths": [{"path": 2}],
    }


def test_what_is_published_is_first_verified_as_a_stranger_would() -> None:
    assert statements.check_published(PROVEN.data).day == "2026-11-04"
    without = statements.published(PROVEN.published["statement"], PROVEN.published["rosters"], None)
    assert statements.check_published(canonical(without)).day is None
    with pytest.raises(Tampered, match="rosters"):
        statements.check_published(PROVEN.changed(lambda raw: raw["rosters"].pop(0)).data)
