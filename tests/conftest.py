"""What tests share: a store of three migrated databases, and time limits that suit a busy machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import migrations
from tests import quorums, stage
from vault.store.unit_of_work import DATABASES, Store

# How long an example takes says nothing here (real cryptography, busy machines): bound their number instead. They are
# the same in each run, so that nothing passes or fails by chance; other ones: `pytest --hypothesis-profile=searching`.
BUSY = (hypothesis.HealthCheck.too_slow,)
hypothesis.settings.register_profile(
    "vault", deadline=None, max_examples=50, derandomize=True, suppress_health_check=BUSY
)
hypothesis.settings.register_profile("searching", deadline=None, max_examples=500, suppress_health_check=BUSY)
hypothesis.settings.load_profile("vault")


Act = Callable[[stage.Scene], Any]


def url(folder: Path, database: str) -> str:
    """Where a database lies in a folder."""
    return f"sqlite:///{folder / database}.db"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three databases, empty and at head; to be copied, not written."""
    folder = tmp_path_factory.mktemp("migrated")
    for database in DATABASES:
        migrations.upgrade(database, url(folder, database))
    return folder


@pytest.fixture
def databases(migrated: Path, tmp_path: Path) -> Path:
    """A folder of this test's own with the three databases."""
    return Path(shutil.copytree(migrated, tmp_path / "databases"))


@pytest.fixture
def store(databases: Path) -> Iterator[Store]:
    """A store over `databases`."""
    opened = Store({name: url(databases, name) for name in DATABASES})
    yield opened
    opened.dispose()


@pytest.fixture(scope="session")
def staged(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a founded vault: the cast enrolled, the Sermin case open; to be copied, not written."""
    folder = tmp_path_factory.mktemp("staged")
    shutil.copytree(migrated, folder, dirs_exist_ok=True)
    stage.found_once(folder)
    return folder


@pytest.fixture
def scene(staged: Path, tmp_path: Path) -> Iterator[stage.Scene]:
    """A founded vault of this test's own."""
    opened = stage.copied(staged, tmp_path / "vault")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def prepared(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Act], tuple[Path, Any]]:
    """A folder with a founded vault in which something more was done, each once, and what that gave."""

    @cache
    def prepare(act: Act) -> tuple[Path, Any]:
        folder = tmp_path_factory.mktemp("prepared") / "vault"
        scene = stage.copied(staged, folder)
        given = act(scene)
        scene.close()
        return folder, given

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
def founded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A folder with a founded vault of "k of n"; each founded once."""

    @lru_cache
    def found(quorum: str) -> Path:
        folder = tmp_path_factory.mktemp("quorum")
        shutil.copytree(migrated, folder, dirs_exist_ok=True)
        k, n = (int(number) for number in quorum.split(" of "))
        quorums.found_quorum(folder, k, n)
        return folder

    return found
