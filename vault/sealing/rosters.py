"""The signed roster: who is who, by whose word (docs/FORMATS.md §6). Verified without I/O, as TUF's root is.

Version 1 is signed by every custodian; each later one by k custodians of the old and k of the new. Whoever
starts from a known version 1 (its fingerprint is read aloud) cannot be shown other keys than these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from vault.errors import Expired, Invalid, Tampered
from vault.sealing.digests import Json, b64, document_digest, unb64
from vault.sealing.keypairs import SEALING_PUBLIC_SIZE, SIGNING_PUBLIC_SIZE
from vault.sealing.signatures import read, signers
from vault.sealing.words import fingerprint

ROLES = ("researcher", "reviewer")
LONGEST_LIFE = 366  # days
CODE = re.compile(r"[A-Z][A-Z0-9]{0,7}\Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PARTS = {
    *("format", "vault", "version", "previous", "epoch", "threshold"),
    *("issued", "expires", "custodians", "members"),
}


@dataclass(frozen=True)
class Custodian:
    """One holder of shares, and the public keys of the present epoch."""

    code: str
    sealing: bytes = field(repr=False)
    signing: bytes = field(repr=False)


@dataclass(frozen=True)
class Member:
    """One researcher or reviewer; `request` is the key that signs requests for openings, if there is one."""

    code: str
    role: str
    sealing: bytes = field(repr=False)
    signing: bytes = field(repr=False)
    request: bytes | None = field(repr=False)


@dataclass(frozen=True)
class Roster:
    """One version of the roster. Its signatures are checked by `found`, `follow` and `verify_chain`."""

    document: dict[str, Any] = field(repr=False)
    vault: str
    version: int
    epoch: int
    threshold: int
    issued: str
    expires: str
    custodians: dict[str, Custodian] = field(repr=False)
    members: dict[str, Member] = field(repr=False)

    @cached_property
    def digest(self) -> bytes:
        return document_digest(self.document)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.digest)

    @property
    def codes(self) -> tuple[str, ...]:
        """The custodians in the order of their share indices."""
        return tuple(self.custodians)

    def member(self, code: str) -> Member:
        """The listed member. Raises Tampered: whoever is not listed is nobody."""
        if code not in self.members:
            raise Tampered("A document names a member whom the roster does not list.")
        return self.members[code]

    def custodian_keys(self) -> dict[str, bytes]:
        """Signing keys by code."""
        return {code: custodian.signing for code, custodian in self.custodians.items()}


def parse(document: Json) -> Roster:
    """The roster that a document describes. Raises Invalid when it is malformed or k is not 2 … n."""
    try:
        roster = Roster(
            document=document,
            vault=document["vault"],
            version=document["version"],
            epoch=document["epoch"],
            threshold=document["threshold"],
            issued=document["issued"],
            expires=document["expires"],
            custodians={entry["code"]: _custodian(entry) for entry in document["custodians"]},
            members={entry["code"]: _member(entry) for entry in document["members"]},
        )
        unb64(roster.vault, 16)
        _check(roster)
    except (KeyError, TypeError, AttributeError):
        raise Invalid("This is not a roster of this version of the vault.") from None
    return roster


def found(signed: Json) -> Roster:
    """Version 1, signed by every custodian whom it lists. Raises Tampered."""
    document, entries = read(signed, "roster")
    roster = parse(document)
    if roster.version != 1 or document.get("previous") is not None:
        raise Tampered("This is not a founding roster.")
    missing = roster.custodians.keys() - signers(document, entries, roster.custodian_keys())
    if missing:
        raise Tampered(f"The founding roster still lacks {len(missing)} of {len(roster.codes)} signatures.")
    return roster


def follow(old: Roster, signed: Json) -> Roster:
    """The version after `old`, signed by k custodians of the old and k of the new. Raises Tampered."""
    document, entries = read(signed, "roster")
    new = parse(document)
    succeeds(old, new)
    for roster in (old, new):
        count = len(signers(document, entries, roster.custodian_keys()))
        if count < roster.threshold:
            raise Tampered(
                f"Roster version {new.version} lacks {roster.threshold - count} signatures of custodians."
            )
    return new


def succeeds(old: Roster, new: Roster) -> None:
    """Raises Tampered unless `new` is the next version of the same vault and names `old` as the previous."""
    chained = new.document.get("previous") == b64(old.digest)
    if new.vault != old.vault or new.version != old.version + 1 or not chained or new.epoch < old.epoch:
        raise Tampered("This roster does not follow the one that is known.")


def require_in_force(roster: Roster, today: str) -> None:
    """Raises Expired once the roster has run out."""
    if today > roster.expires:
        raise Expired("The roster has run out: nothing is opened until the custodians have signed it again.")


def verify_chain(chain: Json, pinned: Roster | None = None) -> tuple[Roster, ...]:
    """Every version, each verified from the one before.

    Raises Tampered for a gap, for a rollback behind or a fork from `pinned`, and for what is no list of rosters.
    """
    if not isinstance(chain, Sequence) or not chain:
        raise Tampered("There is no roster.")
    rosters = [found(chain[0])]
    for signed in chain[1:]:
        rosters.append(follow(rosters[-1], signed))
    if pinned is not None:
        if len(rosters) < pinned.version:
            raise Tampered("The server shows an older roster than was seen here before. Tell the custodians.")
        if rosters[pinned.version - 1].digest != pinned.digest:
            raise Tampered("The server shows another roster than was seen here before. Tell the custodians.")
    return tuple(rosters)


def founding_document(
    vault: str, cards: Sequence[Json], threshold: int, days: tuple[str, str]
) -> dict[str, Any]:
    """The draft of version 1 from the custodians' cards; `days` are issue and expiry. Raises Invalid."""
    custodians = [{key: card[key] for key in ("code", "sealing", "signing")} for card in cards]
    document = {
        "format": "witness-vault/v1/roster",
        "vault": vault,
        "version": 1,
        "previous": None,
        "epoch": 1,
        "threshold": threshold,
        "issued": days[0],
        "expires": days[1],
        "custodians": sorted(custodians, key=lambda entry: str(entry["code"])),
        "members": [],
    }
    return parse(document).document


