"""A whole cut, new deposits unsealed: 20,000 observations, and 10,000 deposits to fold in. Processor time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from random import Random
from typing import Any

from bench import worlds
from bench.vaults import Bench, founded
from vault import cases, corroboration, index
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.rules.access import Role
from vault.sealing import deposits
from vault.sealing.casefiles import CaseFile
from vault.sealing.digests import b64, digest, unb64, witness_tag
from vault.sealing.keypairs import MemberSecret
from vault.sealing.keywraps import Kek
from vault.shredding import Layer
from vault.store.shreds import ShredRow
from vault.store.testimony import SlotRow
from vault.store.unit_of_work import UnitOfWork

HALF = "observations"


def measure() -> Iterator[str]:
    """By observations and by deposits."""
    for many, each in ((1_334, 15), (10_000, 15)):
        with founded() as bench:
            first, again = _cut(bench, many, each)
        yield (
            f"Cut {many:,} new deposits with {many * each:,} observations: {first:.1f} s "
            f"({first / many * 1e3:.2f} ms a deposit); fold and resolve again without a new one: {again:.1f} s"
        )


def _cut(bench: Bench, many: int, each: int) -> tuple[float, float]:
    vault = bench.app.extensions["vault"]
    actor = Actor("V1", Role.REVIEWER, bench.people["V1"])
    with vault.store.work() as uow:
        _fill(uow, bench, many, each)
        uow.commit()
    start = time.process_time()
    with vault.store.work() as uow:
        corroboration.cut(vault, uow, actor, bench.case, bench.day)
        uow.commit()
    cut = time.process_time()
    with vault.store.read() as uow:
        case = cases.show(uow, actor, bench.case)
        known = vocabularies(vault, case)
        folded = index.fold(uow, actor, case.file, known, _never)
        assert len(folded.index.packed) == many
        list(folded.index.packed.deposits())
    return cut - start, time.process_time() - cut


def _never(_half: deposits.Half) -> Any:
    raise AssertionError


def _fill(uow: UnitOfWork, bench: Bench, many: int, each: int) -> None:
    """Deposits as the server keeps them: sealed, in slots, under shred keys."""
    file, random = cases.find(uow, bench.case), Random(many)
    for _ in range(many):
        for record, box in _sealed(file, bench, bench.people["R1"], random, each).items():
            name, key = digest("shred", record), secrets.token_bytes(32)
            wrapped = Kek.of(uow.keks()[0]).wrap(name, key)
            uow.shreds.add(ShredRow(id=name, key=wrapped, taken=True))
            row = {
                "record": record,
                "receipt": secrets.token_bytes(32),
                "content": Layer(record, key).lock(box),
            }
            uow.testimony.add(SlotRow(case=unb64(file.id), half=HALF, taken=True, **row))


def _sealed(
    file: CaseFile, bench: Bench, secret: MemberSecret, random: Random, each: int
) -> dict[bytes, bytes]:
    said = {one.subject: one for one in (worlds.observation(random, bench.incident) for _ in range(3 * each))}
    body = {
        "format": "witness-vault/v1/observations",
        "nonce": b64(secrets.token_bytes(16)),
        "witness": witness_tag(file.id, b64(secrets.token_bytes(8))),
        "together_with": [],
        "consent": {"recording": True, "uses": ["corroboration"]},
        "observations": [one.to_json() for one in list(said.values())[:each]],
    }
    facts = {"vault": file.vault, "case": file.id, "roster": bench.roster.version}
    about = {**facts, "depositor": "R1", "kind": "original", "supersedes": None}
    signed = deposits.sign_statement(deposits.statement(about, {}, body), secret.signing)
    place = deposits.Place(file.vault, file.id, "corroboration", 1)
    ids = [secrets.token_bytes(16) for _ in range(9)]
    return deposits.seal_half(signed, body, file.keys["corroboration"], place, ids.__getitem__)
