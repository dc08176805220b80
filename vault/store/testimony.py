"""The testimony database: rosters, members, cases, sealed deposits, editions, openings, the audit chain.

Ids are random; there is no time finer than a day and no order but that of chains that are public by nature.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vault.store import backups, evidence, published, retention
from vault.store.tables import Base, EntryRow, Hash, Id

__all__ = ["Base", "backups", "evidence", "published", "retention"]


class RosterRow(Base):
    """One signed version of the roster."""

    __tablename__ = "rosters"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signed: Mapped[str] = mapped_column(Text)


class ProposalRow(Base):
    """A document that waits for, or has, the signatures of a quorum of custodians."""

    __tablename__ = "proposals"
    digest: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    proposer: Mapped[str | None] = mapped_column(String(8))
    document: Mapped[str] = mapped_column(Text)
    attachments: Mapped[str] = mapped_column(Text)
    applied: Mapped[bool] = mapped_column(default=False)


class ProposalSignatureRow(Base):
    """One custodian's signature of a proposal."""

    __tablename__ = "proposal_signatures"
    proposal: Mapped[bytes] = mapped_column(Hash, ForeignKey("proposals.digest"), primary_key=True)
    by: Mapped[str] = mapped_column(String(8), primary_key=True)
    signature: Mapped[str] = mapped_column(Text)


class InvitationRow(Base):
    """An invitation that a quorum signed, under the hash of its token."""

    __tablename__ = "invitations"
    token: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(16))
    expires: Mapped[str] = mapped_column(String(10))
    used: Mapped[bool] = mapped_column(default=False)


class MemberRow(Base):
    """Someone who enrolled: the card for the custodians and the wrapped private keys. Confers no right.

    Sessions carry the `generation`, which is random: changing it ends them all.
    """

    __tablename__ = "members"
    code: Mapped[str] = mapped_column(String(8), primary_key=True)
    card: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[str] = mapped_column(Text)
    generation: Mapped[bytes] = mapped_column(Id)


class CaseRow(Base):
    """A case that a quorum opened."""

    __tablename__ = "cases"
    id: Mapped[bytes] = mapped_column(Id, primary_key=True)


class CaseVersionRow(Base):
    """One signed version of a case: its team and public keys."""

    __tablename__ = "case_versions"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signed: Mapped[str] = mapped_column(Text)


class RevocationRow(Base):
    """A signed revocation. `scope` is a case, or zeros: all of them; `version` that of the case, or of the roster."""

    __tablename__ = "revocations"
    member: Mapped[str] = mapped_column(String(8), primary_key=True)
    scope: Mapped[bytes] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signed: Mapped[str] = mapped_column(Text)


class GrantRow(Base):
    """A case's private key, sealed to one member."""

    __tablename__ = "grants"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member: Mapped[str] = mapped_column(String(8), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class CaseEscrowRow(Base):
    """A case's private key, in escrow with the custodians."""

    __tablename__ = "case_escrows"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    record: Mapped[str] = mapped_column(Text)


class BriefRow(Base):
    """One version of what every member of a case may see, sealed to its brief key."""

    __tablename__ = "briefs"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class SlotRow(Base):
    """16,384 bytes: a sealed frame, or random bytes that wait to be overwritten. All rows look alike.

    Nothing that a deposit changes is indexed (see slots.py); `receipt` says something on a deposit's first
    observations record alone.
    """

    __tablename__ = "slots"
    __mapper_args__ = {"primary_key": ["record"]}  # noqa: RUF012 - SQLAlchemy reads it so
    record: Mapped[bytes] = mapped_column(Id)
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), index=True)
    half: Mapped[str] = mapped_column(String(16))
    taken: Mapped[bool]
    receipt: Mapped[bytes] = mapped_column(Hash)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class EditionRow(Base):
    """One sealed edition of a case and its sealed basis."""

    __tablename__ = "editions"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    basis: Mapped[bytes] = mapped_column(LargeBinary)


class AssessmentRow(EntryRow):
    """Of ratings, motions and decisions."""

    __tablename__ = "assessments"


class QuoteRow(EntryRow):
    """Of quotes, and decisions on them."""

    __tablename__ = "quotes"


