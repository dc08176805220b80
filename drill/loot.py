"""What lies in seized databases, and the context in which each sealed thing can stand, as the source says."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from vault.errors import VaultError
from vault.sealing import escrows
from vault.sealing.digests import Document, Json, b64, digest, unb64
from vault.sealing.keywraps import Kek
from vault.store.keks import Keks

Row = dict[str, Any]
Context = tuple[str, Document]
Box = tuple[bytes, list[Context]]
Shreds = Path | Mapping[bytes, bytes] | None
_KEYS = ("testimony", "corroboration")  # to which deposits are sealed
_SEALED_TO = {"brief": "brief", "edition": "editions", "basis": "corroboration", "file-key": "evidence"}


class Loot:
    """The rows of all tables. An archive has no shreds: they are those of another folder, or keys by name, if any."""

    def __init__(self, folder: Path, shreds: Shreds = None) -> None:
        self.tables: dict[str, list[Row]] = {"shreds": [], "drafts": []}
        for database in sorted(folder.glob("*.db")):
            self.tables |= rows_of(database)
        if isinstance(shreds, Mapping):
            self.tables["shreds"] = [{"id": name, "key": key} for name, key in shreds.items()]
        else:
            if shreds is not None:
                self.tables |= rows_of(shreds / "shreds.db")
            for row in self.tables["shreds"]:
                row["key"] = _unwrapped((shreds or folder) / "shreds.key", row)
        self.cases = self._cases()
        self.vault = next(iter(self.cases.values()))[0]["vault"]

    def _cases(self) -> dict[bytes, list[Json]]:
        """The signed versions of each case."""
        found: dict[bytes, list[Json]] = {}
        for row in self.tables["case_versions"]:
            found.setdefault(row["case"], []).append(json.loads(row["signed"])["document"])
        return found

    def case_keys(self) -> set[str]:
        """The public halves of every key of every case."""
        documents = [document for versions in self.cases.values() for document in versions]
        return {key["public"] for document in documents for key in document["keys"].values()}

    @cached_property
    def _holders(self) -> dict[tuple[str, str], set[bytes]]:
        """The public keys of everybody who was ever listed, and of each case, by whom or what they are of."""
        found: dict[tuple[str, str], set[bytes]] = {}
        listed = [json.loads(row["signed"])["document"] for row in self.tables["rosters"]]
        for entry in (entry for roster in listed for entry in (*roster["custodians"], *roster["members"])):
            found.setdefault(("", entry["code"]), set()).add(unb64(entry["sealing"]))
        for case, versions in self.cases.items():
            for name, key in ((name, key) for one in versions for name, key in one["keys"].items()):
                found.setdefault((b64(case), name), set()).add(unb64(key["public"]))
        return found

    def addressed(self, kind: str, about: Document) -> set[bytes] | None:
        """The public keys to which a box can be sealed in this context; None: to any."""
        if kind == "handed-share":
            return None
        codes = [str(about[part]) for part in ("custodian", "recipient", "member") if part in about]
        if codes:
            return self._holders.get(("", codes[0]), set())
        return self._holders.get((str(about["case"]), _SEALED_TO.get(kind) or str(about["key"])), set())

    def member(self, code: str) -> Json:
        """A member's wrapped keys."""
        (row,) = [row for row in self.tables["members"] if row["code"] == code]
        return json.loads(row["wrapped"])

    @cached_property
    def boxes(self) -> list[Box]:
        """Every box that lies open to whoever reads the tables, but the shares of escrow records."""
        return [*self._boxes_of_cases(), *self._boxes_of_people()]

    def _boxes_of_people(self) -> Iterator[Box]:
        for row in self.tables["packets"]:
            about = {"vault": self.vault, "opening": b64(row["opening"]), "recipient": row["recipient"]}
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

    def _boxes_of_cases(self) -> Iterator[Box]:
        for row in self.tables["grants"]:
            named = {part: row[part] for part in ("key", "version", "member")}
            yield row["sealed"], [("grant", {**self._place(row), **named})]
        for row in self.tables["briefs"]:
            yield row["sealed"], [("brief", {**self._place(row), "version": row["version"]})]
        for row in self.tables["editions"]:
            about = {**self._place(row), "number": row["number"]}
            yield row["sealed"], [("edition", about)]
            yield row["basis"], [("basis", about)]

    def _place(self, row: Row) -> dict[str, Any]:
        return {"vault": self.vault, "case": b64(row["case"])}

    @cached_property
    def layers(self) -> dict[bytes, list[Context]]:
        """Whatever lies under a shred key, with the contexts in which the box within can stand."""
        found: dict[bytes, list[Context]] = {}
        for row in self.tables["slots"]:
            about = {**self._place(row), "record": b64(row["record"])}
            found[row["content"]] = [
                ("deposit-frame", {**about, "key": key, "version": version})
                for key in _KEYS
                for version in self._versions(row["case"], key)
            ]
        for row in self.tables["files"]:
            found[row["key"]] = [("file-key", {**self._place(row), "file": b64(row["id"])})]
        members = [{"member": row["code"]} for row in self.tables["members"]]
        for row in self.tables["drafts"]:
            for part, kind in (("content", "draft"), ("addendum", "draft-addendum")):
                if row[part]:
                    found[row[part]] = [(kind, {**member, "draft": b64(row["id"])}) for member in members]
        return found

    def _versions(self, case: bytes, key: str) -> list[int]:
        return sorted({document["keys"][key]["version"] for document in self.cases[case]})

    @cached_property
    def likely(self) -> dict[bytes, bytes]:
        """The shred key that belongs to what lies in a row, where there is one."""
        keys = {row["id"]: row["key"] for row in self.tables["shreds"]}
        found = {}
        for table in ("slots", "identity_slots", "drafts", "files"):
            for row in self.tables[table]:
                key = keys.get(digest("shred", row.get("record") or row["id"]))
                for part in ("content", "addendum", "key"):
                    if row.get(part) and key is not None:
                        found[row[part]] = key
        return found

    def escrows(self, opened: list[bytes]) -> list[tuple[Json, list[Box]]]:
        """The escrow records of cases, and those among what was opened, with their sealed shares."""
        lying = [row["record"].encode() for row in self.tables["case_escrows"]]
        for content in opened:
            if content[4:12] == b'{"epoch"' and b"witness-vault/v1/escrow" in content:
                lying.append(content[4 : 4 + int.from_bytes(content[:4], "big")])
        return [_escrow(text) for text in lying]


