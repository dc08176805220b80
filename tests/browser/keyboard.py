"""A person without a mouse: where the Tab key leads, and whether one sees where one is."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

# The element in focus: whether it comes after the one before in the page, and whether it shows that it is in focus.
_STOP = """() => {
  const now = document.activeElement, before = window.stoppedAt;
  if (now === null || now === document.body) return null;
  window.stoppedAt = now;
  const ringed = (one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
  };
  const box = now.getBoundingClientRect();
  return {
    what: now.outerHTML.slice(0, 90),
    on: before === undefined || Boolean(before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING),
    ringed: ringed(now) || [...(now.labels ?? [])].some((label) => ringed(label) || [...label.children].some(ringed)),
    there: box.bottom > 0 && box.top < window.innerHeight && box.right > 0 && box.left < window.innerWidth,
  };
}"""


def stops(page: Page, most: int = 40) -> list[dict[str, Any]]:
    """Where Tab leads from the top of the page, one after the other, until it leaves the page."""
    page.evaluate(
        "document.activeElement.blur(); window.getSelection().removeAllRanges(); delete window.stoppedAt"
    )
    found: list[dict[str, Any]] = []
    while len(found) < most:
        page.keyboard.press("Tab")
        stop = page.evaluate(_STOP)
        if stop is None:
            break
        found.append(stop)
    return found
