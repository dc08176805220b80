"""First tables of the testimony database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_testimony"
down_revision = None

# In the order in which they are made; what refers to another stands after it.
_TABLES = (
    "rosters",
    "proposals",
    "proposal_signatures",
    "invitations",
    "members",
    "cases",
    "grants",
    "case_escrows",
    "briefs",
    "slots",
    "editions",
    "openings",
    "packets",
    "approvals",
    "audit",
)


def upgrade() -> None:
    _people()
    _cases()
    _deposits()
    _openings()
    op.create_table(
        "audit",
        sa.Column("position", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("link", sa.LargeBinary(32), nullable=False),
        sa.Column("commitment", sa.LargeBinary(32), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("keys", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_audit"),
    )


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _people() -> None:
    op.create_table(
        "rosters",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_rosters"),
    )
    op.create_table(
        "proposals",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("attachments", sa.Text, nullable=False),
        sa.Column("applied", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_proposals"),
    )
    op.create_table(
        "proposal_signatures",
        sa.Column("proposal", sa.LargeBinary(32), nullable=False),
        sa.Column("by", sa.String(8), nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("proposal", "by", name="pk_proposal_signatures"),
        sa.ForeignKeyConstraint(
            ["proposal"], ["proposals.digest"], name="fk_proposal_signatures_proposal_proposals"
        ),
    )
    op.create_table(
        "invitations",
        sa.Column("token", sa.LargeBinary(32), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("expires", sa.String(10), nullable=False),
        sa.Column("used", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_invitations"),
    )
    op.create_table(
        "members",
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("card", sa.Text, nullable=False),
        sa.Column("wrapped", sa.Text, nullable=False),
        sa.Column("generation", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_members"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_table(
        "grants",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("member", sa.String(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "key", "version", "member", name="pk_grants"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_grants_case_cases"),
    )
    op.create_table(
        "case_escrows",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("key", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("record", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case", "key", "version", name="pk_case_escrows"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_escrows_case_cases"),
    )
    op.create_table(
        "briefs",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "version", name="pk_briefs"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_briefs_case_cases"),
    )


def _deposits() -> None:
    op.create_table(
        "slots",
        sa.Column("record", sa.LargeBinary(16), nullable=False),
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("half", sa.String(16), nullable=False),
        sa.Column("taken", sa.Boolean, nullable=False),
        sa.Column("receipt", sa.LargeBinary(32), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_slots_case_cases"),
    )
    op.create_index("ix_slots_case", "slots", ["case"])
    op.create_table(
        "editions",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("basis", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "number", name="pk_editions"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_editions_case_cases"),
    )


def _openings() -> None:
    op.create_table(
        "openings",
        sa.Column("id", sa.LargeBinary(16), nullable=False),
        sa.Column("terms", sa.LargeBinary(32), nullable=False),
        sa.Column("expires", sa.String(10), nullable=False),
        sa.Column("redeemed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_openings"),
    )
    op.create_table(
        "packets",
        sa.Column("opening", sa.LargeBinary(16), nullable=False),
        sa.Column("recipient", sa.String(8), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("opening", "recipient", name="pk_packets"),
        sa.ForeignKeyConstraint(["opening"], ["openings.id"], name="fk_packets_opening_openings"),
    )
    op.create_table(
        "approvals",
        sa.Column("opening", sa.LargeBinary(16), nullable=False),
        sa.Column("custodian", sa.String(8), nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("opening", "custodian", name="pk_approvals"),
        sa.ForeignKeyConstraint(["opening"], ["openings.id"], name="fk_approvals_opening_openings"),
    )
