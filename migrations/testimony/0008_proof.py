"""The trees of what editions count, and the public log of their roots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_testimony"
down_revision = "0007_testimony"


def upgrade() -> None:
    op.create_table(
        "trees",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("edition", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(32), nullable=False),
        sa.Column("leaves", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "edition", name="pk_trees"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_trees_case_cases"),
    )
    op.create_table(
        "log_entries",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("roots", sa.LargeBinary, nullable=False),
        sa.Column("checkpoint", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_log_entries"),
    )
    op.create_table(
        "log_stamps",
        sa.Column("entry", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("entry", "place", name="pk_log_stamps"),
        sa.ForeignKeyConstraint(["entry"], ["log_entries.number"], name="fk_log_stamps_entry_log_entries"),
    )


def downgrade() -> None:
    for table in ("log_stamps", "log_entries", "trees"):
        op.drop_table(table)
