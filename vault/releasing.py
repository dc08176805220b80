"""The custodians' half of backups: keys made on a device of theirs, and released to whoever restores (FORMATS §25).

It runs on their devices, and where a vault is restored, before it is served. What k of them release opens an archive
and a snapshot: the vault as it lay on its disk. No identity and no testimony opens by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vault.errors import N_, Invalid, Refused, Tampered
from vault.opening import Holder, entrust
from vault.sealing import backupkeys, boxes, escrows, locks, shares
from vault.sealing.archives import Header
from vault.sealing.backupkeys import KINDS, BackupKeys, purpose
from vault.sealing.digests import Document, Json, b64, document_digest, unb64, unpad
from vault.sealing.escrows import Escrow
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import DAY, Roster, at, verify_chain
from vault.sealing.signatures import Signed, read_by, sign
from vault.sealing.words import fingerprint

_REQUEST = {"format", "vault", "key", "rosters", "parts"}
_PART = {"day", "keys", "shares"}
_NO_REQUEST = N_("This is not a request to restore a vault.")


def make_keys(roster: Roster, version: int) -> tuple[Document, dict[str, Escrow]]:
    """New backup keys: the document to be signed, and the private halves in escrow. Nothing else of them stays."""
    pairs = {kind: SealingKey.generate() for kind in KINDS}
    publics = {kind: pair.public for kind, pair in pairs.items()}
    held = {
        kind: entrust(pair.seed, purpose(kind), backupkeys.record_id(pair.public), roster)
        for kind, pair in pairs.items()
    }
    return backupkeys.document(roster, version, publics, held), held


def ask(headers: Mapping[str, Header], key: SealingKey) -> Document:
    """A request to every custodian for their shares of what opens these two files. Raises Tampered, Refused."""
    longest = max((header.chain for header in headers.values()), key=len)
    parts = {}
    for kind in KINDS:
        header = headers[kind]
        if header.kind != kind or header.chain[-1].digest != longest[len(header.chain) - 1].digest:
            raise Tampered(
                "The archive and the snapshot are not of one vault, or were named in the wrong order."
            )
        if header.roster.epoch != longest[-1].epoch:
            raise Refused(
                "The archive and the snapshot were made for different custodians: take those of one epoch."
            )
        extracts = {code: escrows.for_custodian(header.escrow, code) for code in header.roster.codes}
        parts[kind] = {"day": header.day, "keys": header.document["keys"], "shares": extracts}
    chain = max((header.document["rosters"] for header in headers.values()), key=len)
    named = {"format": "witness-vault/v1/restore-request", "vault": longest[-1].vault}
    return {**named, "key": b64(key.public), "rosters": chain, "parts": parts}


@dataclass(frozen=True)
class Asked:
    """A request, verified against the rosters that a device knows."""

    document: Json = field(repr=False)
    chain: tuple[Roster, ...] = field(repr=False)
    keys: dict[str, BackupKeys] = field(repr=False)
    days: dict[str, str]

    @property
    def roster(self) -> Roster:
        return self.chain[-1]

    @property
    def words(self) -> str:
        """Six words, read aloud by who restores: so nobody else's key is in its place."""
        return fingerprint(document_digest(self.document))


def read_request(request: Json, known: Sequence[Roster]) -> Asked:
    """The request, if it is of the vault whose rosters are known. Raises Tampered for another, Invalid."""
    try:
        parts = request["parts"]
        whole = set(request) == _REQUEST and request["format"] == "witness-vault/v1/restore-request"
        if not whole or set(parts) != set(KINDS) or any(set(part) != _PART for part in parts.values()):
            raise Invalid(_NO_REQUEST)
        chain = verify_chain(request["rosters"])
        shared = min(len(chain), known[-1].version)
        mine = {roster.version: roster.digest for roster in known}
        if (
            mine.get(shared, chain[shared - 1].digest) != chain[shared - 1].digest
            or known[-1].vault != chain[-1].vault
        ):
            raise Tampered(
                "This request is of another vault than the one that this device knows. Tell the others."
            )
        keys = {kind: backupkeys.read_signed(parts[kind]["keys"], at(chain)) for kind in KINDS}
        days = {kind: parts[kind]["day"] for kind in KINDS}
        if request["vault"] == chain[-1].vault and all(DAY.match(day) for day in days.values()):
            return Asked(request, chain, keys, days)
    except (KeyError, TypeError, AttributeError):
        pass
    raise Invalid(_NO_REQUEST)


