"""Retention: a case has a last day, and is destroyed when a quorum says so, a week later, by a reader; never else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from tests import forging
from tests.cast import C1, C2, CUSTODIANS, R1, THRESHOLD, V1, V2, Person
from tests.dossier import add, chain, with_file
from tests.readers import audited, code_again, coding, cut, told
from tests.recognising import YUSUF, sealed_match
from tests.retention import TERM, agree, carry_out, ending, last_day, lasting, over, propose, since
from tests.sending import kept
from tests.stage import PLAN, TEAM, After, Scene, actor, later
from tests.test_given import opened
from tests.test_withdrawals import heard, keys, with_identity
from vault import (
    cases,
    destruction,
    files,
    holdings,
    interviews,
    matching,
    proposals,
    retention,
    shredding,
    sweeping,
    withdrawals,
)
from vault.errors import Conflict, Invalid, NotFound, Refused, VaultError
from vault.receipts import Receipt
from vault.rules.retention import Stage
from vault.rules.withdrawals import Scope
from vault.sealing import escrows
from vault.sealing.boxes import OVERHEAD
from vault.sealing.deposits import Root
from vault.sealing.digests import b64, unb64
from vault.store.files import Folder
from vault.store.retention import DestructionRow, RetentionRow
from vault.store.testimony import ProposalRow, StatementApprovalRow, StatementPacketRow, StatementRow
from vault.sweeping import Inventory

LATER = later(TERM + 8)
STATEMENTS = ("statements", "statement_approvals", "statement_packets")


@pytest.fixture
def ended(after: After) -> Scene:
    """A case with testimony, whose destruction was agreed on."""
    return after(_ended)[0]


def _ended(scene: Scene) -> None:
    coded = with_identity(scene)
    draft = scene.start(R1)
    sealed = sealed_match(scene, draft, YUSUF)
    scene.hand_in(R1, draft, {**scene.interview(scene.said("heard")), "sealed_match": sealed})
    code_again(scene, V2, coding(coded.digest, scene.said("saw"), note="WORDS"))
    for _ in range(2):
        heard(scene)
    cut(scene)
    over(scene)


def stage(scene: Scene, days: int) -> Stage:
    return lasting(scene).stage(later(days))


class TestTheLastDay:
    def test_k_custodians_set_and_prolong_it(self, scene: Scene) -> None:
        agree(scene, last_day(scene, later(TERM)), many=THRESHOLD - 1)
        assert stage(scene, 0) is Stage.OPEN
        agree(scene, last_day(scene, later(TERM)))
        assert (stage(scene, 0), stage(scene, 10), stage(scene, TERM + 1)) == (
            Stage.NEAR,
            Stage.SOON,
            Stage.DUE,
        )
        agree(scene, last_day(scene, later(TERM + 60), 2), TERM + 1)
        assert stage(scene, TERM + 1) is Stage.NEAR

    def test_a_row_that_was_put_there_by_hand_counts_for_nothing(self, scene: Scene) -> None:
        agree(scene, last_day(scene, later(TERM)))
        with scene.writing() as uow:
            signed = uow.testimony.scalar(select(RetentionRow.signed)) or ""
        for forged in (signed.replace(later(TERM).isoformat(), "2026-01-01"), "{}", "no JSON", "[1]"):
            with scene.writing() as uow:
                uow.testimony.execute(update(RetentionRow).values(signed=forged))
            assert lasting(scene).until is None

    @pytest.mark.parametrize(
        ("changes", "error"),
        [
            ({"until": later(29).isoformat()}, Invalid),
            ({"until": None}, Invalid),
            ({"version": 2}, Conflict),
            ({"roster": 1}, Conflict),
            ({"vault": "another"}, Conflict),
            ({"case": "another"}, NotFound),
            ({"proposer": "C2"}, Invalid),
            ({"day": later(1).isoformat()}, Invalid),
            ({"reason": "she asked for it"}, Invalid),
        ],
    )
    def test_what_is_not_whole_is_not_proposed(
        self, scene: Scene, changes: dict[str, Any], error: type[VaultError]
    ) -> None:
        with pytest.raises(error):
            propose(scene, {**last_day(scene, later(TERM)), **changes})

    @pytest.mark.parametrize("person", [V1, R1], ids=lambda person: person.code)
    def test_nobody_but_custodians_sets_it(self, scene: Scene, person: Person) -> None:
        with pytest.raises(Refused):
            propose(scene, last_day(scene, later(TERM), proposer=person.code), by=person)

    def test_of_two_that_wait_the_second_is_out_of_date(self, scene: Scene) -> None:
        other = last_day(scene, later(TERM + 1))
        name = propose(scene, other)
        agree(scene, last_day(scene, later(TERM)))
        with scene.reading() as uow:
            assert name not in {one.digest for one in proposals.waiting(uow, actor(C1).role)}


class TestDestruction:
    def test_nothing_is_proposed_before_the_last_day_is_over(self, scene: Scene) -> None:
        agree(scene, last_day(scene, later(TERM)))
        with pytest.raises(Invalid):
            propose(scene, ending(scene, later(TERM), TERM), TERM)
        propose(scene, ending(scene, later(TERM), TERM + 1), TERM + 1)

    def test_a_server_whose_clock_runs_ahead_has_none_proposed_before(self, scene: Scene) -> None:
        """The day that custodians sign is that of their own devices."""
        agree(scene, last_day(scene, later(TERM)))
        for early in (ending(scene, later(TERM), TERM), ending(scene, later(TERM), 3, of="records")):
            with pytest.raises(Invalid):
                propose(scene, early, TERM + 1)

    def test_no_day_that_passes_destroys_anything(self, ended: Scene) -> None:
        before = ended.contents()
        assert stage(ended, 10_000) is Stage.READY
        with ended.reading() as uow:
            proposals.waiting(uow, actor(C1).role)
        assert ended.contents() == before

    def test_a_week_later_a_reader_destroys_it_all(self, ended: Scene) -> None:
        carry_out(ended, V2)
        assert keys(ended) == 0
        assert told(ended) == ([], 0)
        assert stage(ended, TERM + 8) is Stage.DESTROYED
        assert not shredding.is_due(ended.vault.store)

    def test_the_custodians_see_who_did_it_in_which_case(self, ended: Scene) -> None:
        carry_out(ended, V2)
        entry = audited(ended)[-1]
        assert (entry["act"], entry["actor"], entry["about"]) == (
            "case destroyed",
            "V2",
            {"case": ended.case},
        )

    def test_the_editions_stay(self, ended: Scene) -> None:
        before = ended.contents()["editions"], ended.contents()["trees"], ended.contents()["log_entries"]
        carry_out(ended, V2)
        after = ended.contents()["editions"], ended.contents()["trees"], ended.contents()["log_entries"]
        assert before == after

    def test_what_other_cases_have_stays(self, ended: Scene) -> None:
        case = ended.open_case({**PLAN, "code": "S2"}, TEAM)
        with ended.writing() as uow:  # a row that was put in another's place says nothing there
            signed = uow.testimony.scalar(select(RetentionRow.signed)) or ""
            uow.testimony.add(RetentionRow(case=unb64(case), version=1, signed=signed))
        with ended.reading() as uow:
            assert retention.of(uow, cases.find(uow, case)).until is None
        receipt = _elsewhere(ended, case)
        before = keys(ended)
        carry_out(ended, V2)
        assert 0 < keys(ended) < before
        assert len(withdrawals.look(ended.vault, receipt.withdrawal_token or "")) == 2
        assert ended.taken()["identities"] == 3

    def test_a_testimony_that_names_what_is_not_its_own_takes_nothing_with_it(self, ended: Scene) -> None:
        """Nor does the id of somebody's identity alone: it takes the whole name, which that testimony holds."""
        receipt = _elsewhere(ended, ended.open_case({**PLAN, "code": "S2"}, TEAM))
        root = Root(unb64(receipt.withdrawal_token or ""))
        records = [root.record(part) for part in ("identity", "testimony")]
        for record in records:
            forging.plant(ended, "testimony", forging.testimony(identity=f"{b64(record)}.x"), R1)
        carry_out(ended, V2)
        with ended.reading() as uow:
            assert list(shredding.layers(uow, records)) == records

    def test_who_said_it_goes_by_the_whole_name_where_there_is_no_token(self, ended: Scene) -> None:
        receipt = _elsewhere(ended, ended.open_case({**PLAN, "code": "S2"}, TEAM))
        name = b64(Root(unb64(receipt.withdrawal_token or "")).record("identity"))
        with ended.reading() as uow:
            record = holdings.find(uow, "identity", [name])[name]
        assert record is not None
        named = forging.testimony(identity=f"{name}.{escrows.fingerprint(record)}")
        forging.plant(ended, "testimony", named, R1)
        carry_out(ended, V2)
        assert withdrawals.look(ended.vault, receipt.withdrawal_token or "") == (Scope.INTERVIEW,)

    def test_what_was_published_stays_and_what_was_on_its_way_does_not(self, ended: Scene) -> None:
        with ended.writing() as uow:
            for name, published in ((b"1" * 16, "{}"), (b"2" * 16, None)):
                about = {"case": unb64(ended.case), "sealed": b"", "published": published}
                uow.testimony.add(StatementRow(name=name, **about))
                uow.testimony.flush()
                uow.testimony.add(StatementApprovalRow(statement=name, reviewer="V2", sealed=b""))
                uow.testimony.add(StatementPacketRow(statement=name, custodian="C1", sealed=b""))
        carry_out(ended, V2)
        rows = ended.contents()
        left = [[row[0] for row in rows[table]] for table in STATEMENTS]
        assert left == [[b"1" * 16]] * 3

    def test_its_files_go_from_the_disk_too(self, after: After) -> None:
        scene, facts = after(opened)
        scene._facts = facts
        item = with_file(scene, b"FILM")
        since(scene, -9, 8)
        (name,) = chain(scene, item).item.files
        assert Folder(scene.vault.files).size(unb64(name))
        carry_out(scene, V2, 0)
        assert Folder(scene.vault.files).names() == []
        assert (keys(scene), sweeping.inventory(scene.vault.store, scene.vault.files)) == (
            0,
            Inventory(0, 0, 0),
        )
        assert list(chain(scene, item).item.files) == [name]  # the custody chain still says what there was
        with pytest.raises(NotFound), scene.reading() as uow:
            files.find(scene.vault, uow, actor(V1), scene.case, name)
        with pytest.raises(Conflict):
            with_file(scene, b"MORE")
        with pytest.raises(Conflict):
            add(scene)
        with pytest.raises(Conflict):
            kept(scene, b"STILL MORE")

    @pytest.mark.parametrize("days", [TERM + 1, TERM + 7])
    def test_nobody_does_it_within_the_week(self, ended: Scene, days: int) -> None:
        before = ended.contents()
        with pytest.raises(Refused):
            carry_out(ended, V2, days)
        assert ended.contents() == before

    def test_one_signature_less_destroys_nothing(self, scene: Scene) -> None:
        agree(scene, last_day(scene, later(TERM)))
        agree(scene, ending(scene, later(TERM), TERM + 1), TERM + 1, THRESHOLD - 1)
        with pytest.raises(Refused):
            carry_out(scene, V2)

    def test_a_row_that_was_put_there_by_hand_destroys_nothing(self, scene: Scene) -> None:
        agree(scene, last_day(scene, later(TERM)))
        agree(scene, ending(scene, later(TERM), TERM + 1), TERM + 1)
        with scene.writing() as uow:
            signed = uow.testimony.scalar(select(DestructionRow.signed)) or ""
            uow.testimony.execute(update(DestructionRow).values(signed=signed.replace('"C2"', '"C5"')))
            uow.testimony.execute(update(ProposalRow).values(applied=True))
        with pytest.raises(Refused):
            carry_out(scene, V2)

    def test_an_earlier_day_in_the_row_does_not_shorten_the_week(self, ended: Scene) -> None:
        with ended.writing() as uow:
            uow.testimony.execute(update(DestructionRow).values(met="2020-01-01"))
        with pytest.raises(Refused):
            carry_out(ended, V2, TERM + 7)

    @pytest.mark.parametrize("person", [V1, R1, C1], ids=lambda person: person.code)
    def test_nobody_does_it_without_the_key_to_the_testimony(self, ended: Scene, person: Person) -> None:
        before = keys(ended), ended.vault.store.keks.read()
        with pytest.raises(VaultError):
            carry_out(ended, person)
        assert (keys(ended), ended.vault.store.keks.read()) == before

    @pytest.mark.parametrize("person", CUSTODIANS[-2:], ids=lambda person: person.code)
    def test_any_custodian_calls_it_off(self, ended: Scene, person: Person) -> None:
        name = _name(ended)
        with ended.writing() as uow:
            proposals.withdraw(uow, actor(person), name, later(TERM + 2))
        assert stage(ended, TERM + 8) is Stage.DUE
        with pytest.raises(Refused):
            carry_out(ended, V2)
        assert audited(ended)[-1]["act"] == "destruction withdrawn"
        over_again = ending(ended, later(TERM), TERM + 3)
        agree(ended, over_again, TERM + 3)
        assert stage(ended, TERM + 10) is Stage.READY

    def test_of_two_that_wait_the_second_is_out_of_date_once_the_first_is_agreed_on(
        self, scene: Scene
    ) -> None:
        agree(scene, last_day(scene, later(TERM)))
        other = propose(scene, ending(scene, later(TERM), TERM + 1, of="records"), TERM + 1)
        agree(scene, ending(scene, later(TERM), TERM + 1), TERM + 1)
        with scene.reading() as uow:
            assert other not in {one.digest for one in proposals.waiting(uow, actor(C1).role)}

    def test_who_prolongs_calls_it_off(self, ended: Scene) -> None:
        agree(ended, last_day(ended, later(TERM + 60), 2), TERM + 8)
        with pytest.raises(Refused):
            carry_out(ended, V2)
        assert stage(ended, TERM + 8) is Stage.NEAR

    def test_what_was_done_is_not_called_off_nor_done_again(self, ended: Scene) -> None:
        name = _name(ended)
        carry_out(ended, V2)
        assert not ended.contents()["segments"]
        ended.vault.store.keks.begin()  # as if it had been killed while keys were renewed
        with pytest.raises(Conflict):
            carry_out(ended, V2)
        assert not shredding.is_due(ended.vault.store)
        with pytest.raises(NotFound), ended.writing() as uow:
            proposals.withdraw(uow, actor(C2), name, LATER)
        with pytest.raises(Conflict):
            propose(ended, last_day(ended, later(TERM + 60), 2), TERM + 8)

    def test_afterwards_the_case_takes_nothing_in(self, ended: Scene) -> None:
        draft = ended.start(R1)
        interview = ended.interview(ended.said("heard"))
        carry_out(ended, V2)
        with pytest.raises(Conflict):
            heard(ended)
        with pytest.raises(Conflict):
            ended.hand_in(R1, draft, interview)
        with pytest.raises(Conflict):  # before an identity is sealed, or anybody is told what will happen
            interviews.check(ended.vault, actor(R1), draft, interview)
        with pytest.raises(Conflict):
            ended.start(R1)
        with pytest.raises(Conflict):
            cut(ended, TERM + 60)
        with pytest.raises(Conflict), ended.writing() as uow:
            matching.keep(uow, actor(C1), ended.case, b64(bytes(2 * OVERHEAD)), LATER)
        assert ended.taken()["identities"] == 2

    def test_one_that_was_killed_after_the_keys_is_ended_by_doing_it_again(self, ended: Scene) -> None:
        with ended.vault.store.work("shreds") as uow:  # as if it were killed before testimony was committed
            for name in list(shredding.every(uow)):
                shredding.destroy(uow, name)
            uow.commit()
        ended.vault.store.keks.begin()
        carry_out(ended, V2)
        assert stage(ended, TERM + 8) is Stage.DESTROYED
        assert not shredding.is_due(ended.vault.store)


