"""What is printed and written: the one way to a terminal, in which no foreign text can move, hide or forge a line."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click

from vault.errors import Conflict
from vault.sealing.signs import is_seen

_OTHER_SCREEN, _BACK, _CLEAR = "\x1b[?1049h", "\x1b[?1049l", "\x1b[2J\x1b[H"  # xterm's private mode 1049
_EXISTS = "The file to write exists already; name another."
_NEXT = "Press Enter when you have read this; it is not shown again."


def printable(text: str) -> str:
    """The text with what cannot be seen spelled out, as JSON spells it: JSON stays the same JSON."""
    return "".join(sign if is_seen(sign) else _spelled(sign) for sign in text)


def say(line: str, err: bool = False) -> None:
    """Print one line. Everything that the command line prints goes through here, whoever wrote it."""
    click.echo(printable(line), err=err)


def show_once(lines: list[str]) -> None:
    """Print lines that must not stay: a terminal shows them on its other screen, page by page, and keeps nothing."""
    if not sys.stdout.isatty():
        for line in lines:
            say(line)
        return
    click.echo(_OTHER_SCREEN, nl=False)
    try:
        for page in _pages([printable(line) for line in lines]):
            click.echo(_CLEAR, nl=False)
            for line in page:
                click.echo(line)
            click.prompt(_NEXT, default="", show_default=False, prompt_suffix="")
    finally:
        click.echo(f"{_CLEAR}{_BACK}", nl=False)


def write_out(content: Any, out: Path | None) -> None:
    """Print JSON, or write it to a file, for its owner alone, that must not exist yet. Raises Conflict."""
    text = json.dumps(content, ensure_ascii=False)
    if out is None:
        say(text)
    else:
        write_text(printable(text) + "\n", out)


def write_text(text: str, out: Path) -> None:
    """Write a file, for its owner alone, that must not exist yet. Raises Conflict."""
    with new_file(out) as file:
        file.write(text.encode())


def require_new(out: Path) -> None:
    """Raises Conflict where the file exists: before anything is made that belongs to it."""
    if out.exists():
        raise Conflict(_EXISTS)


def new_file(out: Path) -> BinaryIO:
    """A file to write, for its owner alone, that must not exist yet. Raises Conflict."""
    try:
        return open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise Conflict(_EXISTS) from None


def _pages(lines: list[str]) -> Iterator[list[str]]:
    """As many lines as surely fit on the screen: what scrolls off the other screen is lost."""
    size = shutil.get_terminal_size()
    page, room = list[str](), size.lines - 2
    for line in lines:
        rows = 1 + 2 * len(line) // size.columns  # some signs are two columns wide
        if page and rows > room:
            yield page
            page, room = [], size.lines - 2
        page.append(line)
        room -= rows
    yield page


def _spelled(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
