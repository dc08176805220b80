"""What pages weigh on the line, headers and all, counted by the browser on a walk over the whole demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.house import served
from tests.browser.walk import walks


def measure() -> Iterator[str]:
    """The sign-in page with all that it has fetched ahead, then every kind of page, the heaviest first."""
    with TemporaryDirectory(prefix="witness-vault-bench-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with served(Path(folder)) as house:
            for found in walks(house, browser):
                yield f"First load: {sum(found.first.values()) / 1024:.1f} KiB in {len(found.first)} answers"
                for page, size in sorted(found.weights().items(), key=lambda one: -one[1]):
                    yield f"{size / 1024:6.1f} KiB  {page}"
        browser.close()
