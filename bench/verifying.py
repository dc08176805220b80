"""A published statement, verified by a process of its own, beside a Python that only starts: their processors' time."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.timing import in_turn, line
from tests.authority import LocalAuthority
from tests.proofs import PROVEN
from vault import stamping, verifier
from vault.sealing.digests import canonical

TARGET = 0.100  # seconds beyond the interpreter's start


def measure() -> Iterator[str]:
    """With and without a stamp; the openings of a line."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        authority = LocalAuthority(folder / "authority")
        answer, _ = stamping.stamp(PROVEN.text, authority.as_known)
        plain, stamped = folder / "plain.json", folder / "stamped.json"
        root, opened = folder / "root.pem", folder / "openings.json"
        plain.write_bytes(PROVEN.data)
        stamped.write_bytes(PROVEN.stamped(answer).data)
        root.write_bytes(authority.root)
        opened.write_bytes(canonical(PROVEN.openings(0)))
        for what, words in {
            "Verify a statement": [plain],
            "Verify a statement, its openings and its stamp": [stamped, opened, "--authority", root],
        }.items():
            ours, start = in_turn(
                lambda words=words: _python(verifier.__file__, *words),  # type: ignore[misc]
                lambda: _python("-c", "pass"),
                rounds=15,
                clock=_of_children,
            )
            beyond = ours - start
            held = "within" if beyond <= TARGET else "beyond"
            yield line(what, ours, "a Python that starts", start)
            yield f"  {beyond * 1e3:.0f} ms beyond the start, {held} the target of {TARGET * 1e3:.0f} ms"


def _python(*words: object) -> None:
    done = subprocess.run([sys.executable, *map(str, words)], capture_output=True, check=False)
    assert done.returncode in (verifier.PROVED, verifier.DATE_ASSERTED), done.stderr


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
