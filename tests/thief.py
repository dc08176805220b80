"""Whoever holds all the databases, the source, and some people's passphrases, device keys and key files.

The thief reads every row of every table, and tries every key on every box in its right context and on every locked
thing whatever its context (a key commitment shows a right key, and AES-CTR needs no tag). What opens may hold further
keys; so on until nothing new opens. Tests prove first that this attack works where it should.
"""

from __future__ import annotations

import base64
import copy
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.cast import Person
from vault.errors import VaultError
from vault.sealing import boxes, escrows, locks, shares
from vault.sealing.digests import Document, Json, b64, label, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.members import open_key_file, unwrap_member

DATABASES = ("testimony", "identities", "shreds")
Row = dict[str, Any]
Context = tuple[str, Document]


class Thief:
    """Takes everything at once; `opened` is all that was got out of it in the clear."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables = dict(_tables(folder))
        self.opened: list[bytes] = []
        self._sealing: dict[bytes, SealingKey] = {}
        self._symmetric: set[bytes] = set()
        self._shares: dict[str, dict[int, bytes]] = {}
        self._seen: set[bytes] = set()
        self._tried: set[tuple[bytes, bytes, int]] = set()
        case = json.loads(self.tables["case_versions"][0]["signed"])["document"]
        self._vault, self._case = case["vault"], case["case"]
        self._layers = dict(self._shreddable())
        self._inner: dict[bytes, list[Context]] = {}

    def partner(self) -> Thief:
        """Another thief, who starts from all that this one has."""
        other = copy.copy(self)
        other.opened, other._sealing = list(self.opened), dict(self._sealing)
        other._symmetric, other._shares = set(self._symmetric), copy.deepcopy(self._shares)
        other._seen, other._tried, other._inner = set(self._seen), set(self._tried), dict(self._inner)
        return other

    # --- secrets --------------------------------------------------------------------------------------------

    def coerce(self, member: Person) -> None:
        """A member's passphrase and device key: they unwrap the keys that the database keeps."""
        (row,) = [row for row in self.tables["members"] if row["code"] == member.code]
        secret = unwrap_member(json.loads(row["wrapped"]), member.code, member.passphrase, member.device_key)
        self.learn(secret.sealing.seed, secret.signing.seed, member.device_key)
        if member.request is not None:
            self.learn(member.request.seed)

    def take_key_file(self, custodian: Person) -> None:
        """A custodian's key file and passphrase."""
        secret = open_key_file(custodian.key_file, custodian.passphrase).newest
        self.learn(secret.sealing.seed, secret.signing.seed)

    def learn(self, *keys: bytes) -> None:
        """Thirty-two bytes that may be any key."""
        for key in keys:
            self._symmetric.add(key)
            self._sealing.setdefault(key, SealingKey(key))

    # --- the attack -----------------------------------------------------------------------------------------

    def attack(self) -> Thief:
        """Try everything until nothing new opens."""
        for rows in self.tables.values():
            for row in rows:
                for value in row.values():
                    self._look_at(value)
        known = -1
        while known != len(self.opened) + len(self._sealing):
            known = len(self.opened) + len(self._sealing)
            for locked in [value for value in self._seen if value[:4] == locks.MARKER]:
                self._unlock(locked)
            for box, contexts in list(self._boxes()):
                self._unseal(box, contexts)
            for record in list(self._escrows()):
                self._combine(record)
        return self

    def finds(self, *canaries: str) -> list[str]:
        """Which of these stand in anything that was opened, or in the files as they lie."""
        heap = b"\0".join([*self.opened, *(path.read_bytes() for path in sorted(self.folder.iterdir()))])
        return [canary for canary in canaries if any(form in heap for form in disguises(canary))]

    def _unseal(self, box: bytes, contexts: list[Context]) -> None:
        for seed, key in list(self._sealing.items()):
            for context in contexts if self._is_new(box, seed, contexts) else ():
                try:
                    self._open(boxes.unseal(key, context, box))
                except VaultError:
                    continue

    def _unlock(self, locked: bytes) -> None:
        for key in self._symmetric:
            if not self._is_new(locked, key, []):
                continue
            expanded = HKDF(SHA256(), 64, salt=locked[4:36], info=label("locked")).derive(key)
            if expanded[32:] == locked[36:68]:
                counter = modes.CTR(bytes(12) + (2).to_bytes(4, "big"))  # GCM's own, without its tag
                content = Cipher(algorithms.AES(expanded[:32]), counter).decryptor().update(locked[68:-16])
                if content[:4] == boxes.MARKER:
                    self._inner[content] = self._layers[locked]
                self._open(content)
                return

    def _is_new(self, sealed: bytes, key: bytes, contexts: list[Context]) -> bool:
        attempt = (sealed, key, len(contexts))
        new = attempt not in self._tried
        self._tried.add(attempt)
        return new

    def _combine(self, record: Json) -> None:
        found = self._shares.get(record["record"], {})
        if len(found) >= record["threshold"]:
            chosen = [found[index] for index in sorted(found)][: record["threshold"]]
            self.learn(shares.combine(chosen))

    def _open(self, content: bytes) -> None:
        self.opened.append(content)
        self._look_at(content)
        if len(content) == 32:
            self.learn(content)
        if len(content) == 64 and content[:4] == (32).to_bytes(4, "big"):  # a case key, padded in escrow
            self.learn(content[4:36])

    def _look_at(self, value: Any) -> None:
        """Remember every value, and everything that is written as base64url within it."""
        for found in _bytes_in(value):
            self._seen.add(found)
            if len(found) == 32:
                self._symmetric.add(found)

    # --- what there is to attack ----------------------------------------------------------------------------

    def _boxes(self) -> Iterator[tuple[bytes, list[Context]]]:
        """Every box with the contexts in which it can stand: what the source says of its table."""
        yield from self._boxes_of_cases()
        for row in self.tables["packets"]:
            about = {"vault": self._vault, "opening": b64(row["opening"]), "recipient": row["recipient"]}
            yield row["sealed"], [("packet", about)]
        for row in self.tables["audit"]:
            for code, sealed in json.loads(row["keys"]).items():
                yield unb64(sealed), [("audit-key", {"position": row["position"], "custodian": code})]
        for row in self.tables["approvals"]:
            said = json.loads(row["signed"])["document"]
            about = {name: said[name] for name in ("opening", "terms", "custodian", "index")}
            for part in ("share", "reason"):
                if said[part]:
                    yield unb64(said[part]), [("handed-share", about)]
        yield from list(self._inner.items())

    def _shreddable(self) -> Iterator[tuple[bytes, list[Context]]]:
        """Whatever lies under a shred key, with the contexts in which the box within can stand."""
        place = {"vault": self._vault, "case": self._case, "version": 1}
        for row in self.tables["slots"]:
            about = {**place, "record": b64(row["record"])}
            yield (
                row["content"],
                [("deposit-frame", {**about, "key": key}) for key in ("testimony", "corroboration")],
            )
        for row in self.tables["identity_slots"]:
            yield row["content"], []
        members = [{"member": row["code"]} for row in self.tables["members"]]
        for row in self.tables["drafts"]:
            for part, kind in (("content", "draft"), ("addendum", "draft-addendum")):
                yield row[part], [(kind, {**member, "draft": b64(row["id"])}) for member in members]

    def _boxes_of_cases(self) -> Iterator[tuple[bytes, list[Context]]]:
        place = {"vault": self._vault, "case": self._case}
        for row in self.tables["grants"]:
            yield row["sealed"], [("grant", {**place, **{k: row[k] for k in ("key", "version", "member")}})]
        for row in self.tables["briefs"]:
            yield row["sealed"], [("brief", {**place, "version": row["version"]})]
        for row in self.tables["editions"]:
            yield row["sealed"], [("edition", {**place, "number": row["number"]})]
            yield row["basis"], [("basis", {**place, "number": row["number"]})]
        for record in list(self._escrows()):
            for share in record["shares"]:
                about = escrows.share_binding(
                    record, escrows.fingerprint(record), share, len(record["shares"])
                )
                yield unb64(share["sealed"]), [about]
                self._keep_share(record, share)

    def _keep_share(self, record: Json, entry: Json) -> None:
        """A share that was opened anywhere is known by its hash."""
        for content in self.opened:
            if len(content) == escrows.SHARE_SIZE and escrows.is_share(content, entry):
                self._shares.setdefault(record["record"], {})[entry["index"]] = content

    def _escrows(self) -> Iterator[Json]:
        for row in self.tables["case_escrows"]:
            yield json.loads(row["record"])
        for content in list(self.opened):
            start = content.find(b'{"epoch"')
            if start == 4 and b"witness-vault/v1/escrow" in content:
                yield json.loads(content[4 : 4 + int.from_bytes(content[:4], "big")])


