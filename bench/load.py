"""Deposits over the server that serves a vault: one client, then forty at once, beside plaintext rows under the same.

Each client does what the command line does: it starts a draft, seals the identity to five custodians, and deposits.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx

from bench.deposits import draft, plaintext
from bench.vaults import PASSPHRASE, Bench, founded
from config.settings import DATABASES, FILE_VARIABLE
from vault.cli.operator import FOR_THE_OWNER, gunicorn_options
from vault.opening import entrust
from vault.process import forgetting

UNCOUNTED, ALONE = 5, 100  # deposits of one client
CLIENTS, EACH = 40, 5
COMMITS = 5  # of a deposit: the draft; shreds, identities, testimony; the draft's end
WANTED, MOST_MEMORY = 60, 120  # deposits a second; MB a worker
_PLAIN = "WITNESS_VAULT_BENCH_PLAIN"


def measure() -> Iterator[str]:
    """In the folder for temporary files, which should lie on a disk, and in memory."""
    for place in (tempfile.gettempdir(), "/dev/shm"):
        with tempfile.TemporaryDirectory(prefix="witness-vault-bench-", dir=place) as folder:
            for line in _measured(Path(folder)):
                yield f"In {place}: {line}"


def plain() -> Any:
    """The application that stores plaintext, for gunicorn."""
    return plaintext(Path(os.environ[_PLAIN]))


def _measured(folder: Path) -> Iterator[str]:
    with founded(folder) as bench:
        config = folder / "vault.toml"
        urls = [f'{name} = "sqlite:///{folder / name}.db"' for name in DATABASES]
        config.write_text("\n".join(['hosts = ["127.0.0.1"]', "[databases]", *urls]) + "\n", "utf-8")
        sealing = statistics.median(_timed(lambda: _sealed(bench, "A" * 22)) for _ in range(20))
        with (
            _served("web.app:create_app()", {FILE_VARIABLE: str(config)}) as ours,
            _served("bench.load:plain()", {_PLAIN: str(folder / "plain.db")}) as theirs,
        ):
            token = _signed_in(bench, ours.address)
            plainly = Plain(theirs.address, bench)
            worked = ours.worked()
            yield from _alone(Depositor(ours.address, bench, token), plainly)
            worked = (ours.worked() - worked) / (ALONE + UNCOUNTED)
            yield f"one client: the server computes {worked * 1e3:.1f} ms for a deposit; the rest is waiting"
            yield f"sealing on the client's side takes {sealing * 1e3:.1f} ms of that"
            yield f"{COMMITS} bare commits take {COMMITS * _commit(folder) * 1e3:.1f} ms: none of them can be spared"
            before = ours.memory()
            yield from _at_once(lambda: Depositor(ours.address, bench, token), "deposits")
            yield from _at_once(lambda: Plain(theirs.address, bench), "plaintext rows")
            yield f"memory: {_said(before)} before those at once, {_said(ours.memory())} after"
            most = max(rss for rss, _ in ours.memory())
            yield f"memory: {most:.0f} MB a worker at most; wanted {MOST_MEMORY}: {_met(most <= MOST_MEMORY)}"
            yield f"memory of what stores plaintext: {_said(theirs.memory())}"


def _alone(ours: Depositor, theirs: Plain) -> Iterator[str]:
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(UNCOUNTED + ALONE):
        for run, times in zip((ours.run, theirs.run), taken, strict=True):
            spent = _timed(run)
            if number >= UNCOUNTED:  # the first ones fill what is built once
                times.append(spent)
    rate, plainly = (len(times) / sum(times) for times in taken)
    yield f"one client: {rate:.0f} deposits/s, {_spread(taken[0])}; wanted {WANTED}: {_met(rate >= WANTED)}"
    yield f"one client: {plainly:.0f} plaintext rows/s, {_spread(taken[1])}; ratio {rate / plainly:.2f}"


def _at_once(client: Callable[[], Depositor | Plain], what: str) -> Iterator[str]:
    begin = Barrier(CLIENTS + 1)

    def work() -> tuple[list[float], int]:
        times, failures, one = [], 0, client()
        begin.wait()
        for _ in range(EACH):
            try:
                times.append(_timed(one.run))
            except (OSError, http.client.HTTPException, AssertionError):
                failures += 1
        return times, failures

    with ThreadPoolExecutor(CLIENTS) as pool:
        working = [pool.submit(work) for _ in range(CLIENTS)]
        begin.wait()
        start = time.perf_counter()
        done = [one.result() for one in working]
        wall = time.perf_counter() - start
    times, failures = [spent for one, _ in done for spent in one], sum(failed for _, failed in done)
    kept = f"{len(times)} {what} kept, {failures} failed; wanted 0: {_met(not failures)}"
    yield f"{CLIENTS} clients at once: {kept}; {len(times) / wall:.0f}/s, {_spread(times)}"


class Client:
    """One connection to a server: the plainest there is, because what a client computes is no part of the server."""

    def __init__(self, address: str, bench: Bench, token: str = "") -> None:
        self.bench = bench
        self._connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=120)
        self._head = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def post(self, path: str, body: object) -> bytes:
        """What the server answers. Raises AssertionError for a refusal."""
        self._connection.request("POST", path, json.dumps(body), self._head)
        answer = self._connection.getresponse()
        said = answer.read()
        assert answer.status == HTTPStatus.OK, said
        return said


class Depositor(Client):
    """A researcher's client."""

    def run(self) -> None:
        """One deposit."""
        said = self.post(f"/api/cases/{self.bench.case}/drafts", {"incident": self.bench.incident})
        started = json.loads(said)
        sealed = _sealed(self.bench, started["identity_record"])
        self.post(f"/api/drafts/{started['draft']}/deposit", {**draft(self.bench), "sealed_identity": sealed})


