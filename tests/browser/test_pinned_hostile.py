"""A hostile server, a forger, a wrong file: the pinned page refuses each in a sentence, and opens nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.pinned import Pinned
from tests.browser.test_pinned_page import ask_in_page, combine_in_page, read_request
from tests.browser.travelling import (
    ESCROW,
    OPENING_CODE,
    PIN,
    REASON,
    TEAM,
    approve,
    founded_case,
    member_file,
    opening_file,
    packet_file,
    redemption_file,
    request,
    roster_file,
)
from tests.cast import (
    AFTERWARDS,
    C1,
    C2,
    C3,
    C4,
    C5,
    CHAIN,
    CUSTODIANS,
    R1,
    ROSTER,
    TODAY,
    V1,
    V2,
    Person,
    following,
    founding,
    identifier,
    seed,
    signed_by,
)
from vault.opening import entrust
from vault.sealing import escrows, rosters
from vault.sealing.digests import Json, b64, canonical, document_digest
from vault.sealing.escrows import fingerprint
from vault.sealing.keypairs import SealingKey
from vault.sealing.signatures import Signed, sign

TERMS, KEY = request()
OTHER = entrust(b"{}", "identity", identifier("another record"), ROSTER)
CASE, RECORDS = founded_case()
UNPROMISED, UNPROMISED_RECORDS = founded_case(team={**TEAM, "V2": ["brief"]})
RENEWED = signed_by(following(ROSTER), (C1, C2, C3))
THIRD = rosters.verify_chain([*CHAIN, RENEWED])[-1]


@pytest.fixture(scope="module")
def opened(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pinned]:
    pinned = Pinned(chromium, tmp_path_factory.mktemp("hostile"))
    yield pinned
    pinned.context.close()
    assert pinned.complaints == []
    assert pinned.asked == [pinned.url]


@pytest.fixture
def pinned(opened: Pinned) -> Iterator[Pinned]:
    """The page at its beginning."""
    yield opened
    opened.go("Begin again")


def changed(value: Json, /, **parts: Json) -> Any:
    """A copy with these parts; `a__b` is part b of part a."""
    value = copy.deepcopy(value)
    for path, part in parts.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        inner = value
        for step in steps:
            inner = inner[step]
        inner[last] = part
    return value


def signed_terms(by: Person = V2, /, **parts: Json) -> Signed:
    """Terms with these parts, signed by the request key of `by`."""
    assert by.request is not None
    document = {**TERMS["document"], **parts}
    return sign(document, document["requester"], by.request)


def pinned_at(version: int, digest: bytes, **parts: Json) -> dict[str, Any]:
    """C1's key file that has seen this roster."""
    return {**C1.key_file, "pin": {**PIN, "version": version, "digest": b64(digest), **parts}}


def swapped() -> list[Json]:
    """The chain, in which a member's request key is the server's."""
    mine = b64(Person("V2", asks=True).secret.signing.public)
    return [CHAIN[0], changed(CHAIN[1], document__members__3__request=mine)]


def barely_signed() -> list[Json]:
    """A next version with the server's own key, which two custodians were made to sign."""
    members = changed(ROSTER.document["members"], **{"3__request": b64(seed("server"))})
    return [*CHAIN, signed_by(following(ROSTER, members=members), (C1, C2))]


def forged() -> list[Json]:
    """A vault of the server's own, under the codes of this one."""
    people = [Person(f"C{number}") for number in range(1, 6)]
    for person in people:
        person.__dict__["secret"] = type(person.secret)(
            SealingKey(seed(f"{person.code} forged")),
            type(person.secret.signing)(seed(f"{person.code} forged")),
        )
    first = signed_by(founding(people), people)
    (parsed,) = rosters.verify_chain([first])
    return [first, signed_by(following(parsed, (R1, V1, V2)), people[:3])]


