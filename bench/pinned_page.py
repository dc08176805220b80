"""One approval in the pinned page, the key file opened at its real cost, beside the bare Argon2id in the same page."""

from __future__ import annotations

import secrets
import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import sync_playwright

from bench.timing import line
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from vault.opening import Days, ask, entrust
from vault.page import assemble, bundle
from vault.sealing import escrows, members, roster_drafts
from vault.sealing.digests import Json, b64
from vault.sealing.keypairs import CHEAPEST, KEY_FILE, MemberSecret, SigningKey
from vault.sealing.rosters import Roster, verify_chain
from vault.sealing.signatures import signature, with_signatures
from vault.sealing.terms import seal_packet

PASSPHRASE = "six words of a bench that nobody guesses"
ROUNDS = 5
ROOT = Path(__file__).parents[1]
TODAY = datetime.now(UTC).date()
DAYS = (TODAY.isoformat(), (TODAY + timedelta(days=180)).isoformat())


def measure() -> Iterator[str]:
    """Key file, rosters, packet and terms in; a signed approval out."""
    key_file, packet = _vault()
    script = bundle("bench/pinned_page.js", lambda path: (ROOT / path).read_text("utf-8"))
    times: dict[str, list[float]] = {"approve": [], "bare": []}
    with TemporaryDirectory(prefix="witness-vault-bench-") as folder, sync_playwright() as playwright:
        place = Path(folder) / "bench.html"
        place.write_text(f'<!doctype html><meta charset="utf-8"><script>{script}</script>', "utf-8")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(place.as_uri())
        for counted in range(ROUNDS + 1):
            given = [key_file, packet, PASSPHRASE, TODAY.isoformat()]
            taken = {
                "approve": page.evaluate("(given) => bench.approve(...given)", given),
                "bare": page.evaluate("(passphrase) => bench.bare(passphrase)", PASSPHRASE),
            }
            for name, seconds in taken.items():
                times[name] += [seconds] if counted else []
        browser.close()
    ours, bare = (statistics.median(times[name]) for name in ("approve", "bare"))
    yield line("Approve in the pinned page", ours, "bare Argon2id there", bare)
    yield f"The pinned page weighs {len(assemble()) / 1024:.0f} KiB"


def _vault() -> tuple[Json, dict[str, Any]]:
    """The first custodian's key file, and a request for them."""
    made = [members.new_key_file(f"C{n}", PASSPHRASE, KEY_FILE if n == 1 else CHEAPEST) for n in range(1, 6)]
    holders = [members.open_key_file(file, PASSPHRASE) for file, _ in made]
    vault = b64(secrets.token_bytes(16))
    cards = [card["document"] for _, card in made]
    documents = [roster_drafts.founding_document(vault, cards, 3, DAYS)]
    chain = [_signed(documents[0], holders)]
    request_key, reader = SigningKey.generate(), MemberSecret.generate()
    facts = {"vault": vault, "code": "V1", "role": "reviewer", "invitation": b64(bytes(32))}
    card = members.member_card(facts, reader, request_key.public)["document"]
    chain.append(_signed(roster_drafts.with_members(verify_chain(chain)[-1], [card], DAYS), holders))
    roster = verify_chain(chain)[-1]
    return made[0][0], _packet(roster, chain, request_key, holders[0].newest)


def _signed(document: Json, holders: list[members.KeyFile]) -> Json:
    return with_signatures(document, [signature(document, one.code, one.newest.signing) for one in holders])


def _packet(roster: Roster, chain: list[Json], request_key: SigningKey, keys: MemberSecret) -> dict[str, Any]:
    record = entrust(b'{"name":"nobody"}', "identity", b64(secrets.token_bytes(16)), roster)
    named = {"purpose": "identity", "record": record["record"], "escrow": escrows.fingerprint(record)}
    days = Days(TODAY.isoformat(), (TODAY + timedelta(days=30)).isoformat())
    terms, _ = ask({**named, "reason": "To measure.", "requester": "V1"}, roster, request_key, days)
    about = {"vault": roster.vault, "opening": terms["document"]["opening"], "recipient": "C1"}
    content = {"terms": terms, "escrow": escrows.for_custodian(record, "C1"), "case": None}
    sealed = seal_packet(keys.sealing.public, about["vault"], about["opening"], "C1", content)
    return {"format": "witness-vault/v1/packet-file", **about, "packet": b64(sealed), "rosters": chain}
