"""Statements on their way: who prepared and who approved is decided by signatures, on the server and on a device."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.cast import C1, CUSTODIANS, R1, V1, V2, VAULT, Person, identifier, seed, signed_by
from tests.proofs import CHAINED, PROVEN, V3
from tests.sealing.test_casefiles import CASE
from vault.errors import Tampered
from vault.sealing import boxes, casefiles, preparations
from vault.sealing.digests import Json, canonical
from vault.sealing.keypairs import SealingKey
from vault.sealing.preparations import Prepared
from vault.sealing.signatures import Signed, sign
from vault.sealing.statements import signatories

TODAY = date(2026, 11, 23)
NAME = identifier("a statement")
KEYS = ["brief", "corroboration", "editions"]
TEAM = [{"member": code, "keys": KEYS} for code in ("V1", "V2", "V3")]
SIGNED_CASE = signed_by(
    {**CASE, "roster": 3, "team": [{"member": "R1", "keys": ["brief"]}, *TEAM]}, CUSTODIANS[:3]
)
FILE = casefiles.parse(SIGNED_CASE["document"])
ABOUT = {"case": FILE.id, "name": NAME, "edition": 1}


def prepared_by(person: Person = V1, **changes: Any) -> Signed:
    document = {**PROVEN.document, "preparer": person.code}
    return preparations.prepare(document, {**ABOUT, **changes}, TODAY, person.secret.signing)


def read(signed: Json) -> Prepared:
    return preparations.read_prepared(signed, FILE, CHAINED)


def approval(by: Person, of: Prepared | None = None, day: date = TODAY) -> Signed:
    return preparations.approve(of or read(prepared_by()), by.code, day, by.secret.signing)


def test_a_statement_is_read_as_it_was_prepared() -> None:
    found = read(prepared_by())
    assert (found.name, found.edition, found.day) == (NAME, 1, TODAY)
    assert found.statement.document == PROVEN.document


def again(document: dict[str, Any], person: Person = V1) -> Signed:
    return sign(document, person.code, person.secret.signing)


DOCUMENT = prepared_by()["document"]
NOT_PREPARED: dict[str, Json] = {
    "nothing": None,
    "no document": {},
    "by a researcher": prepared_by(R1),
    "by nobody": prepared_by(Person("V9", "reviewer")),
    "signed by another": again(DOCUMENT, V2),
    "of another case": prepared_by(case=identifier("another case")),
    "under no name": prepared_by(name="a statement"),
    "of no edition": prepared_by(edition="1"),
    "on no day": again({**DOCUMENT, "day": "today"}),
    "on a day that never was": again({**DOCUMENT, "day": "2026-02-30"}),
    "with a statement that another signed": again(
        {**DOCUMENT, "statement": signed_by(PROVEN.document, [V2])}
    ),
    "with an unsound statement": again(
        {**DOCUMENT, "statement": signed_by({**PROVEN.document, "lines": []}, [V1])}
    ),
    "by a roster that is not there": again(
        {**DOCUMENT, "statement": signed_by({**PROVEN.document, "roster": 9}, [V1])}
    ),
}


@pytest.mark.parametrize("what", NOT_PREPARED)
def test_what_no_reviewer_of_the_case_has_prepared_is_nothing(what: str) -> None:
    with pytest.raises(Tampered):
        read(NOT_PREPARED[what])


def test_a_reviewer_whom_the_case_promised_no_key_prepares_nothing() -> None:
    team = [{"member": "V1", "keys": ["brief", "editions"]}]
    file = casefiles.parse({**SIGNED_CASE["document"], "team": [*team, *TEAM[1:]]})
    with pytest.raises(Tampered):
        preparations.read_prepared(prepared_by(), file, CHAINED)


def test_two_others_approve_and_their_signatures_and_one_custodian_complete_the_statement() -> None:
    prepared = read(prepared_by())
    one = preparations.approved(prepared, [approval(V2)], FILE, CHAINED)
    assert (one.lacking, one.looked_at) == (1, TODAY)
    both = preparations.approved(
        prepared, [approval(V3, day=date(2026, 11, 25)), approval(V2)], FILE, CHAINED
    )
    assert (both.lacking, both.looked_at) == (0, date(2026, 11, 25))
    entry = signed_by(prepared.statement.document, [C1])["signatures"][0]
    assert signatories(both.signed(entry), CHAINED)[1].complete
    assert not signatories(both.signed(), CHAINED)[1].complete


def altered(**changes: Any) -> Signed:
    return again({**approval(V2)["document"], **changes}, V2)


COUNTS_FOR_NOTHING: dict[str, Json] = {
    "nothing": [],
    "no document": {},
    "of the preparer": approval(V1),
    "of a researcher": approval(R1),
    "of nobody": approval(Person("V9", "reviewer")),
    "signed by another": again(approval(V2)["document"], V3),
    "of another statement": altered(statement=identifier("another")),
    "under another name": altered(name=identifier("another")),
    "with another's signature": altered(signature=approval(V3)["document"]["signature"]),
    "with no signature": altered(signature=None),
    "without a day": altered(day=None),
    "on a day that never was": altered(day="2026-02-30"),
}


@pytest.mark.parametrize("what", COUNTS_FOR_NOTHING)
def test_an_approval_that_does_not_hold_counts_for_nothing(what: str) -> None:
    found = preparations.approved(read(prepared_by()), [COUNTS_FOR_NOTHING[what]], FILE, CHAINED)
    assert (found.approvals, found.lacking, found.looked_at) == ((), 2, TODAY)


def test_one_reviewer_approves_once() -> None:
    found = preparations.approved(read(prepared_by()), [approval(V2), approval(V2)], FILE, CHAINED)
    assert (len(found.approvals), found.lacking) == (1, 1)


def packet(
    approvals: Iterable[Json] = (approval(V2), approval(V3)), name: str = NAME, **changes: Json
) -> bytes:
    content = {"case": [SIGNED_CASE], "prepared": prepared_by(), "approvals": list(approvals), **changes}
    about = preparations.packet_place(VAULT, name, "C1")
    return preparations.seal(C1.secret.sealing.public, about, content)


def opened(sealed: bytes, name: str = NAME, key: SealingKey = C1.secret.sealing) -> preparations.Approved:
    return preparations.open_packet(key, CHAINED, (name, "C1"), sealed)


def test_a_custodian_reads_what_everybody_who_must_has_approved() -> None:
    found = opened(packet())
    assert found.prepared.statement.document == PROVEN.document
    assert [one.by for one in found.approvals] == ["V2", "V3"]


OTHER = identifier("another statement")
PACKETS: dict[str, tuple[bytes, str]] = {
    "one approval less": (packet([approval(V2)]), NAME),
    "another statement's place": (packet(name=OTHER), OTHER),
    "a case that no quorum signed": (
        packet(case=[signed_by(SIGNED_CASE["document"], [C1])]),
        NAME,
    ),
    "no case": (packet(case=None), NAME),
    "a number for a case": (packet(case=7), NAME),
    "another case": (packet(case=[]), NAME),
    "no approvals": (packet([]), NAME),
    "nothing prepared": (packet(prepared=[]), NAME),
    "damaged": (packet()[:-1], NAME),
    "not ours": (
        boxes.seal(C1.secret.sealing.public, preparations.packet_place(VAULT, NAME, "C1"), canonical([])),
        NAME,
    ),
}


@pytest.mark.parametrize("what", PACKETS)
def test_a_packet_that_does_not_hold_is_not_signed(what: str) -> None:
    sealed, name = PACKETS[what]
    with pytest.raises(Tampered):
        opened(sealed, name)


def test_what_is_sealed_to_the_case_opens_in_its_own_place_alone() -> None:
    key = SealingKey(seed("editions"))
    sealed = preparations.seal(key.public, preparations.place("statement", FILE, NAME), prepared_by())
    opens = preparations.unseal([key], preparations.place("statement", FILE, NAME), sealed)
    assert read(opens).statement.document == PROVEN.document
    with pytest.raises(Tampered):
        preparations.unseal([key], preparations.place("statement", FILE, identifier("another")), sealed)


def test_a_packet_opens_with_its_custodians_key_alone() -> None:
    with pytest.raises(Tampered):
        opened(packet(), key=SealingKey(seed("another")))


def test_a_statement_under_an_older_roster_than_the_newest_is_not_signed() -> None:
    sealed = packet()
    newer = (*CHAINED, replace(CHAINED[-1], version=4))
    with pytest.raises(Tampered, match="newest roster"):
        preparations.open_packet(C1.secret.sealing, newer, (NAME, "C1"), sealed)


def pulled(by: Person, **changes: Json) -> Signed:
    about = {"vault": VAULT, "case": FILE.id, "statement": PROVEN_DIGEST, "roster": 3}
    signed = preparations.pull(about, by.code, TODAY, by.secret.signing)
    return again({**signed["document"], **changes}, by) if changes else signed


PROVEN_DIGEST = read(prepared_by()).statement.digest


@pytest.mark.parametrize("by", [V1, V2, C1], ids=lambda one: one.code)
def test_a_reviewer_of_the_case_and_a_custodian_pull(by: Person) -> None:
    assert preparations.read_pull(pulled(by), FILE, CHAINED) == (PROVEN_DIGEST, by.code)


PULLS: dict[str, Json] = {
    "nothing": None,
    "a researcher": pulled(R1),
    "nobody": pulled(Person("V9", "reviewer")),
    "another case": pulled(C1, case=identifier("another case")),
    "another vault": pulled(V1, vault=identifier("another")),
    "no roster": pulled(V1, roster=9),
    "in another's name": again(pulled(V1)["document"], V2),
}


@pytest.mark.parametrize("what", PULLS)
def test_nobody_else_pulls(what: str) -> None:
    with pytest.raises(Tampered):
        preparations.read_pull(PULLS[what], FILE, CHAINED)
