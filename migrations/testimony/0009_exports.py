"""What left a case: sealed ledgers of words and of figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_testimony"
down_revision = "0008_testimony"


def upgrade() -> None:
    op.create_table(
        "exports",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "key", "position", name="pk_exports"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_exports_case_cases"),
    )


def downgrade() -> None:
    op.drop_table("exports")
