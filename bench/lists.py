"""The list of a case's evidence, as a use case and over HTTP, beside opening every chain."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

from bench.timing import in_turn, line
from bench.vaults import PASSPHRASE, Bench, founded
from vault import cases, chains, ledgers, register
from vault.installation import Installation
from vault.keyrings import Actor
from vault.rules.access import Role
from vault.rules.evidence import Arrival
from vault.rules.items import Act
from vault.rules.register import Wanted
from vault.sealing.digests import b64

ITEMS = 2_000
_WANTED = Wanted(kind="video", claim="strike.took_place")


def measure() -> Iterator[str]:
    """A list of 2,000 items."""
    with founded() as bench:
        vault: Installation = bench.app.extensions["vault"]
        reviewer = Actor("V1", Role.REVIEWER, bench.people["V1"])
        _filled(bench, vault)
        _listed(bench, vault, reviewer)
        ours, baseline = in_turn(
            lambda: _listed(bench, vault, reviewer), lambda: _opened(bench, vault, reviewer), rounds=3
        )
        yield line(f"A list of {ITEMS:,} items", ours, "opening every chain", baseline)
        for what, path in (("The same as JSON", "/api/cases"), ("The same as a page", "/cases")):
            asked = _asked(bench, path)
            over, alone = in_turn(asked, lambda: _listed(bench, vault, reviewer), rounds=15)
            yield line(f"{what} over HTTP", over, "the use case", alone)


def _filled(bench: Bench, vault: Installation) -> None:
    """Half of them are videos; each bears on a claim."""
    depositor = Actor("R1", Role.RESEARCHER, bench.people["R1"])
    with vault.store.work() as uow:
        case = cases.show(uow, depositor, bench.case)
        for number in range(ITEMS):
            raw = {
                "kind": "video" if number % 2 else "photo",
                "title": f"What was seen after the strike, from the north, part {number}",
                "incident": bench.incident,
                "origin": {"how": "found", "from": "A public channel", "held": ""},
                "events": [],
                "bears": [{"subject": "strike.took_place", "value": "yes", "how": "supports", "why": ""}],
                "giver": None,
                "original": None,
                "working": None,
            }
            arrival = Arrival.parse(raw, chains.vocabularies(vault, case))
            entry = chains.written(Act.ARRIVAL, arrival.to_json(), bench.day)
            at = chains.ledger(case.file, b64(secrets.token_bytes(16)))
            ledgers.append(uow, depositor, at, (), entry)
        uow.commit()


def _listed(bench: Bench, vault: Installation, reviewer: Actor) -> None:
    with vault.store.work() as uow:
        found = register.listing(vault, uow, reviewer, (bench.case, _WANTED), bench.day)
        uow.commit()
    assert found.found == ITEMS // 2


def _opened(bench: Bench, vault: Installation, reviewer: Actor) -> None:
    with vault.store.read() as uow:
        found = chains.of(vault, uow, reviewer, bench.case)
        assert len([found.read(item) for item, _ in found.names()]) == ITEMS


def _asked(bench: Bench, path: str) -> Callable[[], None]:
    """The request of somebody who has signed in."""
    client, at = bench.app.test_client(), "http://127.0.0.1"
    typed = {"member": "V1", "passphrase": PASSPHRASE, "device_key": bench.device_key}
    token = client.post("/api/sign-in", json=typed, base_url=at).get_json()["token"]
    query = {"kind": _WANTED.kind, "claim": _WANTED.claim}

    def ask() -> None:
        head = {"Authorization": f"Bearer {token}"}
        answer = client.get(f"{path}/{bench.case}/evidence", query_string=query, headers=head, base_url=at)
        assert answer.status_code == 200, answer.status
        assert answer.get_data(as_text=True).count("What was seen after the strike") == 50  # a page of them

    return ask
