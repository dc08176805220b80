"""The testimony database, what is not testimony: evidence, what the accused says, findings, rebuttals."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from vault.store.tables import Base, EntryRow, Id


class EvidenceRow(EntryRow):
    """One entry of the custody chain of an item; the first is its arrival.

    `receipt`, of the first: by it whoever handed the item in is known when they hand it in a second time.
    """

    __tablename__ = "evidence"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(22), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    receipt: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class FileRow(Base):
    """One file of an item: how many sealed pieces of it lie on the disk, and its key, sealed and under a shred key.

    `preview`: a small picture of it, sealed under the same key, or empty.
    """

    __tablename__ = "files"
    id: Mapped[bytes] = mapped_column(Id, primary_key=True)
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"))
    pieces: Mapped[int]
    key: Mapped[bytes] = mapped_column(LargeBinary)
    preview: Mapped[bytes] = mapped_column(LargeBinary)


class RegisterRow(Base):
    """What the list of a case's evidence says: made of the chains, and again whenever it does not open."""

    __tablename__ = "registers"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ResponseRow(EntryRow):
    """Of what the accused said, what they were asked, and what came back."""

    __tablename__ = "responses"


class FindingRow(EntryRow):
    """Of versions of findings, and decisions on them."""

    __tablename__ = "findings"


class RebuttalRow(EntryRow):
    """Of rebuttal sheets, and decisions on them."""

    __tablename__ = "rebuttals"