class Plain(Client):
    """A client of what stores plaintext."""

    def run(self) -> None:
        """One row."""
        self.post("/", draft(self.bench))


@dataclass(frozen=True)
class Server:
    """A gunicorn that was started here."""

    address: str
    process: int

    def memory(self) -> list[tuple[float, float]]:
        """Of each worker, resident and (shared pages divided among who shares them) proportional, in MB."""
        return [_memory(worker) for worker in self._workers()]

    def worked(self) -> float:
        """The seconds for which its workers have had a processor: a busy machine changes this least."""
        ticks = [Path(f"/proc/{worker}/stat").read_text("ascii").split()[13:15] for worker in self._workers()]
        return sum(int(part) for one in ticks for part in one) / os.sysconf("SC_CLK_TCK")

    def _workers(self) -> list[int]:
        children = Path(f"/proc/{self.process}/task/{self.process}/children").read_text("ascii")
        return [int(worker) for worker in children.split()]


@contextmanager
def _served(application: str, environment: dict[str, str]) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "gunicorn", application, *gunicorn_options(bind, workers=2)[1:]]
    known = forgetting({**os.environ, **environment})
    process = subprocess.Popen(command, env=known, stdout=sys.stderr, umask=FOR_THE_OWNER)
    try:
        _await(f"http://{bind}")
        yield Server(f"http://{bind}", process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _await(address: str) -> None:
    for _ in range(600):
        with suppress(httpx.TransportError):
            httpx.get(address, trust_env=False)
            return
        time.sleep(0.1)
    raise SystemExit("The server did not start.")


def _signed_in(bench: Bench, address: str) -> str:
    typed = {"member": "R1", "passphrase": PASSPHRASE, "device_key": bench.device_key}
    answer = httpx.post(f"{address}/api/sign-in", json=typed, trust_env=False, timeout=60)
    return str(answer.json()["token"])


def _sealed(bench: Bench, record: str) -> dict[str, Any]:
    return entrust(b'{"name":"nobody"}', "identity", record, bench.roster)


def _commit(folder: Path) -> float:
    """The median seconds that a committed change of one row takes, as the vault commits, and no more than that."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode=DELETE", "synchronous=EXTRA", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE rows (content BLOB)")
    connection.execute("INSERT INTO rows VALUES (?)", (bytes(100),))
    change = "UPDATE rows SET content = ?"
    found = [_timed(lambda: connection.execute(change, (secrets.token_bytes(100),))) for _ in range(50)]
    connection.close()
    return statistics.median(found)


def _timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _memory(process: int) -> tuple[float, float]:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text("ascii").splitlines()[1:]
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return found["Rss"], found["Pss"]


def _said(memory: list[tuple[float, float]]) -> str:
    return ", ".join(f"{rss:.0f} MB ({pss:.0f} of its own share)" for rss, pss in memory)


def _spread(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=20)
    return f"p50 {cuts[9] * 1e3:.0f} ms, p95 {cuts[18] * 1e3:.0f} ms"


def _met(whether: bool) -> str:
    return "met" if whether else "falls short"
