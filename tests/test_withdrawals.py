"""Withdrawal: what was deposited is destroyed, and nothing leads back to it by accident."""

from __future__ import annotations

from typing import Any

import pytest

from tests import forging
from tests.cast import R1, V1, V2
from tests.readers import audited, code_again, coded, coding, cut, frames, gathered, told
from tests.stage import DAY, Scene, actor, later
from vault import consents, exports, receipts, shredding, withdrawals
from vault.errors import Conflict, Invalid, NotFound, Refused
from vault.receipts import Receipt
from vault.rules.withdrawals import MOST_A_DAY, Scope
from vault.sealing.deposits import MOST_CODINGS, Root
from vault.sealing.digests import unb64

LONG = "It came from the west, and it was loud. " * 1_500
WISH = {"scope": "interview", "reason": "witness_asks"}
EXPORTED = {"recording": True, "uses": ["corroboration", "legal"], "recipients": {"icc": "coded"}}


def heard(scene: Scene, **changes: Any) -> Receipt:
    return scene.deposit(R1, scene.said("heard"), **changes)


def with_identity(scene: Scene) -> Receipt:
    draft = scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": "N"})
    return scene.hand_in(R1, draft, scene.interview(scene.said("heard"), sealed_identity=sealed))


def withdraw(scene: Scene, receipt: Receipt, scope: Scope = Scope.INTERVIEW) -> None:
    withdrawals.by_receipt(scene.vault, receipt.withdrawal_token or "", scope)


def read_away(scene: Scene, receipt: Receipt, scope: str = "interview") -> None:
    """V2 withdraws what has this receipt."""
    record = next(one.record for one in told(scene)[0] if one.half.digest == receipt.digest)
    withdrawals.by_reader(scene.vault, actor(V2), (scene.case, record), {**WISH, "scope": scope}, DAY)


def keys(scene: Scene) -> int:
    """How many shred keys there are."""
    return sum(taken for _, taken, _ in scene.contents()["shreds"].elements())


class TestByReceipt:
    @pytest.mark.both
    def test_everything_of_an_interview_is_gone_however_long_and_how_often_coded(self, scene: Scene) -> None:
        kept, before = with_identity(scene), keys(scene)
        gone = heard(scene, testimony=LONG)
        code_again(scene, V2, coding(gone.digest, scene.said("saw"), note="WORDS"))
        assert keys(scene) > before + 4
        withdraw(scene, gone)
        assert keys(scene) == before
        assert [one.half.digest for one in told(scene)[0]] == [kept.digest]
        assert len(frames(scene, "testimony")) == len(frames(scene, "observations")) == 1
        assert set(cut(scene).document["set_aside"].values()) == {"none"}

    def test_of_who_a_witness_is_nothing_else_is_touched(self, scene: Scene) -> None:
        receipt = with_identity(scene)
        withdraw(scene, receipt, Scope.IDENTITY)
        ((one,), _) = told(scene)
        with scene.reading() as uow:
            assert not withdrawals.is_kept(uow, one.half.body["identity"])
        assert withdrawals.look(scene.vault, receipt.withdrawal_token or "") == (Scope.INTERVIEW,)
        with pytest.raises(NotFound):
            withdraw(scene, receipt, Scope.IDENTITY)

    def test_what_was_withdrawn_is_not_told_from_what_never_was(self, scene: Scene) -> None:
        receipt, sentences = heard(scene), []
        withdraw(scene, receipt)
        for token in (receipt.withdrawal_token, receipts.new_token(), "short", "", "ä" * 43):
            with pytest.raises(NotFound) as told_so:
                withdrawals.look(scene.vault, token or "")
            sentences.append(str(told_so.value))
        assert len(set(sentences)) == 1

    def test_a_token_is_taken_as_it_is_printed(self, scene: Scene) -> None:
        token = heard(scene).withdrawal_token or ""
        spaced = " ".join(token[at : at + 4] for at in range(0, len(token), 4))
        assert withdrawals.look(scene.vault, f" {spaced}\n") == (Scope.INTERVIEW,)

    @pytest.mark.both
    def test_afterwards_all_keys_lie_under_another_one(self, scene: Scene) -> None:
        receipt, before = heard(scene), scene.vault.store.keks.read()
        withdraw(scene, receipt)
        assert not set(before) & set(scene.vault.store.keks.read())
        assert not shredding.is_due(scene.vault.store)

    def test_one_that_was_interrupted_after_it_held_is_ended_by_whoever_tries_again(
        self, scene: Scene
    ) -> None:
        receipt = heard(scene)
        scene.vault.store.keks.begin()  # as if it were killed before the renewal
        with scene.writing() as uow:
            root = Root(unb64(receipt.withdrawal_token or ""))
            for half in ("testimony", "observations"):
                shredding.shred(uow, root.record(half))
        assert shredding.is_due(scene.vault.store)
        with pytest.raises(NotFound):
            withdraw(scene, receipt)
        assert not shredding.is_due(scene.vault.store)

    def test_one_that_was_interrupted_is_ended_by_a_server_that_starts(self, scene: Scene) -> None:
        scene.vault.store.keks.begin()
        scene.app(new=True)
        assert not shredding.is_due(scene.vault.store)

    def test_an_attempt_that_comes_late_brings_nothing_back(self, scene: Scene) -> None:
        draft, raw = scene.start(R1), scene.interview(scene.said("heard"))
        receipt = scene.hand_in(R1, draft, raw)
        withdraw(scene, receipt)
        assert scene.hand_in(R1, draft, raw) == receipt
        assert told(scene)[0] == []

    def test_no_token_reaches_a_change_of_consent(self, scene: Scene) -> None:
        told_once, token = heard(scene), receipts.new_token()
        raw = {
            **scene.interview(),
            "pseudonym": told_once.pseudonym,
            "consent": {"recording": False, "uses": []},
        }
        change = consents.deposit(scene.vault, actor(R1), scene.case, token, raw)
        assert change.withdrawal_token is None
        with pytest.raises(NotFound):
            withdrawals.look(scene.vault, token)
        changes = [one for one in told(scene)[0] if not one.is_interview]
        assert "withdrawal" not in changes[0].half.body

    def test_a_correction_falls_with_nothing_to_correct_and_the_edition_does_not_tell(
        self, scene: Scene
    ) -> None:
        first = heard(scene)
        named = {"pseudonym": first.pseudonym, "supersedes": first.digest, "reason": "Misheard."}
        heard(scene, kind="correction", **named)
        withdraw(scene, first)
        assert not gathered(scene).resolved.persons(scene.hospital)
        assert set(cut(scene).document["set_aside"].values()) == {"none"}
        assert told(scene)[0][0].astray