def next_version(**parts: Json) -> Signed:
    """The case's second version, signed by a quorum."""
    document = CASE["document"]
    chained = {"version": 2, "previous": b64(document_digest(document))}
    return signed_by(
        {**document, **chained, "brief": {**document["brief"], "version": 2}, **parts}, (C1, C2, C3)
    )


def case_packet(case: Json, records: Json = RECORDS, key: str = "testimony") -> dict[str, Any]:
    """A request for a key of a case."""
    terms, _ = request(records[key])
    return packet_file(C1, terms, records[key], case)


def another_share(**lie: Json) -> dict[str, Any]:
    """The share of a key that the case does not promise, asked for under the fingerprint of one that it promises."""
    promised, wanted = RECORDS["testimony"], RECORDS["corroboration"]
    terms, _ = request(promised, record=wanted["record"])
    extract = {**escrows.for_custodian(wanted, "C1"), **lie}
    return packet_file(C1, terms, case=[CASE], extract=extract)


@dataclass(frozen=True)
class Attempt:
    """A request that is handed to a custodian, and what the page says."""

    says: str
    packet: Callable[[], Json]
    key_file: Callable[[], Json] = lambda: C1.key_file


READ = {
    "the rosters are rolled back": Attempt(
        "older than one that was seen", lambda: packet_file(C1, TERMS), lambda: pinned_at(3, THIRD.digest)
    ),
    "the rosters are a fork": Attempt(
        "not those that were seen", lambda: packet_file(C1, TERMS), lambda: pinned_at(2, seed("fork"))
    ),
    "the rosters are another vault's": Attempt(
        "another vault",
        lambda: packet_file(C1, TERMS),
        lambda: pinned_at(2, ROSTER.digest, vault=identifier("x")),
    ),
    "the rosters are forged from the first on": Attempt(
        "not those that were seen",
        lambda: packet_file(C1, TERMS, rosters=forged()),
        lambda: pinned_at(2, ROSTER.digest),
    ),
    "a public key in the roster is swapped": Attempt(
        "A signature does not hold", lambda: packet_file(C1, TERMS, rosters=swapped())
    ),
    "too few custodians signed a roster": Attempt(
        "not signed by a quorum", lambda: packet_file(C1, TERMS, rosters=barely_signed())
    ),
    "a version of the roster is left out": Attempt(
        "does not follow", lambda: packet_file(C1, TERMS, rosters=[CHAIN[0], RENEWED])
    ),
    "the founding roster lacks a signature": Attempt(
        "not signed by all", lambda: packet_file(C1, TERMS, rosters=[signed_by(founding(), CUSTODIANS[:4])])
    ),
    "there is no roster": Attempt("no roster", lambda: packet_file(C1, TERMS, rosters=[])),
    "the terms were edited": Attempt(
        "A signature does not hold", lambda: packet_file(C1, changed(TERMS, document__reason="He asked us."))
    ),
    "the terms are in another member's name": Attempt(
        "no request key", lambda: packet_file(C1, signed_terms(requester="V1"))
    ),
    "the terms are in the name of nobody": Attempt(
        "does not list", lambda: packet_file(C1, signed_terms(requester="V9"))
    ),
    "another key signed in the requester's name": Attempt(
        "A signature does not hold",
        lambda: packet_file(C1, signed_terms(Person("V3", "reviewer", asks=True))),
    ),
    "the terms are of another vault": Attempt(
        "another vault or roster", lambda: packet_file(C1, signed_terms(vault=identifier("x")))
    ),
    "the terms name a roster to come": Attempt(
        "another vault or roster", lambda: packet_file(C1, signed_terms(roster=9))
    ),
    "the request has expired": Attempt(
        "past its last day", lambda: packet_file(C1, signed_terms(day="2026-10-01", expires="2026-10-31"))
    ),
    "the request is from tomorrow": Attempt(
        "past its last day", lambda: packet_file(C1, signed_terms(day="2026-11-23", expires="2026-12-01"))
    ),
    "the request lives too long": Attempt(
        "at most 30 days", lambda: packet_file(C1, signed_terms(expires="2026-12-23"))
    ),
    "the request has a day that is none": Attempt(
        "not a request", lambda: packet_file(C1, signed_terms(expires="2026-11-31"))
    ),
    "the reason turns text around": Attempt(
        "plain text", lambda: packet_file(C1, signed_terms(reason="to call \u202ereh"))
    ),
    "the reason is drawn as nothing": Attempt(
        "plain text", lambda: packet_file(C1, signed_terms(reason="\u3164"))
    ),
    "the reason is empty": Attempt("Give a reason", lambda: packet_file(C1, signed_terms(reason=" \u200d "))),
    "a purpose of no version": Attempt(
        "not a request", lambda: packet_file(C1, signed_terms(purpose="match"))
    ),
    "the packet holds another opening": Attempt(
        "another request than it is named for", lambda: packet_file(C1, TERMS, opening=identifier("other"))
    ),
    "the packet was sealed for another opening": Attempt(
        "sealed for another key", lambda: {**packet_file(C1, TERMS), "opening": identifier("other")}
    ),
    "the packet is for another custodian": Attempt(
        "not a request for your key file", lambda: packet_file(C2, TERMS)
    ),
    "the packet was renamed for this custodian": Attempt(
        "sealed for another key", lambda: {**packet_file(C2, TERMS), "recipient": "C1"}
    ),
    "the packet has something more": Attempt(
        "not a request", lambda: {**packet_file(C1, TERMS), "note": "hurry"}
    ),
    "the packet's text has a key twice": Attempt(
        "document that the vault can read",
        lambda: (
            canonical(packet_file(C1, TERMS))
            .decode()
            .replace('{"format"', '{"vault":"x","format"')
            .replace('"opening":"', '"opening":"x","opening":"', 1)
        ),
    ),
    "the packet is no JSON": Attempt("document that the vault can read", lambda: "<html>"),
    "the key file is somebody else's": Attempt(
        "The passphrase does not open", lambda: packet_file(C1, TERMS), lambda: C2.key_file
    ),
    "the key file has another's card": Attempt(
        "This is damaged",
        lambda: packet_file(C1, TERMS),
        lambda: {**C1.key_file, "cards": [C2.card]},
    ),
    "the key file asks for more memory than there is": Attempt(
        "not hold a wrapped key",
        lambda: packet_file(C1, TERMS),
        lambda: changed(C1.key_file, wrapped__kdf__memory_kib=64 * 1024 * 1024),
    ),
    "the key file is a request key's": Attempt("not a key file", lambda: packet_file(C1, TERMS), member_file),
    "the case does not promise the key": Attempt(
        "does not promise", lambda: case_packet([UNPROMISED], UNPROMISED_RECORDS)
    ),
    "the newest version promises the key no more": Attempt(
        "does not promise",
        lambda: case_packet([CASE, next_version(team=[{"member": "V1", "keys": ["brief"]}])]),
    ),
    "the case has a sixth key": Attempt(
        "not whole",
        lambda: case_packet([signed_by(changed(CASE["document"], keys__more={}), (C1, C2, C3))]),
    ),
    "the case has a sixth escrow": Attempt(
        "not whole",
        lambda: case_packet([signed_by(changed(CASE["document"], escrows__more=""), (C1, C2, C3))]),
    ),
    "too few custodians signed the case": Attempt(
        "not signed by a quorum", lambda: case_packet([signed_by(CASE["document"], (C1, C2))])
    ),
    "a public key in the case was swapped": Attempt(
        "A signature does not hold",
        lambda: case_packet(
            [changed(CASE, document__keys__testimony__public=b64(SealingKey(seed("server")).public))]
        ),
    ),
    "the case is another's": Attempt("not one of the case", lambda: case_packet([UNPROMISED])),
    "the case is missing": Attempt("not whole", lambda: case_packet(None)),
    "the versions stand in the wrong order": Attempt(
        "not whole", lambda: case_packet([next_version(), CASE])
    ),
}


