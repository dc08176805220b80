"""Entries of the audit chain: sealing one, verifying the chain without a key, reading one (docs/FORMATS.md §11)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vault.errors import Invalid, Tampered
from vault.sealing import boxes
from vault.sealing.digests import Document, Json, b64, canonical, digest, pad, parse_object, unb64, unpad
from vault.sealing.keypairs import SealingKey
from vault.sealing.locks import KEY_SIZE, lock, unlock

BODY_SIZE = 1024
START = bytes(32)
NO_DECISION = bytes(32)
Link = tuple[bytes, bytes, bytes | None]  # link, commitment, decision


@dataclass(frozen=True)
class Entry:
    """One link of the chain, its body locked, the body's key boxed to each custodian."""

    position: int
    link: bytes
    commitment: bytes
    decision: bytes | None
    body: bytes
    keys: Mapping[str, bytes]


def seal(place: tuple[int, bytes, bytes | None], content: Document, custodians: Mapping[str, bytes]) -> Entry:
    """The entry at a position, after a link, about a signed decision (its digest) or none. Raises Invalid if too long.

    `custodians` are sealing keys by code.
    """
    position, previous, decision = place
    body = canonical({"format": "witness-vault/v1/audit", "salt": b64(secrets.token_bytes(16)), **content})
    key = secrets.token_bytes(KEY_SIZE)
    commitment = digest("audit-commitment", body)
    return Entry(
        position=position,
        link=_link(previous, commitment, decision),
        commitment=commitment,
        decision=decision,
        body=lock(key, ("audit", {"position": position}), pad(body, BODY_SIZE)),
        keys={
            code: boxes.seal(public, key_binding(position, code), key) for code, public in custodians.items()
        },
    )


def chain(links: Sequence[Link]) -> bytes:
    """The last of these links, from the first entry on. Raises Tampered, naming the position."""
    previous = START
    for position, (link, commitment, decision) in enumerate(links, start=1):
        if link != _link(previous, commitment, decision):
            raise Tampered(
                "The audit chain does not hold at entry %(position)d: something was changed or removed.",
                position=position,
            )
        previous = link
    return previous


def read(entry: Entry, code: str, key: SealingKey) -> dict[str, Any]:
    """The body, for a custodian whose key it was boxed to. Raises Tampered unless it is what the chain commits to."""
    try:
        opened = boxes.unseal(key, key_binding(entry.position, code), entry.keys[code])
        body = unpad(unlock(opened, ("audit", {"position": entry.position}), entry.body))
        if digest("audit-commitment", body) == entry.commitment:
            return parse_object(body)
    except (KeyError, Invalid):
        pass
    raise Tampered(
        "The body of audit entry %(position)d is not the one that the chain commits to.",
        position=entry.position,
    )


def to_json(entry: Entry) -> dict[str, Any]:
    """The entry as it travels."""
    return {
        "position": entry.position,
        "link": b64(entry.link),
        "commitment": b64(entry.commitment),
        "decision": None if entry.decision is None else b64(entry.decision),
        "body": b64(entry.body),
        "keys": {code: b64(box) for code, box in entry.keys.items()},
    }


def from_json(raw: Json) -> Entry:
    """What `to_json` wrote. Raises Tampered."""
    try:
        keys = {str(code): unb64(box) for code, box in raw["keys"].items()}
        link, commitment = unb64(raw["link"], 32), unb64(raw["commitment"], 32)
        decision = None if raw["decision"] is None else unb64(raw["decision"], 32)
        if isinstance(raw["position"], int):
            return Entry(raw["position"], link, commitment, decision, unb64(raw["body"]), keys)
    except (KeyError, TypeError, AttributeError, Invalid):
        pass
    raise Tampered("The server sent something else than an audit entry.")


def _link(previous: bytes, commitment: bytes, decision: bytes | None) -> bytes:
    return digest("audit-link", previous + commitment + (decision or NO_DECISION))


def key_binding(position: int, code: str) -> tuple[str, Document]:
    """What the key of an entry's body is bound to in the box of one custodian."""
    return "audit-key", {"position": position, "custodian": code}
