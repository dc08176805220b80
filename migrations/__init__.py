"""Migrations: one line of revisions for each of the three databases. Scripts import no models."""

from __future__ import annotations

import secrets
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config

from vault.errors import Tampered, Unreachable
from vault.sealing.keywraps import Kek
from vault.sealing.locks import KEY_SIZE
from vault.store.keks import Keks
from vault.store.unit_of_work import beside

_HERE = Path(__file__).parent


def config(database: str, url: str, shreds_key: Path | None = None) -> Config:
    """Alembic's configuration for one of the databases; `shreds_key`: the shreds' key file, unless it lies beside."""
    settings = Config()
    settings.set_main_option("path_separator", "newline")  # a folder's name may hold a space or a comma
    settings.set_main_option("script_location", str(_HERE))
    settings.set_main_option("version_locations", str(_HERE / database))
    keks = Keks(shreds_key or beside(url))
    wrapping = {"wrap": partial(_wrap, keks), "unwrap": partial(_unwrap, keks)}
    settings.attributes.update(database=database, url=url, **wrapping)
    return settings


def upgrade(database: str, url: str, revision: str = "head", shreds_key: Path | None = None) -> None:
    """Bring one database to `revision`, creating it, and of the shreds their key file, if need be.

    Raises Unreachable where its folder is missing, or its server away.
    """
    if database == "shreds":
        try:
            Keks(shreds_key or beside(url)).create()
        except OSError:
            raise Unreachable(
                "The key file of the shreds cannot be made: see whether its folder is there."
            ) from None
    command.upgrade(config(database, url, shreds_key), revision)


def downgrade(database: str, url: str, revision: str, shreds_key: Path | None = None) -> None:
    """Take one database back to `revision`."""
    command.downgrade(config(database, url, shreds_key), revision)


def _wrap(keks: Keks, name: bytes, key: bytes) -> bytes:
    return Kek.of(keks.read()[0]).wrap(name, key)


def _unwrap(keks: Keks, name: bytes, wrapped: bytes) -> bytes:
    """The key of a row; of a free one, which nothing was wrapped for, noise."""
    for key in keks.read():
        try:
            return Kek.of(key).unwrap(name, wrapped)
        except Tampered:
            continue
    return secrets.token_bytes(KEY_SIZE)