@pytest.mark.parametrize("name", READ)
def test_nothing_is_to_be_decided_where(pinned: Pinned, name: str) -> None:
    attempt = READ[name]
    read_request(pinned, C1, attempt.packet(), attempt.key_file())
    pinned.refused(attempt.says)
    assert pinned.page.locator("main > section:visible").get_attribute("id") == "custodian"


def test_a_wrong_passphrase_opens_nothing_and_is_forgotten(pinned: Pinned) -> None:
    pinned.go("Read a request")
    pinned.choose("Your key file", C1.key_file)
    pinned.choose("The request", packet_file(C1, TERMS))
    pinned.fill("Its passphrase", "not this one")
    pinned.press("Read the request")
    pinned.refused("The passphrase does not open this key file")
    assert pinned.page.get_by_label("Its passphrase").locator("visible=true").input_value() == ""


def instead(extract: Json) -> dict[str, Any]:
    return packet_file(C1, TERMS, extract=extract)


SHARE = escrows.for_custodian(ESCROW, "C1")
NOT_SEALED, ANOTHER = "not the one that was sealed", "share is of another record"
TWIN = escrows.for_custodian(entrust(b"twin", "identity", ESCROW["record"], ROSTER), "C1")


@pytest.mark.parametrize(
    ("packet", "says"),
    [
        (instead(escrows.for_custodian(OTHER, "C1")), ANOTHER),
        (instead({**SHARE, "share": escrows.for_custodian(OTHER, "C1")["share"]}), NOT_SEALED),
        (instead(TWIN), ANOTHER),
        (instead({**TWIN, "escrow": SHARE["escrow"]}), NOT_SEALED),
        (instead(changed(SHARE, share__hash=b64(bytes(32)))), NOT_SEALED),
        (instead(escrows.for_custodian(ESCROW, "C2")), NOT_SEALED),
        (instead(None), ANOTHER),
        (another_share(), ANOTHER),
        (another_share(escrow=escrows.fingerprint(RECORDS["testimony"])), NOT_SEALED),
    ],
    ids=[
        "another record",
        "another record renamed",
        "a twin under the same id",
        "a twin under id and fingerprint",
        "another hash",
        "another's share",
        "none",
        "a key that the case does not promise",
        "such a key under the fingerprint of one that it does",
    ],
)
def test_no_share_is_handed_over_but_that_of_the_record(pinned: Pinned, packet: Json, says: str) -> None:
    read_request(pinned, C1, packet)
    pinned.at("What is asked of you")
    pinned.check("I approve")
    pinned.check("I compared")
    pinned.press("Go on")
    pinned.press("Hand over my share")
    pinned.refused(says)
    assert pinned.page.locator("main > section:visible").get_attribute("id") == "confirm"


