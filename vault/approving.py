"""Approving a statement: another reviewer tries every gate with their own keys; the last seals it to each custodian."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from vault import audit, cases, quoting, statements
from vault import roster as rosters
from vault.errors import N_, Conflict, Refused
from vault.installation import Installation
from vault.keyrings import Actor
from vault.perishable import perishable
from vault.preparing import Choice, Considered, consider, said_lines
from vault.rules.access import Permission, require
from vault.rules.disclosure import Form, Gate, Refusal
from vault.sealing import preparations
from vault.sealing.digests import unb64
from vault.sealing.preparations import Approved
from vault.statements import Held, State
from vault.store.testimony import StatementApprovalRow, StatementPacketRow
from vault.store.unit_of_work import UnitOfWork

CHANGED = N_("This can no longer be said as it was prepared: prepare it again from the newest edition.")


def review(vault: Installation, uow: UnitOfWork, actor: Actor, one: Held, today: date) -> Considered:
    """Try every gate anew on a statement that waits, as the actor's own keys show it."""
    vocabulary = vault.vocabularies[one.statement.document["vocabulary"]]
    lines = said_lines(one.statement.document, vocabulary)
    form = Form.EXACT if lines[0].exactly else Form.LADDER
    case, cells = one.approved.prepared.signed["document"]["case"], tuple(line.cell for line in lines)
    quotes = quoting.named(vault, uow, actor, (case, one.statement.document), lines)
    choice = Choice(one.statement.incident, cells, form, quotes)
    found = consider(vault, uow, actor, (case, choice), today)
    typed = {name: one.statement.document[name] for name in ("about", "preparer")}
    if found.document is not None and {**found.document, **typed} != one.statement.document:
        changed = Refusal(Gate.NOW, None, CHANGED)
        return Considered(found.edition, found.lines, (changed,), found.inferences, None)
    return found


def approve(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date
) -> Approved:
    """Approve a statement that another reviewer prepared; the last who must seals it to each custodian.

    Whoever has approved may approve again: all is tried anew, and custodians get it as of today. Raises Refused.
    """
    # (1) may this actor, who is not who prepared it
    require(actor.role, Permission.APPROVE_STATEMENT)
    one = statements.find(uow, actor, *place)
    prepared, file = one.approved.prepared, cases.find(uow, place[0])
    if one.state not in (State.PREPARED, State.APPROVED):
        raise Conflict("This statement is published already.")
    if actor.code == one.statement.preparer:
        raise Refused("You prepared this statement: others approve it.")
    # (2) is every gate open, and is the statement exactly what the figures give
    found = review(vault, uow, actor, one, today)
    if found.document is None:
        raise Refused(found.refusals[0].cure)
    # (3) signed, and sealed to those who may read the figures
    signed = preparations.approve(prepared, actor.code, today, actor.keys.signing)
    about = preparations.place("statement-approval", file, one.name)
    row = StatementApprovalRow(
        statement=unb64(one.name),
        reviewer=actor.code,
        sealed=preparations.seal(file.keys["editions"], about, signed),
    )
    uow.testimony.merge(row)
    uow.testimony.flush()
    earlier = [approval.signed for approval in one.approved.approvals if approval.by != actor.code]
    now = preparations.approved(prepared, [*earlier, signed], file, rosters.history(uow))
    # (4) complete: to each custodian, for their own device
    if not now.lacking:
        _hand_to_custodians(uow, now, found.records)
    audit.record(uow, actor.code, "statement approved", {"case": file.id, "statement": one.name}, today)
    return now


def _hand_to_custodians(uow: UnitOfWork, complete: Approved, records: Collection[bytes]) -> None:
    name, roster = complete.prepared.name, rosters.current(uow)
    case = unb64(complete.prepared.signed["document"]["case"])
    content = {
        "case": cases.signed_versions(uow, case),
        "prepared": complete.prepared.signed,
        "approvals": [one.signed for one in complete.approvals],
    }
    for code, custodian in roster.custodians.items():
        about = preparations.packet_place(roster.vault, name, code)
        kept = perishable(uow, records, preparations.seal(custodian.sealing, about, content))
        uow.testimony.merge(StatementPacketRow(statement=unb64(name), custodian=code, sealed=kept))
    uow.testimony.flush()
