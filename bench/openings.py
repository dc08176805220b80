"""One identity, combined from what three of five custodians handed over, beside the bare primitives of that."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from bench.timing import in_turn, line
from vault.opening import Days, Holder, ask, combine, decide, entrust
from vault.sealing import boxes, locks, members, roster_drafts, rosters, shares
from vault.sealing.digests import b64
from vault.sealing.escrows import fingerprint, for_custodian
from vault.sealing.keypairs import MemberSecret, SealingKey, SigningKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import sign, signature, verify, with_signatures

BUDGET = 2  # milliseconds of CPU
_LIVES = 180


def measure() -> Iterator[str]:
    """Combining, by the processor's own clock: what else runs on the machine does not count."""
    today = datetime.now(UTC).date()
    holders = [Holder(f"C{number}", MemberSecret.generate()) for number in range(1, 6)]
    request = SigningKey.generate()
    roster = _roster(holders, request, today)
    record = entrust(secrets.token_bytes(1000), "identity", b64(secrets.token_bytes(16)), roster)
    about = {"purpose": "identity", "record": record["record"], "escrow": fingerprint(record)}
    days = Days(today.isoformat(), (today + timedelta(30)).isoformat())
    terms, key = ask({**about, "reason": "To measure.", "requester": "V1"}, roster, request, days)
    approvals = [
        decide({"terms": terms, "escrow": for_custodian(record, one.code)}, [roster], one, None, days.today)
        for one in holders[:3]
    ]
    ours, bare = in_turn(
        lambda: combine(terms["document"], key, record, approvals, roster),
        _bare(key, holders[0].secret.signing),
        rounds=300,
        clock=time.process_time,
    )
    said = f"three verifications, three bare unseals, shares and lock (budget {BUDGET} ms)"
    yield line("Open one identity of 3 of 5 custodians, CPU", ours, said, bare)


def _bare(key: SealingKey, signing: SigningKey) -> Callable[[], bytes]:
    data_key = secrets.token_bytes(locks.KEY_SIZE)
    dealt = shares.split(data_key, 3, 5)[:3]
    sealed = [boxes.seal(key.public, ("bench", {}), share) for share in dealt]
    locked = locks.lock(data_key, ("bench", {}), bytes(2048))
    signed = sign({"format": "bench"}, "C1", signing)

    def run() -> bytes:
        for _ in range(3):
            verify(signed["document"], signed["signatures"][0], signing.public)
        opened = [boxes.unseal(key, ("bench", {}), box) for box in sealed]
        return locks.unlock(shares.combine(opened), ("bench", {}), locked)

    return run


def _roster(holders: list[Holder], request: SigningKey, today: date) -> Roster:
    days = today.isoformat(), (today + timedelta(_LIVES)).isoformat()
    cards = [members.custodian_card(one.code, one.secret)["document"] for one in holders]
    first = roster_drafts.founding_document(b64(secrets.token_bytes(16)), cards, 3, days)
    signed = [signature(first, one.code, one.secret.signing) for one in holders]
    founding = rosters.found(with_signatures(first, signed))
    facts = {"vault": founding.vault, "code": "V1", "role": "reviewer", "invitation": b64(bytes(32))}
    card = members.member_card(facts, MemberSecret.generate(), request.public)
    second = roster_drafts.with_members(founding, [card["document"]], days)
    signed = [signature(second, one.code, one.secret.signing) for one in holders]
    return rosters.follow(founding, with_signatures(second, signed))
