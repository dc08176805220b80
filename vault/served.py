"""What a server serves, compared with this release: the scripts and the style sheet that reach every browser.

It asks as anybody could, without signing in. A server that means harm can tell who asks, and answer others otherwise:
this finds a server that was changed, not one that lies to some.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx

from vault import shipped
from vault.client import address
from vault.errors import Unreachable
from vault.shipped import release

PAGES = ("/sign-in", "/about")
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def differences(server: str) -> list[str]:
    """One sentence for each way in which the server differs from this release. Raises Invalid or Unreachable."""
    with httpx.Client(base_url=address(server), timeout=60, trust_env=False) as http:
        found = [line for page in PAGES for line in _of_page(page, _get(http, page))]
        return found + [line for path in release() for line in _of_file(http, path)]


def _of_file(http: httpx.Client, path: str) -> Iterator[str]:
    place = f"{shipped.address()}/{path}"
    answer = _get(http, place)
    if answer.status_code != 200 or hashlib.sha256(answer.content).hexdigest() != release()[path]:
        yield f"{place} is not this release's."


def _of_page(page: str, answer: httpx.Response) -> Iterator[str]:
    if answer.status_code != 200:
        yield f"{page} is not shown."
        return
    if answer.headers.get_list("content-security-policy") != [POLICY]:
        yield f"{page} does not carry this release's policy of what may run in it."
    refers = _Refers()
    refers.feed(answer.text)
    refers.close()
    known = {f"{shipped.address()}/{path}" for path in release()}
    if refers.inline or not refers.to <= known:
        yield f"{page} refers to a script or style that is not this release's."


def _get(http: httpx.Client, path: str) -> httpx.Response:
    try:
        return http.get(path)
    except httpx.HTTPError:
        raise Unreachable(
            "The server does not answer as a vault does: check the address and the line."
        ) from None


class _Refers(HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.to: set[str] = set()
        self.inline = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        address = given.get("href" if tag == "link" else "src")
        if tag in ("script", "link", "iframe", "embed", "frame", "img") and address is not None:
            self.to.add(address)
        elif tag in ("script", "style", "base", "object", "iframe"):
            self.inline = True
        if "http-equiv" in given or any(name.startswith("on") for name in given):
            self.inline = True