def test_an_expired_roster_opens_nothing_but_lets_refuse(pinned: Pinned) -> None:
    late = signed_terms(day="2027-04-30", expires="2027-05-20")
    pinned.page.clock.set_fixed_time(f"{AFTERWARDS}T12:00:00Z")
    try:
        read_request(pinned, C1, packet_file(C1, late))
        pinned.at("What is asked of you")
        assert "It ran out on 30 April 2027" in pinned.text()
        pinned.check("I approve")
        pinned.check("I compared")
        pinned.press("Go on")
        pinned.refused("The roster has run out")
        pinned.check("I refuse")
        pinned.fill("Why you refuse", "The roster has run out.")
        pinned.press("Go on")
        pinned.at("Is this your decision?")
        pinned.go("Begin again")
        ask_in_page(pinned)
        pinned.refused("The roster has run out")
    finally:
        pinned.page.clock.set_fixed_time(f"{TODAY}T12:00:00Z")


# --- what is handed to a requester -------------------------------------------------------------------------------

THREE = [approve(person, TERMS) for person in (C1, C2, C3)]
AGAIN, AGAIN_KEY = request()
ELSEWHERE, _ = request(OTHER)
STRANGE = approve(C4, ELSEWHERE, OTHER)
HANDED: dict[str, tuple[str, Callable[[], Json]]] = {
    "two of three approved": ("2 of 3 custodians have approved", lambda: redemption_file(TERMS, THREE[:2])),
    "a decision is handed over twice": ("2 of 3", lambda: redemption_file(TERMS, [*THREE[:2], THREE[0]])),
    "a share is of another request": (
        "does not fit the record",
        lambda: redemption_file(TERMS, [*THREE[:2], approve(C3, AGAIN)]),
    ),
    "a share is of another record": (
        "does not fit the record",
        lambda: redemption_file(TERMS, [*THREE[:2], STRANGE]),
    ),
    "a decision was edited": (
        "does not fit the record",
        lambda: redemption_file(TERMS, [*THREE[:2], changed(THREE[2], document__index=4)]),
    ),
    "a refusal is called an approval": (
        "does not fit the record",
        lambda: redemption_file(
            TERMS, [*THREE[:2], changed(approve(C3, TERMS, refusal="No."), document__decision="approve")]
        ),
    ),
    "the record is another": (
        "another record than the one requested",
        lambda: redemption_file(TERMS, THREE, OTHER),
    ),
    "the record was renamed": (
        "another record than the one requested",
        lambda: redemption_file(TERMS, THREE, {**OTHER, "record": ESCROW["record"]}),
    ),
    "the record has a lower threshold": (
        "another record than the one requested",
        lambda: redemption_file(TERMS, THREE[:2], {**ESCROW, "threshold": 2}),
    ),
    "the record is not whole": ("not whole", lambda: redemption_file(TERMS, THREE, {"format": "x"})),
    "it is for another opening": ("for another request", lambda: redemption_file(AGAIN, THREE)),
    "the rosters are forged": (
        "not those that were seen",
        lambda: redemption_file(TERMS, THREE, rosters=forged()),
    ),
    "the rosters are rolled back": (
        "older than one that was seen",
        lambda: redemption_file(TERMS, THREE, rosters=[CHAIN[0]]),
    ),
    "it is no such file": ("not what custodians hand over", roster_file),
}


