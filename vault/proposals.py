"""Documents that take effect when a quorum of custodians has signed them: rosters, invitations, cases, re-cuts."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from vault import audit, backup_keys, cases, enrolment, proposed, recuts, resharing, retention, succession
from vault import roster as rosters
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, Role, require
from vault.rules.quorum import Tally
from vault.sealing.digests import Json, b64, document_digest, stored, unb64
from vault.sealing.rosters import Roster, parse, succeeds
from vault.sealing.signatures import Signed, verify, with_signatures
from vault.sealing.words import fingerprint
from vault.store.testimony import ProposalRow, ProposalSignatureRow
from vault.store.unit_of_work import UnitOfWork

KINDS = ("roster", "invitations", "case", "recut", "backup-keys", "retention", "destruction")
MOST_AT_ONCE = 20  # of one proposer that wait: a custodian reads them all
_NEEDED = {
    "roster": Permission.PROPOSE_ROSTER,
    "invitations": Permission.INVITE,
    "case": Permission.PROPOSE_CASE,
    "recut": Permission.CUT_EDITION,
    "backup-keys": Permission.PROPOSE_ROSTER,
    "retention": Permission.SET_RETENTION,
    "destruction": Permission.SET_RETENTION,
}


@dataclass(frozen=True)
class Proposal:
    """A proposed document and who has signed it so far."""

    digest: str
    kind: str
    document: dict[str, Any]
    signed_by: tuple[str, ...]
    threshold: int

    @property
    def words(self) -> str:
        """Six words, by which whoever signs knows it from every other."""
        return fingerprint(unb64(self.digest, 32))


def propose(uow: UnitOfWork, actor: Actor, document: Json, attachments: Json, today: date) -> str:
    """Put a document before the custodians; its digest. Raises Refused, Invalid or Conflict."""
    kind = _kind(document)
    require(actor.role, _NEEDED[kind])
    roster = rosters.current(uow)
    match kind:
        case "roster":
            _check_roster(uow, roster, document)
        case "invitations":
            enrolment.check_invitations(roster, document, today)
        case "recut":
            recuts.check_proposal(uow, actor, document, today)
        case "backup-keys":
            backup_keys.check_proposal(uow, document, attachments, roster)
        case "retention":
            retention.check_proposal(uow, actor, document, today)
        case "destruction":
            retention.check_destruction(uow, actor, document, today)
        case _:
            cases.check_proposal(uow, document, attachments, actor.code)
    digest = document_digest(document)
    if uow.testimony.get(ProposalRow, digest) is None:
        _require_room(uow, actor, roster)
        row = {"kind": kind, "document": json.dumps(document), "attachments": json.dumps(attachments)}
        uow.testimony.add(ProposalRow(digest=digest, proposer=actor.code, **row))
        audit.record(uow, actor.code, f"{kind} proposed", {"document": b64(digest)}, today)
    return b64(digest)


def waiting(uow: UnitOfWork, role: Role) -> list[Proposal]:
    """What still lacks signatures."""
    require(role, Permission.SEE_PROPOSALS)
    roster = rosters.current(uow)
    rows = uow.testimony.scalars(
        select(ProposalRow).where(ProposalRow.applied.is_(False)).order_by(ProposalRow.digest)
    )
    return [
        Proposal(
            b64(row.digest),
            row.kind,
            proposed.document(row),
            tuple(sorted(_signatures(uow, row, roster))),
            roster.threshold,
        )
        for row in rows
        if not _outdated(uow, row, roster)
    ]


def sign(uow: UnitOfWork, actor: Actor, digest: str, entry: Json, today: date) -> Tally:
    """Add a custodian's signature; with the k-th the document takes effect."""
    require(actor.role, Permission.SIGN_PROPOSALS)
    row = uow.testimony.get(ProposalRow, unb64(digest, 32))
    if row is None:
        raise NotFound("There is no such proposal.")
    roster = rosters.current(uow)
    if row.applied or _outdated(uow, row, roster):
        raise Conflict(
            "This proposal has taken effect, or the roster or the case has changed since it was made."
        )
    document = proposed.document(row)
    # Whoever signs a second time changes nothing. A custodian to come cannot sign in yet: others carry the signature.
    by = entry.get("by") if isinstance(entry, dict) else None
    entitled = _signing_keys(document, roster)
    if by not in entitled or (by != actor.code and by in roster.custodians):
        raise Invalid("Sign with your own key file.")
    verify(document, entry, entitled[by])
    uow.testimony.merge(ProposalSignatureRow(proposal=row.digest, by=by, signature=json.dumps(entry)))
    uow.testimony.flush()
    decision = with_signatures(document, [entry])
    audit.record(uow, actor.code, f"{row.kind} signed", {"document": digest}, today, decision)
    entries = _signatures(uow, row, roster)
    tallies = [
        Tally(one.threshold, frozenset(entries), frozenset(one.codes)) for one in _quorums(document, roster)
    ]
    unmet = [tally for tally in tallies if not tally.met]
    if not unmet:
        _apply(uow, row, with_signatures(document, entries.values()), today)
    return (unmet or tallies)[0]


