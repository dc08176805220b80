"""Whoever holds all the databases, the source, and some people's passphrases, device keys and key files.

The thief reads every row of every table, and tries keys on each box in its right context, and on every locked thing
whatever its context (a key commitment shows a right key, and AES-CTR needs no tag). What opens may hold further keys;
so on until nothing new opens. Tests prove first that this attack works where it should.
"""

from __future__ import annotations

import base64
import copy
import hmac
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from drill.loot import Context, Loot, Shreds, bytes_in
from tests.cast import Person
from vault.errors import VaultError
from vault.sealing import boxes, escrows, locks
from vault.sealing.digests import Json, b64, label, parse_object, unb64, unpad
from vault.sealing.keypairs import SealingKey
from vault.sealing.members import open_key_file, unwrap_member
from vault.sealing.shares import combine


class Thief:
    """Takes everything at once; `opened` is all that was got out of it in the clear.

    An archive has no shreds: `shreds` is the folder from which they are taken with it, or the keys by name.
    """

    def __init__(self, folder: Path, shreds: Shreds = None) -> None:
        self.folder = folder
        self.loot = Loot(folder, shreds)
        self.opened: list[bytes] = []
        self._taken: set[bytes] = set()  # public halves of what was not found, but taken from people
        self._pairs: dict[bytes, SealingKey] = {}
        self._symmetric: dict[bytes, None] = {}  # in the order in which they were found
        self._shares: dict[str, bytes] = {}  # by their hashes
        self._locked: dict[bytes, int] = {}  # how many keys were tried on it
        self._tried: set[tuple[bytes, bytes]] = set()
        self._unsealed: dict[tuple[bytes, bytes], bytes | None] = {}  # what any partner has found
        self._inner: dict[bytes, list[Context]] = {}
        self._likely = dict(self.loot.likely)
        for table, rows in self.loot.tables.items():
            for row in rows:
                for name, value in (
                    row.items() if table != "shreds" else ()
                ):  # each of those is tried where it belongs
                    if (table, name) != ("slots", "receipt"):  # a hash, or noise
                        self._look_at(value)

    def partner(self) -> Thief:
        """Another thief, who starts from all that this one has."""
        other = copy.copy(self)
        other.opened, other._pairs = list(self.opened), dict(self._pairs)
        other._symmetric, other._shares = dict(self._symmetric), dict(self._shares)
        other._locked, other._tried, other._taken = dict(self._locked), set(self._tried), set(self._taken)
        other._inner, other._likely = dict(self._inner), dict(self._likely)
        return other

    # --- secrets --------------------------------------------------------------------------------------------

    def coerce(self, member: Person) -> None:
        """A member's passphrase and device key: they unwrap the keys that the database keeps."""
        wrapped = self.loot.member(member.code)
        secret = unwrap_member(wrapped, member.code, member.passphrase, member.device_key)
        self.learn(secret.sealing.seed, secret.signing.seed, member.device_key)
        if member.request is not None:
            self.learn(member.request.seed)

    def take_key_file(self, custodian: Person) -> None:
        """A custodian's key file and passphrase."""
        secret = open_key_file(custodian.key_file, custodian.passphrase).newest
        self.learn(secret.sealing.seed, secret.signing.seed)

    def learn(self, *keys: bytes) -> None:
        """Thirty-two bytes that may be any key."""
        self._find(*keys)
        self._taken |= {SealingKey(key).public for key in keys}

    # --- the attack -----------------------------------------------------------------------------------------

    def attack(self) -> Thief:
        """Try everything until nothing new opens."""
        known = -1
        while known != len(self.opened) + len(self._pairs) + len(self._symmetric):
            known = len(self.opened) + len(self._pairs) + len(self._symmetric)
            for locked in list(self._locked):
                self._unlock(locked)
            for box, contexts in [*self.loot.boxes, *self._inner.items()]:
                self._unseal(box, contexts)
            for record, shares in self.loot.escrows(self.opened):
                for box, contexts in shares:
                    self._unseal(box, contexts)
                self._combine(record)
        return self

    @property
    def keys(self) -> list[bytes]:
        """Every thirty-two bytes that were found."""
        return list(self._symmetric)

    def knows(self, *texts: str) -> list[str]:
        """Which of these stand in anything that was opened."""
        heap = b"\0".join(self.opened)
        return [text for text in texts if text.encode() in heap]

    def finds(self, *canaries: str) -> list[str]:
        """Which of these stand in anything that was opened, or in the files as they lie."""
        heap = b"\0".join([*self.opened, *(path.read_bytes() for path in sorted(self.folder.iterdir()))])
        return [canary for canary in canaries if any(form in heap for form in disguises(canary))]

    def case_keys(self) -> int:
        """How many private keys of cases were found."""
        wanted = self.loot.case_keys()
        return sum(b64(key.public) in wanted for key in self._pairs.values())

    def _unseal(self, box: bytes, contexts: list[Context]) -> None:
        for context in contexts:
            wanted = self.loot.addressed(*context) or self._taken
            for seed, pair in list(self._pairs.items()):
                if pair.public in wanted and (box, seed) not in self._tried:
                    self._tried.add((box, seed))
                    if (box, seed) not in self._unsealed:
                        self._unsealed[box, seed] = _unsealed(pair, context, box)
                    content = self._unsealed[box, seed]
                    if content is not None:
                        self._open(content)

    def _unlock(self, locked: bytes) -> None:
        """With the key that belongs to it by the source, else with every key in turn."""
        tried, likely = self._locked[locked], self._likely.get(locked)
        candidates = [*([] if likely is None else [likely]), *list(self._symmetric)[tried:]]
        self._locked[locked] = len(self._symmetric)
        for key in candidates:
            cipher_key, commitment = _expanded(key, locked[4:36])
            if commitment == locked[36:68]:
                del self._locked[locked]
                counter = modes.CTR(bytes(12) + (2).to_bytes(4, "big"))  # GCM's own, without its tag
                content = Cipher(algorithms.AES(cipher_key), counter).decryptor().update(locked[68:-16])
                if content[:4] == boxes.MARKER:
                    self._inner[content] = self.loot.layers.get(locked, [])
                self._open(content)
                return

    def _combine(self, record: Json) -> None:
        for sharing in (record, record["origin"]):  # shares of a former epoch give the same data key
            hashes = [entry["hash"] for entry in sharing["shares"]] if sharing else []
            found = [self._shares[name] for name in hashes if name in self._shares]
            if not sharing or len(found) < sharing["threshold"]:
                continue
            key = combine(found[: sharing["threshold"]])
            self._symmetric.setdefault(key)
            self._likely[unb64(record["locked"])] = key

    def _open(self, content: bytes) -> None:
        self.opened.append(content)
        self._look_at(content)
        if len(content) == 32:
            self._find(content)
        if len(content) == 64 and content[:4] == (32).to_bytes(4, "big"):  # a case key, padded in escrow
            self._find(content[4:36])
        if content[4:5] == b"{" and b'"secret":' in content:  # a session's: the keys of whoever has signed in
            keys = unb64(parse_object(unpad(content))["secret"])
            self._find(keys[:32], keys[32:])

    def _find(self, *keys: bytes) -> None:
        for key in keys:
            self._symmetric.setdefault(key)
            self._pairs.setdefault(key, SealingKey(key))

    def _look_at(self, value: Any) -> None:
        """Remember every value that may be a key, a share or a locked thing, and what is written within it."""
        for found in bytes_in(value):
            if len(found) == locks.KEY_SIZE:
                self._symmetric.setdefault(found)
            elif len(found) == escrows.SHARE_SIZE:
                self._shares[escrows.share_hash(found)] = found
            elif found[:4] == locks.MARKER:
                self._locked.setdefault(found, 0)


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


def _unsealed(key: SealingKey, context: Context, box: bytes) -> bytes | None:
    with suppress(VaultError):
        return boxes.unseal(key, context, box)
    return None


def _expanded(key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    """The cipher key and the commitment of a locked thing (HKDF-SHA256, RFC 5869), said anew to be tried often."""
    info = label("locked")
    root = hmac.digest(salt, key, "sha256")
    first = hmac.digest(root, info + b"\1", "sha256")
    return first, hmac.digest(root, first + info + b"\2", "sha256")
