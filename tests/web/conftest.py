"""What tests of the web share."""

from __future__ import annotations

import pytest

from tests.stage import After
from tests.web.desks import Desk, Watch, seat


@pytest.fixture
def desk(after: After) -> Desk:
    """A founded vault with R1 signed in and a draft open."""
    return Desk(*after(seat))


@pytest.fixture
def watch(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Watch:
    """An eye on what is stored, printed and logged."""
    return Watch(capfd, caplog)
