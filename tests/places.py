"""Where a test's vault lies: a folder of three SQLite files, or a folder that names three databases of PostgreSQL."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

import migrations
from config.settings import DATABASES, Settings
from tests import postgres
from vault.store.unit_of_work import Store

BACKENDS = ("sqlite", "postgresql")
DEFAULT = os.environ.get("WITNESS_VAULT_TESTS_ON", "sqlite")
_MARK = "postgresql"  # the file in a folder that says at which server its databases lie, and under which name
_made: dict[Path, str] = {}  # folders, and under which name their databases lie


def url(folder: Path, database: str) -> str:
    """Where a database of this folder lies."""
    if not on_postgresql(folder):
        return f"sqlite:///{folder / database}.db"
    server, _ = (folder / _MARK).read_text().split()
    return postgres.address(make_url(server).set(database=_named(folder, database)))


def urls(folder: Path) -> dict[str, str]:
    """Where the three databases of this folder lie."""
    return {name: url(folder, name) for name in DATABASES}


def settings(folder: Path) -> Settings:
    """The settings of a vault in this folder."""
    places: dict[str, Any] = {}
    if on_postgresql(folder):
        places = {
            "shreds_key": folder / "shreds.key",
            "log_key": folder / "log.key",
            "files": folder / "files",
        }
        places["journal"] = folder / "withdrawals.journal"
    return Settings(urls(folder), ("127.0.0.1",), 30, "cheapest", **places)


def configuration(folder: Path) -> str:
    """The same as lines of a configuration, at whose end further tables may stand."""
    named = settings(folder)
    lines = ['hosts = ["vault.example.org", "127.0.0.1"]']
    if on_postgresql(folder):
        beside = {"shreds_key": named.shreds_key, "log_key": named.log_key_file, "files": named.files_folder}
        beside["journal"] = named.journal_file
        lines += [f'{name} = "{place}"' for name, place in beside.items()]
    return "\n".join(
        [*lines, "[databases]", *(f'{name} = "{url}"' for name, url in urls(folder).items()), ""]
    )


def store(folder: Path) -> Store:
    """The store in this folder."""
    return Store(urls(folder), folder / "shreds.key")


def empty(folder: Path, backend: str) -> Path:
    """Make the three databases, where they are not made by the first who writes to them."""
    if backend == "postgresql":
        _mark(folder)
        for name in DATABASES:
            postgres.clone(_named(folder, name), "template0")
    return folder


def migrated(folder: Path, backend: str) -> Path:
    """Make the three databases, empty and at head."""
    empty(folder, backend)
    for name in DATABASES:
        migrations.upgrade(name, url(folder, name), shreds_key=folder / "shreds.key")
    return folder


def copy(source: Path, folder: Path) -> Path:
    """Copy everything that lies there, while nobody writes to it."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    if on_postgresql(source):
        _mark(folder)
        for name in DATABASES:
            postgres.clone(_named(folder, name), _named(source, name))
    return folder


def copy_again(source: Path, folder: Path) -> None:
    """Make what was copied from there what it was, under the same names; while nobody writes to either."""
    named = (folder / _MARK).read_text() if on_postgresql(folder) else ""
    shutil.rmtree(folder)
    shutil.copytree(source, folder)
    if named:
        (folder / _MARK).write_text(named)
        for name in DATABASES:
            postgres.drop(_named(folder, name))
            postgres.clone(_named(folder, name), _named(source, name))


def on_postgresql(folder: Path) -> bool:
    return (folder / _MARK).exists()


def sweep() -> None:
    """Drop the databases whose folder is gone."""
    for folder in [folder for folder in _made if not folder.exists()]:
        prefix = _made.pop(folder)
        for name in DATABASES:
            postgres.drop(f"{prefix}_{name}")


def _named(folder: Path, database: str) -> str:
    _, name = (folder / _MARK).read_text().split()
    return f"{name}_{database}"


def _mark(folder: Path) -> None:
    _made[folder] = f"wv_{secrets.token_hex(8)}"
    (folder / _MARK).write_text(f"{postgres.address(postgres.shared())} {_made[folder]}")