def withdraw(uow: UnitOfWork, actor: Actor, digest: str, today: date) -> None:
    """Take back what has not taken effect: whoever proposed it, or any custodian. So is a destruction called off that
    was agreed on and not carried out."""
    require(actor.role, Permission.SEE_PROPOSALS)
    row = uow.testimony.get(ProposalRow, unb64(digest, 32))
    if row is None or (row.applied and row.kind != "destruction"):
        raise NotFound("There is no such proposal that waits for signatures.")
    if row.applied:
        retention.call_off(uow, proposed.document(row))
    if actor.code != row.proposer:
        require(actor.role, Permission.SIGN_PROPOSALS)
    uow.testimony.execute(delete(ProposalSignatureRow).where(ProposalSignatureRow.proposal == row.digest))
    uow.testimony.delete(row)
    audit.record(uow, actor.code, f"{row.kind} withdrawn", {"document": digest}, today)


def _require_room(uow: UnitOfWork, actor: Actor, roster: Roster) -> None:
    own = ProposalRow.proposer == actor.code, ProposalRow.applied.is_(False)
    rows = uow.testimony.scalars(select(ProposalRow).where(*own))
    if sum(not _outdated(uow, row, roster) for row in rows) >= MOST_AT_ONCE:
        raise Refused(
            "%(most)d proposals of yours wait already: have them signed, or take them back.",
            most=MOST_AT_ONCE,
        )


def _check_roster(uow: UnitOfWork, roster: Roster, document: Json) -> None:
    """Raises Tampered unless it follows, Conflict while another waits or the present epoch is not complete."""
    new = parse(document)
    succeeds(roster, new)
    rows = uow.testimony.scalars(
        select(ProposalRow).where(ProposalRow.kind == "roster", ProposalRow.applied.is_(False))
    )
    others = [row for row in rows if row.digest != new.digest and not _outdated(uow, row, roster)]
    if others:
        raise Conflict(
            "Another roster waits for signatures: sign it, or take it back with "
            "`witness-vault custodian withdraw`. It is %(digest)s.",
            digest=b64(others[0].digest),
        )
    if new.epoch != roster.epoch and not resharing.is_finished(uow):
        raise Conflict(
            "The records are still being shared anew with the present custodians: finish that first, with "
            "`witness-vault custodian reshare`."
        )


def _quorums(document: Json, roster: Roster) -> tuple[Roster, ...]:
    """Whose signatures it takes: k of the present custodians, and k of those whom a roster would make custodians."""
    if document["format"] == "witness-vault/v1/roster":
        return roster, parse(document)
    return (roster,)


def _signing_keys(document: Json, roster: Roster) -> dict[str, bytes]:
    """Whose signatures count. One code with two signing keys counts for neither quorum: the others must be enough."""
    keys: dict[str, bytes] = {}
    refused = set()
    for one in _quorums(document, roster):
        for code, key in one.custodian_keys().items():
            if keys.setdefault(code, key) != key:
                refused.add(code)
    return {code: key for code, key in keys.items() if code not in refused}


def _apply(uow: UnitOfWork, row: ProposalRow, signed: Signed, today: date) -> None:
    row.applied = True
    match row.kind:
        case "roster":
            before = rosters.current(uow)
            succession.take_effect(uow, before, rosters.advance(uow, signed))
        case "invitations":
            enrolment.invite(uow, signed["document"])
        case "case":
            cases.open_case(uow, signed, stored(row.attachments))
        case "backup-keys":
            backup_keys.take(uow, signed, stored(row.attachments))
        case "retention":
            retention.take(uow, signed)
        case "destruction":
            retention.agree(uow, signed, today)
    uow.testimony.flush()


def _signatures(uow: UnitOfWork, row: ProposalRow, roster: Roster) -> dict[str, Any]:
    """The signatures that hold: a row that somebody put there by hand counts for nothing."""
    found = select(ProposalSignatureRow).where(ProposalSignatureRow.proposal == row.digest)
    document, held = proposed.document(row), {}
    entitled = _signing_keys(document, roster)
    for entry in uow.testimony.scalars(found):
        with suppress(Tampered, KeyError):
            signature = stored(entry.signature)
            verify(document, signature, entitled[entry.by])
            if signature["by"] == entry.by:
                held[entry.by] = signature
    return held


def _kind(document: Json) -> str:
    match document:
        case {"format": str(found)}:
            kind = found.removeprefix("witness-vault/v1/")
            if kind in KINDS:
                return kind
    raise Invalid(
        "Only rosters, invitations, cases, re-cuts, backup keys, last days and destructions can be proposed."
    )


def _outdated(uow: UnitOfWork, row: ProposalRow, roster: Roster) -> bool:
    document = proposed.document(row)
    if row.kind == "roster":
        return bool(document["version"] != roster.version + 1)
    overtaken = row.kind == "case" and not cases.is_next(uow, document)
    overtaken |= row.kind == "recut" and not recuts.is_next(uow, document)
    overtaken |= row.kind == "backup-keys" and not backup_keys.is_next(uow, document["version"])
    overtaken |= row.kind in ("retention", "destruction") and not retention.is_next(uow, document)
    return bool(document["roster"] != roster.version) or overtaken
