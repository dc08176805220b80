"""The testimony database, to what backups are sealed."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from vault.store.tables import Base


class BackupKeysRow(Base):
    """One version of the backup keys as k custodians signed it, and the escrow records of the private halves."""

    __tablename__ = "backup_keys"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signed: Mapped[str] = mapped_column(Text)
    escrows: Mapped[str] = mapped_column(Text)
