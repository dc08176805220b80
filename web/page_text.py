"""What the pinned page's HTML says, for the catalogues: the rule by which web/pinned/speaking.js reads it too.

An element with text of its own is one message, in which each element inside it is a place. What is marked as
`translate="no"`, code and what stands in for a missing script are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import BinaryIO

_EMPTY = {"br", "img", "input", "link", "meta"}
_SILENT = {"code", "noscript", "script", "style"}


@dataclass
class _Element:
    name: str
    line: int
    silent: bool
    text: str = ""  # with a place for each element inside
    speaks: bool = False  # whether it has text of its own


def extract(
    file: BinaryIO, *_wanted: object, **_options: object
) -> Iterator[tuple[int, None, str, list[str]]]:
    """The messages in the order of their lines, as Babel asks for them."""
    page = _Page()
    page.feed(file.read().decode("utf-8"))
    for line, text in sorted(page.messages):
        yield line, None, text, []


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.messages: list[tuple[int, str]] = []
        self._open: list[_Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        outer = self._open[-1] if self._open else None
        if outer is not None:
            outer.text += f"%({tag})s"
        if tag not in _EMPTY:
            silent = tag in _SILENT or ("translate", "no") in attrs or (outer is not None and outer.silent)
            self._open.append(_Element(tag, self.getpos()[0], silent))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data
            self._open[-1].speaks |= data.strip() != ""

    def handle_endtag(self, tag: str) -> None:
        element = self._open.pop()
        if element.name != tag:
            raise ValueError(f"</{tag}> in line {self.getpos()[0]} closes no <{tag}>")
        if element.speaks and not element.silent:
            self.messages.append((element.line, " ".join(element.text.split())))