def disguises(canary: str) -> list[bytes]:
    """A text as it may stand in a file: in two encodings, as hex, and as either base64 at each of three offsets."""
    plain = [canary.encode("utf-8"), canary.encode("utf-16-le"), canary.encode("utf-16-be")]
    found = list(plain)
    for form in plain:
        found += [form.hex().encode(), form.hex().upper().encode()]
        for offset in range(3):
            # What precedes and follows changes the first and last signs: these are left away.
            signs = base64.b64encode(bytes(offset) + form + b"\0\0")
            inner = signs[4 if offset else 0 : 4 * ((offset + len(form)) // 3)]
            found += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return [form for form in found if len(form) >= 4]


def _tables(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    for database in DATABASES:
        connection = sqlite3.connect(f"file:{folder / database}.db?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                yield name, [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')]
        finally:
            connection.close()


def _bytes_in(value: Any) -> Iterator[bytes]:
    match value:
        case bytes():
            yield value
            if value[:1] in (b"{", b"[") or value[4:5] == b"{":
                yield from _bytes_in(_parsed(value))
        case str() if value[:1] in ("{", "["):
            yield from _bytes_in(_parsed(value.encode()))
        case str():
            try:
                yield unb64(value)
            except VaultError:
                return
        case dict() | list():
            for inner in value.values() if isinstance(value, dict) else value:
                yield from _bytes_in(inner)


def _parsed(text: bytes) -> Any:
    if text[:1] not in (b"{", b"["):
        text = text[4 : 4 + int.from_bytes(text[:4], "big")]
    try:
        return json.loads(text)
    except ValueError:
        return None
