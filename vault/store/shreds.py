"""The shreds database, what must be erasable: shred keys, sessions, drafts, uploads, counts. Never archived."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vault.store.naming import NAMING

Hash = LargeBinary(32)
GIVEN_UP = ""  # the day of such an upload


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class ShredRow(Base):
    """The key of one record, wrapped, under the hash of the record's id; free rows are random. No index (slots.py)."""

    __tablename__ = "shreds"
    __mapper_args__ = {"primary_key": ["id"]}  # noqa: RUF012 - SQLAlchemy reads it so
    id: Mapped[bytes] = mapped_column(Hash)
    taken: Mapped[bool]
    key: Mapped[bytes] = mapped_column(LargeBinary(60))


class SessionRow(Base):
    """Somebody's session, under the hash of a token that only the browser holds and that alone opens what lies here.

    Nothing in the clear says whose it is. `ends` is a minute, forgotten with the keys at the session's end; `day`
    is the last day (since 1970) on which the row is kept.
    """

    __tablename__ = "sessions"
    id: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    keys: Mapped[bytes] = mapped_column(LargeBinary)
    member: Mapped[bytes] = mapped_column(LargeBinary)
    ends: Mapped[int | None]
    day: Mapped[int]


class WorkRow(Base):
    """Long work that is done for a session while it lasts, and how far it is: locked under the session's token."""

    __tablename__ = "works"
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    session: Mapped[bytes] = mapped_column(Hash, ForeignKey("sessions.id", ondelete="CASCADE"))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class DraftRow(Base):
    """What a researcher has typed so far, sealed to that researcher and locked under a shred key.

    `owner` is another random-looking tag for each draft: only its researcher can tell that it is theirs.
    """

    __tablename__ = "drafts"
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    owner: Mapped[bytes] = mapped_column(Hash)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    addendum: Mapped[bytes | None] = mapped_column(LargeBinary)


class UploadRow(Base):
    """A file on its way: what its uploader alone reads of it, and how many of its pieces have arrived.

    `owner` is as a draft's; `day` is that of the last piece, so that what nobody goes on with can be swept. One that
    was given up has neither owner nor content, and no day: it names what is still to be taken off the disk.
    """

    __tablename__ = "uploads"
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    owner: Mapped[bytes] = mapped_column(Hash)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    pieces: Mapped[int]
    received: Mapped[int]
    day: Mapped[str] = mapped_column(String(10))


class ChallengeRow(Base):
    """A nonce that a custodian's client is about to sign."""

    __tablename__ = "challenges"
    id: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    ends: Mapped[int]


class LaneRow(Base):
    """How often a sign-in failed with one code and device key, under their hash, and the minute of the newest failure.

    `known`: it was once signed in with them. Without failures the row names no minute.
    """

    __tablename__ = "lanes"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - else rows would lie in the order in which they came
    id: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    known: Mapped[bool]
    failed: Mapped[int]
    minute: Mapped[int]


class DailyRow(Base):
    """How often something happened on one day, of which only the newest is kept."""

    __tablename__ = "daily"
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    day: Mapped[str] = mapped_column(String(10))
    count: Mapped[int]
