"""What a browser takes from the line: headers and bodies as they travel, counted by the browser itself."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from playwright.sync_api import Page


class Wire:
    """Listens to one page. `cold` has what each address cost when the browser did not keep it."""

    def __init__(self, page: Page) -> None:
        self.cold: dict[str, int] = defaultdict(int)
        self._asked: dict[str, str] = {}
        self._now = set[str]()
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self._keep)
        session.on("Network.loadingFinished", self._count)
        session.send("Network.enable")

    def taken(self) -> set[str]:
        """What was loaded since this was last asked, from the line or from what the browser keeps."""
        taken, self._now = self._now, set()
        return taken

    def _keep(self, event: dict[str, Any]) -> None:
        self._asked[event["requestId"]] = event["request"]["url"].partition("#")[0]

    def _count(self, event: dict[str, Any]) -> None:
        url, size = self._asked.get(event["requestId"], ""), int(event["encodedDataLength"])
        self._now.add(url)
        self.cold[url] = max(self.cold[url], size)