def release(asked: Asked, holder: Holder) -> Signed:
    """This custodian's two shares, sealed to who asked, signed. Raises Tampered, Refused."""
    listed = asked.roster.custodians.get(holder.code)
    if listed is None or listed.sealing != holder.secret.sealing.public:
        raise Refused(
            "The backup is sealed to other keys than those of this key file: its custodians have changed."
        )
    name, handed = b64(document_digest(asked.document)), {}
    for kind in KINDS:
        try:
            extract = asked.document["parts"][kind]["shares"][holder.code]
            named = asked.keys[kind].escrows[kind], purpose(kind)
            if (extract["escrow"], extract["purpose"]) != named:
                raise Tampered(
                    "The request has a share of something else than a backup key. Tell the others."
                )
        except (KeyError, TypeError):
            raise Invalid(_NO_REQUEST) from None
        share = escrows.open_share(extract, holder.secret.sealing)
        sealed = boxes.seal(unb64(asked.document["key"]), _binding(name, holder.code, kind), share)
        handed[kind] = {"index": share[0], "sealed": b64(sealed)}
    document = {"format": "witness-vault/v1/restore-release", "vault": asked.roster.vault, "request": name}
    return sign({**document, "custodian": holder.code, "shares": handed}, holder.code, holder.secret.signing)


def combined(
    request: Json, headers: Mapping[str, Header], key: SealingKey, releases: Sequence[Json]
) -> dict[str, SealingKey]:
    """The private backup keys that k releases give. Raises Refused below k, Tampered for what does not fit."""
    handed: dict[str, dict[int, bytes]] = {kind: {} for kind in KINDS}
    for signed in releases:
        for kind, share in _released(request, headers, key, signed).items():
            handed[kind][share[0]] = share
    opened = {}
    for kind in KINDS:
        record = headers[kind].escrow
        if len(handed[kind]) < record["threshold"]:
            raise Refused(
                "%(given)d of %(threshold)d custodians have released their shares: ask others too.",
                given=len(handed[kind]),
                threshold=record["threshold"],
            )
        chosen = [handed[kind][index] for index in sorted(handed[kind])][: record["threshold"]]
        seed = unpad(locks.unlock(shares.combine(chosen), escrows.binding(record), unb64(record["locked"])))
        opened[kind] = SealingKey(seed)
        if opened[kind].public != headers[kind].keys.publics[kind]:
            raise Tampered(
                "What the custodians hold is not the key of this backup: whoever made it deceived them."
            )
    return opened


def _released(
    request: Json, headers: Mapping[str, Header], key: SealingKey, signed: Json
) -> dict[str, bytes]:
    """The shares of one release, each the one that the escrow record of its file names. Raises Tampered."""
    name, found = b64(document_digest(request)), {}
    try:
        code = signed["document"]["custodian"]
        public = headers["archive"].roster.custodians[code].signing
        document = read_by(signed, "restore-release", code, public)
        if document["request"] == name:
            for kind in KINDS:
                part = document["shares"][kind]
                share = boxes.unseal(key, _binding(name, code, kind), unb64(part["sealed"]))
                entry = headers[kind].escrow["shares"][part["index"] - 1]
                if entry["custodian"] == code and escrows.is_share(share, entry):
                    found[kind] = share
    except (KeyError, TypeError, IndexError, Invalid):
        pass
    if set(found) != set(KINDS):
        raise Tampered("One of these files is no release for this request: ask that custodian again.")
    return found


def _binding(request: str, custodian: str, kind: str) -> tuple[str, dict[str, Any]]:
    return "released-share", {"custodian": custodian, "part": kind, "request": request}