@pytest.mark.parametrize("name", HANDED)
def test_nothing_is_shown_where(pinned: Pinned, name: str) -> None:
    says, handed = HANDED[name]
    combine_in_page(pinned, opening_file(TERMS, KEY), handed())
    pinned.refused(says)
    assert pinned.page.locator("main > section:visible").get_attribute("id") == "combine"


def test_a_wrong_opening_code_opens_nothing(pinned: Pinned) -> None:
    words = OPENING_CODE.split()
    combine_in_page(pinned, opening_file(TERMS, KEY), redemption_file(TERMS, THREE), " ".join(words[::-1]))
    pinned.refused("The opening code does not open this file")


def test_an_opening_file_that_was_edited_opens_nothing(pinned: Pinned) -> None:
    kept = changed(opening_file(TERMS, KEY), terms__document__record=OTHER["record"])
    combine_in_page(pinned, kept, redemption_file(TERMS, THREE))
    pinned.refused("A signature does not hold")


def test_a_file_that_has_seen_no_roster_opens_nothing(pinned: Pinned) -> None:
    combine_in_page(pinned, opening_file(TERMS, KEY), redemption_file(TERMS, THREE), pin=None)
    pinned.refused("has seen the rosters")


def test_no_other_key_than_the_case_names_is_granted(pinned: Pinned) -> None:
    false = entrust(seed("server"), "case-key", identifier("false key"), ROSTER)
    named = {**CASE["document"]["escrows"], "testimony": fingerprint(false)}
    case = signed_by({**CASE["document"], "escrows": named}, (C1, C2, C3))
    terms, key = request(false)
    decisions = [approve(person, terms, false, case=[case]) for person in (C1, C2, C5)]
    combine_in_page(pinned, opening_file(terms, key), redemption_file(terms, decisions, false, case=[case]))
    pinned.refused("not the key of this case")


