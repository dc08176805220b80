"""The identities database: nothing but fixed-size slots under random ids. It may stand in another country."""

from __future__ import annotations

from sqlalchemy import LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vault.store.naming import NAMING


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class IdentitySlotRow(Base):
    """20,480 bytes: a locked escrow record, or random bytes that wait to be overwritten."""

    __tablename__ = "identity_slots"
    record: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    taken: Mapped[bool]
    content: Mapped[bytes] = mapped_column(LargeBinary)
