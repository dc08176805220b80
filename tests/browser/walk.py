"""A walk over the whole vault: every kind of page that a member reaches, looked at as they would meet it."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Error, Response, ViewportSize

from tests.browser.house import House
from tests.browser.visit import DESKTOP, Visit
from tests.browser.wire import Wire

HERE = Path(__file__).parent
AXE = (HERE / "vendor" / "axe.min.js").read_text("utf-8")
SMALLEST = ViewportSize(width=320, height=640)
ZOOMED = ViewportSize(width=600, height=450)  # what a desktop shows at 200 %
DESK = "/"
_WIDE = ViewportSize(width=DESKTOP["width"], height=DESKTOP["height"])
# Sheets and statements to be printed or handed on: documents with a style and a language of their own.
DOCUMENTS = ("/cases/*/rebuttals/*?language=*", "/public/*", "/consent-script?lang=*")
_LOOKING = (HERE / "looking.js").read_text("utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_DARK = {"type": "rule", "values": ["color-contrast"]}
_ID = re.compile(r"(?<=/)(?:[\w-]{43}|[\w-]{22}|[A-Z]?\d+)(?![\w-])|(?<==)[^&]*")
_FILE = re.compile(r"\.\w+$")
_LINKS = "(links) => links.map((link) => link.href.split('#')[0])"
_HAS_SCRIPTS = "document.querySelector('script[src]') !== null"
_OPEN = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
_FORMS = "main form[method=post]:has(input:not([type=hidden]), textarea, select)"
# Past what the browser and a script would say.
_SEND = """(form) => {
  const typed = "textarea, input:not([type=hidden], [type=checkbox], [type=radio])";
  form.querySelectorAll(typed).forEach((one) => { one.value = ""; });
  form.querySelectorAll(":checked").forEach((one) => { one.checked = one.selected = false; });
  HTMLFormElement.prototype.submit.call(form);
}"""


@dataclass
class Walk:
    """What was met on a walk, by kind of page: what each took from the line, and everything that was wrong."""

    role: str
    visit: Visit
    wire: Wire
    kinds: dict[str, str] = field(default_factory=dict)  # an address of each
    loaded: dict[str, set[str]] = field(default_factory=dict)  # what each page is made of, itself first
    wrong: list[tuple[str, str, str]] = field(default_factory=list)  # of fault, kind of page, what

    def of(self, *faults: str) -> list[tuple[str, str]]:
        """Where faults of these kinds were met, and what they were."""
        return [(page, what) for fault, page, what in self.wrong if fault in faults]

    def note(self, fault: str, page: str, found: list[str]) -> None:
        self.wrong += [(fault, f"{self.role} {page}", what) for what in found]

    def weights(self, kept: set[str]) -> dict[str, int]:
        """What each kind of page takes from the line, in bytes, in a browser that keeps these files, and after the desk
        what the desk brings; evidence that a page shows is not counted.
        """
        weights = {}
        for page, urls in self.loaded.items():
            new = urls - kept if page == DESK else urls - kept - (self.loaded[DESK] - {self.kinds[DESK]})
            weights[f"{self.role} {page}"] = sum(self.wire.cold[url] for url in new if "/files/" not in url)
        return weights


@dataclass
class Walks:
    """One for each role; and what a browser has loaded, and for how many bytes, when it has seen the sign-in page."""

    made: list[Walk] = field(default_factory=list)
    first: dict[str, int] = field(default_factory=dict)

    def of(self, role: str) -> Walk:
        """The walk of this role."""
        return next(one for one in self.made if one.role == role)

    def met(self, *faults: str) -> list[tuple[str, str]]:
        """Where faults of these kinds were met, and what they were."""
        return [found for one in self.made for found in one.of(*faults)]

    def weights(self) -> dict[str, int]:
        """What each kind of page takes from the line after the sign-in page, in bytes."""
        return {page: size for one in self.made for page, size in one.weights(set(self.first)).items()}


def walks(house: House, browser: Browser) -> Iterator[Walks]:
    """In English, then in Arabic; by R1, who has begun an interview, V2, who reads testimony, and C1."""
    house.demonstrate()
    found = Walks()
    for role in ("R1", "V2", "C1"):
        visit = Visit(browser, house.stage.server, reduced_motion="reduce")
        wire = Wire(visit.page)
        visit.page.goto("/sign-in")
        wire.settle()
        found.first = {url: wire.cold[url] for url in wire.taken()}
        house.sign_in(visit, role)
        if role == "R1":
            visit.page.locator("form[action*=interviews] button").first.click()
            visit.page.wait_for_url("**/drafts/*")
        found.made.append(Walk(role, visit, wire))
        walk(found.made[-1])
        walk_again(found.made[-1], "ar")
    yield found
    for one in found.made:
        one.visit.context.close()


def walk(made: Walk) -> None:
    """Two pages of every kind that links lead to from the desk, and of each kind of form what an empty one gives."""
    made.visit.page.on("response", partial(_mind, made))
    sent = set[str]()
    for kind, answer in _pages(made):
        _look(made, kind, answer)
        _send_forms(made, sent)


def walk_again(made: Walk, language: str) -> None:
    """One page of each kind once more, in another language, chosen by its button, on a small telephone."""
    page = made.visit.page
    page.goto("/")
    page.locator(f"[name=language][value={language}]").click()
    page.locator(f"html[lang={language}]").wait_for()
    page.set_viewport_size(SMALLEST)
    for kind, url in made.kinds.items():
        made.wire.taken()
        answer = page.goto(url)
        made.note("dead link", f"{kind} ({language})", [] if answer and answer.ok else ["no page"])
        _weigh(made, f"{kind} ({language})")
        page.evaluate(_OPEN)
        made.note("lost", f"{kind} ({language})", _found(made, "lost"))
        if kind not in DOCUMENTS:
            made.note("foreign", kind, _found(made, "foreign"))


def _mind(made: Walk, answer: Response) -> None:
    if answer.status >= 400 and not answer.request.is_navigation_request():
        made.note("broken", kind_of(answer.url), [f"{answer.status}"])


def kind_of(url: str) -> str:
    """An address without what names one thing among others of its kind."""
    return _ID.sub("*", urlsplit(url)._replace(scheme="", netloc="", fragment="").geturl())


def _pages(made: Walk) -> Iterator[tuple[str, Response]]:
    visit = made.visit
    waiting, seen, met = deque([urljoin(visit.server, "/")]), set[str](), Counter[str]()
    while waiting:
        url = waiting.popleft()
        kind = kind_of(url)
        if url in seen or met[kind] == 2:
            continue
        seen.add(url)
        answer = _arrive(made, partial(visit.page.goto, url))
        if answer is None:
            continue
        if answer.status != 200:
            made.note("dead link", kind, [f"{answer.status}"])
        met[kind] += 1
        made.kinds.setdefault(kind, url)
        links = visit.page.locator("a[href]:not([download], [hreflang])").evaluate_all(_LINKS)
        waiting += [link for link in links if link.startswith(f"{visit.server}/") and not _FILE.search(link)]
        yield kind, answer


def _arrive(made: Walk, act: Callable[[], object]) -> Response | None:
    """What comes of it, if that is a page and not a file."""
    made.wire.taken()
    try:
        with made.visit.page.expect_navigation() as arriving:
            act()
        answer = arriving.value
    except Error as error:
        if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
            return None
        raise
    return answer if answer.headers.get("content-type") == "text/html; charset=utf-8" else None


def _look(made: Walk, kind: str, answer: Response) -> None:
    page, again = made.visit.page, kind in made.loaded
    _weigh(made, kind)
    runs, has = "script-src" in answer.headers["content-security-policy"], page.evaluate(_HAS_SCRIPTS)
    made.note("policy", kind, [] if runs == has else [f"runs scripts: {runs}, has some: {has}"])
    page.evaluate(_OPEN)
    if kind not in DOCUMENTS:
        made.note("inline", kind, _found(made, "inline"))
    if not again:
        made.note("barrier", kind, _barriers(made, _RULES))
        page.emulate_media(color_scheme="dark")
        made.note("barrier", f"{kind} (dark)", _barriers(made, _DARK))
        page.emulate_media(color_scheme="light")
    for size, name in ((SMALLEST, "320 px"), (ZOOMED, "200 %")):
        page.set_viewport_size(size)
        made.note("lost", f"{kind} ({name})", _found(made, "lost"))
    page.set_viewport_size(_WIDE)


def _weigh(made: Walk, kind: str) -> None:
    made.wire.settle()
    made.loaded[kind] = made.wire.taken()


def _send_forms(made: Walk, sent: set[str]) -> None:
    """What comes of each form of this page that is sent as it is, if none of its kind was sent before."""
    page, stood, left = made.visit.page, made.visit.page.url, False
    places = page.locator(_FORMS).evaluate_all("(forms) => forms.map((form) => form.action)")
    for number, kind in enumerate(map(kind_of, places)):
        if kind in sent:
            continue
        sent.add(kind)
        if left:
            page.goto(stood)
        left = True
        answer = _arrive(made, partial(page.locator(_FORMS).nth(number).evaluate, _SEND))
        if answer is not None and answer.status == 422:
            _look(made, f"{kind} (empty)", answer)


def _found(made: Walk, what: str) -> list[str]:
    return list(made.visit.page.evaluate(f"({_LOOKING}).{what}()"))


def _barriers(made: Walk, rules: object) -> list[str]:
    page = made.visit.page
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    found: list[dict[str, Any]] = page.evaluate(
        "(options) => axe.run(document, options).then((found) => found.violations)", options
    )
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
