"""Statements: prepared and approved under seal, published, pulled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_testimony"
down_revision = "0006_testimony"


def upgrade() -> None:
    op.create_table(
        "statements",
        sa.Column("name", sa.LargeBinary(16), nullable=False),
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("published", sa.Text),
        sa.Column("pulled", sa.Text),
        sa.PrimaryKeyConstraint("name", name="pk_statements"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_statements_case_cases"),
    )
    op.create_table(
        "statement_approvals",
        sa.Column("statement", sa.LargeBinary(16), nullable=False),
        sa.Column("reviewer", sa.String(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("statement", "reviewer", name="pk_statement_approvals"),
        sa.ForeignKeyConstraint(
            ["statement"], ["statements.name"], name="fk_statement_approvals_statement_statements"
        ),
    )
    op.create_table(
        "statement_packets",
        sa.Column("statement", sa.LargeBinary(16), nullable=False),
        sa.Column("custodian", sa.String(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("statement", "custodian", name="pk_statement_packets"),
        sa.ForeignKeyConstraint(
            ["statement"], ["statements.name"], name="fk_statement_packets_statement_statements"
        ),
    )


def downgrade() -> None:
    op.drop_table("statement_packets")
    op.drop_table("statement_approvals")
    op.drop_table("statements")
