"""First tables of the identities database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_identities"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "identity_slots",
        sa.Column("record", sa.LargeBinary(16), nullable=False),
        sa.Column("taken", sa.Boolean, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("identity_slots")