class TestRecords:
    """Those that are past the day that their witnesses set."""

    def test_they_go_with_what_they_correct_and_nothing_else_does(self, scene: Scene) -> None:
        left = [heard(scene), heard(scene, consent=until(40))]
        gone = heard(scene, consent=until(60))
        _corrected(scene, gone, until(30))
        longer = heard(scene, consent=until(10))
        left += [longer, _corrected(scene, longer, until(60))]
        _ready(scene)
        assert _look(scene).interviews == 2
        carry_out(scene, V2, 38)
        assert {one.half.digest for one in told(scene)[0]} == {one.digest for one in left}
        entry = audited(scene)[-1]
        assert (entry["act"], entry["about"]) == ("records destroyed", {"case": scene.case})
        assert lasting(scene).stage(later(38)) is Stage.OPEN

    def test_a_change_of_consent_decides_how_long(self, scene: Scene) -> None:
        for days, replaces in ((60, True), (10, False)):
            receipt = heard(scene, consent=until(20 if replaces else 60))
            facts = {"pseudonym": receipt.pseudonym, "supersedes": receipt.digest if replaces else None}
            scene.deposit(R1, kind="consent", consent=until(days), testimony="", **facts)
        _ready(scene)
        assert _look(scene).interviews == 1

    def test_the_figures_follow_by_the_batch_rule_alone(self, scene: Scene) -> None:
        for _ in range(4):
            heard(scene)
        heard(scene, consent=until(10))
        before = cut(scene).incident(scene.hospital)
        _ready(scene)
        carry_out(scene, V2, 38)
        after = cut(scene, 40).incident(scene.hospital)
        assert before["status"] == "counted"
        assert after["status"] == "under-review"

    def test_their_case_goes_on_and_others_can_be_destroyed_later(self, scene: Scene) -> None:
        heard(scene, consent=until(10))
        _ready(scene)
        carry_out(scene, V2, 38)
        with pytest.raises(Refused):
            carry_out(scene, V2, 38)
        heard(scene, consent=until(35))
        _ready(scene, 36)
        carry_out(scene, V2, 45)
        assert told(scene) == ([], 0)

    def test_a_custodian_calls_it_off(self, scene: Scene) -> None:
        heard(scene, consent=until(10))
        _ready(scene)
        with scene.writing() as uow:
            proposals.withdraw(uow, actor(C2), _name(scene), later(32))
        with pytest.raises(Refused):
            carry_out(scene, V2, 38)
        assert len(told(scene)[0]) == 1


