"""What same-person ceremonies found, sealed to the corroboration key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_testimony"
down_revision = "0004_testimony"


def upgrade() -> None:
    op.create_table(
        "partitions",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("case", sa.LargeBinary(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_partitions"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_partitions_case_cases"),
    )


def downgrade() -> None:
    op.drop_table("partitions")
