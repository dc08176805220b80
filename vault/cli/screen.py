"""What is printed and written: the one way to a terminal, in which no foreign text can move, hide or forge a line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from vault.errors import Conflict
from vault.sealing.signs import is_seen


def printable(text: str) -> str:
    """The text with what cannot be seen spelled out, as JSON spells it: JSON stays the same JSON."""
    return "".join(sign if is_seen(sign) else _spelled(sign) for sign in text)


def say(line: str, err: bool = False) -> None:
    """Print one line. Everything that the command line prints goes through here, whoever wrote it."""
    click.echo(printable(line), err=err)


def write_out(content: Any, out: Path | None) -> None:
    """Print JSON, or write it to a file, for its owner alone, that must not exist yet. Raises Conflict."""
    text = json.dumps(content, ensure_ascii=False)
    if out is None:
        say(text)
        return
    try:
        opened = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict("The file to write exists already; name another.") from None
    with open(opened, "w", encoding="utf-8") as file:
        file.write(printable(text) + "\n")


def _spelled(sign: str) -> str:
    units = sign.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
