"""A vault of k of n custodians, for stories about openings that are told in sentences (see openings.toml)."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from config.settings import vocabulary_texts
from tests import places
from tests.cast import Person, following, founding, identifier, next_epoch, signed_by
from tests.stage import DAYS, PLAN, Scene, later
from vault import cases, escrow, keyrings, redemption, revocations, succession
from vault import roster as rosters
from vault.errors import NotFound, SignInNeeded
from vault.founding import Known, Reviewer, found_case, next_version
from vault.keyrings import Actor
from vault.opening import Days, Holder, ask, combine, decide, entrust
from vault.rules.access import Role
from vault.sealing.casefiles import KEYS, CaseFile
from vault.sealing.deposits import IDENTITY_CONTENT, IDENTITY_SLOT_SIZE
from vault.sealing.digests import Document, Json, b64, canonical, pad, parse_object, unb64
from vault.sealing.escrows import fingerprint
from vault.sealing.keypairs import SealingKey, SigningKey
from vault.sealing.revocations import revocation
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed, sign
from vault.sealing.terms import open_packet
from vault.shredding import shred, shreddable
from vault.store.slots import allocate_identities, fill_identity_slot
from vault.store.testimony import ApprovalRow, CaseEscrowRow
from vault.store.unit_of_work import UnitOfWork

NAME = "Balthazar Quillfeather"
RECORD = identifier("the identity")
SEALED = "identity.json"
ASKING = {
    code: Person(code, role, asks=True)
    for code, role in (("R1", "researcher"), ("R2", "researcher"), ("V1", "reviewer"), ("V2", "reviewer"))
}
TEAM = {
    "R1": ["brief"],
    "R2": ["brief", "testimony"],
    "V1": list(KEYS),
}


def found_quorum(folder: Path, k: int, n: int) -> None:
    """Found a vault of `k` of `n` in a folder of migrated databases, with one identity and one case."""
    scene = Scene(folder)
    holders = [Person(f"C{number}") for number in range(1, n + 1)]
    with scene.writing() as uow:
        rosters.found(uow, signed_by({**founding(holders, k), **DAYS}, holders))
        listed = following(rosters.current(uow), ASKING.values(), **DAYS)
        roster = rosters.advance(uow, signed_by(listed, holders[:k]))
        identity = canonical({"format": "witness-vault/v1/identity", "name": NAME})
        record = entrust(identity, "identity", RECORD, roster)
        (folder / SEALED).write_text(json.dumps(record))
        content = shreddable(uow, unb64(RECORD), pad(canonical(record), IDENTITY_CONTENT))
        allocate_identities(uow.identities, IDENTITY_SLOT_SIZE)
        fill_identity_slot(uow.identities, unb64(RECORD), content)
        plan = {**PLAN, "team": TEAM}
        document, more = found_case(plan, roster, "V1", ASKING["V1"].secret.signing, vocabulary_texts())
        cases.open_case(uow, signed_by(document, holders[:k]), more)
    scene.close()


class Quorum:
    """Such a vault, its people, and a day that goes on when a story says so."""

    def __init__(self, staged: Path, folder: Path) -> None:
        self.scene = Scene(places.copy(staged, folder))
        self.days = 0
        self.people = dict(ASKING)
        self.holders = {code: Person(code) for code in self.roster.codes}
        self.requests: dict[str, tuple[Signed, SealingKey]] = {}
        self.prepared: dict[str, Signed] = {}

    @property
    def today(self) -> date:
        return later(self.days)

    @property
    def roster(self) -> Roster:
        return self.scene.roster()

    @property
    def chain(self) -> tuple[Roster, ...]:
        with self.scene.reading() as uow:
            return rosters.history(uow)

    @cached_property
    def case(self) -> str:
        with self.scene.reading() as uow:
            return cases.every(uow)[0].id

    def file(self, uow: UnitOfWork) -> CaseFile:
        return cases.find(uow, self.case)

    # --- people, as they sign in today --------------------------------------------------------------------------

    def member(self, code: str) -> Actor:
        if code in self.holders:
            return self.custodian(code)
        secret = self.people[code].secret
        return Actor(code, keyrings.standing(self.roster, code, secret), secret)

    def custodian(self, code: str) -> Actor:
        if code not in self.roster.custodians:
            raise SignInNeeded("This custodian is no longer in the roster.")
        return Actor(code, Role.CUSTODIAN)

    def holder(self, code: str) -> Holder:
        return Holder(code, self.holders[code].secret)

    # --- what requesters do ---------------------------------------------------------------------------------------

    def prepare(self, code: str, key: str | None = None) -> None:
        """A request for the identity, or for a key of the case, made on the requester's device."""
        record = self._case_record(key) if key else self._identity()
        about = {
            "purpose": record["purpose"],
            "record": record["record"],
            "escrow": fingerprint(record),
            "reason": "to warn them",
            "requester": code,
        }
        request = self.people[code].request
        assert request is not None
        days = Days(self.today.isoformat(), later(self.days + 30).isoformat())
        self.requests[code] = ask(about, self.roster, request, days)

    def hand_in(self, code: str, of: str) -> None:
        with self.scene.writing() as uow:
            escrow.ask(uow, self.member(code), self.requests[of][0], self.today)

    def collect(self, code: str, of: str) -> None:
        """It opens, and is what was asked for."""
        terms, key = self.requests[of]
        with self.scene.writing() as uow:
            handed = redemption.redeem(uow, self.member(code), terms, self.today)
        document = terms["document"]
        secret = combine(document, key, handed["escrow"], handed["approvals"], self.roster)
        if document["purpose"] == "identity":
            assert parse_object(secret)["name"] == NAME
        else:
            with self.scene.reading() as uow:
                file = self.file(uow)
            known = {public for one in (*file.earlier, file) for public in one.keys.values()}
            assert SealingKey(secret).public in known

    def state(self, code: str) -> str:
        with self.scene.reading() as uow:
            name = self.requests[code][0]["document"]["opening"]
            return str(redemption.show(uow, self.member(code), name, self.today).state)

    # --- what custodians do ----------------------------------------------------------------------------------------

    def decide(self, code: str, refusal: str | None = None) -> Signed:
        """A decision on the only request, made on the custodian's device."""
        actor = self.custodian(code)
        with self.scene.reading() as uow:
            waiting = escrow.waiting(uow, actor, self.today)
        if not waiting:
            raise NotFound("Nothing waits.")
        one = waiting[0]
        key, vault = self.holder(code).secret.sealing, self.roster.vault
        packet = open_packet(key, vault, one.opening, code, unb64(one.packet))
        return decide(packet, self.chain, self.holder(code), refusal, self.today.isoformat())

    def hand_in_decision(self, code: str, decision: Signed) -> None:
        with self.scene.writing() as uow:
            escrow.decide(uow, self.custodian(code), decision, self.today)

    # --- what quorums decide ---------------------------------------------------------------------------------------

    def sign_roster(self, document: Document) -> None:
        """The next roster takes effect, signed by everybody."""
        before = self.roster
        with self.scene.writing() as uow:
            after = rosters.advance(uow, signed_by(document, self.holders.values()))
            succession.take_effect(uow, before, after)

    def renew(self, **changes: Json) -> None:
        self.sign_roster(following(self.roster, **{**DAYS, **changes}))

    def next_epoch(self, codes: Collection[str], k: int) -> None:
        people = [self.holders.get(code, Person(code)) for code in sorted(codes)]
        document, renewed = next_epoch(self.roster, people, k)
        self.holders |= {person.code: self.holders.get(person.code, person) for person in people}
        self.sign_roster({**document, **DAYS})
        self.holders |= {person.code: person for person in renewed}

    def change_members(self, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> None:
        document = following(self.roster, **DAYS)
        self.sign_roster({**document, "members": change(document["members"])})

    def change_request_key(self, code: str) -> None:
        listed = b64(SigningKey.generate().public)
        self.change_members(
            lambda entries: [{**e, "request": listed} if e["code"] == code else e for e in entries]
        )

    def change_case(self, team: dict[str, list[str]], rotate: Collection[str] = ()) -> None:
        """The next version of the case, signed by everybody."""
        with self.scene.writing() as uow:
            known = cases.show(uow, self.member("V1"), self.case)
            by = Reviewer("V1", ASKING["V1"].secret.signing, self.roster)
            document, more = next_version(Known(known.file, known.brief, {}), team, rotate, by)
            cases.open_case(uow, signed_by(document, self.holders.values()), more)

    def revoke(self, member: str, by: str) -> None:
        with self.scene.writing() as uow:
            file = self.file(uow)
            document = revocation(file, member, by, self.roster, self.today.isoformat())
            signed = sign(document, by, self.holders[by].secret.signing)
            revocations.keep(uow, revocations.verified(uow, signed, file), signed)

    # --- what happens to the databases -----------------------------------------------------------------------------

    def write_approval(self, code: str, of: str, signer: str) -> None:
        """A row that says that a custodian approved, signed by somebody else."""
        terms = self.requests[of][0]["document"]
        template = next(iter(self.prepared.values()))["document"]
        forged = sign({**template, "custodian": code}, code, self.people[signer].secret.signing)
        row = ApprovalRow(opening=unb64(terms["opening"]), custodian=code, signed=json.dumps(forged))
        with self.scene.writing() as uow:
            uow.testimony.merge(row)

    def destroy_identity(self) -> None:
        with self.scene.writing() as uow:
            shred(uow, unb64(RECORD))

    def _identity(self) -> dict[str, Any]:
        return dict(json.loads((self.scene.folder / SEALED).read_text()))

    def _case_record(self, key: str) -> dict[str, Any]:
        with self.scene.reading() as uow:
            file = self.file(uow)
            row = uow.testimony.get(CaseEscrowRow, (unb64(self.case), *file.newest(key)))
            assert row is not None
            return dict(json.loads(row.record))
