"""The server's half of an opening: it carries what it cannot read, counts decisions, and hands over once k approved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.cast import C1, C2, C3, C4, CUSTODIANS, OUTSIDER, R1, R2, THRESHOLD, V1, V2, Person, identifier
from tests.stage import DAY, LAST, Scene, actor, later
from vault import escrow
from vault.errors import Conflict, Expired, NotFound, Refused, Tampered, VaultError
from vault.escrow import Waiting
from vault.opening import Days, Holder, ask, combine, decide
from vault.rules.quorum import Tally
from vault.sealing.digests import b64, parse_object, unb64
from vault.sealing.escrows import fingerprint
from vault.sealing.keypairs import SealingKey
from vault.sealing.signatures import Signed, sign
from vault.sealing.terms import open_packet
from vault.store.identities import IdentitySlotRow

NAME = "Balthazar Quillfeather"


@dataclass
class Opening:
    """One sealed identity, and V2 who asks for it."""

    scene: Scene
    record: str
    escrow: str
    key: SealingKey | None = None
    terms: Signed | None = None

    def signed_terms(self, **changes: str) -> Signed:
        """Terms that V2 signs."""
        about = {
            "purpose": "identity",
            "record": self.record,
            "escrow": self.escrow,
            "reason": "to warn them",
        }
        days = Days(changes.pop("day", DAY.isoformat()), changes.pop("expires", later(30).isoformat()))
        roster = replace(self.scene.roster(), expires="9999-12-31")
        assert V2.request is not None
        terms, self.key = ask({**about, "requester": "V2", **changes}, roster, V2.request, days)
        return terms

    def ask(self, terms: Signed | None = None, person: Person = V2, days: int = 0) -> str:
        terms = terms or self.signed_terms()
        with self.scene.writing() as uow:
            name = escrow.ask(uow, actor(person), terms, later(days))
        self.terms = terms
        return name

    def inbox(self, custodian: Person, days: int = 0) -> list[Waiting]:
        with self.scene.reading() as uow:
            return escrow.waiting(uow, actor(custodian), later(days))

    def packet(self, custodian: Person, one: Waiting) -> dict[str, Any]:
        vault, sealed = self.scene.roster().vault, unb64(one.packet)
        return open_packet(custodian.secret.sealing, vault, one.opening, custodian.code, sealed)

    def decision(self, custodian: Person, refusal: str | None = None) -> Signed:
        (one,) = self.inbox(custodian)
        holder = Holder(custodian.code, custodian.secret)
        return decide(self.packet(custodian, one), self.scene.roster(), holder, refusal, DAY.isoformat())

    def decide(self, custodian: Person, signed: Signed | None = None, days: int = 0) -> Tally:
        decision = signed or self.decision(custodian)
        with self.scene.writing() as uow:
            return escrow.decide(uow, actor(custodian), decision, later(days))

    def redeem(self, person: Person = V2, terms: Signed | None = None, days: int = 0) -> dict[str, Any]:
        with self.scene.writing() as uow:
            return escrow.redeem(uow, actor(person), terms or self.terms, later(days))


@pytest.fixture
def opening(scene: Scene) -> Opening:
    draft = scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": NAME})
    scene.hand_in(R1, draft, scene.interview(scene.said("heard"), sealed_identity=sealed))
    return Opening(scene, draft.identity_record, fingerprint(sealed))


def test_k_approvals_hand_over_what_opens_the_identity(opening: Opening) -> None:
    opening.ask()
    tallies = [str(opening.decide(custodian)) for custodian in CUSTODIANS[:THRESHOLD]]
    assert tallies == ["1 of 3", "2 of 3", "3 of 3"]
    handed = opening.redeem()
    assert opening.terms is not None
    assert opening.key is not None
    terms, roster = opening.terms["document"], opening.scene.roster()
    shown = combine(terms, opening.key, handed["escrow"], handed["approvals"], roster)
    assert parse_object(shown)["name"] == NAME


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


def test_only_an_identity_can_be_asked_for(opening: Opening) -> None:
    with pytest.raises(Refused):
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
    with pytest.raises(Conflict, match="not the one that was deposited"):
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
    with pytest.raises(Tampered):
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


def test_a_custodian_sees_who_has_decided_but_not_how(opening: Opening) -> None:
    opening.ask()
    opening.decide(C1)
    opening.decide(C2, opening.decision(C2, "not now"))
    (one,) = opening.inbox(C3)
    assert one.decided == ("C1", "C2")
    assert str(one.tally) == "1 of 3"


# --- handing over -------------------------------------------------------------------------------------------


def test_only_whoever_asked_gets_what_was_handed_over(opening: Opening) -> None:
    opening.ask()
    for custodian in CUSTODIANS[:THRESHOLD]:
        opening.decide(custodian)
    for person in (R1, R2, V1):
        with pytest.raises((NotFound, Tampered)):
            opening.redeem(person)
    with pytest.raises(NotFound):
        opening.redeem(terms=opening.signed_terms(reason="another one"))
    assert opening.redeem()["escrow"]["record"] == opening.record


def test_a_handing_over_is_audited_or_does_not_happen(opening: Opening) -> None:
    opening.ask()
    for custodian in CUSTODIANS[:THRESHOLD]:
        opening.decide(custodian)
    before = opening.scene.contents()["audit"].total()
    with (
        opening.scene.vault.store.work() as uow
    ):  # not committed: nothing was handed over, nothing is entered
        escrow.redeem(uow, actor(V2), opening.terms, DAY)
    assert opening.scene.contents()["audit"].total() == before
    opening.redeem()
    assert opening.scene.contents()["audit"].total() == before + 1
    assert opening.inbox(C4) == []


def test_progress_is_told_to_whoever_may_ask(opening: Opening) -> None:
    name = opening.ask()
    opening.decide(C1)
    with opening.scene.reading() as uow:
        assert str(escrow.progress(uow, actor(V2), name)) == "1 of 3"
        with pytest.raises(NotFound):
            escrow.progress(uow, actor(V2), identifier("x"))
        with pytest.raises(Refused):
            escrow.progress(uow, actor(C1), name)


def test_a_request_lives_no_longer_than_sixty_days(opening: Opening) -> None:
    with pytest.raises(VaultError, match="at most 60 days"):
        opening.ask(opening.signed_terms(expires=(DAY + timedelta(days=61)).isoformat()))
