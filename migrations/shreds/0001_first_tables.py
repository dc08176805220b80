"""First tables of the shreds database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_shreds"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "shreds",
        sa.Column("id", sa.LargeBinary(32), nullable=False),
        sa.Column("taken", sa.Boolean, nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.LargeBinary(32), nullable=False),
        sa.Column("keys", sa.LargeBinary, nullable=False),
        sa.Column("member", sa.LargeBinary, nullable=False),
        sa.Column("ends", sa.Integer, nullable=True),
        sa.Column("day", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("owner", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("addendum", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_drafts"),
    )
    op.create_table(
        "challenges",
        sa.Column("id", sa.LargeBinary(32), nullable=False),
        sa.Column("ends", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_challenges"),
    )


def downgrade() -> None:
    for table in ("challenges", "drafts", "sessions", "shreds"):
        op.drop_table(table)
