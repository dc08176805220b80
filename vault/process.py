"""What keeps a process's memory in the process, and little in it of what was let go.

Nothing here wipes memory at will: Python copies values without a word, and cannot lock them into the machine's memory
(mlock works on pages). Whether pages are swapped to a disk is the operator's business.
"""

from __future__ import annotations

import ctypes
import resource
import sys
from collections.abc import Mapping
from pathlib import Path

_SET_DUMPABLE = 4  # linux/prctl.h
# Python asks the C library for each piece of memory instead of keeping a pool of its own, and GNU's overwrites what is
# freed (glibc manual, "Memory Allocation Tunables"). Its caches for threads would not: they take only pieces too small
# for a key of 32 bytes as Python keeps it (docs/adr/0051-the-smallest-pieces-are-kept-at-hand.md).
_OVERWRITTEN = "glibc.malloc.perturb=85:glibc.malloc.tcache_max=48"
_SMALL = "glibc.malloc.arena_max=1"  # threads take turns in Python anyway


def close() -> None:
    """From now on no core is dumped of this process, nor of those that it starts; on Linux nobody but root reads its
    memory from outside. A process that becomes another program must do this anew."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DUMPABLE, *map(ctypes.c_ulong, (0, 0, 0, 0)))


def forgetting(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment in which a program's freed memory is overwritten, where the C library is GNU's.

    What an operator tunes otherwise holds; of two that say the same, the later one.
    """
    tunables = filter(None, (_SMALL, environment.get("GLIBC_TUNABLES"), _OVERWRITTEN))
    return {**environment, "PYTHONMALLOC": "malloc", "GLIBC_TUNABLES": ":".join(tunables)}


def swaps(listed: Path = Path("/proc/swaps")) -> bool:
    """Whether this machine may write memory to a disk; where that cannot be told, no."""
    try:
        return len(listed.read_text("utf-8").splitlines()) > 1  # the first line names the columns
    except OSError:
        return False
