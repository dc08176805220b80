"""Debian's Chromium, a loopback server that gives it web/static under the vault's own policy, and a served vault."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.house import NEWCOMER, House, served
from tests.browser.newcomer import Newcomer, enrol
from tests.browser.pinned import Open, Pinned
from tests.browser.visit import PATIENCE, Visit
from web import headers

STATIC = Path(__file__).parents[2] / "web" / "static"
# Without windows, where a page costs a third; where that is missing, the whole browser (docs/adr/0052).
SHELL, WHOLE = "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"
CHROMIUM = SHELL if Path(SHELL).exists() else WHOLE
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
POLICY = f"{headers.POLICY}; script-src 'self'; connect-src 'self'"
Enter = Callable[..., Visit]
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain",
}


@dataclass
class Site:
    """Where the files are served, the forms that were posted there, and those that were only to be checked."""

    url: str
    posted: list[dict[str, list[str]]] = field(default_factory=list)
    checked: list[dict[str, list[str]]] = field(default_factory=list)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each takes a context of its own."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """`/static/…` from web/static, `/tests/…` from this folder; a POST is kept, and answered as the vault answers."""
    kept = Site("")

    class Handler(_Files):
        site = kept

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A vault with its members, served by the real server."""
    with served(tmp_path_factory.mktemp("house")) as opened:
        yield opened


@pytest.fixture(scope="session")
def newcomer(house: House, chromium: Browser) -> Newcomer:
    """R3, enrolled in a browser; the Sermin case is open and R3 on its team."""
    return enrol(house, chromium)


@pytest.fixture
def enter(newcomer: Newcomer, chromium: Browser) -> Iterator[Enter]:
    """Signs a member in, in a browser of their own: the newcomer if no code is given."""
    visits: list[Visit] = []

    def sign_in(code: str = NEWCOMER, **options: Any) -> Visit:
        visits.append(newcomer.house.enter(chromium, code, **options))
        return visits[-1]

    yield sign_in
    for visit in visits:
        visit.context.close()


@pytest.fixture
def opened(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the pinned page in its own browser. At the end it has asked nobody for anything, and nothing went wrong."""
    made: list[Pinned] = []

    def start(**options: Any) -> Pinned:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Pinned(chromium, folder, options))
        return made[-1]

    yield start
    for pinned in made:
        pinned.context.close()
        assert pinned.complaints == []
        assert [url for url in pinned.asked if not url.startswith(("blob:", pinned.url))] == []


@pytest.fixture
def pinned(opened: Open) -> Pinned:
    """The pinned page."""
    return opened()


class _Files(BaseHTTPRequestHandler):
    roots: ClassVar = {"static": STATIC, "tests": Path(__file__).parent}
    site: Site

    def do_GET(self) -> None:
        _, folder, *rest = self.path.split("?")[0].split("/")
        root = self.roots.get(folder)
        path = root.joinpath(*rest) if root else Path()
        if path.suffix in TYPES and ".." not in rest and path.is_file():
            self._answer(200, TYPES[path.suffix], path.read_bytes())
        else:
            self._answer(200 if folder == "" else 404, TYPES[".html"], b"<!doctype html><title>empty</title>")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = parse_qs(body.decode(), keep_blank_values=True)
        if form.get("act") == ["check"]:
            self.site.checked.append(form)
            self._answer(204, TYPES[".html"], b"")
        else:
            self.site.posted.append(form)
            self._answer(200, TYPES[".html"], b"<!doctype html><title>posted</title>")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Tests read what was posted; nobody reads an access log."""
