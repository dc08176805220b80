"""The files that carry a re-sharing: out to the ceremony and back, line by line, so that memory stays bounded.

What is written is on the disk, batch by batch, and signed by those present: a ceremony that is broken off goes on after
the last batch that all who are present then have signed. Nobody signs what lay in other hands meanwhile.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from vault.ceremony import Ceremony
from vault.errors import N_, Conflict, Invalid, Tampered
from vault.sealing.digests import Json, b64, canonical, parse_object
from vault.sealing.resharings import BATCH, check_line, name_of, statement
from vault.sealing.rosters import Roster, verify_chain
from vault.sealing.signatures import Signed, read, signature, signers, with_signatures

EXPORT = "witness-vault/v1/resharing-export"
RESULT = "witness-vault/v1/resharing-result"
_CUT_OFF = N_("This file does not reach its end: carry it over again.")
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
    """The lines of an export. Raises Invalid when it was cut off, Tampered when two have one name."""
    names = set()
    with export.open("rb") as file:
        _header(file, EXPORT)
        for count, text in enumerate(file):
            line = parse_object(text)
            if line == {"end": count}:
                return
            names.add(name_of(check_line(line)))
            if len(names) <= count:
                raise Tampered(
                    "Two records in this export have one id, so that one could take the other's place. Do not go on."
                )
            yield line
    raise Invalid(_CUT_OFF)


@dataclass
class _Progress:
    """How far a result has come: its bytes and lines, as all who are present have made them."""

    size: int = 0
    lines: int = 0
    hashed: Any = field(default_factory=hashlib.sha256)

    def put(self, file: BinaryIO, line: Json) -> None:
        written = canonical(line) + b"\n"
        file.write(written)
        self.hashed.update(written)
        self.size += len(written)

    def document(self, roster: Roster) -> Line:
        numbers = {"size": self.size, "lines": self.lines, "hash": b64(self.hashed.digest())}
        return {"format": "witness-vault/v1/resharing-progress", **_place(roster), **numbers}

    def keep(self, file: BinaryIO, out: Path, ceremony: Ceremony) -> None:
        """Once it is on the disk, everybody present signs it."""
        _keep(file)
        document = self.document(ceremony.new)
        with _opened(_spare(out), os.O_TRUNC) as beside:
            _put(beside, with_signatures(document, _signatures(document, ceremony)))
            _keep(beside)
        _spare(out).replace(_beside(out))


def share_anew(export: Path, out: Path, ceremony: Ceremony, tick: Callable[[], None]) -> None:
    """Every line of `export`, shared anew, into `out`; what stands there already is kept if all present have signed it.

    Raises Conflict when it is of another export.
    """
    if _is_concluded(out, export, ceremony.new):
        return
    progress = _proved(out, ceremony)
    with _opened(out, os.O_APPEND) as file:
        file.truncate(progress.size)
        if progress.size == 0:
            progress.put(file, {"format": RESULT, **_place(ceremony.new)})
        before = progress.lines
        for count, line in enumerate(lines_of(export), start=1):
            if count > before:
                progress.put(file, ceremony.anew(line))
                progress.lines = count
                if count % BATCH == 0:
                    progress.keep(file, out, ceremony)
            tick()
        progress.keep(file, out, ceremony)


def failures(out: Path) -> list[str]:
    """What in a result could not be shared anew."""
    return [name_of(line) for batch in batches(out) for line in batch if line["shared"] is None]


def conclude(out: Path, ceremony: Ceremony, day: str, lost: Iterable[str]) -> Signed:
    """The statement of all who are present about the whole result, which ends it; or the one that ends it already.

    Raises Tampered for a result that is not the one that they have just made.
    """
    ended = signed_statement(out)
    if ended is not None:
        return ended
    if _proved(out, ceremony).size != out.stat().st_size:
        raise Tampered("The result was changed by somebody: name another file, and begin again.")
    document = statement(ceremony.new, day, batches(out), lost)
    signed = with_signatures(document, _signatures(document, ceremony))
    with _opened(out, os.O_APPEND) as file:
        _put(file, {"statement": signed})
        _keep(file)
    _beside(out).unlink(missing_ok=True)
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


def _is_concluded(out: Path, export: Path, new: Roster) -> bool:
    """Whether a result ends with a statement. Raises Conflict for one of another re-sharing."""
    _drop_torn_line(out)
    if not out.exists() or out.stat().st_size == 0:
        return False
    other = Conflict("The file to write is about another re-sharing; name another.")
    lines = lines_of(export)
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
    return False


def _proved(out: Path, ceremony: Ceremony) -> _Progress:
    """As much of a result as everybody present has signed; nothing where one of them has not, or it was changed."""
    try:
        document, entries = read(json.loads(_beside(out).read_text("ascii")), "resharing-progress")
        present = {code: holder.secret.signing.public for code, holder in ceremony.holders.items()}
        signed = signers(document, entries, present) == present.keys()
        progress = _Progress(lines=document["lines"])
        with out.open("rb") as file:
            while piece := file.read(min(65536, document["size"] - progress.size)):
                progress.hashed.update(piece)
                progress.size += len(piece)
        if signed and progress.document(ceremony.new) == document:
            return progress
    except (OSError, ValueError, KeyError, TypeError, Tampered):
        pass
    return _Progress()


def _signatures(document: Json, ceremony: Ceremony) -> list[dict[str, str]]:
    return [signature(document, holder.code, holder.secret.signing) for holder in ceremony.holders.values()]


def _beside(out: Path) -> Path:
    return out.with_name(out.name + ".progress")


def _spare(out: Path) -> Path:
    return out.with_name(out.name + ".progress.new")


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