@pytest.mark.parametrize(
    "case", [None, [UNPROMISED], [signed_by(CASE["document"], (C1,))]], ids=["none", "other", "unsigned"]
)
def test_no_key_is_granted_without_its_case(pinned: Pinned, case: Json) -> None:
    record = RECORDS["testimony"]
    terms, key = request(record)
    decisions = [approve(person, terms, record, case=[CASE]) for person in (C1, C2, C5)]
    combine_in_page(pinned, opening_file(terms, key), redemption_file(terms, decisions, record, case=case))
    pinned.refused("Do not go on")


# --- what a requester asks for -----------------------------------------------------------------------------------


def test_a_key_that_the_roster_does_not_list_asks_for_nothing(pinned: Pinned) -> None:
    pinned.go("Prepare a request")
    pinned.choose("The file of your request key", member_file(Person("V1", "reviewer", asks=True)))
    pinned.fill("Its passphrase", V1.passphrase)
    pinned.choose("The vault's rosters", roster_file())
    pinned.fill("Its record", f"{ESCROW['record']}.{fingerprint(ESCROW)}")
    pinned.fill("Why, for the custodians", REASON)
    pinned.press("Go on")
    pinned.at("This is what you will sign")
    pinned.press("The vault's words are right: sign it")
    pinned.refused("does not list this request key")


@pytest.mark.parametrize(
    ("label", "text", "says"),
    [
        ("Its record", ESCROW["record"], "Copy the whole record"),
        ("Its record", f"{ESCROW['record']}.{ESCROW['record']}", "Copy the whole record"),
        ("Why, for the custodians", "two\nlines", "one line of plain text"),
        ("Why, for the custodians", " ", "Give a reason"),
        ("Why, for the custodians", "a" * 1001, "at most 1000 characters"),
        ("Its passphrase", "", "Type the passphrase"),
        ("Its passphrase", "wrong", "does not open this request key"),
    ],
)
def test_a_request_is_not_made_of(pinned: Pinned, label: str, text: str, says: str) -> None:
    pinned.go("Prepare a request")
    pinned.choose("The file of your request key", member_file())
    pinned.choose("The vault's rosters", roster_file())
    whole = {
        "Its passphrase": V2.passphrase,
        "Its record": f"{ESCROW['record']}.{fingerprint(ESCROW)}",
        "Why, for the custodians": REASON,
    }
    for field, value in {**whole, label: text}.items():
        pinned.fill(field, value)
    pinned.press("Go on")
    pinned.refused(says)


def test_what_others_wrote_cannot_hide_or_turn_around_what_is_read(pinned: Pinned) -> None:
    payload = {
        "format": "witness-vault/v1/identity",
        "name": "ab\u202edc\u2066\u200b",
        "notes": "one\ntwo\u200cthree<b>",
    }
    record = entrust(canonical(payload), "identity", identifier("hostile text"), ROSTER)
    terms, key = request(record)
    decisions = [approve(person, terms, record) for person in (C1, C2, C3)]
    refusal = approve(C4, terms, record, refusal="no\u202eon")
    combine_in_page(pinned, opening_file(terms, key), redemption_file(terms, [*decisions, refusal], record))
    pinned.at("Are you alone?")
    assert "no\\u{202e}on" in pinned.text()
    pinned.press("I am alone: show it")
    pinned.at("The identity")
    shown = pinned.text()
    assert "ab\\u{202e}dc\\u{2066}\\u{200b}" in shown
    assert "one\ntwo\u200cthree<b>" in shown


def test_a_sentence_repeats_nothing_of_what_was_read(pinned: Pinned) -> None:
    read_request(pinned, C1, json.dumps({"format": "a canary"}))
    pinned.refused("This is not a request for a custodian")
    assert "canary" not in pinned.text()
