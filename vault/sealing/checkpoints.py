"""Custodians' signatures of the audit chain's end, by which a shortened chain is known (docs/FORMATS.md §11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vault.errors import N_, Invalid, Tampered
from vault.sealing.audits import Link
from vault.sealing.digests import Document, Json, b64, unb64
from vault.sealing.keypairs import SigningKey
from vault.sealing.rosters import DAY, Roster
from vault.sealing.signatures import Signed, read, sign, verify

_PARTS = {"format", "vault", "position", "link", "day", "custodian"}
_WRONG = N_("A checkpoint of the audit chain does not hold.")


@dataclass(frozen=True)
class Checkpoint:
    """That a custodian had verified the chain up to this entry, on this day."""

    position: int
    link: bytes
    custodian: str
    day: str


def sign_checkpoint(vault: str, links: Sequence[Link], day: str, holder: tuple[str, SigningKey]) -> Signed:
    """The end of a chain that `holder` (a custodian's code and key) has verified."""
    code, key = holder
    document: Document = {
        "format": "witness-vault/v1/audit-checkpoint",
        "vault": vault,
        "position": len(links),
        "link": b64(links[-1][0]),
        "day": day,
        "custodian": code,
    }
    return sign(document, code, key)


def read_checkpoint(signed: Json, rosters: Sequence[Roster]) -> Checkpoint | None:
    """What a custodian of one of these rosters signed; None when none of them lists that custodian. Raises Tampered."""
    document, entries = read(signed, "audit-checkpoint")
    try:
        code, position, day = document["custodian"], document["position"], document["day"]
        sound = set(document) == _PARTS and type(position) is int and position > 0 and DAY.match(day)
        if (
            not sound
            or [entry["by"] for entry in entries] != [code]
            or document["vault"] != rosters[-1].vault
        ):
            raise Tampered(_WRONG)
        keys = {roster.custodians[code].signing for roster in rosters if code in roster.custodians}
        if not keys:
            return None
        require_one(document, entries[0], keys)
        return Checkpoint(position, unb64(document["link"], 32), code, day)
    except (KeyError, TypeError, Invalid):
        raise Tampered(_WRONG) from None


def require_continued(links: Sequence[Link], known: Checkpoint) -> None:
    """Raises Tampered unless the chain, verified, still has what was signed, or goes on from it."""
    if len(links) < known.position:
        raise Tampered(
            "The newest audit entries are missing: %(custodian)s signed entry %(position)d, and there are "
            "%(entries)d. Tell the other custodians.",
            custodian=known.custodian,
            position=known.position,
            entries=len(links),
        )
    if links[known.position - 1][0] != known.link:
        raise Tampered(
            "The audit chain was rewritten: entry %(position)d is not the one that %(custodian)s signed. "
            "Tell the other custodians.",
            position=known.position,
            custodian=known.custodian,
        )


def require_one(document: Document, entry: Json, keys: set[bytes]) -> None:
    """Raises Tampered unless the signature is by one of these keys."""
    for key in keys:
        try:
            verify(document, entry, key)
        except Tampered:
            continue
        return
    raise Tampered("A signature does not hold.")