def until(days: int) -> dict[str, Any]:
    """What a witness allows until a day."""
    return {"recording": True, "uses": ["corroboration"], "until": later(days).isoformat()}


def _corrected(scene: Scene, receipt: Receipt, consent: dict[str, Any]) -> Receipt:
    facts = {"pseudonym": receipt.pseudonym, "supersedes": receipt.digest, "reason": "Misheard"}
    return heard(scene, kind="correction", consent=consent, **facts)


def _ready(scene: Scene, day: int = 30) -> None:
    """A quorum has signed that those go whose last day is this one or an earlier one; a week is over from 38 on."""
    agree(scene, ending(scene, later(day), day + 1, of="records", retention=0), day + 1)


def _look(scene: Scene) -> destruction.Outlook:
    with scene.reading() as uow:
        return destruction.outlook(uow, actor(V2), scene.case)


def _name(scene: Scene) -> str:
    """By which name the destruction that was agreed on goes."""
    with scene.reading() as uow:
        (kept,) = retention.every(uow, actor(C1))
    assert kept.proposal is not None
    return kept.proposal


def _elsewhere(scene: Scene, case: str) -> Receipt:
    """An interview of another case, with an identity."""
    with scene.reading() as uow:
        incident = cases.show(uow, actor(R1), case).incidents[0]["incident"]
    draft, said = scene.start(R1, case, incident), {"incident": incident, "subject": "aircraft.present"}
    sealed = scene.seal_identity(draft, {"name": "N"})
    raw = scene.interview({**said, "perception": ["saw"]}, sealed_identity=sealed)
    return scene.hand_in(R1, draft, raw)
