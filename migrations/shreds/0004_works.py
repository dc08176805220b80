"""Long work under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_shreds"
down_revision = "0003_shreds"


def upgrade() -> None:
    op.create_table(
        "works",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("session", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["session"], ["sessions.id"], name="fk_works_session_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_works"),
    )


def downgrade() -> None:
    op.drop_table("works")
