"""Short ways to read what lies in a founded vault: as its reader, as its reviewer, as whoever holds the databases."""

from __future__ import annotations

from typing import Any

from tests.cast import C1, V1, V2, Person
from tests.stage import DAY, Scene, actor, later
from vault import audit, cases, corroboration, editions, keyrings, recoding, shredding, testimonies
from vault.corroboration import Gathered
from vault.editions import Edition
from vault.interviews import vocabularies
from vault.receipts import Receipt
from vault.rules.access import Role
from vault.sealing import audits
from vault.sealing.deposits import record_id, unseal_halves
from vault.sealing.digests import unb64
from vault.shredding import shreddable
from vault.store import slots
from vault.testimonies import Testimony


def told(scene: Scene, reader: Person = V2) -> tuple[list[Testimony], int]:
    """Every testimony that the reader gets, and how many records are not sound."""
    with scene.unkept() as uow:
        return testimonies.listing(uow, actor(reader), scene.case, DAY)


def cut(scene: Scene, days: int = 0, reviewer: Person = V1) -> Edition:
    """The edition that is cut so many days after the founding."""
    with scene.writing() as uow:
        number = corroboration.cut(scene.vault, uow, actor(reviewer), scene.case, later(days))
    with scene.unkept() as uow:
        return editions.read(uow, actor(reviewer), scene.case, number, later(days))


def gathered(scene: Scene, reviewer: Person = V1) -> Gathered:
    """What a cut would count, without cutting."""
    with scene.reading() as uow:
        case = cases.show(uow, actor(reviewer), scene.case)
        keys = [key for _, key in keyrings.case_keys(uow, actor(reviewer), case.file, "corroboration")]
        return corroboration.gather(uow, actor(reviewer), case, keys, vocabularies(scene.vault, case))


def shred(scene: Scene, receipt: Receipt) -> None:
    """Destroy the key of the observations half of a deposit."""
    record = record_id(unb64(receipt.withdrawal_token), "observations")
    with scene.writing() as uow:
        shredding.shred(uow, record)


def coding(of: str, *observations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A second coding of the deposit with this receipt digest, as its coder hands it in."""
    about = {"incidents": sorted({said["incident"] for said in observations})} if observations else {}
    return {"codes": of, "observations": list(observations), **about, **changes}


def code_again(scene: Scene, reader: Person, raw: dict[str, Any]) -> Receipt:
    """The second coding, deposited by a reader."""
    return recoding.deposit(scene.vault, actor(reader), scene.case, raw)


def row(edition: Edition, incident: str, subject: str = "aircraft.present") -> dict[str, Any]:
    """One row of an incident's table; empty when it has none."""
    claims = edition.incident(incident)["claims"] or []
    return next((claim for claim in claims if claim["subject"] == subject), {})


def direct(edition: Edition, incident: str, subject: str = "aircraft.present") -> int:
    """How many independent persons directly perceived it."""
    found = row(edition, incident, subject)
    return int(found["direct"]["max"]) if found else 0


def frames(scene: Scene, half: str) -> dict[bytes, bytes]:
    """The sealed frames of a half, as whoever holds all the databases has them."""
    with scene.reading() as uow:
        return testimonies.sealed_frames(uow, scene.case, half)


def coded(scene: Scene) -> list[dict[str, Any]]:
    """The observations bodies, as whoever may count unseals them."""
    with scene.reading() as uow:
        file = cases.find(uow, scene.case)
        keys = keyrings.case_keys(uow, actor(V1), file, "corroboration")
        places = [(testimonies.place(file, name), key) for name, key in keys]
        opened, unsound = unseal_halves(frames(scene, "observations"), places)
    assert unsound == 0
    return [half["body"] for half in opened.values()]


def plant(scene: Scene, half: str, records: dict[bytes, bytes]) -> None:
    """Put sealed frames into slots, as somebody can who writes to the databases."""
    with scene.writing() as uow:
        for record, box in records.items():
            content = shreddable(uow, record, box)
            slots.fill_slot(uow.testimony, unb64(scene.case), half, record, content, bytes(32))


def audited(scene: Scene, custodian: Person = C1) -> list[dict[str, Any]]:
    """The body of every audit entry, as a custodian reads it, once the chain is verified."""
    entries: list[audits.Entry] = []
    with scene.reading() as uow:
        while found := audit.entries(uow, Role.CUSTODIAN, len(entries)):
            entries += found
    audits.chain([(entry.link, entry.commitment, entry.decision) for entry in entries])
    return [audits.read(entry, custodian.code, custodian.secret.sealing) for entry in entries]
