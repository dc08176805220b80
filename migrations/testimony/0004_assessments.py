"""What reviewers decided about sources and links, sealed to the corroboration key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_testimony"
down_revision = "0003_testimony"


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("case", "position", name="pk_assessments"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_assessments_case_cases"),
    )


def downgrade() -> None:
    op.drop_table("assessments")
