"""Evidence and its files; ledgers of responses, findings and rebuttals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_testimony"
down_revision = "0010_testimony"

LEDGERS = ("responses", "findings", "rebuttals")


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("item", sa.String(22), nullable=False),
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("receipt", sa.LargeBinary(32), nullable=True),
        sa.PrimaryKeyConstraint("case", "item", "position", name="pk_evidence"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_evidence_case_cases"),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("preview", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_files_case_cases"),
    )
    op.create_table(
        "registers",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", name="pk_registers"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_registers_case_cases"),
    )
    for ledger in LEDGERS:
        op.create_table(
            ledger,
            sa.Column("case", sa.LargeBinary(16), nullable=False),
            sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
            sa.Column("sealed", sa.LargeBinary, nullable=False),
            sa.PrimaryKeyConstraint("case", "position", name=f"pk_{ledger}"),
            sa.ForeignKeyConstraint(["case"], ["cases.id"], name=f"fk_{ledger}_case_cases"),
        )


def downgrade() -> None:
    for table in (*reversed(LEDGERS), "registers", "files", "evidence"):
        op.drop_table(table)
