"""The files that carry a re-sharing: out to the ceremony and back, line by line, so that memory stays bounded.

What is written is on the disk, batch by batch: a ceremony that is broken off goes on after the last whole line.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from vault.ceremony import Ceremony
from vault.errors import Conflict, Invalid
from vault.sealing.digests import Json, canonical, parse_object
from vault.sealing.resharings import BATCH, batch_digest, check_line, name_of, statement
from vault.sealing.rosters import Roster, verify_chain
from vault.sealing.signatures import Signed, signature, with_signatures

EXPORT = "witness-vault/v1/resharing-export"
RESULT = "witness-vault/v1/resharing-result"
_CUT_OFF = "This file does not reach its end: carry it over again."
Line = dict[str, Any]


def write_export(path: Path, rosters: Sequence[Signed], lines: Iterable[Json]) -> int:
    """What goes to the ceremony, whole or not at all; how many lines it has."""
    if path.exists():
        raise Conflict("The file to write exists already; name another.")
    temporary, count = path.with_name(path.name + ".new"), 0
    with _opened(temporary, os.O_TRUNC) as file:
        _put(file, {"format": EXPORT, "rosters": list(rosters)})
        for line in lines:
            _put(file, check_line(line))
            count += 1
        _put(file, {"end": count})
        _keep(file)
    temporary.replace(path)
    return count


def rosters_of(export: Path) -> tuple[Roster, ...]:
    """The chain of rosters that an export shows, verified. Raises Invalid or Tampered."""
    with export.open("rb") as file:
        header = _header(file, EXPORT)
    return verify_chain(header.get("rosters"))


def lines_of(export: Path) -> Iterator[Line]:
    """The lines of an export. Raises Invalid when it was cut off."""
    with export.open("rb") as file:
        _header(file, EXPORT)
        for count, text in enumerate(file):
            line = parse_object(text)
            if line == {"end": count}:
                return
            yield check_line(line)
    raise Invalid(_CUT_OFF)


def share_anew(export: Path, out: Path, ceremony: Ceremony, tick: Callable[[], None]) -> None:
    """Every line of `export`, shared anew, into `out`; whole lines that stand there already are kept.

    Raises Conflict when they are of another export.
    """
    lines = lines_of(export)
    _drop_torn_line(out)
    with _opened(out, os.O_APPEND) as file:
        if file.tell() == 0:
            _put(file, {"format": RESULT, **_place(ceremony.new)})
        elif _skip(out, ceremony.new, lines, tick):
            return
        for count, line in enumerate(lines, start=1):
            _put(file, ceremony.anew(line))
            if count % BATCH == 0:
                _keep(file)
            tick()
        _keep(file)


def failures(out: Path) -> list[str]:
    """What in a result could not be shared anew."""
    return [name_of(line) for batch in batches(out) for line in batch if line["shared"] is None]


def conclude(out: Path, ceremony: Ceremony, day: str, lost: Iterable[str]) -> Signed:
    """The statement of all who are present about the whole result, which ends it; or the one that ends it already."""
    ended = signed_statement(out)
    if ended is not None:
        return ended
    document = statement(ceremony.new, day, [batch_digest(batch) for batch in batches(out)], lost)
    entries = [
        signature(document, holder.code, holder.secret.signing) for holder in ceremony.holders.values()
    ]
    signed = with_signatures(document, entries)
    with _opened(out, os.O_APPEND) as file:
        _put(file, {"statement": signed})
        _keep(file)
    return signed


def batches(out: Path) -> Iterator[list[Line]]:
    """The lines of a result, as the statement names them and the server takes them."""
    batch: list[Line] = []
    for line in _result(out):
        if "statement" not in line:
            batch.append(check_line(line))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def signed_statement(out: Path) -> Signed | None:
    """The statement at the end of a result, not verified; None while there is none."""
    ends = [line["statement"] for line in _result(out) if "statement" in line]
    return ends[-1] if ends else None


def _result(out: Path) -> Iterator[Line]:
    with out.open("rb") as file:
        _header(file, RESULT)
        for text in file:
            yield parse_object(text)


def _skip(out: Path, new: Roster, lines: Iterator[Line], tick: Callable[[], None]) -> bool:
    """Go past the lines that were shared anew before; whether the result is concluded already."""
    other = Conflict("The file to write is about another re-sharing; name another.")
    with out.open("rb") as file:
        if _header(file, RESULT) != {"format": RESULT, **_place(new)}:
            raise other
        for text in file:
            line = parse_object(text)
            if "statement" in line:
                return True
            known = next(lines, None)
            if known is None or (name_of(known), known["locked"]) != (name_of(line), line["locked"]):
                raise other
            tick()
    return False


def _place(new: Roster) -> dict[str, Any]:
    return {"vault": new.vault, "roster": new.version, "epoch": new.epoch}


def _header(file: BinaryIO, kind: str) -> Line:
    header = parse_object(file.readline())
    if header.get("format") != kind:
        raise Invalid("This is not the file that belongs here: an export goes in, a result comes out.")
    return header


def _drop_torn_line(path: Path) -> None:
    """Cut off what follows the last line end: the machine stopped while it was written."""
    if not path.exists():
        return
    with path.open("rb+") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - 65536)
            file.seek(start)
            at = file.read(end - start).rfind(b"\n")
            if at >= 0:
                end = start + at + 1
                break
            end = start
        file.truncate(end)


def _opened(path: Path, how: int) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600), "ab" if how & os.O_APPEND else "wb")


def _put(file: BinaryIO, line: Json) -> None:
    file.write(canonical(line) + b"\n")


def _keep(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
