"""The demonstration's stage, with its real server running while the stories are told; played once, by the cast.

Their keys cost next to nothing to guess at: `test_demo.py` founds, enrols and signs in at the real cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.house import served
from vault.cli.demo_stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The Sermin case, logged and counted, on a server of its own."""
    with served(tmp_path_factory.mktemp("stage")) as house:
        house.stage.investigate()
        yield house.stage


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder for what is carried by hand."""
    folder = tmp_path / "papers"
    folder.mkdir(mode=0o700)
    return folder
