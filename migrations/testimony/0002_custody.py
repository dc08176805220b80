"""Versions of cases, revocations, cooling and handing over, decisions in the audit chain, custodians' attendance."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_testimony"
down_revision = "0001_testimony"

# Added and dropped in place, without copying tables to which others refer.
_COLUMNS = (
    ("openings", "met", sa.String(10)),
    ("proposals", "proposer", sa.String(8)),
    ("audit", "decision", sa.LargeBinary(32)),
)


def upgrade() -> None:
    _case_versions()
    op.create_table(
        "revocations",
        sa.Column("member", sa.String(8), nullable=False),
        sa.Column("scope", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("member", "scope", "version", name="pk_revocations"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("custodian", sa.String(8), nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("position", "custodian", name="pk_checkpoints"),
    )
    op.create_table(
        "attendance",
        sa.Column("custodian", sa.String(8), nullable=False),
        sa.Column("seen", sa.String(10)),
        sa.Column("away", sa.String(10)),
        sa.Column("drill", sa.Text),
        sa.PrimaryKeyConstraint("custodian", name="pk_attendance"),
    )
    for table, name, kind in _COLUMNS:
        op.add_column(table, sa.Column(name, kind))
    op.add_column("openings", sa.Column("epoch", sa.Integer, nullable=False, server_default="1"))


def downgrade() -> None:
    op.drop_column("openings", "epoch")
    for table, name, _ in _COLUMNS:
        op.drop_column(table, name)
    for table in ("attendance", "checkpoints", "revocations"):
        op.drop_table(table)
    op.add_column("cases", sa.Column("signed", sa.Text, nullable=False, server_default=""))
    op.execute(
        'UPDATE cases SET signed = (SELECT v.signed FROM case_versions v WHERE v."case" = cases.id'
        " ORDER BY v.version LIMIT 1)"
    )
    op.drop_table("case_versions")


def _case_versions() -> None:
    op.create_table(
        "case_versions",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_versions_case_cases"),
        sa.PrimaryKeyConstraint("case", "version", name="pk_case_versions"),
    )
    op.execute('INSERT INTO case_versions ("case", version, signed) SELECT id, 1, signed FROM cases')
    op.drop_column("cases", "signed")
