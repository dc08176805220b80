"""What tests share: a store of three migrated databases, and time limits that suit a busy machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import places, postgres, quorums, stage
from vault.store.unit_of_work import Store

# How long an example takes says nothing here (real cryptography, busy machines): bound their number instead. They are
# the same in each run, so that nothing passes or fails by chance; other ones: `pytest --hypothesis-profile=searching`.
BUSY = (hypothesis.HealthCheck.too_slow,)
hypothesis.settings.register_profile(
    "vault", deadline=None, max_examples=50, derandomize=True, suppress_health_check=BUSY
)
hypothesis.settings.register_profile("searching", deadline=None, max_examples=500, suppress_health_check=BUSY)
hypothesis.settings.load_profile("vault")


Act = Callable[[stage.Scene], Any]
_PREPARED: dict[tuple[Path, Act], tuple[float, Path, Any]] = {}
_FRESH = 600  # seconds: who signed in there is signed in for a quarter of an hour


@pytest.fixture(scope="session")
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two databases a vault lies in."""
    return str(getattr(request, "param", places.DEFAULT))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `both` is tried on both databases, unless all is tried on PostgreSQL."""
    chosen = {mark.name for mark in metafunc.definition.iter_markers()} & {"both", "sqlite"}
    if chosen == {"both"} and "backend" in metafunc.fixturenames and places.DEFAULT == "sqlite":
        metafunc.parametrize("backend", places.BACKENDS, indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what needs a vault, and is not about SQLite."""
    if places.DEFAULT == "sqlite":
        return
    kept = {one for one in items if "backend" in _fixtures(one) and not one.get_closest_marker("sqlite")}
    config.hook.pytest_deselected(items=[one for one in items if one not in kept])
    items[:] = [one for one in items if one in kept]


@pytest.fixture(scope="module", autouse=True)
def _kept() -> None:
    """What is there by now stays, as in a worker (web/serving.py): each sign-out looks for what is no longer used, and
    would do so among all that the tests before have left in reports and caches."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _swept() -> Iterator[None]:
    yield
    places.sweep()


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Does something in a new folder, once for each backend: a session may go from one to the other and back."""

    @cache
    def do(act: Callable[..., object], *about: object) -> Path:
        folder = tmp_path_factory.mktemp("once") / "vault"
        act(folder, *about)
        return folder

    return do


@pytest.fixture(scope="session")
def migrated(once: Callable[..., Path], backend: str) -> Path:
    """A folder with the three databases, empty and at head; to be copied, not written."""
    return once(_migrate, backend)


@pytest.fixture
def databases(migrated: Path, tmp_path: Path) -> Path:
    """A folder of this test's own with the three databases."""
    return places.copy(migrated, tmp_path / "databases")


@pytest.fixture
def store(databases: Path) -> Iterator[Store]:
    """A store over `databases`."""
    opened = places.store(databases)
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def staged(migrated: Path, once: Callable[..., Path]) -> Path:
    """A folder with a founded vault: the cast enrolled, the Sermin case open; to be copied, not written."""
    return once(_found, migrated)


@pytest.fixture
def scene(staged: Path, tmp_path: Path) -> Iterator[stage.Scene]:
    """A founded vault of this test's own."""
    opened = stage.copied(staged, tmp_path / "vault")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def prepared(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Act], tuple[Path, Any]]:
    """A folder with a founded vault in which something more was done, not long ago, and what that gave."""

    def prepare(act: Act) -> tuple[Path, Any]:
        if _PREPARED.get((staged, act), (0,))[0] < time.monotonic():
            folder = tmp_path_factory.mktemp("prepared") / "vault"
            scene = stage.copied(staged, folder)
            given = act(scene)
            scene.keep()
            scene.close()
            _PREPARED[staged, act] = time.monotonic() + _FRESH, folder, given
        return _PREPARED[staged, act][1:]

    return prepare


@pytest.fixture
def after(prepared: Callable[[Act], tuple[Path, Any]], tmp_path: Path) -> Iterator[stage.After]:
    """A copy of such a vault, of this test's own, and what doing it gave."""
    opened = []

    def copy(act: Act) -> tuple[stage.Scene, Any]:
        folder, given = prepared(act)
        opened.append(stage.copied(folder, tmp_path / "vault"))
        return opened[-1], given

    yield copy
    for scene in opened:
        scene.close()


@pytest.fixture(scope="session")
def founded(migrated: Path, once: Callable[..., Path]) -> Callable[[str], Path]:
    """A folder with a founded vault of "k of n"; each founded once."""
    return lambda quorum: once(_found_quorum, migrated, quorum)


def pytest_unconfigure() -> None:
    """No server outlives its tests."""
    postgres.end()


def _fixtures(test: pytest.Item) -> Collection[str]:
    return getattr(test, "fixturenames", ())


def _migrate(folder: Path, backend: str) -> None:
    folder.mkdir()
    places.migrated(folder, backend)


def _found(folder: Path, migrated: Path) -> None:
    stage.found_once(places.copy(migrated, folder))


def _found_quorum(folder: Path, migrated: Path, quorum: str) -> None:
    k, n = (int(number) for number in quorum.split(" of "))
    quorums.found_quorum(places.copy(migrated, folder), k, n)
