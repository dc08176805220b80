"""Re-sharings to a new epoch; the epoch to whose custodians each audit entry is sealed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_testimony"
down_revision = "0002_testimony"


def upgrade() -> None:
    op.create_table(
        "resharings",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.Column("finished", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_resharings"),
    )
    op.add_column("audit", sa.Column("epoch", sa.Integer, nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("audit", "epoch")
    op.drop_table("resharings")
