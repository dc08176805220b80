"""What somebody writes into the databases who has them all, every public key, and keys of their own."""

from __future__ import annotations

import json
from collections.abc import Callable

from sqlalchemy import select

from drill.readings import Readers
from tests import forging
from tests.cast import CUSTODIANS, V1, Person, next_epoch, seed, signed_by
from tests.stage import DAY, DAYS, actor
from vault import audit, cases, editions, holdings, shredding
from vault.opening import entrust
from vault.sealing.casefiles import KEYS
from vault.sealing.digests import b64, canonical, digest, document_digest, unb64
from vault.sealing.keypairs import MemberSecret, SealingKey, SigningKey
from vault.store.slots import fill_slot
from vault.store.testimony import AuditRow, CaseVersionRow, GrantRow, RosterRow, SlotRow

OWN = tuple(Person(f"K{number}") for number in range(1, 6))  # custodians of the forger's


class Impostor(Person):
    """Somebody under another's code, with keys of their own."""

    @property
    def secret(self) -> MemberSecret:
        return MemberSecret(SealingKey(seed("impostor")), SigningKey(seed("impostor")))


def _deposit(readers: Readers) -> None:
    for by in (Impostor("R1"), Person("X1")):
        forging.plant(readers.scene, "observations", forging.observations(readers.scene), by)
        forging.plant(readers.scene, "testimony", forging.testimony(), by)


def _replayed(readers: Readers) -> None:
    """Every deposit of the case once more, under records and shred keys of its own."""
    with readers.scene.writing() as uow:
        rows = uow.testimony.scalars(select(SlotRow).where(SlotRow.taken)).all()
        found = [(row, shredding.find(uow, digest("shred", row.record))) for row in rows]
        for row in (row for row, key in found if key is not None):
            frame, record = shredding.unshredded(uow, row.record, row.content), seed(b64(row.record))[:16]
            content = shredding.shreddable(uow, record, frame)
            fill_slot(uow.testimony, row.case, row.half, record, content)


def _identities_exchanged(readers: Readers) -> None:
    """Each lies where the other lay, under its shred key."""
    first, second = (record for purpose, record, _ in readers.sealed if purpose == "identity")
    with readers.scene.writing() as uow:
        found = holdings.find(uow, "identity", [first, second])
        swapped = {first: found[second], second: found[first]}
        holdings.replace(uow, "identity", {name: one for name, one in swapped.items() if one is not None})


def _identity_of_their_own(readers: Readers) -> None:
    """Another name, sealed to the true custodians, in the place of an identity: to seal it takes no secret."""
    record = next(record for purpose, record, _ in readers.sealed if purpose == "identity")
    false = canonical({"format": "witness-vault/v1/identity", "pseudonym": "x", "name": "Somebody else"})
    with readers.scene.writing() as uow:
        holdings.replace(
            uow, "identity", {record: entrust(false, "identity", record, readers.scene.roster())}
        )


def _epoch(readers: Readers) -> None:
    """One more version of the list of members, with custodians of the forger's, signed by them."""
    document, own = next_epoch(readers.roster, OWN)
    with readers.scene.writing() as uow:
        signed = json.dumps(signed_by({**document, **DAYS}, own))
        uow.testimony.add(RosterRow(version=readers.roster.version + 1, signed=signed))


def _public_key(readers: Readers) -> None:
    """In the newest list of members V2's key is the forger's; the signatures are left as they were."""
    with readers.scene.writing() as uow:
        row = uow.testimony.get_one(RosterRow, readers.roster.version)
        signed = json.loads(row.signed)
        (entry,) = [one for one in signed["document"]["members"] if one["code"] == "V2"]
        entry["sealing"] = b64(SealingKey(seed("impostor")).public)
        row.signed = json.dumps(signed)


def _case_version(readers: Readers) -> None:
    """One more version of the case, by which R2 gets every key, signed by nobody who may."""
    with readers.scene.writing() as uow:
        file = cases.find(uow, readers.scene.case)
        newest = cases.signed_versions(uow, unb64(file.id))[-1]["document"]
        document = {**newest, "version": file.version + 1, "previous": b64(document_digest(newest))}
        document["team"] = [{**one, "keys": list(KEYS)} for one in newest["team"]]
        signed = json.dumps(signed_by(document, [Impostor(one.code) for one in CUSTODIANS]))
        row = CaseVersionRow(case=unb64(file.id), version=document["version"], signed=signed)
        uow.testimony.add(row)


def _grants(readers: Readers) -> None:
    """Whatever was granted to V2 in R1's name, too."""
    with readers.scene.writing() as uow:
        for row in uow.testimony.scalars(select(GrantRow).where(GrantRow.member == "V2")).all():
            copied = {part: getattr(row, part) for part in ("case", "key", "version", "sealed")}
            uow.testimony.merge(GrantRow(**copied, member="R1"))


def _edition(readers: Readers) -> None:
    """The newest edition, a figure in it changed, signed by who has no key for that."""
    with readers.scene.reading() as uow:
        case = cases.show(uow, actor(V1), readers.scene.case)
        document = dict(editions.history(uow, actor(V1), case)[-1].document)
    document |= {"day": "2001-01-01"}
    forging.insert_edition(readers.scene, Impostor("V1"), document)


def _audit(readers: Readers) -> None:
    """The last ten entries of the audit chain are taken away, and ten others written."""
    with readers.scene.writing() as uow:
        rows = uow.testimony.scalars(select(AuditRow).order_by(AuditRow.position.desc()).limit(10)).all()
        for row in rows:
            uow.testimony.delete(row)
        uow.testimony.flush()
        for _ in rows:
            audit.record(uow, "R2", "edition read", {"case": readers.scene.case}, DAY)


FORGERIES: dict[str, Callable[[Readers], None]] = {
    "deposits in somebody's name": _deposit,
    "deposits replayed": _replayed,
    "identities exchanged": _identities_exchanged,
    "an identity of their own making": _identity_of_their_own,
    "an epoch of their own": _epoch,
    "a public key exchanged": _public_key,
    "a case version that nobody signed": _case_version,
    "grants copied to another": _grants,
    "an edition in a reviewer's name": _edition,
    "the end of the audit chain written anew": _audit,
}
