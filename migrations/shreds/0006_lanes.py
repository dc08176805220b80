"""Lanes by which sign-ins are throttled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_shreds"
down_revision = "0005_shreds"


def upgrade() -> None:
    op.create_table(
        "lanes",
        sa.Column("id", sa.LargeBinary(32), nullable=False),
        sa.Column("known", sa.Boolean, nullable=False),
        sa.Column("failed", sa.Integer, nullable=False),
        sa.Column("minute", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lanes"),
        sqlite_with_rowid=False,  # rows lie by their random names, not in the order in which members came
    )


def downgrade() -> None:
    op.drop_table("lanes")
