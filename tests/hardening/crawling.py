"""The pages that somebody gets to by links, the forms on them, and what a browser would send with each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException

from tests.visitor import HOST, Visitor

_BUTTONS = ("submit", "button", "reset", "image")


@dataclass
class Form:
    """A form: where it goes, how, and its fields as they stand; `files` are those for files."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    @property
    def shape(self) -> tuple[str, ...]:
        """What it is like, whatever its rows are numbered."""
        return self.method, *sorted({unnumbered(name) for name, _ in self.fields})


class Page(HTMLParser):
    """Links and forms of a page."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address, self.links, self.forms = address, list[str](), list[Form]()
        self._form: Form | None = None
        self._select = self._area = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"].partition("#")[0])
        elif tag == "form":
            self._form = Form(given.get("action") or self.address, given.get("method", "get").upper())
            self.forms.append(self._form)
        elif tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area = name
            self._add(name, "")
        elif tag == "option" and self._select and given.get("value"):
            self._add(self._select, given["value"])
            self._select = ""  # the first that can be chosen
        elif tag in ("input", "button") and name:
            self._input(given, name, tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def _input(self, given: dict[str, str], name: str, tag: str) -> None:
        if given.get("type") == "file":
            if self._form is not None:
                self._form.files.append(name)
        elif tag == "button" or given.get("type") in _BUTTONS:
            if self._form is not None and name not in dict(self._form.fields):
                self._add(name, given.get("value", ""))  # the first button
        else:
            self._add(name, given.get("value", ""))

    def _add(self, name: str, value: str) -> None:
        if self._form is not None and name:
            self._form.fields.append((name, value))


def unnumbered(name: str) -> str:
    """A field's name without the number of its row."""
    return re.sub(r"\d+", "#", name)


def crawled(visitor: Visitor, most: int = 2) -> Iterator[Page]:
    """The pages behind the links from the first one on: of each view so many."""
    adapter = visitor.client.application.url_map.bind(HOST)
    waiting, seen, views = ["/"], {"/"}, dict[str, int]()
    while waiting:
        address = waiting.pop(0)
        try:
            view = adapter.match(urlsplit(address).path)[0]
        except HTTPException:
            continue
        views[view] = views.get(view, 0) + 1
        if views[view] > most or view == "static":
            continue
        answer = visitor.get(address)
        assert answer.status_code < 500, address
        if answer.status_code == 200 and answer.mimetype == "text/html":
            page = Page(address, answer.get_data(as_text=True))
            yield page
            fresh = [link for link in page.links if link not in seen]
            seen.update(fresh)
            waiting += fresh
        answer.close()
