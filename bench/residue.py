"""What a server's memory still holds of a member's secrets while they are signed in, and after they have signed out.

Read from the memory of a real process by whoever started it as root, who may. Linux only.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bench.vaults import PASSPHRASE, Bench, founded
from config.settings import DATABASES, FILE_VARIABLE
from vault.cli.operator import gunicorn_options
from vault.process import forgetting
from vault.sealing.digests import b64
from vault.sealing.words import read_device_key

SAID = "I heard it before I felt it, and then there was smoke over the roofs."
_SIGN_INS = 5
_LATER = (0, 1, 20, 200)  # requests of somebody else after the sign-out


def measure() -> Iterator[str]:
    """How often each secret stands in a worker's memory, as the vault is served, and as it would be otherwise."""
    for overwritten in (True, False):
        with founded() as bench, _served(bench, overwritten) as (address, worker):
            for line in _watched(bench, address, worker):
                yield f"Memory {'is' if overwritten else 'is not'} overwritten; {line}"


def _watched(bench: Bench, address: str, worker: int) -> Iterator[str]:
    with httpx.Client(base_url=address, trust_env=False) as client:
        tokens = []
        for _ in range(_SIGN_INS):
            tokens.append(_work(client, bench))
            if len(tokens) < _SIGN_INS:
                client.post("/api/sign-out", headers=_as(tokens[-1])).raise_for_status()
        yield f"signed in: {_found(bench, tokens, worker)}"
        client.post("/api/sign-out", headers=_as(tokens[-1])).raise_for_status()
    done = 0
    with httpx.Client(base_url=address, trust_env=False) as other:
        for until in _LATER:
            for _ in range(done, until):
                other.get("/sign-in")
            done = until
            yield f"signed out, {done} requests later: {_found(bench, tokens, worker)}"


def _work(client: httpx.Client, bench: Bench) -> str:
    """Sign in, hand in an interview, look at the desk and the case; the session's token."""
    typed = {"member": "R1", "passphrase": PASSPHRASE, "device_key": bench.device_key}
    token = str(client.post("/api/sign-in", json=typed).raise_for_status().json()["token"])
    draft = client.post(
        f"/api/cases/{bench.case}/drafts", json={"incident": bench.incident}, headers=_as(token)
    ).json()["draft"]
    interview = {
        "kind": "original",
        "consent": {"recording": True, "uses": ["corroboration"]},
        "interview": {"date": bench.day.isoformat(), "language": "en", "mode": "in_person"},
        "testimony": SAID,
        "observations": [
            {"incident": bench.incident, "subject": "aircraft.present", "perception": ["heard"]}
        ],
    }
    client.post(f"/api/drafts/{draft}/deposit", json=interview, headers=_as(token)).raise_for_status()
    for path in ("/", f"/cases/{bench.case}"):
        client.get(path, headers=_as(token)).raise_for_status()
    return token


def _as(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _found(bench: Bench, tokens: list[str], worker: int) -> str:
    """How often the second half of each stands there, in each form in which the server meets it.

    The first bytes of what is freed are overwritten in any case: by what leads to the next free piece.
    """
    keys = bench.people["R1"]
    looked_for = {
        "passphrase": [PASSPHRASE.encode()],
        "device key": [bench.device_key.encode(), read_device_key(bench.device_key)],
        "sealing seed": [keys.sealing.seed],
        "signing seed": [keys.signing.seed],
        "both seeds, in letters": [b64(keys.to_bytes()).encode()],
        "session tokens": [token.encode() for token in tokens],
        "testimony": [SAID.encode()],
    }
    counts = dict.fromkeys(looked_for, 0)
    for region in memory(worker):
        for name, forms in looked_for.items():
            counts[name] += sum(region.count(form[len(form) // 2 :]) for form in forms)
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def memory(process: int) -> Iterator[bytes]:
    """Everything that a process may write."""
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            start, stop = (int(end, 16) for end in span.split("-"))
            if rights.startswith("rw"):
                memory.seek(start)
                yield memory.read(stop - start)


@contextmanager
def _served(bench: Bench, overwritten: bool) -> Iterator[tuple[str, int]]:
    """The vault, served by one worker in a process of its own; its address, and the worker's process."""
    folder = Path(bench.app.extensions["vault"].store.engines["testimony"].url.database).parent
    lines = ['hosts = ["127.0.0.1"]', "[databases]"]
    lines += [f'{name} = "sqlite:///{folder}/{name}.db"' for name in DATABASES]
    (folder / "vault.toml").write_text("\n".join(lines) + "\n", "utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {**os.environ, FILE_VARIABLE: str(folder / "vault.toml")}
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *gunicorn_options(bind, workers=1)],
        env=forgetting(environment) if overwritten else environment,
    )
    try:
        yield f"http://{bind}", _worker(server.pid, f"http://{bind}")
    finally:
        server.terminate()
        server.wait(timeout=60)


def _worker(server: int, address: str) -> int:
    """The server's only child, once it answers."""
    for _ in range(100):
        time.sleep(0.1)
        try:
            httpx.get(f"{address}/sign-in", trust_env=False)
        except httpx.HTTPError:
            continue
        return int(Path(f"/proc/{server}/task/{server}/children").read_text().split()[0])
    raise SystemExit("The server does not answer.")
