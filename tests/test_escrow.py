"""The server's half of an opening: it carries what it cannot read, counts decisions, and hands over once k approved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.asking import NAME, Opening, sealed_identity
from tests.cast import C1, C2, C3, C4, CUSTODIANS, OUTSIDER, R1, THRESHOLD, V1, V2, Person, identifier
from tests.stage import DAY, LAST, After, actor, later
from vault import escrow
from vault.errors import Conflict, Expired, Invalid, NotFound, Refused, Tampered, VaultError
from vault.keyrings import Actor
from vault.rules.access import Role
from vault.rules.openings import State
from vault.sealing.digests import b64, unb64
from vault.sealing.signatures import sign
from vault.store.identities import IdentitySlotRow
from vault.store.testimony import ApprovalRow, OpeningRow

pytestmark = pytest.mark.both


@pytest.fixture
def opening(after: After) -> Opening:
    scene, sealed = after(sealed_identity)
    return replace(sealed, scene=scene)


def test_k_approvals_hand_over_what_opens_the_identity(opening: Opening) -> None:
    opening.ask()
    tallies = [str(opening.decide(custodian)) for custodian in CUSTODIANS[:THRESHOLD]]
    assert tallies == ["1 of 3", "2 of 3", "3 of 3"]
    assert opening.opened(opening.redeem())["name"] == NAME


def test_below_k_nothing_is_handed_over(opening: Opening) -> None:
    opening.ask()
    for given in range(THRESHOLD):
        with pytest.raises(Refused, match=f"so far {given} of 3"):
            opening.redeem()
        opening.decide(CUSTODIANS[given])
    assert opening.redeem()["escrow"]["record"] == opening.record


def test_a_refusal_counts_for_nothing_and_cannot_be_taken_back(opening: Opening) -> None:
    opening.ask()
    assert opening.decide(C1, opening.decision(C1, "I do not know why")).given == 0
    with pytest.raises(Conflict):
        opening.decide(C1)
    assert opening.decide(C2).given == 1


# --- asking -------------------------------------------------------------------------------------------------


def test_a_last_day_that_no_calendar_has_is_taken_from_nobody(opening: Opening) -> None:
    """Taken, it would keep every custodian from seeing what waits."""
    with pytest.raises(Tampered):
        opening.ask(opening.signed_terms(expires=f"{DAY.isoformat()[:8]}32"))
    assert opening.inbox(C1) == []


def test_one_member_cannot_drown_the_requests_of_others(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escrow, "MOST_AT_ONCE", 2)
    opening.ask(opening.signed_terms(expires=DAY.isoformat()))
    opening.ask()
    with pytest.raises(Refused, match="You have 2 requests that wait"):
        opening.ask()
    opening.ask(opening.signed_terms(day=later(1).isoformat()), days=1)  # one of them has run out meanwhile


@pytest.mark.parametrize("person", [R1, V1, C1, OUTSIDER], ids=lambda person: person.code)
def test_nobody_hands_in_a_request_of_somebody_else(opening: Opening, person: Person) -> None:
    with pytest.raises(Refused):
        opening.ask(opening.signed_terms(), person)


@pytest.mark.parametrize("changes", [{"requester": "V1"}, {"requester": "R1"}, {"vault": identifier("x")}])
def test_a_request_that_was_edited_is_refused(opening: Opening, changes: dict[str, str]) -> None:
    terms = opening.signed_terms()
    edited = {**terms, "document": {**terms["document"], **changes}}
    with pytest.raises(Tampered):
        opening.ask(edited)


def test_a_request_signed_by_the_signing_key_is_refused(opening: Opening) -> None:
    """What the server sees at sign-in must not be enough to ask in a member's name."""
    document = opening.signed_terms()["document"]
    with pytest.raises(Tampered):
        opening.ask(sign(document, "V2", V2.secret.signing))


def test_a_record_is_asked_for_by_its_own_purpose(opening: Opening) -> None:
    with pytest.raises(NotFound):
        opening.ask(opening.signed_terms(purpose="case-key"))


def test_a_record_that_is_not_there_and_a_free_slot_look_alike(opening: Opening) -> None:
    with opening.scene.reading() as uow:
        free = select(IdentitySlotRow.record).where(IdentitySlotRow.taken.is_(False)).limit(1)
        record = uow.identities.scalars(free).one()
    said = []
    for name in (b64(record), identifier("nothing")):
        with pytest.raises(NotFound) as error:
            opening.ask(opening.signed_terms(record=name))
        said.append(error.value.message)
    assert said[0] == said[1]


