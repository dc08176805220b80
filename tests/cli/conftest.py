"""A line to a founded vault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.line import Line, open_line
from tests.cli.requesting import sealed_record
from tests.stage import Scene


@pytest.fixture
def line(scene: Scene, tmp_path: Path) -> Iterator[Line]:
    with open_line(scene, tmp_path / "profiles") as opened:
        yield opened


@pytest.fixture
def record(line: Line) -> str:
    """A sealed identity, as the testimony's page names its record."""
    return sealed_record(line)
