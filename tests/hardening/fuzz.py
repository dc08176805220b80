"""The readers under a fuzzer that is led by what code is reached (Atheris): each in a process of its own, for a time.

python -m tests.hardening.fuzz SECONDS [NAME …]    the readers of these names, or all
python -m tests.hardening.fuzz again NAME FILE     once more what broke one
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import atheris

with atheris.instrument_imports(include=["config", "vault"]):
    from tests.hardening import targets

if TYPE_CHECKING:
    from tests.hardening.targets import Target

_BROKEN = Path("build/fuzz")  # what breaks a reader, and what was said then
_LIMITS = ("-timeout=20", "-rss_limit_mb=2048", "-max_len=256", "-len_control=0")


def main(arguments: list[str]) -> int:
    """How many readers broke."""
    first, *names = arguments
    if first == "again":
        _fuzz(targets.TARGETS[names[0]], names[1:])
    chosen = [targets.TARGETS[name] for name in names or targets.TARGETS]
    broken = [target.name for target in chosen if not _holds(target, first)]
    print(f"{len(broken)} of {len(chosen)} readers broke.", *broken, sep="\n")
    return len(broken)


def _holds(target: Target, seconds: str) -> bool:
    """Whether nothing was found within these seconds; the process that looked is gone then."""
    folder = _BROKEN / re.sub(r"\W+", "-", target.name)
    folder.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        said = os.open(folder / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        _fuzz(target, [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", *_LIMITS])
    held = os.waitpid(child, 0)[1] == 0
    print(f"{target.name}: {'holds' if held else f'broke, see {folder}'}", flush=True)
    return held


def _fuzz(target: Target, options: list[str]) -> None:
    """Ends the process."""

    def attempt(data: bytes) -> None:
        given = atheris.FuzzedDataProvider(data)
        target.attempt(lambda number: given.ConsumeIntInRange(0, number - 1))

    atheris.Setup([sys.argv[0], *options], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 99))
