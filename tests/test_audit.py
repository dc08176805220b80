"""The audit: a chain that anybody can recompute, bodies that custodians alone can read."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select

from tests.cast import C1, C5, CUSTODIANS, R1, V1, V2, Person
from tests.readers import cut, told
from tests.stage import DAY, Scene, actor
from vault import audit, corroboration
from vault.errors import Invalid, Tampered
from vault.sealing import boxes
from vault.sealing.digests import digest, parse_object, unb64, unpad
from vault.sealing.keypairs import SealingKey
from vault.sealing.locks import unlock
from vault.store.testimony import AuditRow

FOUNDING = ["invitations proposed", *["invitations signed"] * 3, "roster proposed", *["roster signed"] * 3]
CASE = ["case proposed", *["case signed"] * 3]


def _entries(scene: Scene) -> list[AuditRow]:
    with scene.reading() as uow:
        return list(uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position)))


def _holds(entries: list[AuditRow]) -> bool:
    """What an auditor recomputes: every link from the one before and the commitment."""
    previous = bytes(32)
    for position, entry in enumerate(entries, start=1):
        committed = previous + entry.commitment + (entry.decision or bytes(32))
        if entry.position != position or entry.link != digest("audit-link", committed):
            return False
        previous = entry.link
    return True


def _read(entry: AuditRow, person: Person, key: SealingKey | None = None) -> dict[str, Any]:
    """The body as a custodian reads it, checked against its commitment."""
    about = {"position": entry.position, "custodian": person.code}
    sealed = unb64(json.loads(entry.keys)[person.code])
    opened = boxes.unseal(key or person.secret.sealing, ("audit-key", about), sealed)
    body = unpad(unlock(opened, ("audit", {"position": entry.position}), entry.body))
    assert entry.commitment == digest("audit-commitment", body)
    return parse_object(body)


def test_every_custodian_reads_who_did_what_and_when(scene: Scene) -> None:
    for custodian in CUSTODIANS:
        bodies = [_read(entry, custodian) for entry in _entries(scene)]
        assert [body["act"] for body in bodies] == FOUNDING + CASE
        assert {body["day"] for body in bodies} == {DAY.isoformat()}
        assert [body["actor"] for body in bodies] == ["C1", "C1", "C2", "C3"] * 2 + ["V1", "C1", "C2", "C3"]


@pytest.mark.parametrize("person", [R1, V1, V2], ids=lambda person: person.code)
def test_nobody_else_does(scene: Scene, person: Person) -> None:
    entry = _entries(scene)[0]
    with pytest.raises(Tampered):
        _read(entry, C1, person.secret.sealing)


def test_the_chain_holds_and_bodies_of_one_size_say_nothing_by_their_length(scene: Scene) -> None:
    scene.deposit(R1, scene.said("heard"))
    cut(scene)
    entries = _entries(scene)
    assert _holds(entries)
    assert len({len(entry.body) for entry in entries}) == 1
    assert len({len(entry.keys) for entry in entries}) <= 2  # positions of one figure and of two


def test_a_changed_body_or_commitment_is_detected(scene: Scene) -> None:
    with scene.writing() as uow:
        entries = list(uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position)))
        entries[3].commitment, entries[4].body = entries[4].commitment, entries[3].body
    entries = _entries(scene)
    assert not _holds(entries)
    with pytest.raises(Tampered):
        _read(entries[4], C5)


@pytest.mark.parametrize("decision", [None, bytes(32)[1:] + b"\1"])
def test_another_decision_in_the_place_of_the_signed_one_is_detected(
    scene: Scene, decision: bytes | None
) -> None:
    assert _holds(_entries(scene))
    with scene.writing() as uow:
        signed = select(AuditRow).where(AuditRow.decision.is_not(None)).limit(1)
        uow.testimony.scalars(signed).one().decision = decision
    assert not _holds(_entries(scene))


@pytest.mark.parametrize("place", [0, 3, 10])
def test_a_removed_entry_is_detected(scene: Scene, place: int) -> None:
    with scene.writing() as uow:
        entries = list(uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position)))
        uow.testimony.delete(entries[place])
    assert not _holds(_entries(scene))


def test_entries_that_changed_places_are_detected(scene: Scene) -> None:
    with scene.writing() as uow:
        entries = list(uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position)))
        for one, other in pairwise(entries[4:6]):
            for column in ("link", "commitment", "body", "keys"):
                first, second = getattr(one, column), getattr(other, column)
                setattr(one, column, second)
                setattr(other, column, first)
    assert not _holds(_entries(scene))


def test_an_act_that_fails_leaves_no_entry(scene: Scene) -> None:
    before = len(_entries(scene))
    with scene.vault.store.work() as uow:
        corroboration.cut(scene.vault, uow, actor(V1), scene.case, DAY)
    assert len(_entries(scene)) == before


def test_deposits_and_drafts_leave_no_entry(scene: Scene) -> None:
    before = len(_entries(scene))
    scene.deposit(R1, scene.said("heard"))
    scene.start(R1)
    assert len(_entries(scene)) == before


def test_an_entry_names_no_pseudonym_and_no_testimony(scene: Scene) -> None:
    receipt = scene.deposit(R1, scene.said("heard"), testimony="It came twice.")
    cut(scene)
    told(scene)
    bodies = json.dumps([_read(entry, C1) for entry in _entries(scene)])
    assert receipt.pseudonym not in bodies
    assert receipt.digest not in bodies
    assert "twice" not in bodies


def test_what_does_not_fit_an_entry_is_refused(scene: Scene) -> None:
    with scene.vault.store.work() as uow, pytest.raises(Invalid):
        audit.record(uow, "C1", "x" * 1024, {}, DAY)
