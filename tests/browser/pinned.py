"""The pinned page as people use it: from disk, in a browser of their own, with files chosen from a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visit import DESKTOP, PATIENCE
from tests.cast import TODAY
from vault.page import assemble
from vault.sealing.digests import Json


@dataclass
class Pinned:
    """One browser on one copy of the page, and the folder in which files lie."""

    browser: Browser
    folder: Path
    options: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        place = self.folder / "requests.html"
        place.write_bytes(assemble())
        given = {"viewport": DESKTOP, "locale": "en-US", **self.options}
        self.context = self.browser.new_context(**given)
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", lambda request: self.asked.append(request.url))
        self.context.on("console", lambda message: self.complaints.append(message.text))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self.page: Page = self.context.new_page()
        self.page.clock.install(time=f"{TODAY}T12:00:00Z")
        self.url = place.as_uri()
        self.page.goto(self.url)

    @property
    def wrong(self) -> Locator:
        """The sentence that says what is wrong."""
        return self.page.get_by_role("alert")

    def go(self, door: str) -> None:
        self.page.get_by_role("button", name=door, exact=True).click()

    def choose(self, label: str, content: Json) -> None:
        """Choose a file with this content."""
        self._section().get_by_label(label, exact=True).set_input_files(self._file(content))

    def give(self, field: str, content: Json) -> None:
        """The same, whatever the field is called in the language that is spoken."""
        self.page.locator(field).set_input_files(self._file(content))

    def fill(self, label: str, text: str) -> None:
        self._section().get_by_label(label, exact=True).fill(text)

    def check(self, label: str) -> None:
        self._section().get_by_label(label).check()

    def press(self, name: str) -> None:
        self._section().get_by_role("button", name=name, exact=True).click()

    def at(self, title: str) -> None:
        """Wait until the part with this title is shown."""
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    def saved(self, name: str) -> Any:
        """The content of the file that a button saves."""
        with self.page.expect_download() as download:
            self._section().get_by_role("button", name=f"Save {name}", exact=True).click()
        assert download.value.suggested_filename == name
        return json.loads(Path(download.value.path()).read_text("utf-8"))

    def refused(self, sentence: str) -> None:
        """Wait for the refusal that begins so."""
        expect(self.wrong).to_contain_text(sentence)

    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def _file(self, content: Json) -> Path:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    def _section(self) -> Locator:
        return self.page.locator("main > section:visible")


Open = Callable[..., Pinned]  # opens the page; takes the options of a browser