class TestByReader:
    def test_a_chain_of_corrections_goes_as_one(self, scene: Scene) -> None:
        first, other = heard(scene), heard(scene)
        named = {"pseudonym": first.pseudonym, "reason": "Misheard.", "kind": "correction"}
        second = heard(scene, **named, supersedes=first.digest)
        heard(scene, **named, supersedes=second.digest)
        heard(scene, kind="follow-up", pseudonym=first.pseudonym)
        read_away(scene, second)
        kinds = {one.half.digest: one.half.body["kind"] for one in told(scene)[0]}
        assert sorted(kinds.values()) == ["follow-up", "original"]
        assert other.digest in kinds

    def test_all_that_a_witness_said_goes_and_what_they_refused_stays(self, scene: Scene) -> None:
        first, other = with_identity(scene), heard(scene)
        heard(scene, kind="follow-up", pseudonym=first.pseudonym)
        raw = {**scene.interview(), "pseudonym": first.pseudonym, "consent": {"recording": False, "uses": []}}
        consents.deposit(scene.vault, actor(R1), scene.case, receipts.new_token(), raw)
        read_away(scene, first, "witness")
        assert sorted(one.half.body["kind"] for one in told(scene)[0]) == ["consent", "original"]
        heard(
            scene, kind="follow-up", pseudonym=first.pseudonym
        )  # such as from a field package that came late
        assert len(gathered(scene).resolved.persons(scene.hospital)) == 1
        assert other.pseudonym in {one.witness for one in told(scene)[0]}

    def test_who_a_witness_is_goes_with_all_their_interviews_and_the_words_stay(self, scene: Scene) -> None:
        receipt, before = with_identity(scene), scene.taken()["identities"]
        read_away(scene, receipt, "identity")
        ((one,), _) = told(scene)
        assert (before, one.half.digest) == (1, receipt.digest)
        with scene.reading() as uow:
            assert not withdrawals.is_kept(uow, one.half.body["identity"])

    def test_the_audit_says_that_and_why_and_not_which(self, scene: Scene) -> None:
        read_away(scene, heard(scene))
        (entry,) = [entry for entry in audited(scene) if entry["act"] == "testimony withdrawn"]
        assert (entry["actor"], entry["about"]) == ("V2", {"case": scene.case, **WISH})

    def test_a_change_of_consent_and_what_is_read_by_nobody_is_not_withdrawn(self, scene: Scene) -> None:
        receipt = heard(scene)
        raw = {**scene.interview(), "pseudonym": receipt.pseudonym}
        change = consents.deposit(scene.vault, actor(R1), scene.case, receipts.new_token(), raw)
        with pytest.raises(Conflict):
            read_away(scene, change)
        with pytest.raises(Refused):
            withdrawals.by_reader(scene.vault, actor(V1), (scene.case, "x"), WISH, DAY)
        with pytest.raises(NotFound):
            withdrawals.by_reader(scene.vault, actor(V2), (scene.case, "x"), WISH, DAY)
        with pytest.raises(Invalid):
            withdrawals.by_reader(scene.vault, actor(V2), (scene.case, "x"), {**WISH, "reason": "x"}, DAY)
        assert len(told(scene)[0]) == 2

    def test_what_an_earlier_version_took_in_is_withdrawn_by_its_receipt(self, scene: Scene) -> None:
        forging.plant(scene, "testimony", forging.testimony(), R1)
        ((one,), _) = told(scene)
        with pytest.raises(Refused, match="earlier version"):
            withdrawals.by_reader(scene.vault, actor(V2), (scene.case, one.record), WISH, DAY)
        with pytest.raises(Refused, match="earlier version"):
            code_again(scene, V2, coding(one.half.digest, scene.said("saw")))

    def test_a_testimony_that_names_anothers_withdrawal_withdraws_nothing(self, scene: Scene) -> None:
        receipt = heard(scene)
        forging.plant(scene, "testimony", forging.testimony(withdrawal=receipt.withdrawal_token), R1)
        planted = next(one for one in told(scene)[0] if one.half.digest != receipt.digest)
        with pytest.raises(Exception, match="another one's"):
            withdrawals.by_reader(scene.vault, actor(V2), (scene.case, planted.record), WISH, DAY)
        assert receipt.digest in {one.half.digest for one in told(scene)[0]}

    def test_a_reader_withdraws_so_often_a_day_and_no_more(self, scene: Scene) -> None:
        some = [heard(scene) for _ in range(MOST_A_DAY + 1)]
        for receipt in some[:-1]:
            read_away(scene, receipt)
        with pytest.raises(Refused, match="times today"):
            read_away(scene, some[-1])
        ((one,), _) = told(scene)
        withdrawals.by_reader(scene.vault, actor(V2), (scene.case, one.record), WISH, later(1))

    def test_beforehand_it_is_said_how_much_goes_and_what_has_left(self, scene: Scene) -> None:
        receipt = heard(scene, consent=EXPORTED)
        heard(scene, kind="follow-up", pseudonym=receipt.pseudonym)
        heard(scene, consent=EXPORTED)
        for one in [one for one in told(scene)[0] if one.half.body["kind"] == "original"]:
            with scene.writing() as uow:
                terms = {"recipient": "icc", "use": "legal", "identity": "none"}
                exports.hand_over(uow, actor(V2), (scene.case, one.record), terms, DAY)
        record = next(one.record for one in told(scene)[0] if one.half.digest == receipt.digest)
        with scene.writing() as uow:
            found = withdrawals.outlook(scene.vault, uow, actor(V2), (scene.case, record), DAY)
        assert found.interviews == {Scope.INTERVIEW: 1, Scope.WITNESS: 2, Scope.IDENTITY: 2}
        assert [entry.to_json()["testimony"] for entry in found.left] == [receipt.digest]
        assert found.items is None  # nothing is known of evidence without its key


