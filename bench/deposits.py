"""A deposit over the application's own entrance, the identity sealed to five custodians, beside plaintext rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask, request
from flask.testing import FlaskClient

from bench.timing import in_turn
from bench.vaults import PASSPHRASE, Bench, founded
from vault.opening import entrust

DEPOSITS = 100
TESTIMONY = "I heard it, and then I saw smoke over the roofs. " * 40


def measure() -> Iterator[str]:
    """Deposits a second, one client, sealing on the client's side included."""
    with founded() as bench, TemporaryDirectory(prefix="witness-vault-bench-") as folder:
        client = bench.app.test_client()
        typed = {"member": "R1", "passphrase": PASSPHRASE, "device_key": bench.device_key}
        token = client.post("/api/sign-in", json=typed, base_url="http://127.0.0.1").get_json()["token"]
        plain = plaintext(Path(folder) / "plain.db").test_client()
        ours, baseline = in_turn(
            lambda: _deposit(client, bench, token),
            lambda: plain.post("/", json=draft(bench)),
            rounds=DEPOSITS,
        )
        yield (
            f"Deposit: {1 / ours:.0f}/s with the identity sealed to five custodians; "
            f"the same route storing plaintext: {1 / baseline:.0f}/s; ratio {baseline / ours:.2f}"
        )


def _deposit(client: FlaskClient, bench: Bench, token: str) -> None:
    head = {"headers": {"Authorization": f"Bearer {token}"}, "base_url": "http://127.0.0.1"}
    started = client.post(
        f"/api/cases/{bench.case}/drafts", json={"incident": bench.incident}, **head
    ).get_json()
    sealed = entrust(b'{"name":"nobody"}', "identity", started["identity_record"], bench.roster)
    body = {**draft(bench), "sealed_identity": sealed}
    answer = client.post(f"/api/drafts/{started['draft']}/deposit", json=body, **head)
    assert answer.status_code == 200, answer.get_json()


def draft(bench: Bench) -> dict[str, Any]:
    """An interview with one observation, without the identity."""
    seen = {
        "incident": bench.incident,
        "subject": "aircraft.present",
        "value": "yes",
        "perception": ["heard"],
    }
    return {
        "kind": "original",
        "consent": {"recording": True, "uses": ["corroboration"]},
        "interview": {"date": "2015-11-03", "language": "ar", "mode": "in_person"},
        "testimony": TESTIMONY,
        "observations": [seen],
    }


def plaintext(path: Path) -> Flask:
    """What the same work costs without any protection: one route, one row, the same durability."""
    app = Flask("plaintext")
    with sqlite3.connect(path) as created:
        created.execute("CREATE TABLE IF NOT EXISTS interviews (content TEXT)")

    @app.post("/")
    def keep() -> str:
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA synchronous=EXTRA")
            connection.execute("INSERT INTO interviews VALUES (?)", (json.dumps(request.get_json()),))
        return "kept"

    return app
