"""The signed case document, its grants and briefs (docs/FORMATS.md §7)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vault.errors import Invalid, Tampered
from vault.sealing import boxes
from vault.sealing.digests import (
    Document,
    Json,
    b64,
    canonical,
    document_digest,
    pad,
    parse_object,
    size_class,
    unb64,
    unpad,
)
from vault.sealing.keypairs import SEALING_PUBLIC_SIZE, SealingKey
from vault.sealing.rosters import CODE, Roster
from vault.sealing.signatures import Signed, read, read_by, signers

KEYS = ("brief", "testimony", "corroboration", "editions")
FIRST_VERSION = 1
_LIMITS = {"title": 200, "place": 200, "date": 100}


@dataclass(frozen=True)
class CaseFile:
    """A case as k custodians signed it: who proposed it, its public keys, the first team."""

    vault: str
    id: str
    code: str
    roster: int
    epoch: int
    proposer: str
    keys: dict[str, bytes] = field(repr=False)
    team: dict[str, tuple[str, ...]]
    brief: str
    escrows: dict[str, str] = field(repr=False)


def parse(document: Json) -> CaseFile:
    """The case that a document describes. Raises Invalid."""
    try:
        file = CaseFile(
            vault=document["vault"],
            id=document["case"],
            code=document["code"],
            roster=document["roster"],
            epoch=document["epoch"],
            proposer=document["proposer"],
            keys={key: _first_public(document["keys"][key]) for key in KEYS},
            team={entry["member"]: tuple(entry["keys"]) for entry in document["team"]},
            brief=document["brief"],
            escrows={key: document["escrows"][key] for key in KEYS},
        )
        for name, size in ((file.vault, 16), (file.id, 16), (file.brief, 32)):
            unb64(name, size)
        if document["format"] == "witness-vault/v1/case" and CODE.match(file.code) and _team_is_sound(file):
            return file
    except (KeyError, TypeError, AttributeError):
        pass
    raise Invalid("This is not a case that can be opened here.")


def verify(signed: Json, roster_at: Callable[[int], Roster]) -> CaseFile:
    """The case, signed by k custodians of the roster version that it names. Raises Tampered."""
    document, entries = read(signed, "case")
    file = parse(document)
    roster = roster_at(file.roster)
    if (
        file.vault != roster.vault
        or len(signers(document, entries, roster.custodian_keys())) < roster.threshold
    ):
        raise Tampered("A case is not signed by a quorum of custodians.")
    return file


def seal_grant(file: CaseFile, key: str, secret: SealingKey, member: str, public: bytes) -> bytes:
    """A case's private key, for one member."""
    return boxes.seal(public, _grant(file, key, member), secret.seed)


def open_grant(file: CaseFile, key: str, member: str, secret: SealingKey, sealed: bytes) -> SealingKey:
    """The case's private key. Raises Tampered unless the quorum signed its public half."""
    opened = SealingKey(boxes.unseal(secret, _grant(file, key, member), sealed))
    if len(opened.seed) != 32 or opened.public != file.keys[key]:
        raise Tampered("A grant does not hold the key that it promises.")
    return opened


def new_incident(facts: Mapping[str, str]) -> dict[str, str]:
    """An incident under a fresh id. Raises Invalid for an empty title or more text than a line."""
    texts = {name: facts.get(name, "").strip() for name in _LIMITS}
    for name, limit in _LIMITS.items():
        if len(texts[name]) > limit:
            raise Invalid(f"The {name} of an incident has at most {limit} characters.")
    if not texts["title"]:
        raise Invalid("Give the incident a short title.")
    return {
        "incident": b64(secrets.token_bytes(16)),
        **texts,
        "vocabulary": facts.get("vocabulary", "air-strike"),
    }


def first_brief(place: Document, title: str, incidents: list[dict[str, str]]) -> dict[str, Any]:
    """The first brief of a case; `place` holds vault, case, author and roster."""
    if not title.strip() or len(title) > _LIMITS["title"]:
        raise Invalid("Give the case a short title.")
    return {
        "format": "witness-vault/v1/brief",
        **place,
        "version": FIRST_VERSION,
        "previous": None,
        "nonce": b64(secrets.token_bytes(16)),
        "title": title.strip(),
        "incidents": incidents,
    }


def next_brief(brief: Document, incident: dict[str, str], author: str, roster: int) -> dict[str, Any]:
    """The brief with one more incident."""
    return {
        **brief,
        "version": brief["version"] + 1,
        "previous": b64(document_digest(brief)),
        "author": author,
        "roster": roster,
        "nonce": b64(secrets.token_bytes(16)),
        "incidents": [*brief["incidents"], incident],
    }


def seal_brief(file: CaseFile, signed: Signed) -> bytes:
    """A signed brief, padded, for all who hold the case's brief key."""
    data = canonical(signed)
    return boxes.seal(
        file.keys["brief"], _brief(file, signed["document"]["version"]), pad(data, size_class(len(data)))
    )


def open_brief(
    file: CaseFile, version: int, key: SealingKey, sealed: bytes, roster_at: Callable[[int], Roster]
) -> dict[str, Any]:
    """One version of the brief, signed by a reviewer of the team; version 1 is the one that the quorum's case names.

    Raises Tampered.
    """
    try:
        signed = parse_object(unpad(boxes.unseal(key, _brief(file, version), sealed)))
        author = signed["document"]["author"]
        member = roster_at(signed["document"]["roster"]).member(author)
        brief = read_by(signed, "brief", author, member.signing)
        first = version != FIRST_VERSION or b64(document_digest(brief)) == file.brief
        of_the_team = member.role == "reviewer" and author in file.team
        if of_the_team and (brief["case"], brief["version"]) == (file.id, version) and first:
            return brief
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("The brief of this case is not what a reviewer signed.")


def _first_public(listed: Document) -> bytes:
    if listed["version"] != FIRST_VERSION:
        raise Invalid("This case starts with other keys than its first.")
    return unb64(listed["public"], SEALING_PUBLIC_SIZE)


def _team_is_sound(file: CaseFile) -> bool:
    known = all(set(keys) <= set(KEYS) and len(set(keys)) == len(keys) for keys in file.team.values())
    return (
        known
        and all(CODE.match(code) and "brief" in keys for code, keys in file.team.items())
        and file.proposer in file.team
    )


def _grant(file: CaseFile, key: str, member: str) -> tuple[str, Document]:
    return "grant", {
        "vault": file.vault,
        "case": file.id,
        "key": key,
        "version": FIRST_VERSION,
        "member": member,
    }


def _brief(file: CaseFile, version: int) -> tuple[str, Document]:
    return "brief", {"vault": file.vault, "case": file.id, "version": version}
