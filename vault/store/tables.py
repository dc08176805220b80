"""What all tables of the testimony database share."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vault.store.naming import NAMING

Id = LargeBinary(16)
Hash = LargeBinary(32)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class EntryRow(Base):
    """One sealed, signed entry of an append-only log of a case; never changed."""

    __abstract__ = True
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
