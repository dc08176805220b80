"""A line to a founded vault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cli.line import PROFILES, Line, LineAfter, open_line, over_a_line
from tests.cli.requesting import sealed_record
from tests.stage import After, Scene


@pytest.fixture
def line(scene: Scene, tmp_path: Path) -> Iterator[Line]:
    with open_line(scene, tmp_path / "profiles") as opened:
        yield opened


@pytest.fixture
def line_after(after: After) -> Iterator[LineAfter]:
    """A line after something was done."""
    with ExitStack() as lines:

        def reopen(act: Callable[[Line], Any]) -> tuple[Line, Any]:
            scene, given = after(over_a_line(act))
            return lines.enter_context(open_line(scene, scene.folder / PROFILES)), given

        yield reopen


@pytest.fixture
def record(line: Line) -> str:
    """A sealed identity, as the testimony's page names its record."""
    return sealed_record(line)
