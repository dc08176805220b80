"""Attacks 20 and 21: what two archives say side by side, and what goes out says beside what it is meant to say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from drill.attack import Attack, Finding, Leak, spoilt
from drill.naive import BACKUPS as NAIVE_BACKUPS
from drill.naive import HEADERS
from drill.world import ARCHIVES, FIRST, NAIVE, SECOND, World
from tests.cast import R1, V2
from tests.paper import traces
from tests.stage import Facts
from tests.test_pictures import photo
from tests.visitor import Visitor

_BLOCK = 32  # bytes that two archives never share by chance
LINK = re.compile(r'(?:href|src)="(/[^"#]*)')
_ID = re.compile(r"[A-Za-z0-9_-]{20,}|[0-9a-f]{8,}|\d+")
_KEPT = {  # by browsers, and why
    "/static/": "public, max-age=31536000, immutable",  # a part of the program, at an address of its content
    "/custodians/": "private, max-age=31536000, immutable",  # public keys, at an address of their content
    "/public/": "public, max-age=300",  # what is published
}
_OF_PICTURES = (b"Exif", b"ZEPHYRINE", b"Quillfeather", b"35.9", b"x:xmpmeta", b"acsp", b"tEXt")
_CALLED = re.compile(r'(attachment|inline); filename="?[a-z]+(-[\w-]{22})?\.[a-z]+"?')


# --- two archives ---------------------------------------------------------------------------------------------------


def _archives(world: World) -> Finding:
    """Two came between them, and nobody did anything else."""
    one, other = ((world.folder / ARCHIVES / name).read_bytes() for name in (FIRST, SECOND))
    said = []
    if len(one) != len(other):
        said.append("their sizes differ")
    if _sealed(one) & _sealed(other):
        said.append("parts of them are the same")
    return Finding(" and ".join(said) or "one size, and no part of what is sealed in common", not said)


def _sealed(archive: bytes) -> set[bytes]:
    """The blocks of an archive behind its header, which says no more than whose it is and when it was made."""
    start = archive.index(b"\n") + 1
    return {archive[at : at + _BLOCK] for at in range(start, len(archive) - _BLOCK, _BLOCK)}


def _naive_archives(world: World) -> Finding:
    one, other = ((world.folder / NAIVE / name).read_bytes() for name in NAIVE_BACKUPS)
    more = Counter(other.split(b"}, {")) - Counter(one.split(b"}, {"))
    return Finding("the names of all who came between them" if more else "nothing", not more)


def _longer(world: World) -> None:
    with (world.folder / ARCHIVES / SECOND).open("ab") as file:
        file.write(bytes(96))


def _alike(world: World) -> None:
    """As if both were encrypted under one key and one nonce."""
    first = (world.folder / ARCHIVES / FIRST).read_bytes()
    (world.folder / ARCHIVES / SECOND).write_bytes(first)


# --- what goes out --------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What a browser got."""

    path: str
    kind: str
    headers: dict[str, str]
    body: bytes


_HEARD: dict[Facts, list[Answer]] = {}


def heard(world: World) -> list[Answer]:
    """Everything that a researcher, a reviewer and a stranger come to by links: of pages of one shape the first."""
    if world.facts not in _HEARD:
        with world.copy() as copy, copy.served() as scene:
            scene.become(public=True)
            app, shapes = scene.app(), set[str]()
            visitors = [(Visitor(app), "/public/"), (Visitor(app, V2), "/"), (Visitor(app, R1), "/")]
            _HEARD[world.facts] = [one for visitor in visitors for one in _followed(*visitor, shapes)]
    return _HEARD[world.facts]


def _followed(visitor: Visitor, first: str, shapes: set[str]) -> Iterator[Answer]:
    shapes.discard(first)  # each begins there; what others have seen is not asked for again
    waiting = [first]
    while waiting:
        path = waiting.pop(0)
        if (shape := _ID.sub("*", path.partition("?")[0])) in shapes:
            continue
        shapes.add(shape)
        with visitor.get(path) as answer:  # a file that is served stays open until then
            body = answer.get_data()
        yield Answer(path, answer.mimetype or "", dict(answer.headers), body)
        if answer.mimetype == "text/html":
            waiting += dict.fromkeys(LINK.findall(body.decode()))


def _says_too_much(answers: Sequence[Answer]) -> Finding:
    found = {what for one in answers for what in _beside(one)}
    kinds = {one.kind for one in answers}
    looked = {"application/pdf", "image/webp", "text/html"} <= kinds
    text = ", ".join(sorted(found)) or "no answer is kept, no file says who made it, where or when"
    return Finding(text if looked else "pages, papers and pictures were not all seen", looked and not found)


def _beside(answer: Answer) -> Iterator[str]:
    kept, called = answer.headers.get("Cache-Control", ""), answer.headers.get("Content-Disposition", "")
    place = next((place for place in _KEPT if answer.path.startswith(place)), "")
    if kept not in ("no-store", _KEPT.get(place)):
        yield "an answer that a browser keeps"
    if answer.kind == "application/pdf" and traces(answer.body):
        yield "a PDF that says who made it or when"
    if answer.kind.startswith("image/") and any(mark in answer.body for mark in _OF_PICTURES):
        yield "a picture that says where it was taken"
    if called and not _CALLED.fullmatch(called):
        yield "a file whose name says something"


def _out(world: World) -> Finding:
    return _says_too_much(heard(world))


def _naive_out(world: World) -> Finding:
    folder = world.folder / NAIVE
    picture = Answer("", "image/jpeg", HEADERS, (folder / "upload.jpg").read_bytes())
    found = sorted(set(_beside(picture)))
    return Finding(", ".join(found), not found)


def _changed(kind: str, change: Callable[[Answer], Answer]) -> Callable[[World], Finding]:
    def run(world: World) -> Finding:
        return _says_too_much([change(one) if one.kind == kind else one for one in heard(world)])

    return run


def _kept(answer: Answer) -> Answer:
    return answer._replace(headers={**answer.headers, "Cache-Control": "private, max-age=60"})


def _signed_by(answer: Answer) -> Answer:
    return answer._replace(body=answer.body + b"<< /Author (R1) /CreationDate (D:20151103) >>")


def _as_taken(answer: Answer) -> Answer:
    return answer._replace(body=photo())


def _called(answer: Answer) -> Answer:
    named = {"Content-Disposition": "attachment; filename=D1-hospital-north.pdf"}
    return answer._replace(headers={**answer.headers, **named})


ATTACKS = (
    Attack(
        20,
        "Compare two archives between which two witnesses came",
        "one size, nothing in common",
        "one size",
        _archives,
        _naive_archives,
        (
            spoilt("an archive with a line for everybody who came", _archives, _longer),
            spoilt("the same key and nonce twice", _archives, _alike),
        ),
    ),
    Attack(
        21,
        "Look at what goes out: what browsers keep, and what files say beside what they are meant to say",
        "nothing",
        "nothing",
        _out,
        _naive_out,
        (
            Leak("a page that a browser keeps for a minute", _changed("text/html", _kept)),
            Leak("a PDF with its author and day", _changed("application/pdf", _signed_by)),
            Leak("a picture as the telephone took it", _changed("image/webp", _as_taken)),
            Leak("a file named after its case", _changed("application/pdf", _called)),
        ),
    ),
)
