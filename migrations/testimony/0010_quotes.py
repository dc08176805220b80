"""Ledgers of quotes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010_testimony"
down_revision = "0009_testimony"


def upgrade() -> None:
    op.create_table(
        "quotes",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "position", name="pk_quotes"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_quotes_case_cases"),
    )


def downgrade() -> None:
    op.drop_table("quotes")
