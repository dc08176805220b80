"""What a browser takes from the line: headers and bodies as they travel, counted by the browser itself."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from playwright.sync_api import Page

_PAUSE = 10  # milliseconds
# Whether scripts are still to run; one that does runs to where it waits before this is answered.
_ASKED_ALL = "new Promise((done) => setTimeout(done)).then(() => document.readyState !== 'complete')"


class Wire:
    """Listens to one page. `cold` has what each address cost when the browser did not keep it."""

    def __init__(self, page: Page) -> None:
        self.cold: dict[str, int] = defaultdict(int)
        self._asked: dict[str, str] = {}
        self._now = set[str]()
        self._awaited = set[str]()
        self._page = page
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._keep)
        session.on("Network.loadingFinished", self._count)
        session.on("Network.loadingFailed", self._give_up)
        session.send("Network.enable")

    def taken(self) -> set[str]:
        """What was loaded since this was last asked, from the line or from what the browser keeps."""
        taken, self._now = self._now, set()
        return taken

    def settle(self) -> None:
        """Wait until everything is here that the page and its scripts have asked for."""
        while self._page.evaluate(_ASKED_ALL) or self._awaited:
            self._page.wait_for_timeout(_PAUSE)

    def _keep(self, event: dict[str, Any]) -> None:
        self._awaited.add(event["requestId"])
        self._asked[event["requestId"]] = event["request"]["url"].partition("#")[0]

    def _give_up(self, event: dict[str, Any]) -> None:
        self._awaited.discard(event["requestId"])

    def _count(self, event: dict[str, Any]) -> None:
        self._give_up(event)
        url, size = self._asked.get(event["requestId"], ""), int(event["encodedDataLength"])
        self._now.add(url)
        self.cold[url] = max(self.cold[url], size)
