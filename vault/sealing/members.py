"""Cards, key files and wrapped secrets of members and custodians (docs/FORMATS.md §2.5, §6)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from vault.errors import N_, Invalid, Tampered
from vault.sealing.digests import Document, Json, b64, document_digest, unb64
from vault.sealing.keypairs import (
    SEED_SIZE,
    CostProfile,
    MemberSecret,
    SealingKey,
    SigningKey,
    unwrap,
    wrap,
    wrapped_for_nobody,
)
from vault.sealing.rosters import CODE, ROLES, Roster
from vault.sealing.signatures import Signed, read_by, sign
from vault.sealing.words import fingerprint

LISTED = ("code", "role", "sealing", "signing", "request")  # what a roster takes from a member's card
_WRONG = N_("The passphrase does not open this key file.")
_CARDS = {
    "custodian-card": {"format", "code", "sealing", "signing"},
    "member-card": {"format", "vault", "code", "role", "sealing", "signing", "request", "invitation"},
    "request-card": {"format", "vault", "code", "signing"},
}


@dataclass(frozen=True)
class KeyFile:
    """A custodian's opened key file: one signing key, and a sealing pair for each epoch that is not destroyed."""

    code: str
    cards: tuple[Signed, ...] = field(repr=False)
    secrets: tuple[MemberSecret, ...] = field(repr=False)
    pin: Json = field(repr=False)

    @property
    def newest(self) -> MemberSecret:
        """The keys of the newest card."""
        return self.secrets[-1]

    def listed(self, roster: Roster) -> MemberSecret:
        """The keys that a roster lists for this custodian; where it lists none of these, the newest."""
        custodian = roster.custodians.get(self.code)
        for secret in self.secrets:
            if custodian is not None and secret.sealing.public == custodian.sealing:
                return secret
        return self.newest


def custodian_card(code: str, secret: MemberSecret) -> Signed:
    """What a custodian gives to the operator who founds the vault."""
    check_code(code)
    public = {"sealing": b64(secret.sealing.public), "signing": b64(secret.signing.public)}
    return sign({"format": "witness-vault/v1/custodian-card", "code": code, **public}, code, secret.signing)


def member_card(facts: Document, secret: MemberSecret, request: bytes | None) -> Signed:
    """What an invited member shows to the custodians; `facts`: vault, code, role, the invitation's hash."""
    document = {
        "format": "witness-vault/v1/member-card",
        **facts,
        "sealing": b64(secret.sealing.public),
        "signing": b64(secret.signing.public),
        "request": None if request is None else b64(request),
    }
    return sign(document, str(facts["code"]), secret.signing)


def request_card(vault: str, code: str, key: SigningKey) -> Signed:
    """The public half of a request key, to be pasted at enrolment by who enrols in a browser."""
    document = {
        "format": "witness-vault/v1/request-card",
        "vault": vault,
        "code": code,
        "signing": b64(key.public),
    }
    return sign(document, code, key)


def read_card(signed: Json, kind: str) -> dict[str, Any]:
    """The card's document, whole and signed by the key it presents. Raises Tampered."""
    try:
        presented = signed["document"]
        document = read_by(signed, kind, presented["code"], unb64(presented["signing"], 32))
        if set(document) == _CARDS[kind]:
            return document
    except (KeyError, TypeError, Invalid):
        pass
    raise Tampered("This is not a card of a custodian or member.")


def card_fingerprint(signed: Signed) -> str:
    """Six words that its holder reads to the custodians, who see the same six from the card and from a roster."""
    document = signed["document"]
    return fingerprint(document_digest({part: document[part] for part in document if part != "invitation"}))


def custodian_fingerprint(entry: Document) -> str:
    """The six words of the card of a custodian whom a roster lists."""
    public = {part: entry[part] for part in ("code", "sealing", "signing")}
    return fingerprint(document_digest({"format": "witness-vault/v1/custodian-card", **public}))


def member_fingerprint(vault: str, entry: Document) -> str:
    """The six words of the card of a member: `entry` is a roster's, or the document of a card."""
    public = {part: entry[part] for part in LISTED}
    return fingerprint(document_digest({"format": "witness-vault/v1/member-card", "vault": vault, **public}))


def request_fingerprint(vault: str, entry: Document) -> str | None:
    """The six words of the request card of a member, if there is one: its holder's own device showed the same."""
    if entry["request"] is None:
        return None
    public = {"vault": vault, "code": entry["code"], "signing": entry["request"]}
    return fingerprint(document_digest({"format": "witness-vault/v1/request-card", **public}))


def wrap_member(
    secret: MemberSecret, code: str, passphrase: str, device_key: bytes, cost: CostProfile
) -> Document:
    """A member's keys as the server keeps them."""
    return wrap(secret.to_bytes(), passphrase, device_key, ("member-secret", {"code": code}), cost)


@cache
def nobodys_keys(cost: CostProfile) -> str:
    """As a member's keys are kept: where nobody is known, these are tried, so that trying is the same work."""
    return json.dumps(wrapped_for_nobody(2 * SEED_SIZE, ("member-secret", {"code": ""}), cost))


