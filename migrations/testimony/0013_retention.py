"""How long cases last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_testimony"
down_revision = "0012_testimony"


def upgrade() -> None:
    op.create_table(
        "retentions",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_retentions_case_cases"),
        sa.PrimaryKeyConstraint("case", "version", name="pk_retentions"),
    )
    op.create_table(
        "destructions",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.Column("met", sa.String(10), nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_destructions_case_cases"),
        sa.PrimaryKeyConstraint("case", name="pk_destructions"),
    )


def downgrade() -> None:
    op.drop_table("destructions")
    op.drop_table("retentions")
