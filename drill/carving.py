"""Attacks 1 and 17: every file, named or not, is searched for what was typed, in every form that is known to us; and
what the server says, for who came when."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from drill.attack import Attack, Finding, spoilt
from drill.thief import disguises
from drill.world import LOGS, NAIVE, World

_ROOT = Path(__file__).parents[1]
_CODE = ("vault", "web", "config", "migrations")
_PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|BZh[1-9]1AY|\xfd7zXZ\x00|PK\x03\x04")
_SEARCHED: dict[tuple[tuple[bytes, ...], bytes], bool] = {}
_MOST = 1 << 22  # bytes that are taken out of a compressed part
_ADDRESS = re.compile(rb"(?<![\d.])(?!127\.0\.0\.1)\d{1,3}(\.\d{1,3}){3}(?![\d.])")
_TIME = re.compile(rb"\d{1,2}:\d\d(:\d\d)?")
_MEMBER = re.compile(rb"\b[CRV]\d\b")
_ASKED = re.compile(rb"(GET|POST|PUT) /|/(cases|drafts|api)/")


def files(world: World) -> Iterator[Path]:
    """All that was taken, and what Python keeps of the program."""
    for path in sorted(world.folder.rglob("*")):
        if path.is_file() and NAIVE not in path.relative_to(world.folder).parts:
            yield path
    for package in _CODE:
        yield from sorted((_ROOT / package).rglob("*.pyc"))


def stands_in(data: bytes, forms: Sequence[bytes], depth: int = 2) -> bool:
    """Whether one of the forms stands in it, or in anything compressed that lies anywhere in it."""
    if any(form in data for form in forms):
        return True
    return depth > 0 and any(stands_in(one, forms, depth - 1) for one in _unpacked(data))


def _has(path: Path, forms: tuple[bytes, ...]) -> bool:
    """Whether a file has one of the forms; content that was searched already is not searched anew."""
    data = path.read_bytes()
    about = forms, hashlib.sha256(data).digest()
    if about not in _SEARCHED:
        _SEARCHED[about] = stands_in(data, forms)
    return _SEARCHED[about]


def _unpacked(data: bytes) -> Iterator[bytes]:
    for found in _PACKED.finditer(data):
        part = (
            data[found.start() :][:_MOST]
            if len(data) <= _MOST
            else data[found.start() : found.start() + _MOST]
        )
        with suppress(zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
            if content := _opened(part):
                yield content


def _opened(part: bytes) -> bytes:
    if part[:2] == b"BZ":
        return bz2.BZ2Decompressor().decompress(part, _MOST)
    if part[:1] == b"\xfd":
        return lzma.LZMADecompressor().decompress(part, _MOST)
    if part[:2] == b"PK":
        start = 30 + int.from_bytes(part[26:28], "little") + int.from_bytes(part[28:30], "little")
        return zlib.decompressobj(-15).decompress(part[start:], _MOST)
    return zlib.decompressobj(47).decompress(part, _MOST)


def forms_of(mark: str) -> tuple[bytes, ...]:
    """The mark in small and in capital letters, in every disguise; its first letter may be either."""
    return tuple(form for text in (mark[1:], mark[1:].upper()) for form in disguises(text))


def _carve(world: World) -> Finding:
    forms = forms_of(world.truth.mark)
    held = [path for path in files(world) if _has(path, forms)]
    where = ", ".join(sorted({path.name for path in held}))
    return Finding(
        f"it stands in {where}" if held else "0 files of all that was taken have any of it", not held
    )


def _naive_carve(world: World) -> Finding:
    forms = forms_of(world.truth.mark)
    held = sorted(
        path.name for path in (world.folder / NAIVE).iterdir() if stands_in(path.read_bytes(), forms)
    )
    return Finding(f"names and words in {', '.join(held)}", not held)


def _text(world: World) -> str:
    return f"I am {world.truth.witnesses[4].identity['name']}, and I saw it."


def _freed_page(world: World) -> None:
    """A draft in the clear, deleted without being overwritten."""
    with closing(sqlite3.connect(world.vault / "shreds.db")) as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("CREATE TABLE typed (text TEXT)")
        connection.execute("INSERT INTO typed VALUES (?)", (_text(world) * 300,))
        connection.commit()
        connection.execute("DROP TABLE typed")
        connection.commit()


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _crashed(text: str) -> bytes:
    return b"x" + gzip.compress(text.encode())


def _hexed(text: str) -> bytes:
    return text.encode().hex().encode()


def _write(name: str, made: Callable[[str], bytes]) -> Callable[[World], object]:
    return lambda world: (world.folder / LOGS / name).write_bytes(made(_text(world)))


# --- what the server says --------------------------------------------------------------------------------------------


def _said(world: World) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((world.folder / LOGS).glob("*.log")))


def _told(text: bytes, world: World) -> list[str]:
    """What a log tells: of whom, from where, when, and what they asked for."""
    pseudonyms = any(one.pseudonym.encode() in text for one in world.truth.witnesses)
    tokens = any(one.token.encode() in text for one in world.truth.witnesses)
    found = {
        "addresses": _ADDRESS.search(text),
        "times": _TIME.search(text),
        "members": _MEMBER.search(text),
        "paths": _ASKED.search(text),
        "pseudonyms": pseudonyms,
        "tokens": tokens,
    }
    return [name for name, there in found.items() if there]


def _logs(world: World) -> Finding:
    found = _told(_said(world), world)
    return Finding(
        f"in the logs: {', '.join(found)}" if found else "none in all that the server said", not found
    )


def _naive_logs(world: World) -> Finding:
    found = _told((world.folder / NAIVE / "access.log").read_bytes(), world)
    return Finding(f"in the access log: {', '.join(found)}", not found)


def _access_log(world: World) -> object:
    line = b'10.7.0.1 - R1 [03/Nov/2015:09:00:00 +0000] "POST /api/drafts HTTP/1.1" 200\n'
    return (world.folder / LOGS / "error.log").write_bytes(line)


def _traceback(world: World) -> object:
    line = f"KeyError: {world.truth.witnesses[0].pseudonym!r}\n"
    return (world.folder / LOGS / "error.log").write_text(line)


ATTACKS: tuple[Attack, ...] = (
    Attack(
        1,
        "Carve every file for what was typed",
        "0 files",
        "0 files",
        _carve,
        _naive_carve,
        (
            spoilt("a draft in the clear, deleted from its table", _carve, _freed_page),
            spoilt("a temporary file in UTF-16", _carve, _write("typed", _wide)),
            spoilt(
                "a compressed crash report",
                _carve,
                _write("crash", _crashed),
            ),
            spoilt(
                "a name in hexadecimal digits",
                _carve,
                _write("trace", _hexed),
            ),
        ),
    ),
    Attack(
        17,
        "Read the logs",
        "no address, time, member, path or pseudonym",
        "none",
        _logs,
        _naive_logs,
        (
            spoilt("an access log", _logs, _access_log),
            spoilt("a pseudonym in a traceback", _logs, _traceback),
        ),
    ),
)
