"""What somebody with the public keys and a hand in the database can put there."""

from __future__ import annotations

import secrets
from typing import Any

from tests.cast import Person
from tests.stage import Scene, actor
from vault import cases, editions, shredding
from vault import roster as rosters
from vault.sealing import deposits
from vault.sealing.digests import Document, b64, unb64, witness_tag
from vault.sealing.signatures import sign
from vault.store import slots
from vault.store.testimony import EditionRow
from vault.testimonies import place

HALVES = {"testimony": "testimony", "observations": "corroboration"}


def observations(scene: Scene, **changes: Any) -> dict[str, Any]:
    """An observations body as an honest researcher makes it, with some members changed."""
    return {
        "format": "witness-vault/v1/observations",
        "nonce": b64(secrets.token_bytes(16)),
        "witness": witness_tag(scene.case, b64(secrets.token_bytes(16))),
        "together_with": [],
        "consent": {"recording": True, "uses": ["corroboration"]},
        "observations": [{"incident": scene.hospital, "subject": "aircraft.present", "perception": ["saw"]}],
        **changes,
    }


def testimony(**changes: Any) -> dict[str, Any]:
    """A testimony body, likewise."""
    return {
        "format": "witness-vault/v1/testimony",
        "nonce": b64(secrets.token_bytes(16)),
        "pseudonym": "abacus-abdomen-ability-able",
        "kind": "original",
        "reason": "",
        "consent": {"recording": True, "uses": []},
        "interview": {
            "date": "2015-11-03",
            "language": "ar",
            "mode": "in_person",
            "interpreter": "",
            "together_with": [],
        },
        "testimony": "Forged.",
        "identity": None,
        **changes,
    }


def plant(scene: Scene, half: str, body: Document, by: Person, **facts: Any) -> None:
    """Seal one half of a deposit, signed by `by`, to the case's public key and put it into a slot."""
    with scene.writing() as uow:
        file = cases.find(uow, facts.get("case", scene.case))
        other = {"format": "the other half"}
        halves = {"testimony": body, "observations": other} if half == "testimony" else {
            "testimony": other,
            "observations": body,
        }  # fmt: skip
        named = {
            "vault": file.vault,
            "case": file.id,
            "roster": rosters.current(uow).version,
            "depositor": by.code,
            "kind": "original",
            "supersedes": None,
            **facts,
        }
        signed = sign(deposits.statement(named, **halves), by.code, by.secret.signing)
        token, key = secrets.token_bytes(32), HALVES[half]
        sealed = deposits.seal_half(
            signed,
            body,
            file.keys[key],
            place(file, file.newest(key)),
            lambda i: deposits.record_id(token, f"{half}/{i}"),
        )
        for record, box in sealed.items():
            content = shredding.shreddable(uow, record, box)
            slots.fill_slot(uow.testimony, unb64(file.id), half, record, content, bytes(32))


def insert_edition(scene: Scene, by: Person, document: Document) -> None:
    """Put an edition that `by` signed into the database, with everything that its public keys allow."""
    with scene.writing() as uow:
        file = cases.find(uow, scene.case)
        row = uow.testimony.get(EditionRow, (unb64(file.id), document["number"]))
        if row is not None:
            uow.testimony.delete(row)
            uow.testimony.flush()
        editions.keep(uow, actor(by), file, document, {"format": "witness-vault/v1/basis"})
