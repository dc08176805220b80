"""Whoever edits rows grants nobody a key, and locks nobody out with a row of their own."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from tests.cast import C1, MEMBERS, R1, R2, V1, V2
from tests.readers import told
from tests.stage import PLAN, TEAM, Scene, actor
from tests.teams import (
    READS,
    can_open,
    change,
    glance,
    holds,
    known,
    prepared,
    revoke,
    sees,
    signed_revocation,
    without,
)
from tests.visitor import Visitor
from vault import cases
from vault.errors import Refused, Tampered
from vault.founding import grants
from vault.sealing.digests import b64, unb64
from vault.sealing.signatures import signature
from vault.store.testimony import (
    CaseVersionRow,
    GrantRow,
    MemberRow,
    ProposalRow,
    RevocationRow,
)


class TestEditedRows:
    def test_a_grant_copied_from_another_opens_nothing(self, scene: Scene) -> None:
        with scene.writing() as uow:
            row = uow.testimony.get_one(GrantRow, (unb64(scene.case), "testimony", 1, "V2"))
            copy = GrantRow(case=row.case, key="testimony", version=1, member="R2", sealed=row.sealed)
            uow.testimony.add(copy)
        assert not holds(scene, R2, "testimony")
        assert ("testimony", 1) not in can_open(scene, R2)
        with pytest.raises(Refused):
            told(scene, R2)

    def test_a_grant_to_somebody_without_the_promise_is_not_opened(self, scene: Scene) -> None:
        held = known(scene, V2)
        (made,) = grants(held.file, held.keys, scene.roster(), [("R2", ("testimony", 1))])
        with scene.writing() as uow:
            row = {"key": "testimony", "version": 1, "member": "R2", "sealed": unb64(made["sealed"])}
            uow.testimony.add(GrantRow(case=unb64(scene.case), **row))
        with pytest.raises(Refused):
            told(scene, R2)

    @pytest.mark.parametrize("part", ["team", "keys", "proposer"])
    def test_a_version_that_was_edited_is_believed_by_nobody(self, scene: Scene, part: str) -> None:
        def edited(document: dict[str, Any]) -> dict[str, Any]:
            if part == "team":
                return {
                    **document,
                    "team": [{"member": "R2", "keys": ["brief", "testimony"]}, *document["team"][2:]],
                }
            if part == "keys":
                public = b64(R2.secret.sealing.public)
                return {
                    **document,
                    "keys": {**document["keys"], "testimony": {"version": 1, "public": public}},
                }
            return {**document, "proposer": "V2"}

        with scene.writing() as uow:
            row = uow.testimony.get_one(CaseVersionRow, (unb64(scene.case), 1))
            signed = json.loads(row.signed)
            row.signed = json.dumps({**signed, "document": edited(signed["document"])})
        for person in (R1, R2, V1):
            with scene.reading() as uow, pytest.raises(Tampered):
                cases.listing(uow, actor(person))

    def test_a_case_in_the_place_of_another_is_not_taken_for_it(self, scene: Scene) -> None:
        other = scene.open_case(PLAN, TEAM)
        with scene.writing() as uow:
            row = uow.testimony.get_one(CaseVersionRow, (unb64(other), 1))
            uow.testimony.get_one(CaseVersionRow, (unb64(scene.case), 1)).signed = row.signed
        with scene.reading() as uow, pytest.raises(Tampered):
            cases.find(uow, scene.case)

    def test_a_version_without_a_quorum_is_believed_by_nobody(self, scene: Scene) -> None:
        document, _ = prepared(scene, V2, READS)
        signed = {"document": document, "signatures": [signature(document, "C1", C1.secret.signing)]}
        with scene.writing() as uow:
            uow.testimony.add(CaseVersionRow(case=unb64(scene.case), version=2, signed=json.dumps(signed)))
        with scene.reading() as uow, pytest.raises(Tampered):
            cases.find(uow, scene.case)

    def test_a_version_that_was_taken_away_gives_back_no_key_that_was_exchanged(self, scene: Scene) -> None:
        change(scene, V1, without("V2"), ["brief", "testimony", "editions"])
        scene.deposit(R1, scene.said("heard"))
        with scene.writing() as uow:
            uow.testimony.execute(delete(CaseVersionRow).where(CaseVersionRow.version == 2))
        with pytest.raises(
            Tampered
        ):  # V2 stands as before, with the former keys alone: they open nothing new
            told(scene)
        assert {version for _, version in can_open(scene, V2)} == {1}

    @pytest.mark.parametrize(
        "changes", [{"member": "V1"}, {"version": 2}, {"by": "C2"}, {"day": "2000-01-01"}]
    )
    def test_a_revocation_that_nobody_signed_so_locks_nobody_out(
        self, scene: Scene, changes: dict[str, Any]
    ) -> None:
        signed = signed_revocation(scene, C1, "R2")
        forged = {**signed, "document": {**signed["document"], **changes}}
        document = forged["document"]
        with scene.writing() as uow:
            row = {"member": document["member"], "scope": unb64(scene.case), "version": 1}
            uow.testimony.add(RevocationRow(**row, signed=json.dumps(forged)))
        assert all(sees(scene, person) for person in MEMBERS)

    @pytest.mark.parametrize("text", ["", "null", "{}", "[]", '{"document": {}, "signatures": []}'])
    def test_nor_does_a_row_that_holds_nothing(self, scene: Scene, text: str) -> None:
        version = scene.roster().version
        with scene.writing() as uow:
            for scope, number in ((unb64(scene.case), 1), (bytes(16), version)):
                uow.testimony.add(RevocationRow(member="R2", scope=scope, version=number, signed=text))
        assert sees(scene, R2)
        assert Visitor(scene.app(), R2).get(f"/cases/{scene.case}").status_code == 200

    def test_a_revocation_moved_to_another_member_or_case_counts_for_nothing(self, scene: Scene) -> None:
        signed = json.dumps(signed_revocation(scene, C1, "R2"))
        version = scene.roster().version
        with scene.writing() as uow:
            for member, scope, number in (("V2", unb64(scene.case), 1), ("R2", bytes(16), version)):
                uow.testimony.add(RevocationRow(member=member, scope=scope, version=number, signed=signed))
        assert sees(scene, R2)
        assert sees(scene, V2)

    def test_a_revocation_that_was_deleted_gives_back_no_grant(self, scene: Scene) -> None:
        revoke(scene, C1, "V2")
        with scene.writing() as uow:
            uow.testimony.execute(delete(RevocationRow))
        assert can_open(scene, V2) == {}
        assert not sees(scene, V2)
        assert glance(scene, V2).waiting  # what remains: they can ask again, and somebody must agree

    def test_roles_and_members_in_rows_say_nothing(self, scene: Scene) -> None:
        with scene.writing() as uow:
            card = uow.testimony.get_one(MemberRow, "V2").card
            uow.testimony.execute(update(MemberRow).where(MemberRow.code == "R2").values(card=card))
            for row in uow.testimony.scalars(select(ProposalRow)).all():
                row.applied = False
        visitor = Visitor(scene.app(), R2)
        assert visitor.get(f"/cases/{scene.case}/testimony").status_code == 403
        assert visitor.get("/").status_code == 200
