"""Signing in, beside the bare Argon2id that it cannot do without; a known member beside an unknown one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

from argon2.low_level import Type, hash_secret_raw

from bench.timing import in_turn, line
from bench.vaults import PASSPHRASE, founded
from vault import throttling
from vault.sealing.keypairs import MEMBER
from vault.sealing.words import spell_device_key

ROUNDS = 25


def measure() -> Iterator[str]:
    """Sign-ins over the application's own entrance: how much they add, and whether who is known answers otherwise."""
    with founded() as bench:
        client, guesses = bench.app.test_client(), count()

        def sign_in(member: str, passphrase: str, device_key: str = bench.device_key) -> int:
            typed = {"member": member, "passphrase": passphrase, "device_key": device_key}
            return client.post("/api/sign-in", json=typed, base_url="http://127.0.0.1").status_code

        def guess(member: str) -> None:
            key = spell_device_key(next(guesses).to_bytes(32))
            assert sign_in(member, PASSPHRASE, key) == 401

        assert sign_in("R1", PASSPHRASE) == 200
        throttling.MOST_UNKNOWN = 10 * ROUNDS
        for what, clock in (("", time.perf_counter), (" (computing alone)", time.process_time)):
            ours, bare = in_turn(lambda: sign_in("R1", PASSPHRASE), _derive, ROUNDS, clock)
            more = f"{(ours - bare) * 1e3:.1f} ms more"
            yield f"{line(f'Sign in{what}', ours, 'bare Argon2id', bare)}; {more}"
            unknown, wrong = in_turn(lambda: guess("X9"), lambda: guess("R1"), ROUNDS, clock)
            yield line(f"Unknown member{what}", unknown, "wrong device key", wrong)


def _derive() -> bytes:
    cost = {"time_cost": MEMBER.iterations, "memory_cost": MEMBER.memory_kib, "parallelism": MEMBER.lanes}
    return hash_secret_raw(bytes(32) + PASSPHRASE.encode(), bytes(16), **cost, hash_len=32, type=Type.ID)
