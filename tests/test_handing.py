"""Keys of a case are handed to whom they are promised, and taken away at once by whoever must."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import delete, select

from tests.cast import C1, OUTSIDER, R1, R2, V1, V2, Person, following
from tests.readers import cut, direct, told
from tests.stage import DAY, DAYS, PLAN, TEAM, Scene, actor
from tests.teams import (
    READS,
    can_open,
    change,
    glance,
    hand_over,
    holds,
    known,
    prepared,
    revoke,
    sees,
    signed_revocation,
    states,
    without,
)
from tests.visitor import Api, Visitor
from vault import cases, handing, proposals
from vault.errors import Conflict, Invalid, NotFound, Refused, Tampered, VaultError
from vault.founding import grants
from vault.rules.access import Role
from vault.rules.rotation import State, Why
from vault.sealing import boxes
from vault.sealing.digests import b64
from vault.store.testimony import (
    AuditRow,
    GrantRow,
)


class TestHandingOver:
    def test_what_is_not_promised_is_not_taken(self, scene: Scene) -> None:
        with pytest.raises(Refused):
            hand_over(scene, V2, R2, ("testimony", 1))

    def test_nor_from_somebody_to_whom_it_is_not_promised(self, scene: Scene) -> None:
        change(scene, V1, READS)
        held = known(scene, V2)
        made = grants(held.file, held.keys, scene.roster(), [("R2", ("testimony", 1))])
        with scene.writing() as uow, pytest.raises(Refused):
            handing.take_grants(uow, actor(R1), scene.case, made, DAY)

    def test_one_for_oneself_is_opened_before_it_is_taken(self, scene: Scene) -> None:
        change(scene, V1, READS)
        held = known(scene, V2)
        (made,) = grants(held.file, held.keys, scene.roster(), [("R2", ("testimony", 1))])
        worthless = b64(boxes.seal(R2.secret.sealing.public, ("grant", {}), bytes(32)))
        with scene.writing() as uow, pytest.raises(Tampered):
            handing.take_grants(uow, actor(R2), scene.case, [{**made, "sealed": worthless}], DAY)
        with scene.writing() as uow:
            assert handing.take_grants(uow, actor(R2), scene.case, [made], DAY) == 1
        assert holds(scene, R2, "testimony")

    def test_nobody_displaces_what_another_holds(self, scene: Scene) -> None:
        assert hand_over(scene, V1, V2, ("brief", 1), ("editions", 1)) == 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"format": "another"},
            {"case": "A" * 22},
            {"key": "everything"},
            {"version": 2},
            {"version": "1"},
            {"member": 5},
            {"sealed": ""},
            {"sealed": "AAAA"},
        ],
    )
    def test_what_is_no_grant_of_this_case_is_refused(self, scene: Scene, changes: dict[str, Any]) -> None:
        held = known(scene, V2)
        (made,) = grants(held.file, held.keys, scene.roster(), [("V2", ("testimony", 1))])
        with scene.writing() as uow, pytest.raises(Invalid):
            handing.take_grants(uow, actor(V2), scene.case, [{**made, **changes}], DAY)

    @pytest.mark.parametrize("files", [None, [], {}, "text", [5]])
    def test_what_is_no_list_of_grants_is_refused(self, scene: Scene, files: Any) -> None:
        with scene.writing() as uow, pytest.raises(Invalid):
            handing.take_grants(uow, actor(V2), scene.case, files, DAY)


class TestRevoking:
    @pytest.mark.parametrize("by", [C1, R1, V1], ids=lambda person: person.code)
    def test_it_ends_sessions_and_erases_grants_at_once(self, scene: Scene, by: Person) -> None:
        visitor = Visitor(scene.app(), V2)
        revoke(scene, by, "V2")
        assert visitor.get("/").status_code == 303
        assert can_open(scene, V2) == {}
        assert not sees(scene, V2)
        with pytest.raises(VaultError):
            told(scene)
        assert glance(scene, C1).due == {
            key: {"V2": Why.REVOKED} for key in ("brief", "testimony", "editions")
        }
        assert states(scene, C1, "V2")["testimony"] is State.REVOKED

    def test_in_a_case_it_leaves_the_others(self, scene: Scene) -> None:
        other = scene.open_case({**PLAN, "code": "S2"}, TEAM)
        revoke(scene, C1, "V2")
        with scene.reading() as uow:
            assert [case.id for case in cases.listing(uow, actor(V2))] == [other]

    def test_everywhere_it_makes_a_member_pending_until_the_next_roster(self, scene: Scene) -> None:
        app = scene.app()
        revoke(scene, C1, "V2", everywhere=True)
        visitor = Visitor(app, V2)
        page = visitor.get("/").get_data(as_text=True)
        assert "Your keys were revoked" in page
        assert visitor.get(f"/cases/{scene.case}").status_code == 403
        assert can_open(scene, V2) == {}
        scene.carry(C1, following(scene.roster(), **DAYS))
        assert visitor.get("/").status_code == 200
        assert glance(scene, V2).waiting  # listed again, without any key until somebody hands them over

    def test_what_was_deposited_goes_on_counting(self, scene: Scene) -> None:
        for _ in range(3):
            scene.deposit(R1, scene.said("heard"))
        revoke(scene, V1, "R1", everywhere=True)
        assert direct(cut(scene), scene.hospital) == 3
        change(scene, V1, without("R1"), ["brief"])
        assert direct(cut(scene, 30), scene.hospital) == 3

    def test_only_a_later_version_that_a_quorum_signs_puts_a_member_back(self, scene: Scene) -> None:
        revoke(scene, C1, "R2")
        with pytest.raises(Refused):
            hand_over(scene, V1, R2, ("brief", 1))
        with pytest.raises(Conflict):
            revoke(scene, V1, "R2")
        change(scene, V1, TEAM, ["brief"])
        assert holds(scene, R2, "brief")

    def test_what_waited_for_signatures_and_would_keep_the_member_falls(self, scene: Scene) -> None:
        case_paper = prepared(scene, V1, TEAM, ["brief"])
        roster_paper = following(scene.roster(), **DAYS)
        with scene.writing() as uow:
            proposals.propose(uow, actor(V1), *case_paper, DAY)
            proposals.propose(uow, actor(C1), roster_paper, None, DAY)
        revoke(scene, C1, "R2")
        with scene.reading() as uow:
            assert [one.kind for one in proposals.waiting(uow, Role.CUSTODIAN)] == ["roster"]
        revoke(scene, C1, "R1", everywhere=True)
        with scene.reading() as uow:
            assert proposals.waiting(uow, Role.CUSTODIAN) == []

    @pytest.mark.parametrize(
        ("by", "changes"),
        [
            (OUTSIDER, {}),
            (V1, {"by": "C1"}),
            (C1, {"vault": "A" * 22}),
            (C1, {"version": True}),
            (C1, {"version": 9}),
            (C1, {"roster": 9}),
            (C1, {"roster": 1}),
            (C1, {"member": "X1"}),
            (C1, {"member": 5}),
            (C1, {"day": "soon"}),
            (C1, {"more": 1}),
            (C1, {"case": "A" * 22}),
            (C1, {"case": 5}),
        ],
        ids=lambda value: getattr(value, "code", None) or "-".join(map(str, value)),
    )
    def test_what_nobody_may_sign_revokes_nobody(
        self, scene: Scene, by: Person, changes: dict[str, Any]
    ) -> None:
        before = scene.contents()
        who = actor(C1) if by is C1 else actor(V1)
        with pytest.raises(VaultError), scene.writing() as uow:
            handing.revoke(uow, who, signed_revocation(scene, by, "R1", changes=changes), DAY)
        assert scene.contents() == before

    def test_nobody_revokes_in_anothers_name_or_from_outside_the_team(self, scene: Scene) -> None:
        with pytest.raises(Conflict), scene.writing() as uow:
            handing.revoke(uow, actor(V1), signed_revocation(scene, C1, "R1"), DAY)
        change(scene, V1, without("R2"), ["brief"])
        with pytest.raises(NotFound), scene.writing() as uow:
            handing.revoke(uow, actor(R2), signed_revocation(scene, R2, "R1"), DAY)
        with pytest.raises(Refused), scene.writing() as uow:
            handing.revoke(uow, actor(R2), signed_revocation(scene, R2, "R2", everywhere=True), DAY)

    def test_a_researcher_takes_nobody_elses_keys_away_everywhere(self, scene: Scene) -> None:
        with pytest.raises(Tampered), scene.writing() as uow:
            handing.revoke(uow, actor(R2), signed_revocation(scene, R2, "V1", everywhere=True), DAY)
        with pytest.raises(Refused, match="choose this case"), scene.writing() as uow:
            handing.revoke_here(uow, actor(R2), "V1", None, DAY)
        with scene.writing() as uow:
            assert handing.revoke_here(uow, actor(R2), "R2", None, DAY).member == "R2"

    def test_the_revoked_revoke_nobody(self, scene: Scene) -> None:
        revoke(scene, C1, "R2")
        with pytest.raises(NotFound), scene.writing() as uow:
            handing.revoke(uow, actor(R2), signed_revocation(scene, R2, "V1"), DAY)

    def test_the_audit_entry_names_the_signed_decision(self, scene: Scene) -> None:
        signed = signed_revocation(scene, C1, "R2")
        with scene.writing() as uow:
            handing.revoke(uow, actor(C1), signed, DAY)
        with scene.reading() as uow:
            newest = uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position.desc())).first()
        assert newest is not None
        assert newest.decision is not None

    def test_a_custodians_desk_signs_none(self, scene: Scene) -> None:
        with scene.writing() as uow, pytest.raises(Refused, match="key file"):
            handing.revoke_here(uow, actor(C1), "R1", scene.case, DAY)


def test_a_member_confirms_by_passphrase_before_a_revocation(scene: Scene) -> None:
    visitor = Visitor(scene.app(), V1)
    path = f"/cases/{scene.case}/access/revoke/R2"
    assert "What happens at once" in visitor.get(path).get_data(as_text=True)
    for fields, status in (
        ({"scope": "case", "passphrase": "wrong"}, 401),
        ({"scope": "case"}, 401),
        ({"passphrase": V1.passphrase}, 422),
        ({"scope": "elsewhere", "passphrase": V1.passphrase}, 422),
    ):
        answer = visitor.post(path, fields)
        assert answer.status_code == status
        text = answer.get_data(as_text=True)
        assert V1.passphrase not in text
        assert ('value="case" required checked' in text) == (
            fields.get("scope") == "case"
        )  # nothing is asked twice
        assert sees(scene, R2)
    assert visitor.post(path, {"scope": "case", "passphrase": V1.passphrase}).status_code == 303
    assert not sees(scene, R2)
    assert "must be exchanged" in visitor.get(f"/cases/{scene.case}/access").get_data(as_text=True)


def test_the_page_takes_a_grant_that_came_out_of_escrow(scene: Scene) -> None:
    change(scene, V1, READS)
    held = known(scene, V2)
    (made,) = grants(held.file, held.keys, scene.roster(), [("R2", ("testimony", 1))])
    visitor = Visitor(scene.app(), R2)
    path = f"/cases/{scene.case}/access"
    assert "request-key" in visitor.get(path).get_data(as_text=True)
    for text in ("", "{", "[" * 100_000, json.dumps({**made, "member": "V1"}), json.dumps([made])):
        assert visitor.post(f"{path}/grants", {"grant": text}).status_code == 422
    assert visitor.post(f"{path}/grants", {"grant": json.dumps(made)}).status_code == 303
    assert holds(scene, R2, "testimony")


def test_somebody_without_the_brief_is_told_on_the_desk(scene: Scene) -> None:
    with scene.writing() as uow:
        uow.testimony.execute(delete(GrantRow).where(GrantRow.member == "R2"))
    page = Visitor(scene.app(), R2).get("/").get_data(as_text=True)
    assert "have not got the keys of this case yet" in page


def test_no_session_survives_a_revocation(scene: Scene) -> None:
    app = scene.app()
    browser, client = Visitor(app, R2), Api(app, R2)
    revoke(scene, V1, "R2")
    assert browser.get("/").status_code == 303
    assert client.call("GET", "/api/cases").status_code == 401
