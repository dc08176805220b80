"""What tests of the web share."""

from __future__ import annotations

import pytest

from tests.stage import Scene
from tests.web.desks import Desk, Watch


@pytest.fixture
def desk(scene: Scene) -> Desk:
    """A founded vault with everybody signed in and a draft open."""
    return Desk(scene)


@pytest.fixture
def watch(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Watch:
    """An eye on what is stored, printed and logged."""
    return Watch(capfd, caplog)
