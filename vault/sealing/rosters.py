"""The signed roster: who is who, by whose word (docs/FORMATS.md §6). Verified without I/O, as TUF's root is.

Version 1 is signed by every custodian; each later one by k custodians of the old and k of the new. Whoever
starts from a known version 1 (its fingerprint is read aloud) cannot be shown other keys than these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from vault.errors import Expired, Invalid, Tampered
from vault.sealing.digests import Document, Json, b64, document_digest, unb64
from vault.sealing.keypairs import SEALING_PUBLIC_SIZE, SIGNING_PUBLIC_SIZE
from vault.sealing.signatures import read, signers
from vault.sealing.words import fingerprint

ROLES = ("researcher", "reviewer", "custodian")
LONGEST_LIFE = 366  # days
LONGEST_COOLING = 14  # days
CODE = re.compile(r"[A-Z][A-Z0-9]{0,7}\Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_PARTS = {
    *("format", "vault", "version", "previous", "epoch", "threshold"),
    *("issued", "expires", "cooling", "page", "custodians", "members"),
}


@dataclass(frozen=True)
class Custodian:
    """One holder of shares, and the public keys of the present epoch."""

    code: str
    sealing: bytes = field(repr=False)
    signing: bytes = field(repr=False)


@dataclass(frozen=True)
class Member:
    """One who signs in; `request` is the key that signs requests for openings, if there is one.

    A member of role `custodian` is the desk of the custodian of that code: keys for the web, none of custody.
    """

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
    cooling: int  # days between the k-th approval and the handing over
    page: bytes | None = field(repr=False)  # SHA-256 of the pinned page
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
            cooling=document["cooling"],
            page=None if document["page"] is None else unb64(document["page"], 32),
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
        raise Tampered(
            "The founding roster still lacks %(missing)d of %(members)d signatures.",
            missing=len(missing),
            members=len(roster.codes),
        )
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
                "Roster version %(version)d lacks %(missing)d signatures of custodians.",
                version=new.version,
                missing=roster.threshold - count,
            )
    return new


def succeeds(old: Roster, new: Roster) -> None:
    """Raises Tampered unless `new` is the next version of the same vault and names `old` as the previous."""
    chained = new.document.get("previous") == b64(old.digest)
    if new.vault != old.vault or new.version != old.version + 1 or not chained or not epoch_follows(old, new):
        raise Tampered("This roster does not follow the one that is known.")


def is_met(document: Document, entries: Sequence[Json], roster: Roster) -> bool:
    """Whether a quorum of this roster's custodians signed the document. Raises Tampered when a signature fails."""
    return len(signers(document, entries, roster.custodian_keys())) >= roster.threshold


def at(chain: Sequence[Roster]) -> Callable[[int], Roster]:
    """A way to the version of a verified chain that a document names. It raises Invalid for one that is not there."""
    versions = {roster.version: roster for roster in chain}

    def version_at(version: int) -> Roster:
        if version not in versions:
            raise Invalid("A document names a roster version that does not exist.")
        return versions[version]

    return version_at


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


def epoch_follows(old: Roster, new: Roster) -> bool:
    """Whether custodians and k are those of the epoch, or the next one begins with a new sealing key for each."""
    same = (old.threshold, old.custodians) == (new.threshold, new.custodians)
    used = {custodian.sealing for custodian in old.custodians.values()}
    fresh = used.isdisjoint(custodian.sealing for custodian in new.custodians.values())
    return (new.epoch == old.epoch and same) or (new.epoch == old.epoch + 1 and fresh)


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
    numbers = (roster.version, roster.epoch, roster.threshold, roster.cooling)
    listed = roster.document["custodians"], roster.document["members"]
    ordered = all([e["code"] for e in entries] == sorted({e["code"] for e in entries}) for entries in listed)
    codes = [*roster.custodians, *roster.members]
    if (
        not all(isinstance(number, int) and not isinstance(number, bool) for number in numbers)
        or min(numbers[:3]) < 1
        or not 0 <= roster.cooling <= LONGEST_COOLING
        or not 2 <= roster.threshold <= len(roster.custodians) <= 9
        or not ordered
        or set(roster.document) != _PARTS
        or not _each_has_keys_of_their_own(roster)
        or not all(CODE.match(code) for code in codes)
        or not all(_is_sound(member, roster) for member in roster.members.values())
        or not _lives_a_year_at_most(roster)
    ):
        raise Invalid("This is not a roster of this version of the vault.")


def _is_sound(member: Member, roster: Roster) -> bool:
    # A desk has its custodian's code and nothing else has: whoever is both is known to be one person.
    is_desk = member.role == "custodian"
    return (
        member.role in ROLES
        and is_desk == (member.code in roster.custodians)
        and not (is_desk and member.request)
    )


def _lives_a_year_at_most(roster: Roster) -> bool:
    if not (DAY.match(roster.issued) and DAY.match(roster.expires)):
        return False
    try:
        life = date.fromisoformat(roster.expires) - date.fromisoformat(roster.issued)
    except ValueError:
        return False
    return 0 <= life.days <= LONGEST_LIFE


def _each_has_keys_of_their_own(roster: Roster) -> bool:
    # One key under two codes would let fewer people than k make a quorum; a desk's keys reach the server.
    desks = [member for member in roster.members.values() if member.role == "custodian"]
    holders: list[Custodian | Member] = [*roster.custodians.values(), *desks]
    signing = {holder.signing for holder in holders}
    sealing = {holder.sealing for holder in holders}
    return len(signing) == len(sealing) == len(holders)
