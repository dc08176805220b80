"""One person's browser, in which everything that is asked, sent and complained of is kept."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, WebError, expect

from tests.cast import Person
from vault.sealing.words import spell_device_key

DESKTOP = {"width": 1200, "height": 900}
PHONE = {"width": 360, "height": 740}
PATIENCE = 60_000  # milliseconds, on a machine that does much else


class Visit:
    """A browser context on one server, and one page in it."""

    def __init__(self, browser: Browser, server: str, **options: Any) -> None:
        self.server = server
        self.context = browser.new_context(
            base_url=server, **{"viewport": DESKTOP, "locale": "en-US", **options}
        )
        self.context.set_default_timeout(PATIENCE)
        self.asked: list[str] = []
        self.sent: list[bytes] = []
        self.complaints: list[str] = []
        self.context.on("request", self._keep)
        self.context.on("console", self._hear)
        self.context.on("weberror", self._mind)
        self.page: Page = self.context.new_page()

    def sign_in(self, person: Person) -> None:
        """As on a new device; then they are at their desk."""
        self.page.goto("/sign-in?device")
        self.page.get_by_label("Your code").fill(person.code)
        self.page.get_by_label("Passphrase").fill(person.passphrase)
        self.page.get_by_label("Device key").fill(spell_device_key(person.device_key))
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/")

    def status(self, path: str) -> int:
        """Go there; the status of the answer, of which Chromium itself complains when it is an error."""
        before = len(self.complaints)
        answer = self.page.goto(path)
        assert answer is not None
        if answer.status >= 400:
            del self.complaints[before:]
        return answer.status

    def cookies(self) -> dict[str, Any]:
        """The browser's cookies by name."""
        return {cookie["name"]: cookie for cookie in self.context.cookies()}

    def strangers(self) -> list[str]:
        """Addresses asked for that are not the server's."""
        return [url for url in self.asked if not url.startswith(f"{self.server}/")]

    def told(self, secrets: Iterable[str]) -> list[str]:
        """Which of these the server was told, in any address or body, however it was written."""
        everything = b"\n".join([*self.sent, *(url.encode() for url in self.asked)])
        plain = unquote_plus(everything.decode("utf-8", "replace"))
        return [
            secret
            for secret in secrets
            if secret in plain or any(form in everything for form in _forms(secret))
        ]

    def _keep(self, request: Request) -> None:
        self.asked.append(request.url)
        self.sent.append(request.post_data_buffer or b"")

    def _hear(self, message: ConsoleMessage) -> None:
        self.complaints.append(message.text)

    def _mind(self, error: WebError) -> None:
        self.complaints.append(str(error.error))


def arrived(page: Page, heading: str) -> None:
    """Wait until the page with this heading is there, to its end, and its scripts listen."""
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    page.wait_for_load_state()


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _forms(secret: str) -> list[bytes]:
    plain = secret.encode()
    return [plain, secret.encode("utf-16-le"), plain.hex().encode(), base64.b64encode(plain)[:-4]]
