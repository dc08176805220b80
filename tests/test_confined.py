"""vault.confined: whatever takes over a confined process can compute, and use what was open; nothing else."""

from __future__ import annotations

import ctypes
import platform
import subprocess
import sys

import pytest

from vault import confined

REFUSED = {
    "a file": "os.open('/etc/passwd', os.O_RDONLY)",
    "a file in the place of one that was open": "os.close(0); os.open('/etc/passwd', os.O_RDONLY)",
    "a connection": "os.close(0); socket.socket()",
    "a pipe": "os.close(0); os.close(2); os.pipe()",
    "another process": "os.fork()",
    "another program": "os.execv('/bin/true', ['true'])",
    "a signal to whoever began it": "os.kill(os.getppid(), 0)",
    "the memory of whoever began it": "assert libc.ptrace(16, os.getppid(), 0, 0) == 0, 'Operation not permitted'",
    "its limits back": "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))",
    "memory without end": "bytearray(4 * 1024**3)",
}


def confined_does(what: str) -> subprocess.CompletedProcess[str]:
    """A process that confines itself, and then does this."""
    before = (
        "import ctypes, os, resource, socket; libc = ctypes.CDLL(None); from vault.confined import confine"
    )
    script = f"{before}; confine(2 * 1024**3, 40, 2**20); {what}; os.write(1, b'done')"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True)


@pytest.mark.parametrize("what", REFUSED)
def test_a_confined_process_gets_nothing_that_it_did_not_have(what: str) -> None:
    done = confined_does(REFUSED[what])
    assert (done.returncode, done.stdout) == (1, "")
    # Whether it can still say why depends on what it closed.
    said = ("not permitted", "not allowed", "MemoryError")
    assert "os.close(2)" in REFUSED[what] or any(one in done.stderr for one in said)


def test_a_confined_process_computes_and_uses_what_it_has() -> None:
    assert confined_does("x = bytes(2**24)").stdout == "done"


def test_where_the_kernel_is_not_known_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "another")
    with pytest.raises(OSError, match="not known"):
        confined._allow_only()


def test_the_filter_leads_every_call_on_the_list_to_its_permission_and_no_other() -> None:
    architecture, calls = confined._CALLS["x86_64"]
    steps = [_read(step) for step in confined._program(architecture, calls)]
    for machine, call, answer in (
        *((architecture, call, confined._ALLOW) for call in calls),
        *((architecture, call, confined._REFUSE) for call in set(range(500)) - set(calls)),
        (architecture, 0x40000000, confined._REFUSE),
        (0x40000003, 1, confined._KILL),
    ):
        assert _run(steps, (call, machine)) == answer


def _read(step: bytes) -> tuple[int, int, int]:
    code, jump = ctypes.c_uint16.from_buffer_copy(step).value, step[2]
    return code, jump, ctypes.c_uint32.from_buffer_copy(step, 4).value


def _run(steps: list[tuple[int, int, int]], data: tuple[int, int]) -> int:
    """What the filter answers to a call (number, architecture)."""
    at, loaded = 0, 0
    while True:
        code, jump, value = steps[at]
        at += 1
        if code == confined._RETURN:
            return value
        if code == confined._LOAD:
            loaded = data[value // 4]
        elif loaded == value:
            at += jump
