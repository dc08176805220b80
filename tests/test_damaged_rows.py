"""Rows whose JSON somebody cut short or wrote anew: whoever reads them is told so, and nothing falls over."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Column, Text, select, update

from tests.backing import give_keys, keys_of
from tests.cast import C1, CUSTODIANS, R1, THRESHOLD, V1, V2, seed
from tests.stage import DAY, TABLES, Scene, actor
from tests.teams import READS, file_of, prepared, signed_revocation
from vault import (
    access,
    attendance,
    audit,
    backup_keys,
    backups,
    cases,
    drills,
    enrolment,
    escrow,
    handing,
    holdings,
    log,
    proposals,
    recuts,
    requested,
    resharing,
    retention,
    statements,
)
from vault import roster as rosters
from vault.backups import Source
from vault.errors import Invalid, Tampered, VaultError
from vault.rules.access import Role
from vault.sealing.digests import b64, digest, unb64
from vault.sealing.keypairs import SigningKey
from vault.sealing.signatures import Signed, signature
from vault.store.backups import BackupKeysRow
from vault.store.published import LogEntryRow
from vault.store.retention import DestructionRow, RetentionRow
from vault.store.testimony import (
    ApprovalRow,
    AttendanceRow,
    AuditRow,
    CheckpointRow,
    InvitationRow,
    OpeningRow,
    ProposalRow,
    ResharingRow,
    RevocationRow,
    StatementRow,
)
from vault.store.unit_of_work import UnitOfWork

# Each has a test of its own, here or beside what is published; a checkpoint of the log is a note and no JSON.
APART = {"proposals.attachments", "backup_keys.escrows", "statements.pulled", "log_entries.checkpoint"}
COLUMNS = [
    column
    for metadata in TABLES.values()
    for table in metadata.tables.values()
    for column in table.columns
    if type(column.type) is Text and str(column) not in APART
]
UNREADABLE = ('{"document": {"for', "[]", "[" * 90_000)
QUIET = {
    "retentions.signed"
}  # what custodians have not signed so counts for nothing: the case has no last day
NOTHING, TOKEN = bytes(16), seed("a token that nobody invited by")
Readings = Iterator[Callable[[], object]]


def _staged(scene: Scene, uow: UnitOfWork, table: str) -> None:
    """A row where a vault that was just founded has none: of this table, and some in which nothing stands."""
    case, day = unb64(scene.case), DAY.isoformat()
    rows = {
        "backup_keys": BackupKeysRow(version=1, signed="", escrows=""),
        "log_entries": LogEntryRow(number=1, document="", roots=b"", checkpoint=""),
        "retentions": RetentionRow(case=case, version=1, signed=""),
        "destructions": DestructionRow(case=case, signed="", met=day),
        "revocations": RevocationRow(member="R2", scope=case, version=1, signed=""),
        "statements": StatementRow(name=NOTHING, case=case, sealed=b""),
        "approvals": ApprovalRow(opening=NOTHING, custodian="C1", signed=""),
        "resharings": ResharingRow(digest=bytes(32), epoch=1, signed=""),
        "checkpoints": CheckpointRow(position=1, custodian="C1", signed=""),
        "attendance": AttendanceRow(custodian="C1"),
    }
    uow.testimony.add(OpeningRow(id=NOTHING, terms=bytes(32), expires=day))
    token = digest("invitation", TOKEN)
    uow.testimony.add(InvitationRow(token=token, code="R1", role="researcher", expires=day))
    uow.testimony.execute(update(AuditRow).values(epoch=0))
    uow.testimony.execute(update(ProposalRow).where(ProposalRow.kind == "case").values(applied=False))
    uow.testimony.flush()
    uow.testimony.add_all([row for name, row in rows.items() if name == table])
    uow.testimony.flush()


def _of_the_vault(uow: UnitOfWork) -> Readings:
    """By what use cases read the rows of the whole vault."""
    card = {"purpose": "case-key", "record": b64(NOTHING)}
    yield lambda: rosters.chain(uow)
    yield lambda: rosters.current(uow)
    yield lambda: enrolment.pending(uow, Role.CUSTODIAN)
    yield lambda: enrolment.own_fingerprint(uow, "R1")
    yield lambda: enrolment.wrapped_keys(uow, "R1")
    yield lambda: enrolment.invitation(uow, b64(TOKEN), DAY)
    yield lambda: holdings.page(uow, "case-key", "")
    yield lambda: requested.find(uow, card)
    yield lambda: escrow.waiting(uow, actor(C1), DAY)
    yield lambda: escrow.decisions(uow, escrow.find(uow, b64(NOTHING)), rosters.current(uow))
    yield lambda: drills.page(uow, actor(C1), "case-key", "")
    yield lambda: drills.reports(uow, actor(C1))
    yield lambda: attendance.attendance(uow, Role.CUSTODIAN)
    yield lambda: resharing.page(uow, actor(C1), "case-key", "")
    yield lambda: resharing.page(uow, actor(C1), "audit", "")
    yield lambda: resharing.statements(uow, actor(C1))
    yield lambda: audit.entries(uow, Role.CUSTODIAN, 0)
    yield lambda: audit.file(uow, "C1", Role.CUSTODIAN)
    for page in range(3):
        yield partial(audit.decisions, uow, Role.CUSTODIAN, audit.MOST_DECISIONS * page)
    yield lambda: backup_keys.newest(uow)
    yield lambda: log.entries(uow, SigningKey(bytes(32)).public)


def _of_a_case(scene: Scene, uow: UnitOfWork, changed: tuple[Any, Any], revoked: Signed) -> Readings:
    """By what use cases read the rows of a case, and what waits for signatures."""
    case = scene.case
    yield lambda: access.listing(uow, actor(R1))
    yield lambda: access.evidence(uow, actor(V1), case)
    yield lambda: cases.show(uow, actor(R1), case)
    yield lambda: recuts.agreed(uow, cases.find(uow, case), (), DAY)
    yield lambda: retention.every(uow, actor(C1))
    yield lambda: retention.call_off(uow, {"case": case})
    yield lambda: [
        statements.published(uow, row, rosters.history(uow))
        for row in uow.testimony.scalars(select(StatementRow))
    ]
    yield lambda: statements.every(uow)
    yield lambda: proposals.waiting(uow, Role.CUSTODIAN)
    yield lambda: proposals.propose(uow, actor(V2), *changed, DAY)
    yield lambda: handing.revoke(uow, actor(C1), revoked, DAY)


def _told(
    scene: Scene, column: Column[Any], text: str | None, about: tuple[Any, Signed]
) -> set[type[VaultError]]:
    """What is said once this stands in a column, or what without it; anything but a refusal escapes."""
    told = set()
    with scene.unkept() as uow:
        _staged(scene, uow, "" if text is None else column.table.name)
        if text is not None:
            uow.testimony.execute(update(column.table).values({column: text}))
        uow.testimony.expire_all()
        for read in (*_of_the_vault(uow), *_of_a_case(scene, uow, *about)):
            try:
                read()
            except VaultError as error:
                told.add(type(error))
    return told


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_a_row_that_cannot_be_read_is_told_in_a_sentence(scene: Scene, column: Column[Any]) -> None:
    about = prepared(scene, V2, READS), signed_revocation(scene, C1, "V2")
    assert Tampered not in _told(scene, column, None, about)
    for text in UNREADABLE:
        assert Tampered in _told(scene, column, text, about) or str(column) in QUIET


@pytest.mark.parametrize("text", [*UNREADABLE, '{"escrows": 7, "grants": [], "brief": ""}'])
def test_what_comes_with_a_proposal_is_looked_at_again_by_the_last_signature(scene: Scene, text: str) -> None:
    document, more = prepared(scene, V2, READS)
    with scene.writing() as uow:
        name = proposals.propose(uow, actor(V2), document, more, DAY)
        uow.testimony.get_one(ProposalRow, unb64(name)).attachments = text
    last = CUSTODIANS[THRESHOLD - 1]
    for custodian in CUSTODIANS[:THRESHOLD]:
        entry = signature(document, custodian.code, custodian.secret.signing)
        with (
            pytest.raises((Tampered, Invalid)) if custodian is last else nullcontext(),
            scene.writing() as uow,
        ):
            proposals.sign(uow, actor(custodian), name, entry, DAY)
    assert file_of(scene).version == 1


@pytest.mark.parametrize("text", [*UNREADABLE, '{"archive": {}, "snapshot": 7}'])
def test_no_backup_is_made_whose_key_the_custodians_do_not_hold(scene: Scene, text: str) -> None:
    give_keys(scene)
    with scene.writing() as uow:
        uow.testimony.execute(update(BackupKeysRow).values(escrows=text))
    with pytest.raises(Tampered):
        backups.snapshot(Source(scene.vault.store, scene.vault.journal), scene.folder, DAY)


def test_nor_one_whose_key_they_hold_in_another_record_than_they_signed(scene: Scene) -> None:
    give_keys(scene)
    with scene.writing() as uow:
        uow.testimony.execute(update(BackupKeysRow).values(escrows=json.dumps(keys_of(scene.roster())[1])))
    with pytest.raises(Tampered):
        backups.snapshot(Source(scene.vault.store, scene.vault.journal), scene.folder, DAY)
