"""Backup keys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_testimony"
down_revision = "0011_testimony"


def upgrade() -> None:
    op.create_table(
        "backup_keys",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.Column("escrows", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_backup_keys"),
    )


def downgrade() -> None:
    op.drop_table("backup_keys")