class TestFigures:
    def test_one_who_withdrew_moves_no_figure_until_three_have_changed(self, scene: Scene) -> None:
        some = [heard(scene) for _ in range(6)]
        shown = cut(scene)
        withdraw(scene, some[0])
        after = cut(scene, 30).incident(scene.hospital)
        assert (after["status"], after["claims"]) == ("under-review", None)
        for receipt in some[1:3]:
            withdraw(scene, receipt)
        left = cut(scene, 60)
        assert left.incident(scene.hospital)["status"] == "counted"
        counts = [one.incident(scene.hospital)["claims"][0]["direct"]["max"] for one in (shown, left)]
        assert counts == [6, 3]
        assert left.document["set_aside"] == shown.document["set_aside"]

    def test_the_index_is_gone_with_what_it_said(self, scene: Scene) -> None:
        some = [heard(scene) for _ in range(4)]
        cut(scene)
        before = keys(scene)
        withdraw(scene, some[0])
        assert keys(scene) == before - 3  # two halves, and the index
        assert len(coded(scene)) == len(gathered(scene).resolved.persons(scene.hospital)) == 3


def test_codings_and_halves_have_ids_that_no_other_part_has() -> None:
    root = Root(bytes(32))
    branches = [root, root.change(), *(root.again(number) for number in range(MOST_CODINGS))]
    ids = {
        branch.record(part, place)
        for branch in branches
        for part in ("testimony", "observations")
        for place in range(3)
    }
    assert len(ids) == len(branches) * 2 * 3