def unwrap_member(wrapped: Json, code: str, passphrase: str, device_key: bytes) -> MemberSecret:
    """The member's keys. Raises Tampered: passphrase and device key cannot be told apart."""
    return MemberSecret.from_bytes(unwrap(wrapped, passphrase, device_key, ("member-secret", {"code": code})))


def wrap_request_key(
    key: SigningKey, code: str, passphrase: str, device_key: bytes, cost: CostProfile
) -> Document:
    """A member's request key as the pinned client keeps it."""
    return wrap(key.seed, passphrase, device_key, ("request-key", {"code": code}), cost)


def unwrap_request_key(wrapped: Json, code: str, passphrase: str, device_key: bytes) -> SigningKey:
    """The request key. Raises Tampered."""
    return SigningKey(unwrap(wrapped, passphrase, device_key, ("request-key", {"code": code})))


def new_key_file(code: str, passphrase: str, cost: CostProfile) -> tuple[dict[str, Any], Signed]:
    """A custodian's key file, to be kept on their own medium, and the public card."""
    secret = MemberSecret.generate()
    card = custodian_card(code, secret)
    return seal_key_file([card], [secret], None, (passphrase, cost)), card


def open_key_file(file: Json, passphrase: str) -> KeyFile:
    """The custodian's code and keys. Raises Invalid for another file, Tampered for a wrong passphrase."""
    match file:
        case {
            "format": "witness-vault/v1/key-file",
            "cards": [_, *_] as cards,
            "wrapped": wrapped,
            "pin": pin,
        }:
            documents = [read_card(card, "custodian-card") for card in cards]
            try:
                opened = unwrap(wrapped, passphrase, b"", _key_file_context(documents))
            except Tampered:
                raise Tampered(_WRONG) from None
            signing, *seeds = (opened[at : at + SEED_SIZE] for at in range(0, len(opened), SEED_SIZE))
            secrets = tuple(MemberSecret(SealingKey(seed), SigningKey(signing)) for seed in seeds)
            known = [(b64(one.sealing.public), b64(one.signing.public)) for one in secrets]
            if known == [(one["sealing"], one["signing"]) for one in documents]:
                return KeyFile(documents[0]["code"], tuple(cards), secrets, pin)
    raise Invalid("This is not a key file of a custodian.")


def with_next_card(opened: KeyFile, passphrase: str, cost: CostProfile) -> tuple[dict[str, Any], Signed]:
    """The key file with one more sealing pair, for the next epoch, and that pair's public card."""
    secret = MemberSecret(SealingKey.generate(), opened.newest.signing)
    card = custodian_card(opened.code, secret)
    made = seal_key_file([*opened.cards, card], [*opened.secrets, secret], opened.pin, (passphrase, cost))
    return made, card


def without_former(opened: KeyFile, sealing: bytes, passphrase: str, cost: CostProfile) -> dict[str, Any]:
    """The key file without the pairs before this one, those of past epochs. Raises Invalid when it has not got it.

    What comes after stays: its card may be out already, and a roster to come may list it.
    """
    at = former(opened, sealing)
    cards, secrets = list(opened.cards[at:]), list(opened.secrets[at:])
    return seal_key_file(cards, secrets, opened.pin, (passphrase, cost))


def former(opened: KeyFile, sealing: bytes) -> int:
    """How many pairs of past epochs stand before this one. Raises Invalid when the key file has not got it."""
    for at, secret in enumerate(opened.secrets):
        if secret.sealing.public == sealing:
            return at
    raise Invalid("This key file does not hold the key that the roster lists.")


def seal_key_file(
    cards: list[Signed], secrets: list[MemberSecret], pin: Json, guard: tuple[str, CostProfile]
) -> dict[str, Any]:
    """A key file of these cards and their sealing pairs, oldest first; `guard` is a passphrase and its cost."""
    passphrase, cost = guard
    content = secrets[0].signing.seed + b"".join(secret.sealing.seed for secret in secrets)
    about = _key_file_context([card["document"] for card in cards])
    wrapped = wrap(content, passphrase, b"", about, cost)
    return {"format": "witness-vault/v1/key-file", "cards": cards, "pin": pin, "wrapped": wrapped}


def check_code(code: str) -> str:
    """Raises Invalid unless `code` is a capital letter and up to seven more letters or digits."""
    if not CODE.match(code):
        raise Invalid(
            "A code is a capital letter and up to seven more or digits, such as R1. It is not a name."
        )
    return code


def check_role(role: str) -> str:
    """Raises Invalid unless `role` is one that a roster lists."""
    if role not in ROLES:
        raise Invalid("A member is a researcher or a reviewer; a custodian's desk is a custodian.")
    return role


def _key_file_context(cards: list[dict[str, Any]]) -> tuple[str, Document]:
    digests = [b64(document_digest(card)) for card in cards]
    return "key-file", {"code": cards[0]["code"], "cards": digests}
