"""Shred keys lie wrapped under the key in the key file."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

revision = "0005_shreds"
down_revision = "0004_shreds"

_SHREDS = sa.table("shreds", sa.column("id", sa.LargeBinary), sa.column("key", sa.LargeBinary))


def upgrade() -> None:
    _change(context.config.attributes["wrap"])


def downgrade() -> None:
    _change(context.config.attributes["unwrap"])


def _change(key_of: Callable[[bytes, bytes], bytes]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_SHREDS)).all():
        values = {"key": key_of(row.id, row.key)}
        connection.execute(sa.update(_SHREDS).where(_SHREDS.c.id == row.id).values(**values))
