"""The testimony database, how long cases last: what custodians signed of it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vault.store.tables import Base, Id


class RetentionRow(Base):
    """One version of the last day of a case, as k custodians signed it."""

    __tablename__ = "retentions"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signed: Mapped[str] = mapped_column(Text)


class DestructionRow(Base):
    """That a case is destroyed, as k custodians signed it; the day of the k-th signature, and whether it was done."""

    __tablename__ = "destructions"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    signed: Mapped[str] = mapped_column(Text)
    met: Mapped[str] = mapped_column(String(10))
    done: Mapped[bool] = mapped_column(default=False)