def test_another_record_in_its_place_is_noticed(opening: Opening) -> None:
    with pytest.raises(Conflict, match="not the one that was sealed"):
        opening.ask(opening.signed_terms(escrow="A" * 43))


def test_a_request_is_made_once(opening: Opening) -> None:
    opening.ask()
    with pytest.raises(Conflict):
        opening.ask(opening.terms)


def test_after_the_roster_has_run_out_nothing_is_asked_approved_or_handed_over(opening: Opening) -> None:
    after = (LAST - DAY).days + 1
    opening.ask()
    waiting = opening.decision(C1)
    late = opening.signed_terms(day=LAST.isoformat(), expires=later(after + 20).isoformat())
    with pytest.raises(Expired):
        opening.ask(late, days=after)
    with pytest.raises(Expired):
        opening.decide(C1, waiting, days=after)
    for custodian in CUSTODIANS[:THRESHOLD]:
        opening.decide(custodian)
    with pytest.raises(Expired):
        opening.redeem(days=after)


# --- deciding -----------------------------------------------------------------------------------------------


def test_each_custodian_gets_a_packet_of_their_own_with_their_own_share(opening: Opening) -> None:
    opening.ask()
    sealed = {}
    for custodian in CUSTODIANS:
        (one,) = opening.inbox(custodian)
        sealed[custodian.code] = one
        assert opening.packet(custodian, one)["escrow"]["share"]["custodian"] == custodian.code
    assert len({one.packet for one in sealed.values()}) == len(CUSTODIANS)
    assert len({len(one.packet) for one in sealed.values()}) == 1
    with pytest.raises(Tampered):
        opening.packet(C2, sealed["C1"])


def test_a_custodian_decides_once_and_for_themselves(opening: Opening) -> None:
    opening.ask()
    decision = opening.decision(C1)
    opening.decide(C1, decision)
    with pytest.raises(Conflict):
        opening.decide(C1, decision)
    with pytest.raises(Invalid):
        opening.decide(C2, decision)


@pytest.mark.parametrize("person", [R1, V1, V2, OUTSIDER], ids=lambda person: person.code)
def test_nobody_else_decides(opening: Opening, person: Person) -> None:
    opening.ask()
    decision = opening.decision(C1)
    with pytest.raises(Refused):
        opening.decide(person, decision)


@pytest.mark.parametrize(
    "changes",
    [{"terms": "A" * 43}, {"opening": identifier("x")}, {"decision": "perhaps"}, {"vault": identifier("x")}],
    ids=lambda changes: str(*changes),
)
def test_a_decision_on_other_terms_is_refused(opening: Opening, changes: dict[str, str]) -> None:
    opening.ask()
    document = {**opening.decision(C1)["document"], **changes}
    with pytest.raises(NotFound):
        opening.decide(C1, sign(document, "C1", C1.secret.signing))


@pytest.mark.parametrize(
    "signed", [None, [], {}, {"document": {}}, {"document": {"format": 7}, "signatures": []}]
)
def test_what_is_no_decision_is_refused(opening: Opening, signed: Any) -> None:
    with opening.scene.writing() as uow, pytest.raises(VaultError):
        escrow.decide(uow, actor(C1), signed, DAY)


def test_after_its_last_day_a_request_is_over(opening: Opening) -> None:
    opening.ask()
    decision = opening.decision(C4)
    assert len(opening.inbox(C4, days=30)) == 1
    assert opening.inbox(C4, days=31) == []
    with pytest.raises(Expired):
        opening.decide(C4, decision, days=31)
    for custodian in (C1, C2, C3):
        opening.decide(custodian)
    with pytest.raises(Expired):
        opening.redeem(days=31)


def test_a_custodian_sees_who_has_decided_and_how(opening: Opening) -> None:
    opening.ask()
    opening.decide(C1)
    opening.decide(C2, opening.decision(C2, "not now"))
    (one,) = opening.inbox(C3)
    assert one.decided == ("C1", "C2")
    assert str(one.tally) == "1 of 3"
    assert one.tally.refused == {"C2"}


def test_a_request_stays_on_the_desk_while_a_share_that_does_not_fit_could_be_replaced(
    opening: Opening,
) -> None:
    opening.ask()
    for custodian in CUSTODIANS[:THRESHOLD]:
        opening.decide(custodian)
    opening.redeem()
    (one,) = opening.inbox(C4)
    assert one.state is State.DUE
    assert opening.decide(C4).given == THRESHOLD + 1


