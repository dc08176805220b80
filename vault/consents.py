"""Changing what a witness allows: a deposit as any other, of a few words and no codes (docs/FORMATS.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault import interviews
from vault.drafts import Draft
from vault.installation import Installation
from vault.keyrings import Actor
from vault.receipts import Receipt
from vault.rules.consent import Consent
from vault.rules.drafts import Kind
from vault.sealing.digests import unb64


def deposit(vault: Installation, actor: Actor, case: str, token: str, raw: Mapping[str, Any]) -> Receipt:
    """Seal a change of consent into the vault; it holds from the next edition on. A second, identical attempt gives
    the same receipt and changes nothing. Raises Invalid, Refused, NotFound, Conflict."""
    return interviews.deposit(vault, actor, _attempt(case, token), _change(raw))


def check(vault: Installation, actor: Actor, case: str, token: str, raw: Mapping[str, Any]) -> Consent:
    """What the witness is about to allow. Raises what `deposit` would raise; changes nothing."""
    interviews.check(vault, actor, _attempt(case, token), _change(raw))
    return Consent.parse(raw["consent"])


def _attempt(case: str, token: str) -> Draft:
    """There is no draft of what is said in a minute: the token alone makes a second attempt the same."""
    return Draft(id="", case=case, incident="", day="", token=unb64(token, 32), pseudonym="", form={})


def _change(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {**raw, "kind": Kind.CONSENT.value}
