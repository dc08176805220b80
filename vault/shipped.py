"""The files that browsers load, as this release ships them, and the address under which its server has them.

The address names their content: a browser keeps them, asks for none of them twice, and runs none of another release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable


@cache
def release() -> dict[str, str]:
    """The SHA-256 of every file, by its path."""
    return dict(_hashes(files("web").joinpath("static")))


@cache
def address() -> str:
    """Under which all of them lie; another one as soon as any of them is another."""
    listed = "".join(f"{digest} {path}\n" for path, digest in release().items())
    return f"/static/{hashlib.sha256(listed.encode()).hexdigest()[:16]}"


def _hashes(folder: Traversable, inside: str = "") -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _hashes(entry, f"{inside}{entry.name}/")
        else:
            yield inside + entry.name, hashlib.sha256(entry.read_bytes()).hexdigest()
