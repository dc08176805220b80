"""The identities database: nothing but fixed-size slots under random ids. It may stand in another country."""

from __future__ import annotations

from sqlalchemy import LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vault.store.naming import NAMING


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class IdentitySlotRow(Base):
    """20,480 bytes: a locked escrow record, or random bytes that wait to be overwritten. No index (see slots.py)."""

    __tablename__ = "identity_slots"
    __mapper_args__ = {"primary_key": ["record"]}  # noqa: RUF012 - SQLAlchemy reads it so
    record: Mapped[bytes] = mapped_column(LargeBinary(16))
    taken: Mapped[bool]
    content: Mapped[bytes] = mapped_column(LargeBinary)
