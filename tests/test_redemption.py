"""Handing over: to who asked, on the days on which it is due, and only after it was entered in the audit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.asking import NAME, Opening, sealed_identity
from tests.cast import C1, C2, C3, C4, CUSTODIANS, R1, R2, THRESHOLD, V1, V2, Person, identifier
from tests.stage import DAY, After, actor, later
from vault import redemption
from vault.errors import Expired, NotFound, Refused, Tampered
from vault.opening import reasons
from vault.rules.openings import State
from vault.sealing.digests import unb64
from vault.sealing.terms import seal_packet
from vault.store.testimony import PacketRow

pytestmark = pytest.mark.both


@pytest.fixture
def opening(after: After) -> Opening:
    scene, sealed = after(sealed_identity)
    return replace(sealed, scene=scene)


def agree(opening: Opening, days: int = 0) -> None:
    """k custodians approve."""
    opening.ask()
    for custodian in CUSTODIANS[:THRESHOLD]:
        opening.decide(custodian, days=days)


def test_only_whoever_asked_gets_what_was_handed_over(opening: Opening) -> None:
    agree(opening)
    for person in (R1, R2, V1):
        with pytest.raises((NotFound, Tampered)):
            opening.redeem(person)
    with pytest.raises(NotFound):
        opening.redeem(terms=opening.signed_terms(reason="another one"))
    assert opening.redeem()["escrow"]["record"] == opening.record


def test_a_handing_over_is_audited_or_does_not_happen(opening: Opening) -> None:
    agree(opening)
    before = opening.scene.contents()["audit"].total()
    with (
        opening.scene.vault.store.work() as uow
    ):  # not committed: nothing was handed over, nothing is entered
        redemption.redeem(uow, actor(V2), opening.terms, DAY)
    assert opening.scene.contents()["audit"].total() == before
    opening.redeem()
    assert opening.scene.contents()["audit"].total() == before + 1


def test_what_was_lost_on_the_line_is_collected_again_within_seven_days(opening: Opening) -> None:
    agree(opening)
    for days in (0, 3, 7):
        assert opening.opened(opening.redeem(days=days))["name"] == NAME
    with pytest.raises(Expired, match=f"until {later(7)}"):
        opening.redeem(days=8)


def test_what_is_handed_over_says_all_that_the_requesters_device_checks(opening: Opening) -> None:
    agree(opening)
    handed = opening.redeem()
    assert set(handed) == {"format", "vault", "opening", "escrow", "approvals", "case", "rosters"}
    assert handed["case"] is None
    assert len(handed["rosters"]) == opening.scene.roster().version


def test_a_request_is_collected_by_its_id_with_the_requesters_own_keys(opening: Opening) -> None:
    agree(opening)
    assert opening.terms is not None
    name = opening.terms["document"]["opening"]
    with opening.scene.writing() as uow:
        handed = redemption.collect(uow, actor(V2), name, DAY)
        with pytest.raises(NotFound):
            redemption.collect(uow, actor(V1), name, DAY)
    assert opening.opened(handed)["name"] == NAME


def test_how_it_stands_is_told_to_whoever_asked_and_to_nobody_else(opening: Opening) -> None:
    opening.ask()
    opening.decide(C1)
    assert str(opening.show().tally) == "1 of 3"
    for person in (V1, R1):
        with pytest.raises(NotFound):
            opening.show(person)
    with pytest.raises(Refused):
        opening.show(C1)
    with opening.scene.reading() as uow, pytest.raises(NotFound):
        redemption.show(uow, actor(V2), identifier("x"), DAY)


def own(opening: Opening, person: Person = V2, days: int = 0) -> list[str]:
    with opening.scene.reading() as uow:
        return [one.terms["reason"] for one in redemption.own(uow, actor(person), later(days))]


def test_a_member_sees_their_own_requests_and_no_others(opening: Opening) -> None:
    opening.ask(opening.signed_terms(reason="first"))
    opening.ask(opening.signed_terms(reason="second"))
    assert sorted(own(opening)) == ["first", "second"]
    assert own(opening, V1) == own(opening, R1) == []
    assert own(opening, days=80) == []


def test_a_packet_that_was_sealed_to_another_member_makes_it_no_request_of_theirs(opening: Opening) -> None:
    name, vault = opening.ask(), opening.scene.roster().vault
    for content in ({"terms": opening.terms}, {"terms": None}, {}):
        sealed = seal_packet(V1.secret.sealing.public, vault, name, "", content)
        with opening.scene.writing() as uow:
            uow.testimony.merge(PacketRow(opening=unb64(name), recipient="", sealed=sealed))
        assert own(opening, V1) == own(opening) == []


def test_too_many_requests_are_not_looked_through(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redemption, "MOST_LOOKED_THROUGH", 1)
    opening.ask()
    assert len(own(opening)) == 1
    opening.ask()
    with pytest.raises(Refused, match="too many"):
        own(opening)


def test_who_refused_is_shown_and_why_is_read_by_the_requester_alone(opening: Opening) -> None:
    opening.ask()
    opening.decide(C1, opening.decision(C1, "I do not know why"))
    opening.decide(C2)
    shown = opening.show()
    assert shown.tally.refused == {"C1"}
    assert shown.state is State.WAITING
    assert opening.key is not None
    assert reasons(shown.terms, opening.key, shown.refusals, opening.scene.roster()) == {
        "C1": "I do not know why"
    }
    assert "I do not know why" not in str(opening.scene.contents()["approvals"])


def test_once_so_many_refused_that_no_k_are_left_it_is_said(opening: Opening) -> None:
    opening.ask()
    for custodian in (C1, C2, C3):
        opening.decide(custodian, opening.decision(custodian, "no"))
    opening.decide(C4)
    assert opening.show().state is State.REFUSED
    with pytest.raises(Refused, match="no 3 can agree"):
        opening.redeem()
