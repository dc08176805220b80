"""What a process keeps of its memory for itself: no cores, nothing for its neighbours, little of what was let go."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import secrets
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from bench.residue import memory
from tests.looking import GET_DUMPABLE
from vault.cli.main import main
from vault.cli.operator import gunicorn_options
from vault.process import forgetting, swaps

ROOT = Path(__file__).parents[1]
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux says it so")
glibc = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library frees as it likes")
_CHILD = """
import os
given = os.read(0, 400)
del given
os.write(1, b"gone")
os.read(0, 1)
"""


@linux
def test_a_worker_dumps_no_core_and_no_neighbour_reads_its_memory() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    options = ["tests.looking:app", *gunicorn_options(bind, workers=1)[1:]]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", *options],
        cwd=ROOT,
        env=forgetting(os.environ),
        stderr=subprocess.PIPE,
    )
    try:
        said = _answer(f"http://{bind}/").json()
        limits = Path(f"/proc/{server.pid}/limits").read_text("ascii")
    finally:
        server.terminate()
        _, complaints = server.communicate(timeout=30)
    assert said == {"cores": [0, 0], "dumpable": 0, "frozen": True, "malloc": "malloc"}
    assert next(line.split()[4:6] for line in limits.splitlines() if "core" in line) == ["0", "0"]
    assert complaints == b""


def _answer(address: str) -> httpx.Response:
    """The first one, once somebody listens."""
    for _ in range(1200):
        with suppress(httpx.TransportError):
            return httpx.get(address, trust_env=False)
        time.sleep(0.05)
    raise AssertionError("nobody listens")


@linux
def test_a_command_dumps_no_core_and_no_neighbour_reads_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["witness-vault", "--version"])
    main()
    assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)
    assert ctypes.CDLL(None).prctl(GET_DUMPABLE, 0, 0, 0, 0) == 0


@linux
@glibc
@pytest.mark.parametrize(("size", "overwritten"), [(32, True), (400, True), (400, False)])
def test_what_was_let_go_is_overwritten_and_would_not_be_otherwise(size: int, overwritten: bool) -> None:
    secret = secrets.token_bytes(size)
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=forgetting(os.environ) if overwritten else dict(os.environ),
        bufsize=0,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        child.stdin.write(secret)
        assert child.stdout.read(4) == b"gone"
        found = sum(region.count(secret[size // 2 :]) for region in memory(child.pid))
        child.stdin.write(b".")
    assert (found == 0) == overwritten


def test_what_an_operator_tunes_is_kept_beside() -> None:
    tuned = forgetting({"GLIBC_TUNABLES": "glibc.malloc.arena_max=2", "HOME": "/"})
    assert ":glibc.malloc.arena_max=2:glibc.malloc.perturb=" in tuned["GLIBC_TUNABLES"]
    assert tuned["HOME"] == "/"
    assert "::" not in forgetting({})["GLIBC_TUNABLES"]


def test_swap_is_known_by_what_the_kernel_lists(tmp_path: Path) -> None:
    listed, columns = tmp_path / "swaps", "Filename Type Size Used Priority\n"
    assert not swaps(listed)
    for more, known in (("", False), ("/dev/sda2 partition 1048572 0 -2\n", True)):
        listed.write_text(columns + more, "utf-8")
        assert swaps(listed) == known
