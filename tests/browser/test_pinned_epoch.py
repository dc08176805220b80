"""The pinned page after a change of custodians: key files with several cards, records that were shared anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.pinned import Pinned
from tests.browser.test_pinned_page import combine_in_page, read_request
from tests.browser.travelling import (
    ESCROW,
    IDENTITY,
    LAST,
    REASON,
    opening_file,
    packet_file,
    redemption_file,
    request,
)
from tests.cast import C1, C2, C3, CHAIN, CUSTODIANS, EXPIRES, ISSUED, ROSTER, THRESHOLD, TODAY, V2, signed_by
from vault.opening import Days, Holder, ask, combine, decide
from vault.sealing import boxes, escrows, rosters, shares
from vault.sealing.digests import b64, canonical
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import CHEAPEST
from vault.sealing.members import KeyFile, open_key_file, with_next_card
from vault.sealing.roster_drafts import with_custodians
from vault.sealing.rosters import Roster

NEXT = {
    person: with_next_card(open_key_file(person.key_file, person.passphrase), person.passphrase, CHEAPEST)
    for person in CUSTODIANS
}
DRAFT = with_custodians(ROSTER, [card["document"] for _, card in NEXT.values()], THRESHOLD, (ISSUED, EXPIRES))
LONGER = [*CHAIN, signed_by(DRAFT, CUSTODIANS)]
VERIFIED = rosters.verify_chain(LONGER)
NEWEST = VERIFIED[-1]
PIN = {"vault": NEWEST.vault, "version": NEWEST.version, "digest": b64(NEWEST.digest)}


def shared_anew(record: Escrow, roster: Roster) -> Escrow:
    """The record, its data key split again among the custodians of the next epoch."""
    known = [
        escrows.open_share(escrows.for_custodian(record, person.code), person.secret.sealing)
        for person in (C1, C2, C3)
    ]
    dealt = shares.split(shares.combine(known), roster.threshold, len(roster.codes))
    sharing = {"epoch": roster.epoch, "roster": roster.version, "threshold": roster.threshold}
    anew: Escrow = {**record, **sharing, "origin": escrows.sharing(record), "shares": []}
    for code, share in zip(roster.codes, dealt, strict=True):
        entry = {"index": share[0], "custodian": code, "hash": escrows.share_hash(share)}
        about = escrows.share_binding(anew, escrows.fingerprint(record), entry, len(dealt))
        sealed = b64(boxes.seal(roster.custodians[code].sealing, about, share))
        anew["shares"].append({**entry, "sealed": sealed})
    return anew


RECORD = shared_anew(ESCROW, NEWEST)


def key_file(person: Any) -> KeyFile:
    return open_key_file(NEXT[person][0], person.passphrase)


@pytest.fixture
def pinned(chromium: Browser, tmp_path: Path) -> Iterator[Pinned]:
    opened = Pinned(chromium, tmp_path)
    yield opened
    opened.context.close()
    assert opened.complaints == []


def test_a_record_that_was_shared_anew_is_approved_and_opened(pinned: Pinned) -> None:
    assert V2.request is not None
    named = {"purpose": "identity", "record": RECORD["record"], "escrow": escrows.fingerprint(RECORD)}
    terms, key = ask({**named, "reason": REASON, "requester": "V2"}, NEWEST, V2.request, Days(TODAY, LAST))
    listed = key_file(C1).listed(NEWEST)
    packet = {"terms": terms, "escrow": escrows.for_custodian(RECORD, "C1"), "case": None}
    file = packet_file(C1, terms, rosters=LONGER, sealed_to=listed.sealing.public, content=packet)
    read_request(pinned, C1, file, NEXT[C1][0])
    pinned.at("What is asked of you")
    pinned.check("I approve")
    pinned.check("I compared")
    pinned.press("Go on")
    pinned.press("Hand over my share")
    pinned.at("Your decision is signed")
    assert pinned.saved("key-file.json")["pin"] == PIN
    decisions = [pinned.saved("decision.json")]
    for person in (C2, C3):
        extract = escrows.for_custodian(RECORD, person.code)
        holder = Holder(person.code, key_file(person).listed(NEWEST))
        decisions.append(
            decide({"terms": terms, "escrow": extract, "case": None}, VERIFIED, holder, None, TODAY)
        )
    assert combine(terms["document"], key, RECORD, decisions, NEWEST) == canonical(IDENTITY)
    pinned.go("Begin again")
    handed = redemption_file(terms, decisions, RECORD, rosters=LONGER)
    combine_in_page(pinned, opening_file(terms, key), handed, pin=PIN)
    pinned.at("Are you alone?")


def test_what_was_asked_of_an_earlier_epoch_is_not_decided(pinned: Pinned) -> None:
    terms, _ = request()
    listed = key_file(C1).listed(NEWEST)
    packet = {"terms": terms, "escrow": escrows.for_custodian(RECORD, "C1"), "case": None}
    file = packet_file(C1, terms, rosters=LONGER, sealed_to=listed.sealing.public, content=packet)
    read_request(pinned, C1, file, NEXT[C1][0])
    pinned.refused("The custodians have changed since this was asked for")


def test_a_key_file_without_the_new_card_decides_nothing(pinned: Pinned) -> None:
    read_request(pinned, C1, packet_file(C1, request()[0], rosters=LONGER))
    pinned.refused("This key file is not in the roster")


def test_no_epoch_begins_with_keys_of_the_one_before(pinned: Pinned) -> None:
    kept = {**DRAFT, "custodians": ROSTER.document["custodians"]}
    chain = [*CHAIN, signed_by(kept, CUSTODIANS)]
    read_request(pinned, C1, packet_file(C1, request()[0], rosters=chain))
    pinned.refused("does not follow")
