"""One identity: entrusted to five custodians, beside the five bare HPKE seals that the design cannot do without."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from bench.timing import in_turn, line
from bench.vaults import founded
from vault.opening import entrust
from vault.sealing import boxes
from vault.sealing.digests import b64


def measure() -> Iterator[str]:
    """Sealing an identity against its primitives."""
    with founded() as bench:
        record, payload = b64(secrets.token_bytes(16)), secrets.token_bytes(1000)
        publics = [custodian.sealing for custodian in bench.roster.custodians.values()]
        ours, bare = in_turn(
            lambda: entrust(payload, "identity", record, bench.roster),
            lambda: [boxes.seal(public, ("bench", {}), bytes(33)) for public in publics],
            rounds=300,
        )
        yield line("Seal an identity to 3 of 5 custodians", ours, "five bare seals", bare)