def with_members(old: Roster, cards: Sequence[Json], days: tuple[str, str]) -> dict[str, Any]:
    """The draft of the version after `old` that also lists these member cards' documents. Raises Invalid."""
    kept = {entry["code"]: entry for entry in old.document["members"]}
    keys = ("code", "role", "sealing", "signing", "request")
    kept |= {card["code"]: {key: card[key] for key in keys} for card in cards}
    changed = {
        "version": old.version + 1,
        "previous": b64(old.digest),
        "issued": days[0],
        "expires": days[1],
        "members": [kept[code] for code in sorted(kept)],
    }
    return parse({**old.document, **changed}).document


def _custodian(entry: Json) -> Custodian:
    sealing = unb64(entry["sealing"], SEALING_PUBLIC_SIZE)
    signing = unb64(entry["signing"], SIGNING_PUBLIC_SIZE)
    return Custodian(entry["code"], sealing, signing)


def _member(entry: Json) -> Member:
    request = None if entry["request"] is None else unb64(entry["request"], SIGNING_PUBLIC_SIZE)
    sealing = unb64(entry["sealing"], SEALING_PUBLIC_SIZE)
    signing = unb64(entry["signing"], SIGNING_PUBLIC_SIZE)
    return Member(entry["code"], entry["role"], sealing, signing, request)


def _check(roster: Roster) -> None:
    numbers = (roster.version, roster.epoch, roster.threshold)
    listed = roster.document["custodians"], roster.document["members"]
    ordered = all([e["code"] for e in entries] == sorted({e["code"] for e in entries}) for entries in listed)
    codes = [*roster.custodians, *roster.members]
    if (
        not all(
            isinstance(number, int) and not isinstance(number, bool) and number >= 1 for number in numbers
        )
        or not 2 <= roster.threshold <= len(roster.custodians) <= 9
        or not ordered
        or set(roster.document) != _PARTS
        or not _each_has_keys_of_their_own(roster)
        or len(set(codes)) != len(codes)
        or not all(CODE.match(code) for code in codes)
        or not all(member.role in ROLES for member in roster.members.values())
        or not _lives_a_year_at_most(roster)
    ):
        raise Invalid("This is not a roster of this version of the vault.")


def _lives_a_year_at_most(roster: Roster) -> bool:
    if not (DAY.match(roster.issued) and DAY.match(roster.expires)):
        return False
    try:
        life = date.fromisoformat(roster.expires) - date.fromisoformat(roster.issued)
    except ValueError:
        return False
    return 0 <= life.days <= LONGEST_LIFE


def _each_has_keys_of_their_own(roster: Roster) -> bool:
    # One key under two codes would let fewer people than k make a quorum.
    count = len(roster.custodians)
    signing = {custodian.signing for custodian in roster.custodians.values()}
    sealing = {custodian.sealing for custodian in roster.custodians.values()}
    return len(signing) == len(sealing) == count
