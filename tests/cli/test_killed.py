"""The offline ceremony as a process of its own, ended by SIGKILL, goes on where the disk says that it stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.cast import C1, CUSTODIANS, R1
from tests.cli.epochs import change, export, reshare, submit
from tests.cli.line import Line
from vault.cli.common import PASSPHRASE
from vault.profile import KEY_FILE
from vault.sealing.casefiles import KEYS

IDENTITIES = 40
MAIN = "from vault.cli.main import main; main()"


def _deposited(line: Line) -> None:
    for _ in range(IDENTITIES):
        draft = line.scene.start(R1)
        sealed = line.scene.seal_identity(draft, {"name": "somebody"})
        line.scene.hand_in(R1, draft, {**line.scene.interview(), "sealed_identity": sealed})


def _begun(line: Line, exported: Path, out: Path) -> subprocess.Popen[bytes]:
    files = [line.profile(person).folder / KEY_FILE for person in CUSTODIANS[:3]]
    named = [word for file in files for word in ("--key-file", str(file))]
    secrets = {f"{PASSPHRASE}_{person.code}": person.passphrase for person in CUSTODIANS[:3]}
    command = [sys.executable, "-c", MAIN, "custodian", "reshare", str(exported), *named, "--out", str(out)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*command, "--yes"], env={**os.environ, **secrets}, **quiet)  # type: ignore[call-overload, no-any-return]


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def test_a_re_sharing_that_is_killed_again_and_again_ends_as_one_that_was_not(line: Line) -> None:
    _deposited(line)
    change(line)
    exported, out = export(line), line.folder / "result"
    killed = 0
    for _ in range(4):
        before, process = _size(out), _begun(line, exported, out)
        while process.poll() is None and _size(out) <= before:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed >= 1  # the last ones may have come to their end
    reshare(line, exported, out)
    assert "Everything is shared anew" in submit(line, out)
    drilled = line.run(C1, "custodian", "drill").out
    assert drilled == f"{IDENTITIES + len(KEYS)} shares open with this key file.\n"
