"""Two records under one id, shared by the same custodians: a share is of one of them and goes out for no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import C1, C2, C3, FOUNDING, ROSTER, TODAY, V2, Person, identifier
from tests.sealing.epochs import NEW, NEXT, NEXT_CHAIN
from vault.ceremony import Ceremony
from vault.errors import Tampered
from vault.opening import Days, Holder, ask, combine, decide, entrust
from vault.sealing import escrows
from vault.sealing.digests import Json
from vault.sealing.escrows import Escrow, fingerprint
from vault.sealing.keypairs import SealingKey
from vault.sealing.resharings import of_record, shared_anew
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed

WANTED, TWIN = (entrust(text, "identity", identifier("one id"), ROSTER) for text in (b"wanted", b"twin"))
MET = Ceremony(ROSTER, NEW, {one.code: Holder(one.code, one.secret) for one in (C1, C2, C3)})
ANEW, TWIN_ANEW = (shared_anew(record, MET.anew(of_record(record)), NEW) for record in (WANTED, TWIN))
EPOCHS: dict[str, tuple[tuple[Roster, ...], tuple[Person, ...], Escrow, Escrow]] = {
    "as first shared": ((FOUNDING, ROSTER), (C1, C2, C3), WANTED, TWIN),
    "shared anew": (NEXT_CHAIN, NEXT[:3], ANEW, TWIN_ANEW),
}
epochs = pytest.mark.parametrize(("chain", "people", "wanted", "twin"), EPOCHS.values(), ids=EPOCHS)


def request(record: Escrow, roster: Roster) -> tuple[Signed, SealingKey]:
    about = {"purpose": "identity", "record": record["record"], "escrow": fingerprint(record)}
    assert V2.request is not None
    return ask(
        {**about, "reason": "She asked.", "requester": "V2"}, roster, V2.request, Days(TODAY, "2026-12-22")
    )


def approve(terms: Signed, extract: Json, person: Person, chain: tuple[Roster, ...]) -> Signed:
    packet: dict[str, Any] = {"terms": terms, "escrow": extract, "case": None}
    return decide(packet, chain, Holder(person.code, person.secret), None, TODAY)


@epochs
def test_each_is_opened_under_its_own_fingerprint(
    chain: tuple[Roster, ...], people: tuple[Person, ...], wanted: Escrow, twin: Escrow
) -> None:
    for record, text in ((wanted, b"wanted"), (twin, b"twin")):
        terms, key = request(record, chain[-1])
        handed = [approve(terms, escrows.for_custodian(record, one.code), one, chain) for one in people]
        assert combine(terms["document"], key, record, handed, chain[-1]) == text


@epochs
def test_the_share_of_the_one_is_not_handed_over_for_the_terms_of_the_other(
    chain: tuple[Roster, ...], people: tuple[Person, ...], wanted: Escrow, twin: Escrow
) -> None:
    terms, _ = request(twin, chain[-1])
    for person in people:
        extract = escrows.for_custodian(wanted, person.code)
        with pytest.raises(Tampered, match="another record"):
            approve(terms, extract, person, chain)
        without = {part: value for part, value in extract.items() if part != "escrow"}
        with pytest.raises(Tampered, match="another record"):
            approve(terms, without, person, chain)
        with pytest.raises(Tampered, match="not the one that was sealed"):
            approve(terms, {**extract, "escrow": fingerprint(twin)}, person, chain)


def test_a_line_under_the_fingerprint_of_the_other_is_not_shared_anew() -> None:
    line = of_record(WANTED)
    assert MET.anew(line)["shared"] is not None
    assert MET.anew({**line, "escrow": fingerprint(TWIN)})["shared"] is None


def test_a_line_of_the_one_does_not_take_the_place_of_the_other() -> None:
    line = {**MET.anew(of_record(WANTED)), "locked": of_record(TWIN)["locked"]}
    with pytest.raises(Tampered, match="about another record"):
        shared_anew(TWIN, line, NEW)


def test_a_drill_opens_no_share_under_the_fingerprint_of_the_other() -> None:
    extract = {**escrows.for_custodian(ANEW, "C1"), "escrow": fingerprint(TWIN)}
    with pytest.raises(Tampered, match="not the one that was sealed"):
        escrows.open_share(extract, NEXT[0].secret.sealing)
