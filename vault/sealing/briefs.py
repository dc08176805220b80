"""Briefs: what every member of a case may see, signed, each version following the one before (docs/FORMATS.md §7)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from vault.errors import Invalid, Tampered
from vault.sealing import boxes
from vault.sealing.casefiles import FIRST_VERSION, CaseFile
from vault.sealing.digests import (
    Document,
    b64,
    canonical,
    document_digest,
    pad,
    parse_object,
    size_class,
    unpad,
)
from vault.sealing.keypairs import SealingKey
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed, read_by

_LIMITS = {"title": 200, "place": 200, "date": 100}


def new_incident(facts: Mapping[str, Any]) -> dict[str, Any]:
    """An incident under a fresh id. Raises Invalid for an empty title or more text than a line.

    `claims`, those in question, were checked against a vocabulary by whoever read them.
    """
    texts = {name: facts.get(name, "").strip() for name in _LIMITS}
    for name, limit in _LIMITS.items():
        if len(texts[name]) > limit:
            raise Invalid(
                "The %(member)s of an incident has at most %(most)d characters.", member=name, most=limit
            )
    if not texts["title"]:
        raise Invalid("Give the incident a short title.")
    return {
        "incident": b64(secrets.token_bytes(16)),
        **texts,
        "vocabulary": facts.get("vocabulary", "air-strike"),
        **({"claims": list(facts["claims"])} if facts.get("claims") else {}),
    }


def first_brief(place: Document, title: str, incidents: list[dict[str, Any]]) -> dict[str, Any]:
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


def next_brief(brief: Document, incidents: list[dict[str, Any]], author: str, roster: int) -> dict[str, Any]:
    """The brief with these incidents more."""
    return {
        **brief,
        "version": brief["version"] + 1,
        "previous": b64(document_digest(brief)),
        "author": author,
        "roster": roster,
        "nonce": b64(secrets.token_bytes(16)),
        "incidents": [*brief["incidents"], *incidents],
    }


def seal_brief(file: CaseFile, signed: Signed) -> bytes:
    """A signed brief, padded, for all who hold the case's brief key."""
    data = canonical(signed)
    return boxes.seal(
        file.keys["brief"], _brief(file, signed["document"]["version"]), pad(data, size_class(len(data)))
    )


def open_brief(
    file: CaseFile,
    version: int,
    keys: Sequence[SealingKey],
    sealed: bytes,
    roster_at: Callable[[int], Roster],
) -> dict[str, Any]:
    """One version of the brief, signed by a reviewer of the team; the very one, where a version of the case names it.

    `keys` are all versions of the brief key. Raises Tampered.
    """
    try:
        signed = parse_object(unpad(boxes.unseal_with(keys, _brief(file, version), sealed)))
        author = signed["document"]["author"]
        member = roster_at(signed["document"]["roster"]).member(author)
        brief = read_by(signed, "brief", author, member.signing)
        named = dict(one.brief for one in (*file.earlier, file))
        the_very = named.get(version) in (None, b64(document_digest(brief)))
        of_the_team = member.role == "reviewer" and file.has_promised(author, "brief")
        if of_the_team and (brief["case"], brief["version"]) == (file.id, version) and the_very:
            return brief
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("The brief of this case is not what a reviewer signed.")


def open_chain(
    file: CaseFile, keys: Sequence[SealingKey], sealed: Iterable[bytes], roster_at: Callable[[int], Roster]
) -> dict[str, Any]:
    """The newest of all versions of the brief, each following the one before. Raises Tampered."""
    brief: dict[str, Any] | None = None
    for version, box in enumerate(sealed, start=FIRST_VERSION):
        before = None if brief is None else b64(document_digest(brief))
        brief = open_brief(file, version, keys, box, roster_at)
        if brief["previous"] != before:
            raise Tampered("The briefs of this case do not follow one another.")
    if brief is None:
        raise Tampered("The brief of this case is missing.")
    return brief


def _brief(file: CaseFile, version: int) -> tuple[str, Document]:
    return "brief", {"vault": file.vault, "case": file.id, "version": version}
