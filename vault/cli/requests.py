"""What a requester's device does for every purpose: it signs the terms, keeps their key, and combines what came.

The key of a request waits in the profile, locked under the opening code; with it gone, what was handed over is noise.
"""

from __future__ import annotations

from typing import Any

from vault.cli.common import Member, ask_secret, days_from_now, today
from vault.cli.screen import say
from vault.errors import Invalid, NotFound, Tampered
from vault.opening import Days, ask, combine
from vault.profile import OPENINGS, Profile
from vault.sealing.digests import Json, b64, unb64
from vault.sealing.keypairs import SealingKey
from vault.sealing.locks import lock, unlock
from vault.sealing.rosters import Roster
from vault.sealing.signatures import Signed
from vault.sealing.terms import check_terms
from vault.sealing.words import OPENING_CODE_WORDS, opening_key, random_words

REQUEST_LASTS = 30
CODE = "WITNESS_VAULT_OPENING_CODE"
REQUEST_FILE = "witness-vault/v1/request-file"
OPENING_FILE = "witness-vault/v1/opening-file"


def make_request(member: Member, roster: Roster, about: dict[str, str]) -> dict[str, Any]:
    """A request file; the key is kept here, and the opening code shown, once.

    `about`: purpose, record, the escrow's fingerprint, reason.
    """
    named = {**about, "requester": member.code}
    terms, key = ask(named, roster, member.request_key(), Days(*days_from_now(REQUEST_LASTS)))
    check_terms(terms, roster, today().isoformat())  # what nobody may decide on is not handed out either
    code, name = random_words(OPENING_CODE_WORDS), str(terms["document"]["opening"])
    sealed = b64(lock(opening_key(code), _opening(name), key.seed))
    member.profile.create(_path(name), {"format": OPENING_FILE, "terms": terms, "key": sealed})
    say(f"Opening code, shown once; write it down: {code}", err=True)
    return {"format": REQUEST_FILE, "terms": terms}


def kept_terms(profile: Profile, name: str) -> Signed:
    """The terms of a request that this device made. Raises NotFound."""
    return dict(_kept(profile, name)["terms"])


def kept_key(profile: Profile, name: str) -> SealingKey:
    """The key of a request that this device made, once the opening code was typed. Raises NotFound, Tampered."""
    held = _kept(profile, name)
    code = ask_secret("Opening code", CODE)
    try:
        return SealingKey(unlock(opening_key(code), _opening(name), unb64(held["key"])))
    except Tampered:
        raise Tampered("The opening code does not open this request: compare its ten words.") from None


def combined(profile: Profile, terms: Json, key: SealingKey, handed: Json) -> bytes:
    """The secret out of what the server handed over, by these terms alone. Raises Refused, Tampered."""
    match handed:
        case {
            "format": "witness-vault/v1/redemption-file",
            "vault": vault,
            "opening": opening,
            "escrow": record,
            "approvals": [*approvals],
            "rosters": [*chain],
        } if (vault, opening) == (terms["vault"], terms["opening"]):
            roster = known_rosters(profile, chain)[-1]
            return combine(terms, key, record, approvals, roster)
    raise Tampered("This was not handed over for this request.")


def known_rosters(profile: Profile, chain: list[Json]) -> tuple[Roster, ...]:
    """The rosters by which a file is judged: those pinned here, or those that came with it if they go further.

    Raises Tampered for rosters that do not continue the pinned ones.
    """
    if len(chain) > profile.roster().version:
        profile.pin(chain)
    return profile.rosters()


def forget(profile: Profile, name: str) -> None:
    """Remove the key of a request: nothing that was handed over for it opens any more."""
    profile.remove(_path(name))


def _kept(profile: Profile, name: str) -> dict[str, Any]:
    if not profile.has(_path(name)):
        raise NotFound(
            "This device holds no key for such a request: it is on the device that asked, or was used."
        )
    return profile.read(_path(name))


def _path(name: str) -> str:
    try:
        unb64(name, 16)  # it comes from a file or a server, and must lead nowhere else
    except Invalid:
        raise Invalid(
            "This is not the id of an opening: `witness-vault opening status` lists yours."
        ) from None
    return f"{OPENINGS}/{name}.json"


def _opening(name: str) -> tuple[str, dict[str, str]]:
    return "opening-key", {"opening": name}
