"""The encrypted index from which cuts count: a cache of the deposits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_testimony"
down_revision = "0005_testimony"


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("generation", sa.LargeBinary(16), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "number", name="pk_segments"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_segments_case_cases"),
    )


def downgrade() -> None:
    op.drop_table("segments")
