"""Where somebody can type whom they ask about: every entrance that takes a pseudonym, a person, a receipt or a code."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from drill import telling
from drill.world import World
from tests.cast import R1, R2
from tests.dossier import handed_in
from tests.recognising import sealed_match
from tests.stage import Scene
from tests.visitor import ADDRESS, Api, Visitor
from vault import receipts
from vault.sealing.digests import b64
from vault.sealing.words import new_pseudonym, spell_device_key

STRANGERS = 8_000  # in the register from here on: who never spoke
Ask = Callable[[], TestResponse]


@dataclass(frozen=True)
class Who:
    """Somebody who is asked about, by all that can be typed of them."""

    number: int  # in the register
    pseudonym: str
    digest: str  # of a receipt
    token: str  # of a receipt, but withdrawn
    code: str  # of a member


def pairs(world: World) -> Iterator[tuple[Who, Who]]:
    """A witness whom the vault knows, and nobody, of whom everything is as long; again and again."""
    there = [(number, one) for number, one in enumerate(world.truth.witnesses) if not one.withdrawn]
    withdrawn = cycle(one.token for one in world.truth.witnesses if one.withdrawn)
    for stranger, (number, one) in enumerate(cycle(there), STRANGERS):
        known = Who(number, one.pseudonym, one.digest, next(withdrawn), R1.code)
        yield known, Who(stranger, _like(one.pseudonym), _random(), _random(), "R8")


class Guest:
    """A researcher who interviewed none of those whom they ask about; and somebody who has not signed in."""

    def __init__(self, scene: Scene, app: Flask) -> None:
        self.scene, self.app = scene, app
        self.api, self.visitor, self.stranger = Api(app, R2), Visitor(app, R2), Visitor(app)

    def deposit(self, **changes: Any) -> Ask:
        """An interview, by the program."""
        draft = self.scene.start(R2).id
        raw = {**telling.interview(STRANGERS, self.scene.hospital), **changes}
        return partial(self.api.call, "POST", f"/api/drafts/{draft}/deposit", raw)

    def once_more(self, who: Who) -> Ask:
        """The same person, interviewed as if for the first time."""
        draft, person = self.scene.start(R2), telling.identity(who.number)
        raw = telling.interview(STRANGERS, self.scene.hospital)
        raw["sealed_identity"] = self.scene.seal_identity(draft, person)
        raw["sealed_match"] = sealed_match(self.scene, draft, {"name": person["name"]})
        return partial(self.api.call, "POST", f"/api/drafts/{draft.id}/deposit", raw)

    def page(self, who: Who, act: str) -> Ask:
        """A follow-up, by the page."""
        path, kept = self.visitor.start(self.scene.case, self.scene.hospital)
        said = {"date": "2015-12-01", "language": "ar", "mode": "in_person", "testimony": "Again."}
        named = {"kind": "follow-up", "pseudonym": who.pseudonym, "consent-recording": "yes"}
        return partial(self.visitor.post, path, {**kept, **said, **named, "act": act})

    def consent(self, who: Who, act: str) -> Ask:
        """A change of what somebody allows."""
        said = {"date": "2015-12-01", "language": "ar", "mode": "in_person", "testimony": "Less."}
        named = {"pseudonym": who.pseudonym, "consent-recording": "yes", "token": receipts.new_token()}
        path = f"/cases/{self.scene.case}/consent"
        return partial(self.visitor.post, path, {**said, **named, "act": act})

    def heard_from(self, who: Who) -> Ask:
        """Hearsay whose origin is a witness."""
        link = {"kind": "relative", "named": True, "origin_direct": "yes", "origin": who.pseudonym}
        said = {"incident": self.scene.hospital, "subject": "aircraft.present", "chain": [link]}
        return self.deposit(observations=[{**said, "perception": ["learnt_from_others"]}])

    def given_by(self, who: Who) -> Ask:
        """Something that a witness gave."""
        item = handed_in(self.scene, giver=who.pseudonym)
        return partial(self.api.call, "POST", f"/api/cases/{self.scene.case}/evidence", item)

    def corrected(self, who: Who) -> Ask:
        """A correction of what somebody said."""
        of = {"kind": "correction", "supersedes": who.digest, "reason": "Misheard"}
        return self.deposit(pseudonym=who.pseudonym, **of)

    def withdrawn(self, who: Who, **fields: str) -> Ask:
        """A receipt whose interview was withdrawn, or that never was one."""
        return partial(self.stranger.post, "/withdraw", {"token": who.token, **fields})

    def sign_in(self, who: Who) -> Ask:
        """With whatever passphrase and device key."""
        key = spell_device_key(secrets.token_bytes(32))
        typed = {"member": who.code, "passphrase": "some words that are wrong", "device_key": key}
        return partial(Api(self.app).call, "POST", "/api/sign-in", typed)


Entrance = Callable[[Guest, Who], Ask]


def _follow_up(guest: Guest, who: Who) -> Ask:
    return guest.deposit(kind="follow-up", pseudonym=who.pseudonym)


FOLLOW_UP = "a follow-up"
ENTRANCES: dict[str, Entrance] = {
    FOLLOW_UP: _follow_up,
    "a follow-up by the page": lambda guest, who: guest.page(who, "deposit"),
    "the page's check": lambda guest, who: guest.page(who, "check"),
    "a page that is kept": lambda guest, who: guest.page(who, "keep"),
    "a correction": Guest.corrected,
    "who was there, too": lambda guest, who: guest.deposit(
        interview={
            **telling.interview(STRANGERS, "")["interview"],
            **{way: [who.pseudonym] for way in ("together_with", "present", "household")},
        }
    ),
    "from whom it was heard": Guest.heard_from,
    "a change of consent": lambda guest, who: guest.consent(who, "seal"),
    "the look at a change of consent": lambda guest, who: guest.consent(who, "look"),
    "who gave evidence": Guest.given_by,
    "the same person": Guest.once_more,
    "a receipt": Guest.withdrawn,
    "a receipt that is withdrawn": lambda guest, who: guest.withdrawn(who, act="withdraw", scope="interview"),
    "a receipt, by the program": lambda guest, who: partial(
        guest.stranger.client.post, "/api/withdraw", json={"token": who.token}, base_url=ADDRESS
    ),
    "a member's code": Guest.sign_in,
    "a member's code, on the page": lambda guest, who: partial(
        guest.stranger.post, "/sign-in", {"member": who.code, "passphrase": "wrong", "device_key": "wrong"}
    ),
}
OFTEN = (FOLLOW_UP, "a receipt, by the program", "a member's code")  # so often that times would tell


def _like(pseudonym: str) -> str:
    """A pseudonym that nobody has, as long as this one."""
    while len(made := new_pseudonym()) != len(pseudonym):
        pass
    return made


def _random() -> str:
    return b64(secrets.token_bytes(32))
