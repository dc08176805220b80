"""The offline ceremony as a process of its own, ended by SIGKILL, goes on where the disk says that it stopped."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from tests.cast import C1, R1
from tests.cli.epochs import change, export, reshare, submit
from tests.cli.line import Line
from vault.sealing.casefiles import KEYS

IDENTITIES = 40


def _deposited(line: Line) -> None:
    for _ in range(IDENTITIES):
        draft = line.scene.start(R1)
        sealed = line.scene.seal_identity(draft, {"name": "somebody"})
        line.scene.hand_in(R1, draft, {**line.scene.interview(), "sealed_identity": sealed})


def _killed(line: Line, exported: Path, out: Path) -> bool:
    """Whether the ceremony was killed once it had written something more; else it had come to its end."""
    before, (ended, status) = _size(out), (0, 0)
    child = os.fork()
    if child == 0:
        try:
            reshare(line, exported, out)
        finally:
            os._exit(0)
    while not ended and _size(out) <= before:
        time.sleep(0.001)
        ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == -signal.SIGKILL


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_a_re_sharing_that_is_killed_again_and_again_ends_as_one_that_was_not(line: Line) -> None:
    _deposited(line)
    change(line)
    exported, out = export(line), line.folder / "result"
    killed = sum(_killed(line, exported, out) for _ in range(4))
    assert killed >= 1  # the last ones may have come to their end
    reshare(line, exported, out)
    assert "Everything is shared anew" in submit(line, out)
    drilled = line.run(C1, "custodian", "drill").out
    assert drilled == f"{IDENTITIES + len(KEYS)} shares open with this key file.\n"
