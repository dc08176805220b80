"""The cast of every test: five custodians (3-of-5), two researchers, two reviewers, an outsider.

Their keys come from their codes, so that a failure can be repeated; nothing outside tests knows them. The
cryptography is real; only Argon2id runs with its cheapest profile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from vault.sealing.digests import Document, Json, b64, digest
from vault.sealing.keypairs import CHEAPEST, MemberSecret, SealingKey, SigningKey
from vault.sealing.members import custodian_card, member_card, seal_key_file, wrap_member
from vault.sealing.roster_drafts import founding_document, with_custodians, with_members
from vault.sealing.rosters import Roster, verify_chain
from vault.sealing.signatures import Signed, signature, with_signatures

THRESHOLD = 3
ISSUED, TODAY, EXPIRES = "2026-11-01", "2026-11-22", "2027-04-30"
AFTERWARDS = "2027-05-01"


def seed(text: str) -> bytes:
    """32 bytes that stand for a random value, the same in every run."""
    return hashlib.sha256(f"witness-vault tests: {text}".encode()).digest()


def identifier(text: str) -> str:
    """An id that stands for a random one."""
    return b64(seed(text)[:16])


VAULT = identifier("vault")


@dataclass(frozen=True)
class Person:
    """Someone with keys. `role` is empty for whoever is not a member."""

    code: str
    role: str = ""
    asks: bool = False
    epoch: int = 1  # from which on a custodian's sealing key is this one

    @cached_property
    def secret(self) -> MemberSecret:
        return MemberSecret(
            SealingKey(seed(f"{self.code} sealing{'' if self.epoch == 1 else self.epoch}")),
            SigningKey(seed(f"{self.code} signing")),
        )

    @cached_property
    def request(self) -> SigningKey | None:
        """The key that signs requests for openings, for whoever has one."""
        return SigningKey(seed(f"{self.code} request")) if self.asks else None

    @property
    def passphrase(self) -> str:
        return f"{self.code} walks home along the river"

    @property
    def device_key(self) -> bytes:
        return seed(f"{self.code} device")

    @cached_property
    def card(self) -> Signed:
        """The card that this person shows: a member's or a custodian's."""
        if not self.role:
            return custodian_card(self.code, self.secret)
        facts = {
            "vault": VAULT,
            "code": self.code,
            "role": self.role,
            "invitation": b64(digest("invitation", seed(f"{self.code} invitation"))),
        }
        return member_card(facts, self.secret, self.request.public if self.request else None)

    @cached_property
    def wrapped(self) -> Document:
        """A member's keys as the server keeps them."""
        return wrap_member(self.secret, self.code, self.passphrase, self.device_key, CHEAPEST)

    @cached_property
    def key_file(self) -> dict[str, Any]:
        """A custodian's key file."""
        return seal_key_file([self.card], [self.secret], None, (self.passphrase, CHEAPEST))


C1, C2, C3, C4, C5 = CUSTODIANS = tuple(Person(f"C{number}") for number in range(1, 6))
R1, R2 = RESEARCHERS = Person("R1", "researcher"), Person("R2", "researcher")
V1, V2 = REVIEWERS = Person("V1", "reviewer"), Person("V2", "reviewer", asks=True)
MEMBERS = (*RESEARCHERS, *REVIEWERS)
OUTSIDER = Person("X1")


def signed_by(document: Document, people: Iterable[Person]) -> Signed:
    """The document with the signatures of these people."""
    entries = [signature(document, person.code, person.secret.signing) for person in people]
    return with_signatures(document, entries)


def founding(custodians: Iterable[Person] = CUSTODIANS, threshold: int = THRESHOLD) -> dict[str, Any]:
    """The document of version 1, unsigned."""
    return founding_document(VAULT, cards(custodians), threshold, (ISSUED, EXPIRES))


def following(old: Roster, members: Iterable[Person] = (), /, **changes: Json) -> dict[str, Any]:
    """The document of the version after `old`, with these members added and these members of it changed."""
    return {**with_members(old, cards(members), (ISSUED, EXPIRES)), **changes}


def next_epoch(
    old: Roster, custodians: Iterable[Person] = CUSTODIANS, threshold: int = THRESHOLD
) -> tuple[dict[str, Any], tuple[Person, ...]]:
    """The document that begins the next epoch with these custodians, and them with their new keys."""
    renewed = tuple(replace(person, epoch=old.epoch + 1) for person in custodians)
    return with_custodians(old, cards(renewed), threshold, (ISSUED, EXPIRES)), renewed


def cards(people: Iterable[Person]) -> list[Json]:
    """The documents of their cards."""
    return [person.card["document"] for person in people]


def _chain() -> tuple[Signed, Signed]:
    first = signed_by(founding(), CUSTODIANS)
    (parsed,) = verify_chain([first])
    return first, signed_by(following(parsed, MEMBERS), CUSTODIANS[:THRESHOLD])


CHAIN: tuple[Signed, ...] = _chain()
FOUNDING, ROSTER = verify_chain(CHAIN)
