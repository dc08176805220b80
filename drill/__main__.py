"""Build the world, try every attack, then what breaks by itself, and write what came of it: fails unless all holds."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from drill import faults
from drill.attack import attempt
from drill.attacks import ATTACKS
from drill.building import Size, build
from drill.report import written


def main() -> int:
    """The report on standard output, or where `--out` says; what goes on, on standard error."""
    parser = argparse.ArgumentParser(prog="python -m drill", description=__doc__)
    parser.add_argument("--witnesses", type=int, default=300)
    parser.add_argument("--incidents", type=int, default=40)
    parser.add_argument("--out", type=Path)
    parser.add_argument("numbers", nargs="*", type=int, help="of attacks; all without any")
    asked = parser.parse_args()
    there = [one.number for one in ATTACKS]
    if not set(asked.numbers) <= set(there):
        parser.error(f"there are the attacks {', '.join(map(str, there))}")
    chosen = [one for one in ATTACKS if not asked.numbers or one.number in asked.numbers]
    size = Size(asked.witnesses, asked.incidents)
    with TemporaryDirectory(prefix="witness-vault-drill-") as folder:
        _say(f"Building a vault of {size.witnesses} witnesses")
        world = build(Path(folder), size)
        results = []
        for attack in chosen:
            _say(f"{attack.number}. {attack.title}")
            results.append(attempt(attack, world))
            if not results[-1].passed:
                _say("   DOES NOT END AS IT MUST")
        broken = [] if asked.numbers else list(_tried(Path(folder)))
    report = written(results, size) + (faults.section(broken) if broken else "")
    if asked.out:
        asked.out.write_text(report, "utf-8")
    else:
        sys.stdout.write(report)
    return 0 if all([*(result.passed for result in results), *(one.held for one in broken)]) else 1


def _tried(folder: Path) -> Iterator[faults.Tried]:
    for one in faults.attempt(faults.founded(folder / "staged"), folder / "faults"):
        _say(f"{one.fault.what}: {one.said}")
        yield one


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
