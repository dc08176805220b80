"""Counts of one day: of refused acts, failed sign-ins and notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_shreds"
down_revision = "0001_shreds"


def upgrade() -> None:
    op.create_table(
        "daily",
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_daily"),
    )


def downgrade() -> None:
    op.drop_table("daily")
