"""The naive build: the same truth, kept as the field keeps it. Every attack is tried on it, too, and must succeed.

Rows are encrypted under a key in the configuration; names are looked up by a salted hash; rows are numbered as they
come and name each other; there is an access log, and a backup before and after the last ten came.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from drill.world import Truth, Witness
from tests.test_pictures import photo

SALT, DATABASE, CONFIGURATION, LOG = b"a pepper", "naive.db", "settings.ini", "access.log"
BACKUPS = ("backup-1.json", "backup-2.json")
HEADERS = {
    "Cache-Control": "public, max-age=43200",
    "Content-Disposition": "attachment; filename=Zephyrquill.pdf",
}
_MADE = """
CREATE TABLE persons (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name_hash TEXT, name TEXT, contact TEXT, created_at TEXT
);
CREATE TABLE testimonies (
    id INTEGER PRIMARY KEY AUTOINCREMENT, person_id INTEGER REFERENCES persons (id), incident TEXT, text BLOB,
    created_at TEXT
);
"""


def build(folder: Path, truth: Truth) -> None:
    """Its files: the database, the configuration, the access log, two backups, an upload, and what headers say."""
    key = secrets.token_bytes(32)
    (folder / CONFIGURATION).write_text(f"[vault]\nkey = {key.hex()}\nsalt = {SALT.decode()}\n")
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.executescript(_MADE)
        for number, witness in enumerate(truth.witnesses):
            when = _when(number).isoformat(" ")
            name, contact = witness.identity["name"], witness.identity["contact"]
            person = connection.execute(
                "INSERT INTO persons (name_hash, name, contact, created_at) VALUES (?, ?, ?, ?)",
                (hashed(name), sealed(key, name), sealed(key, contact), when),
            ).lastrowid
            text = sealed(key, witness.said)
            row = person, witness.incident, text, when
            connection.execute(
                "INSERT INTO testimonies (person_id, incident, text, created_at) VALUES (?, ?, ?, ?)", row
            )
        connection.commit()
    (folder / LOG).write_text("".join(map(_logged, range(len(truth.witnesses)), truth.witnesses)))
    for file, some in zip(BACKUPS, (truth.witnesses[:-10], truth.witnesses), strict=True):
        (folder / file).write_text(json.dumps(_dumped(some)))
    (folder / "upload.jpg").write_bytes(photo())
    (folder / "headers.json").write_text(json.dumps(HEADERS))


def hashed(name: str) -> str:
    """By which a name is looked up."""
    return hashlib.sha256(SALT + name.encode()).hexdigest()


def sealed(key: bytes, text: str) -> bytes:
    """Encrypted, as long as it is."""
    nonce = secrets.token_bytes(12)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), None)


def opened(folder: Path) -> list[str]:
    """The names of everybody, as whoever has the files decrypts them."""
    key = bytes.fromhex((folder / CONFIGURATION).read_text().partition("key = ")[2].split()[0])
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        rows = [content for (content,) in connection.execute("SELECT name FROM persons")]
    return [AESGCM(key).decrypt(row[:12], row[12:], None).decode() for row in rows]


def _when(number: int) -> datetime:
    return datetime(2015, 11, 3, 9, 0, 0) + timedelta(minutes=17 * number)


def _logged(number: int, witness: Witness) -> str:
    when = _when(number).strftime("%d/%b/%Y:%H:%M:%S +0000")
    asked = f"POST /interviews?pseudonym={witness.pseudonym}"
    return f'10.7.0.{number % 250} - {witness.by} [{when}] "{asked} HTTP/1.1" 200\n'


def _dumped(witnesses: Sequence[Witness]) -> list[dict[str, Any]]:
    return [{"name": one.identity["name"], "incident": one.incident} for one in witnesses]