class ExportRow(EntryRow):
    """One sealed, signed entry of a case's ledger of what left it; of words and of figures, by `key`. Never changed."""

    __tablename__ = "exports"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class PartitionRow(Base):
    """What custodians found in a same-person ceremony, sealed to those who may cut."""

    __tablename__ = "partitions"
    digest: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class SegmentRow(Base):
    """One segment of a case's index: made of the deposits, and made again from them whenever it does not open."""

    __tablename__ = "segments"
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    generation: Mapped[bytes] = mapped_column(Id)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class StatementRow(Base):
    """A statement as its preparer signed it, sealed; once it is published, and once it is pulled, as it was signed."""

    __tablename__ = "statements"
    name: Mapped[bytes] = mapped_column(Id, primary_key=True)
    case: Mapped[bytes] = mapped_column(Id, ForeignKey("cases.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    published: Mapped[str | None] = mapped_column(Text)
    pulled: Mapped[str | None] = mapped_column(Text)


class StatementApprovalRow(Base):
    """Another reviewer's signed approval of a statement, sealed as the statement is."""

    __tablename__ = "statement_approvals"
    statement: Mapped[bytes] = mapped_column(Id, ForeignKey("statements.name"), primary_key=True)
    reviewer: Mapped[str] = mapped_column(String(8), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class StatementPacketRow(Base):
    """A statement and its approvals, sealed to one custodian, who reads and signs it."""

    __tablename__ = "statement_packets"
    statement: Mapped[bytes] = mapped_column(Id, ForeignKey("statements.name"), primary_key=True)
    custodian: Mapped[str] = mapped_column(String(8), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class OpeningRow(Base):
    """A request for one escrowed secret: only the digest of its terms. `met`: the day of the k-th approval."""

    __tablename__ = "openings"
    id: Mapped[bytes] = mapped_column(Id, primary_key=True)
    terms: Mapped[bytes] = mapped_column(Hash)
    epoch: Mapped[int] = mapped_column(server_default="1")
    expires: Mapped[str] = mapped_column(String(10))
    met: Mapped[str | None] = mapped_column(String(10))
    redeemed: Mapped[bool] = mapped_column(default=False)


class PacketRow(Base):
    """The terms of an opening, sealed to one who may see them (a custodian, or empty: the requester)."""

    __tablename__ = "packets"
    opening: Mapped[bytes] = mapped_column(Id, ForeignKey("openings.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(String(8), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ApprovalRow(Base):
    """One custodian's signed decision on an opening."""

    __tablename__ = "approvals"
    opening: Mapped[bytes] = mapped_column(Id, ForeignKey("openings.id"), primary_key=True)
    custodian: Mapped[str] = mapped_column(String(8), primary_key=True)
    signed: Mapped[str] = mapped_column(Text)


class AuditRow(Base):
    """One link of the audit chain, its body sealed to the custodians of `epoch`; `decision`: a signed one's digest."""

    __tablename__ = "audit"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    link: Mapped[bytes] = mapped_column(Hash)
    commitment: Mapped[bytes] = mapped_column(Hash)
    decision: Mapped[bytes | None] = mapped_column(Hash)
    epoch: Mapped[int] = mapped_column(default=1, server_default="1")
    body: Mapped[bytes] = mapped_column(LargeBinary)
    keys: Mapped[str] = mapped_column(Text)


class ResharingRow(Base):
    """What k former custodians signed of a re-sharing; `finished` once nothing of the epoch before is left."""

    __tablename__ = "resharings"
    digest: Mapped[bytes] = mapped_column(Hash, primary_key=True)
    epoch: Mapped[int]
    signed: Mapped[str] = mapped_column(Text)
    finished: Mapped[bool] = mapped_column(default=False)


class CheckpointRow(Base):
    """A custodian's signature of the audit chain's end as they saw it."""

    __tablename__ = "checkpoints"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    custodian: Mapped[str] = mapped_column(String(8), primary_key=True)
    signed: Mapped[str] = mapped_column(Text)


class AttendanceRow(Base):
    """When a custodian was last seen here, until when they said that they are away, and their newest signed drill."""

    __tablename__ = "attendance"
    custodian: Mapped[str] = mapped_column(String(8), primary_key=True)
    seen: Mapped[str | None] = mapped_column(String(10))
    away: Mapped[str | None] = mapped_column(String(10))
    drill: Mapped[str | None] = mapped_column(Text)
