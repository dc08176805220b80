"""Signing in, beside the bare Argon2id that it cannot do without; a known member beside an unknown one."""

from __future__ import annotations

from collections.abc import Iterator

from bench.timing import in_turn, line
from bench.vaults import PASSPHRASE, founded
from vault.sealing.keypairs import MEMBER, spend


def measure() -> Iterator[str]:
    """Three sign-ins over the application's own entrance."""
    with founded() as bench:
        client = bench.app.test_client()

        def sign_in(member: str, passphrase: str) -> int:
            typed = {"member": member, "passphrase": passphrase, "device_key": bench.device_key}
            return client.post("/api/sign-in", json=typed, base_url="http://127.0.0.1").status_code

        assert sign_in("R1", PASSPHRASE) == 200
        ours, bare = in_turn(lambda: sign_in("R1", PASSPHRASE), lambda: spend(PASSPHRASE, MEMBER), rounds=15)
        yield line("Sign in", ours, "bare Argon2id", bare)
        unknown, wrong = in_turn(lambda: sign_in("X9", "wrong"), lambda: sign_in("R1", "wrong"), rounds=15)
        yield line("Unknown member", unknown, "wrong passphrase", wrong)
