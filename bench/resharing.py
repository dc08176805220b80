"""Sharing anew with a new epoch's custodians, by the ceremony's own code, beside the bare HPKE it cannot do without.

Each size runs in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import json
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.timing import line
from vault import carried
from vault.ceremony import Ceremony
from vault.opening import Holder, entrust
from vault.sealing import boxes, roster_drafts
from vault.sealing.digests import b64
from vault.sealing.keypairs import MemberSecret, SealingKey
from vault.sealing.members import custodian_card
from vault.sealing.resharings import of_record
from vault.sealing.rosters import Roster, parse

SIZES = (1_000, 10_000)
CUSTODIANS = tuple(f"C{number}" for number in range(1, 6))
DAYS = ("2026-11-22", "2027-05-01")
PRESENT = 3


def measure() -> Iterator[str]:
    """1,000 and 10,000 records, 3-of-5 to 3-of-5."""
    taken = {}
    for size in SIZES:
        told = subprocess.run(
            [sys.executable, "-m", "bench.resharing", str(size)], check=True, capture_output=True, text=True
        )
        found = taken[size] = json.loads(told.stdout)
        yield (
            f"Share {size:,} records anew: {found['seconds']:.1f} s, peak {found['megabytes']:.0f} MB; "
            + line("one record", found["seconds"] / size, "three unseals and five seals", found["bare"])
        )
    few, many = (taken[size] for size in SIZES)
    yield (
        f"Ten times the records: {many['seconds'] / few['seconds']:.1f} times the time, "
        f"{many['megabytes'] / few['megabytes']:.2f} times the memory"
    )


def _run(size: int) -> dict[str, float]:
    old, new, holders = _epochs()
    met = Ceremony(old, new, holders)
    with TemporaryDirectory(prefix="witness-vault-bench-") as folder:
        export, out = Path(folder) / "export", Path(folder) / "result"
        carried.write_export(export, [], (_line(old) for _ in range(size)))
        bare = _bare(old, new, holders, rounds=50)
        start = time.perf_counter()
        carried.share_anew(export, out, met, lambda: None)
        assert carried.failures(out) == []
        carried.conclude(out, met, DAYS[0], ())
        seconds = time.perf_counter() - start
        bare = (
            bare + _bare(old, new, holders, rounds=50)
        ) / 2  # before and after: a drifting machine slows both
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": megabytes, "bare": bare}


def _epochs() -> tuple[Roster, Roster, dict[str, Holder]]:
    secrets_ = {code: MemberSecret.generate() for code in CUSTODIANS}
    cards = [custodian_card(code, secret)["document"] for code, secret in secrets_.items()]
    old = parse(roster_drafts.founding_document(b64(secrets.token_bytes(16)), cards, PRESENT, DAYS))
    after = [
        custodian_card(code, MemberSecret(SealingKey.generate(), secret.signing))["document"]
        for code, secret in secrets_.items()
    ]
    new = parse(roster_drafts.with_custodians(old, after, PRESENT, DAYS))
    return old, new, {code: Holder(code, secrets_[code]) for code in CUSTODIANS[:PRESENT]}


def _line(old: Roster) -> dict[str, Any]:
    return of_record(entrust(b'{"name":"nobody"}', "identity", b64(secrets.token_bytes(16)), old))


def _bare(old: Roster, new: Roster, holders: dict[str, Holder], rounds: int) -> float:
    """What a record cannot cost less than: k shares unsealed, n sealed."""
    about: tuple[str, dict[str, str]] = ("bench", {})
    sealed = {code: boxes.seal(old.custodians[code].sealing, about, bytes(33)) for code in holders}
    start = time.perf_counter()
    for _ in range(rounds):
        for code, holder in holders.items():
            boxes.unseal(holder.secret.sealing, about, sealed[code])
        for custodian in new.custodians.values():
            boxes.seal(custodian.sealing, about, bytes(33))
    return (time.perf_counter() - start) / rounds


if __name__ == "__main__":
    print(json.dumps(_run(int(sys.argv[1]))))
