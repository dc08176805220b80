"""Migrations: one line of revisions for each of the three databases. Scripts import no models."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

_HERE = Path(__file__).parent


def config(database: str, url: str) -> Config:
    """Alembic's configuration for one of the databases."""
    settings = Config()
    settings.set_main_option("path_separator", "newline")  # a folder's name may hold a space or a comma
    settings.set_main_option("script_location", str(_HERE))
    settings.set_main_option("version_locations", str(_HERE / database))
    settings.attributes.update(database=database, url=url)
    return settings


def upgrade(database: str, url: str, revision: str = "head") -> None:
    """Bring one database to `revision`, creating it if need be."""
    command.upgrade(config(database, url), revision)


def downgrade(database: str, url: str, revision: str) -> None:
    """Take one database back to `revision`."""
    command.downgrade(config(database, url), revision)
