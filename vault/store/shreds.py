"""The shreds database: what must be erasable: shred keys, sessions, drafts, challenges. Never archived."""

from __future__ import annotations

from sqlalchemy import LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vault.store.naming import NAMING

Hash = LargeBinary(32)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class ShredRow(Base):
    """The key of one record, under the hash of the record's id; free rows are random."""

    __tablename__ = "shreds"
    id: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    taken: Mapped[bool]
    key: Mapped[bytes] = mapped_column(Hash)


class SessionRow(Base):
    """A signed-in member's keys, locked under a token that only the browser holds. Times are in minutes."""

    __tablename__ = "sessions"
    id: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    member: Mapped[str] = mapped_column(String(8))
    locked: Mapped[bytes] = mapped_column(LargeBinary)
    idle_until: Mapped[int]
    ends: Mapped[int]


class DraftRow(Base):
    """What a researcher has typed so far, sealed to that researcher and locked under a shred key."""

    __tablename__ = "drafts"
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    member: Mapped[str] = mapped_column(String(8), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ChallengeRow(Base):
    """A nonce that a custodian's client is about to sign."""

    __tablename__ = "challenges"
    id: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    ends: Mapped[int]
