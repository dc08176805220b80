"""What a browser takes from the line: headers and bodies as they travel, counted by the browser itself."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from playwright.sync_api import Page

from tests.browser.visit import PATIENCE

_PAUSE = 10  # milliseconds
# Whether scripts are still to run; one that does runs to where it waits before this is answered.
_ASKED_ALL = "new Promise((done) => setTimeout(done)).then(() => document.readyState !== 'complete')"


class Wire:
    """Listens to one page. `cold` has what each address cost when the browser did not keep it."""

    def __init__(self, page: Page) -> None:
        self.cold: dict[str, int] = defaultdict(int)
        self._asked: dict[str, str] = {}
        self._now = set[str]()
        self._awaited: dict[str, str] = {}  # what asked for it: the load of a document
        self._shown = ""
        self._page = page
        session = page.context.new_cdp_session(page)
        session.on("Page.frameNavigated", self._show)
        session.send("Page.enable")
        session.on("Network.requestWillBeSent", self._keep)
        session.on("Network.loadingFinished", self._count)
        session.on("Network.loadingFailed", self._give_up)
        session.send("Network.enable")

    def taken(self) -> set[str]:
        """What was loaded since this was last asked, from the line or from what the browser keeps."""
        taken, self._now = self._now, set()
        return taken

    def settle(self) -> None:
        """Wait until everything is here that the page and its scripts have asked for. Raises TimeoutError."""
        for _ in range(PATIENCE // _PAUSE):
            if not self._page.evaluate(_ASKED_ALL) and self._shown not in self._awaited.values():
                return
            self._page.wait_for_timeout(_PAUSE)
        raise TimeoutError([self._asked[one] for one in self._awaited])

    def _show(self, event: dict[str, Any]) -> None:
        """What a page that was left had asked for may never be told of again."""
        if "parentId" not in event["frame"]:
            self._shown = event["frame"]["loaderId"]

    def _keep(self, event: dict[str, Any]) -> None:
        self._awaited[event["requestId"]] = event["loaderId"]
        self._asked[event["requestId"]] = event["request"]["url"].partition("#")[0]

    def _give_up(self, event: dict[str, Any]) -> None:
        self._awaited.pop(event["requestId"], None)

    def _count(self, event: dict[str, Any]) -> None:
        self._give_up(event)
        url, size = self._asked.get(event["requestId"], ""), int(event["encodedDataLength"])
        self._now.add(url)
        self.cold[url] = max(self.cold[url], size)
