"""A custodian signs a statement on their own device and it is published; it is pulled at once by whoever may."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from vault import audit, cases, keyrings, log, statements
from vault import roster as rosters
from vault.errors import N_, Conflict, Invalid, NotFound, Refused, Tampered
from vault.installation import Installation
from vault.keyrings import Actor
from vault.perishable import lasting
from vault.rules.access import Permission, Role, require
from vault.sealing import preparations
from vault.sealing.digests import Document, Json, b64, canonical, unb64
from vault.sealing.statements import Statement, signatories
from vault.sealing.statements import published as published_file
from vault.statements import Published
from vault.store.testimony import StatementApprovalRow, StatementPacketRow, StatementRow
from vault.store.unit_of_work import UnitOfWork

_NOT_WAITING = N_("No such statement waits: it may have been taken back.")


@dataclass(frozen=True)
class Packet:
    """A statement that waits for a custodian's signature, sealed to their key file."""

    name: str
    sealed: bytes = field(repr=False)

    def to_json(self) -> dict[str, str]:
        """As the custodian's device asks for it."""
        return {"statement": self.name, "packet": b64(self.sealed)}


def waiting(uow: UnitOfWork, actor: Actor) -> list[Packet]:
    """The approved statements that wait for a custodian, as packets for this one."""
    require(actor.role, Permission.SIGN_STATEMENT)
    rows = (
        select(StatementPacketRow)
        .join(StatementRow, StatementRow.name == StatementPacketRow.statement)
        .where(StatementPacketRow.custodian == actor.code, StatementRow.published.is_(None))
        .order_by(StatementPacketRow.statement)
    )
    found = []
    for row in uow.testimony.scalars(rows):
        with suppress(NotFound):  # what it quotes is gone: nobody signs it any more
            found.append(Packet(b64(row.statement), lasting(uow, row.sealed)))
    return found


def publish(uow: UnitOfWork, actor: Actor, name: str, signed: Json, today: date) -> Statement:
    """Take a statement that a custodian has signed, with all other signatures. Raises Refused, Conflict, Tampered."""
    # (1) may this actor, and does it wait
    require(actor.role, Permission.SIGN_STATEMENT)
    row = _row(uow, name)
    if row.published is None and uow.testimony.get(StatementPacketRow, (row.name, actor.code)) is None:
        raise NotFound(_NOT_WAITING)
    bare = _there(uow, row)
    # (2) has everybody signed who must, by the newest roster, with keys that nobody has revoked
    statement, signers = signatories(signed, rosters.history(uow))
    if statement.roster != rosters.current(uow).version:
        raise Conflict("The roster has changed since this was prepared: it must be prepared again.")
    if not signers.complete or actor.code not in signers.custodians:
        raise Refused("This statement is not signed by you and by everybody who must.")
    file = cases.find(uow, b64(row.case))
    for code in {statement.preparer, *signers.reviewers}:
        if keyrings.is_revoked(uow, file, code) or not file.promises(code, "corroboration"):
            raise Refused("Somebody who signed this has left the case, or their keys were revoked.")
    # (3) nothing else was said on the incident meanwhile: the gates were tried without it
    earlier = statements.on(statements.every(uow), statement.incident)
    if row.published is not None and earlier and earlier[-1].statement.digest == statement.digest:
        return statement
    if row.published is not None or statement.previous != (earlier[-1].statement.digest if earlier else None):
        raise Conflict(
            "Something else was published on this incident meanwhile: prepare the statement again."
        )
    # (4) published, and nothing waits for the other custodians any more
    row.published, row.sealed = json.dumps(signed), bare  # which records it quoted, nothing says any more
    uow.testimony.execute(delete(StatementPacketRow).where(StatementPacketRow.statement == row.name))
    uow.testimony.flush()
    about = {"case": file.id, "statement": statement.digest}
    audit.record(uow, actor.code, "statement published", about, today)
    return statement


def pull(uow: UnitOfWork, actor: Actor, case: str, name: str, today: date) -> None:
    """Pull a statement as a reviewer of its case: a published one says nothing more, any other is taken back."""
    require(actor.role, Permission.PULL_STATEMENT)
    file = cases.find(uow, case)
    one = None if name in statements.stopped(uow, actor, case) else statements.find(uow, actor, case, name)
    if one is None or one.published is None:
        _take_back(uow, unb64(name))
        about = {"case": file.id, "statement": name}
        audit.record(uow, actor.code, "statement taken back", about, today)
        return
    named = {"vault": file.vault, "case": file.id, "statement": one.statement.digest}
    document = {**named, "roster": rosters.current(uow).version}
    take_pull(uow, actor, preparations.pull(document, actor.code, today, actor.keys.signing), today)


def take_pull(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> None:
    """Take what pulls a published statement, signed by who hands it in. A second time it changes nothing."""
    require(actor.role, Permission.PULL_STATEMENT)
    try:
        file = cases.find(uow, str(signed["document"]["case"]))
    except (KeyError, TypeError):
        raise Invalid("This does not pull a statement.") from None
    digest, by = preparations.read_pull(signed, file, rosters.history(uow))
    if by != actor.code:
        raise Tampered("Pull a statement in your own name.")
    if actor.role is Role.REVIEWER and not keyrings.may_hold(uow, actor, file, "editions"):
        raise Refused("Only a reviewer of this case, or a custodian, pulls its statements.")
    one = find_published(uow, digest)
    if one.case != file.id:
        raise NotFound("There is no such statement.")
    if one.pulled_by is None:
        _row(uow, one.name).pulled = json.dumps(signed)
        uow.testimony.flush()
        audit.record(uow, actor.code, "statement pulled", {"case": file.id, "statement": digest}, today)


def find_published(uow: UnitOfWork, digest: str) -> Published:
    """What was published under this digest, pulled or not. Raises NotFound."""
    for one in statements.every(uow):
        if one.statement.digest == digest:
            return one
    raise NotFound("There is no such statement.")


def file_of(uow: UnitOfWork, one: Published) -> dict[str, Any]:
    """The file that a stranger verifies: the statement, every roster up to the one that it names, and its proof."""
    proof = log.proof_of(uow, one.statement.log[1], one.statement.root)
    return published_file(one.signed, rosters.chain(uow)[: one.statement.roster], proof)


def checkpoint(vault: Installation, uow: UnitOfWork) -> str:
    """The newest signed state of the log. Raises NotFound before its first entry."""
    return log.checkpoint(uow, log.key_of(uow, vault.log_key).public)


def to_bytes(file: Document) -> bytes:
    """The file as it is written: a verifier takes no other spelling."""
    return canonical(file) + b"\n"


def _take_back(uow: UnitOfWork, name: bytes) -> None:
    for table in (StatementPacketRow, StatementApprovalRow):
        uow.testimony.execute(delete(table).where(table.statement == name))
    uow.testimony.execute(delete(StatementRow).where(StatementRow.name == name))
    uow.testimony.flush()


def _there(uow: UnitOfWork, row: StatementRow) -> bytes:
    """What was prepared, sealed. Raises Conflict where words that it quotes were withdrawn."""
    try:
        return lasting(uow, row.sealed)
    except NotFound:
        raise Conflict(statements.STOPPED) from None


def _row(uow: UnitOfWork, name: str) -> StatementRow:
    row = uow.testimony.get(StatementRow, unb64(name, 16))
    if row is None:
        raise NotFound(_NOT_WAITING)
    return row
