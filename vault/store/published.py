"""The testimony database, what of it is public or becomes provable: commitments, and the log of their roots."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from vault.store.tables import Base, Hash, Id


class TreeRow(Base):
    """The commitments of one edition: the root, and sealed under it leaf hashes in order, most of them dummies."""

    __tablename__ = "trees"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(Hash)
    leaves: Mapped[bytes] = mapped_column(LargeBinary)


class LogEntryRow(Base):
    """One entry of the public log, the padded roots behind it, and the log's signed checkpoint with it."""

    __tablename__ = "log_entries"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[str] = mapped_column(Text)
    roots: Mapped[bytes] = mapped_column(LargeBinary)
    checkpoint: Mapped[str] = mapped_column(Text)


class LogStampRow(Base):
    """One time-stamp authority's answer over the checkpoint of an entry."""

    __tablename__ = "log_stamps"
    entry: Mapped[int] = mapped_column(ForeignKey("log_entries.number"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    answer: Mapped[bytes] = mapped_column(LargeBinary)
