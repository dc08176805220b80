"""Sending a file into a case: read once for its hash, then piece by piece; the same file goes on where it broke off."""

from __future__ import annotations

import hashlib
import mimetypes
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from vault.client import Client
from vault.errors import Conflict, Unreachable
from vault.sealing.digests import b64
from vault.sealing.pieces import PIECE

MOST = 15  # pieces in one request
_QUICK, _SLOW = (
    4.0,
    20.0,
)  # seconds: after a quicker request the next one carries twice as much, after a slower one half
_PAUSES = (1, 3, 9, 27, 60)  # seconds
_LOST = "The line fails. Give the command again later, with the same file: it goes on where it was."

State = dict[str, Any]


@dataclass(frozen=True)
class _Line:
    """A client, and where its progress is shown."""

    client: Client
    shown: Progress

    def steadily(self, ask: Callable[[], State]) -> State:
        """What the server answers, asked again while the line fails. Raises Unreachable in the end."""
        for pause in _PAUSES:
            try:
                return ask()
            except Unreachable:
                self.shown.console.print("The line failed; trying again.")
                time.sleep(pause)
        raise Unreachable(_LOST)


def send(client: Client, case: str, path: Path, item: str | None = None) -> State:
    """Send a file into a case, all of it; its `upload` and its `item`. One that was begun before is gone on with.

    Raises what the server refuses, and Unreachable once the line has failed for long.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with path.open("rb") as file, Progress(*columns, console=Console(stderr=True)) as shown:
        facts = _read(file, path, shown)
        line = _Line(client, shown)
        return _carry(line, file, _begun(line, case, facts if item is None else {**facts, "item": item}))


def _read(file: BinaryIO, path: Path, shown: Progress) -> State:
    """What is said of a file before it is sent. Its name is not."""
    whole, head, size = hashlib.sha256(), None, path.stat().st_size
    task = shown.add_task("Reading", total=size)
    while part := file.read(PIECE):
        head = head or hashlib.sha256(part).digest()
        whole.update(part)
        shown.advance(task, len(part))
    head = head or whole.digest()
    media = mimetypes.guess_type(path.name)[0] or ""
    return {"size": size, "media": media, "head": b64(head), "sha256": b64(whole.digest())}


def _begun(line: _Line, case: str, facts: State) -> State:
    """One's own upload of this very file that waits, or a new one."""
    address = f"/api/cases/{case}/uploads"
    waiting: Any = line.steadily(lambda: line.client.call("GET", address))
    for one in waiting:
        if all(one[name] == facts[name] for name in ("size", "sha256", *({"item"} & set(facts)))):
            return dict(one)
    return line.steadily(lambda: line.client.call("POST", address, facts))


def _carry(line: _Line, file: BinaryIO, state: State) -> State:
    """Send what has not arrived yet, in requests that suit the line."""
    task, many = line.shown.add_task("Sending", total=state["size"]), 1
    while state["received"] < state["needed"]:
        at = state["received"] * PIECE
        line.shown.update(task, completed=at)
        file.seek(at)
        part, before = file.read(many * PIECE), time.monotonic()
        state = line.steadily(lambda part=part, state=state: _put(line.client, state, part))  # type: ignore[misc]
        took = time.monotonic() - before
        many = min(MOST, many * 2) if took < _QUICK else max(1, many // 2) if took > _SLOW else many
    line.shown.update(task, completed=state["size"])
    return state


def _put(client: Client, state: State, part: bytes) -> State:
    """Where the file goes on. An answer that was lost is asked for again. Raises Conflict where nothing moved."""
    address = f"/api/uploads/{state['upload']}"
    try:
        return dict(client.call("PUT", f"{address}/{state['received']}", part))
    except Conflict:
        now = dict(client.call("GET", address))
        if now["received"] == state["received"]:
            raise
        return now
