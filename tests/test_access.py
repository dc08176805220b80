"""Who may hold which key of a case: by a quorum's word alone, and by new keys once somebody must not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.cast import C1, C2, OUTSIDER, R1, R2, V1, V2, Person, following
from tests.readers import cut, direct, frames, told
from tests.stage import DAY, DAYS, PLAN, TEAM, Scene, actor
from tests.teams import (
    READS,
    can_open,
    change,
    file_of,
    glance,
    hand_over,
    holds,
    prepared,
    sees,
    states,
    without,
)
from tests.visitor import Api
from vault import access, cases, editions, proposals
from vault.errors import Conflict, NotFound, Refused, Tampered, VaultError
from vault.rules.access import Role
from vault.rules.rotation import State, Why
from vault.sealing import boxes
from vault.sealing.casefiles import KEYS
from vault.sealing.digests import b64, unb64
from vault.sealing.signatures import signature
from vault.store.testimony import (
    EditionRow,
)


class TestAtAGlance:
    def test_everybody_of_the_team_and_every_custodian_sees_who_holds_what(self, scene: Scene) -> None:
        for viewer in (V1, V2, C1, C2):
            assert states(scene, viewer, "V2") == {
                "brief": State.HELD,
                "testimony": State.HELD,
                "corroboration": State.NONE,
                "editions": State.HELD,
                "evidence": State.NONE,
            }
        assert glance(scene, C1).due == {}

    def test_a_researcher_sees_the_team_and_of_themselves_what_was_handed_over(self, scene: Scene) -> None:
        assert states(scene, R1, "R1")["brief"] is State.HELD
        assert states(scene, R1, "V2")["testimony"] is State.PROMISED
        with scene.reading() as uow:
            shown = access.evidence(uow, actor(R1), scene.case)
        assert {one["member"] for one in shown["grants"]} == {"R1"}

    def test_whoever_is_not_on_the_team_sees_nothing(self, scene: Scene) -> None:
        other = scene.open_case({**PLAN, "code": "S2"}, {"V1": ["brief"]})
        for outsider in (R1, V2):
            for look in (access.show, access.evidence, access.briefs):
                with scene.reading() as uow, pytest.raises(NotFound):
                    look(uow, actor(outsider), other)
            with scene.reading() as uow:
                assert [one.file.code for one in access.listing(uow, actor(outsider))] == ["S1"]
        with scene.reading() as uow:
            assert [one.file.code for one in access.listing(uow, actor(C1))] == ["S1", "S2"]

    def test_custodians_see_codes_and_no_title(self, scene: Scene) -> None:
        api = Api(scene.app(), C1, scene.roster().vault)
        for path in ("/access", f"/cases/{scene.case}/access", f"/api/cases/{scene.case}/access"):
            shown = api.call("GET", path).get_data(as_text=True)
            assert "S1" in shown
            assert "Air strikes" not in shown
            assert "Sermin" not in shown
        assert api.call("GET", f"/api/cases/{scene.case}/briefs").status_code == 403

    def test_a_researcher_who_may_read_is_shown_as_not_deposit_only(self, scene: Scene) -> None:
        def ended() -> list[str]:
            return [one.member for one in glance(scene, V1).team if one.has_ended_deposit_only]

        assert ended() == []
        change(scene, V2, READS)
        assert ended() == ["R2"]

    def test_whoever_left_the_roster_makes_their_keys_due(self, scene: Scene) -> None:
        kept = [one for one in scene.roster().document["members"] if one["code"] != "R1"]
        scene.carry(C1, {**following(scene.roster(), **DAYS), "members": kept})
        assert glance(scene, C1).due == {"brief": {"R1": Why.LEFT}}
        assert states(scene, C1, "R1")["brief"] is State.LEFT


class TestChangingTheTeam:
    def test_a_newcomer_gets_what_the_proposer_holds_and_is_promised_the_rest(self, scene: Scene) -> None:
        team = {**TEAM, "R2": ["brief", "testimony", "evidence"]}
        change(scene, V1, team)
        assert states(scene, V1, "R2") == {
            "brief": State.HELD,
            "testimony": State.WAITING,
            "corroboration": State.NONE,
            "editions": State.NONE,
            "evidence": State.HELD,
        }
        assert glance(scene, R2).waiting == (("testimony", 1),)
        assert hand_over(scene, V2, R2, ("testimony", 1)) == 1
        assert holds(scene, R2, "testimony")
        assert glance(scene, R2).waiting == ()

    def test_it_takes_a_quorum(self, scene: Scene) -> None:
        document, attachments = prepared(scene, V2, READS)
        with scene.writing() as uow:
            name = proposals.propose(uow, actor(V2), document, attachments, DAY)
        for custodian in (C1, C2):
            with scene.writing() as uow:
                entry = signature(document, custodian.code, custodian.secret.signing)
                proposals.sign(uow, actor(custodian), name, entry, DAY)
        assert file_of(scene).version == 1
        assert not holds(scene, R2, "testimony")
        assert ("testimony", 1) not in can_open(scene, R2)

    @pytest.mark.parametrize("person", [R1, OUTSIDER], ids=lambda person: person.code)
    def test_only_a_reviewer_of_the_team_proposes_it(self, scene: Scene, person: Person) -> None:
        document, attachments = prepared(scene, V2, READS)
        with scene.writing() as uow, pytest.raises(VaultError):
            proposals.propose(uow, actor(person), {**document, "proposer": person.code}, attachments, DAY)

    def test_of_two_changes_of_one_version_only_one_holds(self, scene: Scene) -> None:
        papers = [prepared(scene, V2, READS), prepared(scene, V1, without("R2"), ["brief"])]
        with scene.writing() as uow:
            names = [
                proposals.propose(uow, actor(p), *paper, DAY)
                for p, paper in zip((V2, V1), papers, strict=True)
            ]
        scene.carry(V2, *papers[0])
        with scene.reading() as uow:
            assert proposals.waiting(uow, Role.CUSTODIAN) == []
        entry = signature(papers[1][0], "C1", C1.secret.signing)
        with scene.writing() as uow, pytest.raises(Conflict):
            proposals.sign(uow, actor(C1), names[1], entry, DAY)

    def test_an_incident_that_is_added_meanwhile_is_not_lost(self, scene: Scene) -> None:
        document, attachments = prepared(scene, V2, READS)
        with scene.writing() as uow:
            name = proposals.propose(uow, actor(V2), document, attachments, DAY)
            cases.add_incident(uow, actor(V1), scene.case, {"title": "School"}, DAY)
        with scene.writing() as uow, pytest.raises(Conflict):
            proposals.sign(uow, actor(C1), name, signature(document, "C1", C1.secret.signing), DAY)
        change(scene, V2, READS)
        with scene.reading() as uow:
            titles = [one["title"] for one in cases.show(uow, actor(V1), scene.case).incidents]
        assert titles[-1] == "School"

    def test_no_grant_that_comes_with_it_displaces_another(self, scene: Scene) -> None:
        document, attachments = prepared(scene, V2, READS)
        box = boxes.seal(V1.secret.sealing.public, ("grant", {}), bytes(32))
        worthless = {"member": "V1", "key": "editions", "version": 1, "sealed": b64(box)}
        kept = [one for one in attachments["grants"] if (one["member"], one["key"]) != ("V1", "editions")]
        scene.carry(V2, document, {**attachments, "grants": [*kept, worthless]})
        assert holds(scene, V1, "editions")
        assert ("editions", 1) in can_open(scene, V1)


class TestRotation:
    def test_deposits_before_and_after_are_read_and_counted(self, scene: Scene) -> None:
        for _ in range(2):
            scene.deposit(R1, scene.said("heard"))
        change(scene, V1, TEAM, ["corroboration", "testimony", "editions", "evidence"])
        scene.deposit(R2, scene.said("saw"))
        file = file_of(scene)
        assert file.key_versions == {**dict.fromkeys(file.keys, 2), "brief": 1}
        assert len(told(scene)[0]) == 3
        assert direct(cut(scene), scene.hospital) == 3

    def test_editions_of_before_are_still_read(self, scene: Scene) -> None:
        for _ in range(3):
            scene.deposit(R1, scene.said("heard"))
        cut(scene)
        change(scene, V1, TEAM, ["editions", "corroboration"])
        cut(scene, 30)
        with scene.unkept() as uow:
            numbers = [editions.read(uow, actor(V2), scene.case, n, DAY).number for n in (1, 2)]
        assert numbers == [1, 2]

    def test_a_removed_researchers_deposits_go_on_counting_and_they_get_nothing_new(
        self, scene: Scene
    ) -> None:
        for _ in range(3):
            scene.deposit(R1, scene.said("heard"))
        change(scene, V1, without("R1"), ["brief"])
        assert direct(cut(scene), scene.hospital) == 3
        assert not sees(scene, R1)
        with pytest.raises(NotFound):
            scene.start(R1)
        # with the whole database and their own keys: the brief as it was, and none that came later
        assert set(can_open(scene, R1)) == {("brief", 1)}
        with scene.writing() as uow:
            cases.add_incident(uow, actor(V1), scene.case, {"title": "School"}, DAY)
        with scene.reading() as uow:
            shown = access.briefs(uow, actor(V1), scene.case)
        old = can_open(scene, R1)["brief", 1]
        opened = 0
        for one in shown:
            about = {"vault": file_of(scene).vault, "case": scene.case, "version": one["version"]}
            try:
                boxes.unseal(old, ("brief", about), unb64(one["sealed"]))
                opened += 1
            except Tampered:
                continue
        assert opened == 1

    def test_a_removed_reader_opens_no_later_deposit_and_no_later_edition(self, scene: Scene) -> None:
        scene.deposit(R1, scene.said("heard"))
        before = set(frames(scene, "testimony"))
        change(scene, V1, without("V2"), ["brief", "testimony", "editions"])
        scene.deposit(R1, scene.said("heard"))
        cut(scene)
        keys = can_open(scene, V2)
        assert {version for _, version in keys} == {1}
        file, later = file_of(scene), 0
        for record, box in frames(scene, "testimony").items():
            about = {"vault": file.vault, "case": file.id, "key": "testimony", "record": b64(record)}
            opened = 0
            for version in (1, 2):
                try:
                    boxes.unseal(keys["testimony", 1], ("deposit-frame", {**about, "version": version}), box)
                    opened += 1
                except Tampered:
                    continue
            assert opened == (1 if record in before else 0)
            later += record not in before
        assert later == 1
        with scene.reading() as uow:
            row = uow.testimony.scalars(select(EditionRow)).one()
        place: dict[str, Any] = {"vault": file.vault, "case": file.id, "number": 1}
        with pytest.raises(Tampered):
            boxes.unseal(keys["editions", 1], ("edition", place), row.sealed)

    def test_a_key_that_is_not_exchanged_with_who_leaves_is_said_to_be_due(self, scene: Scene) -> None:
        change(scene, V1, without("R2"))
        assert glance(scene, V1).due == {"brief": {"R2": Why.REMOVED}}
        change(scene, V1, without("R2"), ["brief"])
        assert glance(scene, V1).due == {}

    def test_a_researcher_deposits_after_it_without_doing_anything(self, scene: Scene) -> None:
        change(scene, V1, TEAM, KEYS)
        scene.deposit(R1, scene.said("heard"))
        assert len(told(scene)[0]) == 1

    def test_who_was_handed_only_the_new_key_waits_for_the_old(self, scene: Scene) -> None:
        scene.deposit(R1, scene.said("heard"))
        change(scene, V1, TEAM, ["testimony"])
        change(scene, V1, READS)
        assert glance(scene, R2).waiting == (("testimony", 1), ("testimony", 2))
        hand_over(scene, V2, R2, ("testimony", 1))
        with pytest.raises(Refused):
            told(scene, R2)
        hand_over(scene, V2, R2, ("testimony", 2))
        assert len(told(scene, R2)[0]) == 1
