"""One sealed identity, who asks for it, and who decides: by the use cases, on days that a test chooses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.cast import R1, V2, Person
from tests.stage import DAY, Scene, actor, later
from vault import escrow, redemption
from vault.escrow import Waiting
from vault.opening import Days, Holder, ask, combine, decide
from vault.redemption import Request
from vault.rules.quorum import Tally
from vault.sealing.digests import parse_object, unb64
from vault.sealing.escrows import fingerprint
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import verify_chain
from vault.sealing.signatures import Signed
from vault.sealing.terms import open_packet

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
        """A decision on the only request that waits."""
        (one,) = self.inbox(custodian)
        return self.decision_on(one.opening, custodian, refusal)

    def decision_on(self, name: str, custodian: Person, refusal: str | None = None) -> Signed:
        """A decision, made on the custodian's device from what was carried there."""
        with self.scene.reading() as uow:
            file = escrow.packet_file(uow, actor(custodian), name, DAY)
        key, holder = custodian.secret.sealing, Holder(custodian.code, custodian.secret)
        packet = open_packet(key, file["vault"], name, custodian.code, unb64(file["packet"]))
        return decide(packet, verify_chain(file["rosters"]), holder, refusal, DAY.isoformat())

    def decide(self, custodian: Person, signed: Signed | None = None, days: int = 0) -> Tally:
        decision = signed or self.decision(custodian)
        with self.scene.writing() as uow:
            return escrow.decide(uow, actor(custodian), decision, later(days))

    def redeem(self, person: Person = V2, terms: Signed | None = None, days: int = 0) -> dict[str, Any]:
        with self.scene.writing() as uow:
            return redemption.redeem(uow, actor(person), terms or self.terms, later(days))

    def show(self, person: Person = V2, days: int = 0) -> Request:
        """What becomes of it, as the requester sees it."""
        assert self.terms is not None
        with self.scene.reading() as uow:
            return redemption.show(uow, actor(person), self.terms["document"]["opening"], later(days))

    def opened(self, handed: dict[str, Any]) -> dict[str, Any]:
        """The identity out of what was handed over."""
        assert self.terms is not None
        assert self.key is not None
        approvals, roster = handed["approvals"], self.scene.roster()
        secret = combine(self.terms["document"], self.key, handed["escrow"], approvals, roster)
        return parse_object(secret)


def sealed_identity(scene: Scene) -> Opening:
    """A deposit by R1 with a sealed identity, and V2 who is about to ask for it."""
    draft = scene.start(R1)
    sealed = scene.seal_identity(draft, {"name": NAME})
    scene.hand_in(R1, draft, scene.interview(scene.said("heard"), sealed_identity=sealed))
    return Opening(scene, draft.identity_record, fingerprint(sealed))
