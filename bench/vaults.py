"""A vault to measure, founded in process: five custodians (3-of-5), one researcher, one case."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from config.settings import DATABASES, Settings
from migrations import upgrade
from vault import cases
from vault import roster as rosters_
from vault.founding import found_case
from vault.keyrings import Actor
from vault.rules.access import Role
from vault.sealing import members, roster_drafts
from vault.sealing.deposits import IDENTITY_SLOT_SIZE
from vault.sealing.digests import b64
from vault.sealing.keypairs import CHEAPEST, DEVICE_KEY_SIZE, MEMBER, MemberSecret
from vault.sealing.rosters import Roster
from vault.sealing.signatures import signature, with_signatures
from vault.sealing.words import spell_device_key
from vault.store.slots import allocate_identities
from vault.store.testimony import MemberRow
from web.app import create_app

PASSPHRASE = "four words of a bench"


@dataclass(frozen=True)
class Bench:
    """The application, its roster and case, and what R1 signs in with."""

    app: Flask
    roster: Roster
    case: str
    incident: str
    device_key: str
    people: dict[str, MemberSecret]
    day: date


@contextmanager
def founded(place: Path | None = None) -> Iterator[Bench]:
    """The vault, in this folder or a temporary one, at the real cost of passphrases."""
    with TemporaryDirectory(prefix="witness-vault-bench-") as temporary:
        folder = place or Path(temporary)
        urls = {name: f"sqlite:///{folder / name}.db" for name in DATABASES}
        for name, url in urls.items():
            upgrade(name, url)
        yield _found(create_app(Settings(urls, ("127.0.0.1",), 30)))


def _found(app: Flask) -> Bench:
    days = datetime.now(UTC).date().isoformat(), (datetime.now(UTC).date() + timedelta(days=180)).isoformat()
    files = [members.new_key_file(f"C{number}", "bench", CHEAPEST) for number in range(1, 6)]
    opened = [members.open_key_file(file, "bench") for file, _ in files]
    holders = [(file.code, file.newest) for file in opened]
    first = roster_drafts.founding_document(
        b64(secrets.token_bytes(16)), [card["document"] for _, card in files], 3, days
    )
    people = {"R1": MemberSecret.generate(), "V1": MemberSecret.generate()}
    device_key = secrets.token_bytes(DEVICE_KEY_SIZE)
    store = app.extensions["vault"].store
    with store.work() as uow:
        roster = rosters_.found(
            uow, with_signatures(first, [signature(first, c, s.signing) for c, s in holders])
        )
        cards = []
        for (code, secret), role in zip(people.items(), ("researcher", "reviewer"), strict=True):
            facts = {"vault": roster.vault, "code": code, "role": role, "invitation": b64(bytes(32))}
            card = members.member_card(facts, secret, None)
            wrapped = members.wrap_member(secret, code, PASSPHRASE, device_key, MEMBER)
            row = {"code": code, "card": json.dumps(card), "wrapped": json.dumps(wrapped)}
            uow.testimony.add(MemberRow(**row, generation=bytes(16)))
            cards.append(card["document"])
        second = roster_drafts.with_members(roster, cards, days)
        roster = rosters_.advance(
            uow, with_signatures(second, [signature(second, c, s.signing) for c, s in holders])
        )
        plan = {
            "code": "B1",
            "title": "A case to measure",
            "incidents": [{"title": "An incident"}],
            "team": {"R1": ["brief"], "V1": ["brief", "corroboration", "editions", "evidence"]},
        }
        document, attachments = found_case(
            plan, roster, "V1", people["V1"].signing, app.extensions["vault"].vocabularies
        )
        signed = with_signatures(document, [signature(document, c, s.signing) for c, s in holders])
        cases.open_case(uow, signed, attachments)
        allocate_identities(uow.identities, IDENTITY_SLOT_SIZE)
        uow.commit()
    with store.read() as uow:
        found = cases.listing(uow, Actor("R1", Role.RESEARCHER, people["R1"]))[0]
    today = datetime.now(UTC).date()
    incident = found.incidents[0]["incident"]
    return Bench(app, roster, found.id, incident, spell_device_key(device_key), people, today)
