"""Uploads under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_shreds"
down_revision = "0002_shreds"


def upgrade() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("owner", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("received", sa.Integer, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )


def downgrade() -> None:
    op.drop_table("uploads")