@lru_cache(maxsize=2_000)
def _escrow(text: bytes) -> tuple[Json, list[Box]]:
    record = json.loads(text)
    name, found = escrows.fingerprint(record), []
    for share in record["shares"]:
        about = escrows.share_binding(record, name, share, len(record["shares"]))
        found.append((unb64(share["sealed"]), [about]))
    return record, found


def rows_of(database: Path) -> dict[str, list[Row]]:
    """Every row of every table of a SQLite file."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
        tables = [name for (name,) in connection.execute(named).fetchall()]
        return {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in tables}
    finally:
        connection.close()


def bytes_in(value: Any) -> Iterator[bytes]:
    """A value, and everything that is written as base64url within it."""
    match value:
        case bytes():
            yield value
            if value[:1] in (b"{", b"[") or value[4:5] == b"{":
                yield from bytes_in(_parsed(value))
        case str() if value[:1] in ("{", "["):
            yield from bytes_in(_parsed(value.encode()))
        case str():
            with suppress(VaultError):
                yield unb64(value)
        case dict() | list():
            for inner in value.values() if isinstance(value, dict) else value:
                yield from bytes_in(inner)


def _unwrapped(keks: Path, row: Row) -> bytes:
    """A record's shred key, or what lies in a free row."""
    for kek in Keks(keks).read():
        with suppress(VaultError):
            return Kek.of(kek).unwrap(row["id"], row["key"])
    return bytes(row["key"])


def _parsed(text: bytes) -> Any:
    if text[:1] not in (b"{", b"["):
        text = text[4 : 4 + int.from_bytes(text[:4], "big")]
    try:
        return json.loads(text)
    except ValueError:
        return None
