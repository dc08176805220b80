"""A plugin: measures which branches of `vault.rules` and `vault.sealing` their own tests take.

Tracing doubles the time of a test. So modules are traced while they are imported, and of the tests only those that the
two packages must be proven by; of these not what tries very many random examples where few take every branch.
"""

from __future__ import annotations

from collections.abc import Iterator

import coverage
import pytest

# Folders of tests, and modules beside them.
MEASURED = {"rules", "sealing", "test_register"}

_measuring = coverage.Coverage(data_suffix=True)
_measuring.start()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Everything is imported."""
    _measuring.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Traces a test that counts."""
    if item.get_closest_marker("untraced") or MEASURED.isdisjoint({item.path.parent.name, item.path.stem}):
        return (yield)
    with _measuring.collect():
        return (yield)


def pytest_unconfigure() -> None:
    """Leaves what this process found, for `coverage combine`."""
    _measuring.save()
