"""A process that keeps what it has and gets nothing more: no file, no connection, no other process, little memory.

Limits alone are not enough: whoever closes one of the three open files may open another in its place, and whoever
runs as the vault's user may look into its memory. So the kernel is told which calls this process may make.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct

_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2  # linux/prctl.h, linux/seccomp.h
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # linux/bpf_common.h
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refused calls answer EPERM
_NUMBER, _ARCHITECTURE = 0, 4  # where they stand in struct seccomp_data
# By architecture, what the kernel calls it, and the calls by which a process computes and uses what it has open:
# read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, mremap, madvise, rt_sigaction, rt_sigprocmask,
# rt_sigreturn, futex, clock_gettime, getrandom, exit, exit_group.
_CALLS = {
    "x86_64": (0xC000003E, (0, 1, 3, 5, 8, 9, 10, 11, 12, 25, 28, 13, 14, 15, 202, 228, 318, 60, 231)),
    "aarch64": (
        0xC00000B7,
        (63, 64, 57, 80, 62, 222, 226, 215, 214, 216, 233, 134, 135, 139, 98, 113, 278, 93, 94),
    ),
}


def confine(memory: int, seconds: int, written: int) -> None:
    """Limit this process for good: bytes of addresses, seconds of computing, bytes of the file that it writes to.

    Raises OSError where the kernel cannot be told.
    """
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(what, (most, most))
    _allow_only()


def _allow_only() -> None:
    known = _CALLS.get(platform.machine())
    if known is None:
        raise OSError("The calls of this machine's kernel are not known.")
    architecture, calls = known
    program = b"".join(_program(architecture, calls))
    code = ctypes.create_string_buffer(program, len(program))
    filtered = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(code)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)
    for what in ((_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (_SECCOMP, _FILTER, ctypes.addressof(filtered), 0, 0)):
        if prctl(*what) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _program(architecture: int, calls: tuple[int, ...]) -> list[bytes]:
    """For the kernel's filter: another architecture's calls end the process, since their numbers mean other things."""
    return [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        *(_step(_EQUAL, call, len(calls) - place) for place, call in enumerate(calls)),
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]


def _step(what: int, value: int, over: int = 0) -> bytes:
    """One instruction: struct sock_filter. `over`: how many are left out where it holds."""
    return struct.pack("HBBI", what, over, 0, value)
