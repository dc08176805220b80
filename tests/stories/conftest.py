"""The demonstration's stage, played once, with its real server running while the stories are told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from vault.cli.demo_stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The Sermin case, logged and counted, on a server of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    played = Stage(tmp_path_factory.mktemp("stage"), f"http://127.0.0.1:{port}")
    with played.playing():
        played.play()
        yield played


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder for what is carried by hand."""
    folder = tmp_path / "papers"
    folder.mkdir(mode=0o700)
    return folder