def test_a_request_lives_no_longer_than_thirty_days(opening: Opening) -> None:
    with pytest.raises(VaultError, match="at most 30 days"):
        opening.ask(opening.signed_terms(expires=later(31).isoformat()))


def test_a_packet_is_carried_with_the_rosters_that_prove_it(opening: Opening) -> None:
    name = opening.ask()
    with opening.scene.reading() as uow:
        file = escrow.packet_file(uow, actor(C1), name, DAY)
        with pytest.raises(Refused):
            escrow.packet_file(uow, actor(V2), name, DAY)
        with pytest.raises(NotFound):
            escrow.packet_file(uow, Actor("C9", Role.CUSTODIAN), name, DAY)
        with pytest.raises(Expired):
            escrow.packet_file(uow, actor(C1), name, later(31))
    (one,) = opening.inbox(C1)
    assert (file["opening"], file["recipient"], file["packet"]) == (name, "C1", one.packet)
    assert len(file["rosters"]) == opening.scene.roster().version


# --- what somebody writes into the database -------------------------------------------------------------------


def edit(opening: Opening, custodian: str, signed: Any) -> None:
    """A row that says that this custodian approved."""
    assert opening.terms is not None
    name = unb64(opening.terms["document"]["opening"])
    with opening.scene.writing() as uow:
        uow.testimony.merge(ApprovalRow(opening=name, custodian=custodian, signed=json.dumps(signed)))


def approval(opening: Opening, by: Person, name: str) -> dict[str, Any]:
    """An approval in somebody's name, signed by whoever could be got to sign it."""
    return sign({**opening.decision(C1)["document"], "custodian": name}, name, by.secret.signing)


def test_a_row_that_no_custodian_signed_counts_for_nothing(opening: Opening) -> None:
    opening.ask()
    opening.decide(C1)
    opening.decide(C2)
    forged: list[Any] = [approval(opening, V2, "C3"), opening.decision(C1), {}, [], None, "approve"]
    for junk in forged:
        edit(opening, "C3", junk)
        with pytest.raises(Refused, match="so far 2 of 3"):
            opening.redeem()
    edit(opening, "V2", approval(opening, V2, "V2"))
    assert opening.show().tally.given == 2
    assert opening.decide(C3).given == 3  # and does not stand in the custodian's way


def test_an_approval_of_another_request_counts_for_nothing(opening: Opening) -> None:
    opening.ask()
    elsewhere = opening.decision(C3)
    opening.scene.hand_in(R1, opening.scene.start(R1), opening.scene.interview())
    opening.ask(opening.signed_terms(reason="again"))
    edit(opening, "C3", elsewhere)
    assert opening.show().tally.given == 0


def test_a_day_written_beside_a_request_makes_no_quorum(opening: Opening) -> None:
    name = opening.ask()
    opening.decide(C1)
    with opening.scene.writing() as uow:
        row = uow.testimony.get(OpeningRow, unb64(name))
        assert row is not None
        row.met = DAY.isoformat()
    with pytest.raises(Refused, match="so far 1 of 3"):
        opening.redeem()


# --- what is brought by hand ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(C1.key_file), "key file"),
        (
            json.dumps({"format": "witness-vault/v1/opening-file", "terms": {}, "key": "x"}),
            "key of a request",
        ),
        (json.dumps({"code": "V2", "device_key": "x"}), "wrapped keys"),
        (json.dumps({"format": "witness-vault/v1/receipt"}), "This is a receipt"),
        ('{"format": "something"}', "not a file of this vault"),
        ('{"document": 5}', "not a file of this vault"),
        ("not JSON", "can read"),
        ("[]", "can read"),
    ],
)
def test_whoever_brings_the_wrong_file_is_told_what_it_is(text: str, said: str) -> None:
    for read in (escrow.read_request, escrow.read_decision):
        with pytest.raises(Invalid, match=said) as error:
            read(text)
        assert "C1" not in error.value.message


def test_a_request_and_a_decision_are_read_from_what_was_brought(opening: Opening) -> None:
    terms = opening.signed_terms()
    text = json.dumps({"format": "witness-vault/v1/request-file", "terms": terms})
    assert escrow.read_request(text) == terms
    opening.ask(terms)
    decision = opening.decision(C1)
    assert escrow.read_decision(json.dumps(decision)) == decision
    with pytest.raises(Invalid, match="This is a custodian's decision; what belongs here is a request"):
        escrow.read_request(json.dumps(decision))
