"""Changing what a witness allows: a deposit as any other, of a few words and no codes (docs/FORMATS.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from vault import audit, cases, interviews, receipts, testimonies
from vault import roster as rosters
from vault.drafts import Draft
from vault.errors import N_
from vault.installation import Installation
from vault.keyrings import Actor
from vault.receipts import Receipt
from vault.rules.consent import Consent, Recipient, Use, without
from vault.rules.drafts import InterviewDraft, Kind
from vault.sealing.digests import unb64
from vault.testimonies import Testimony

_ANOTHER = N_("This page was used for something else already: open it again.")


def deposit(vault: Installation, actor: Actor, case: str, token: str, raw: Mapping[str, Any]) -> Receipt:
    """Seal a change of consent into the vault; it holds from the next edition on. A second, identical attempt gives
    the same receipt and changes nothing. Raises Invalid, Refused, NotFound, Conflict."""
    return interviews.deposit(vault, actor, _attempt(case, token), _change(raw))


def narrow(
    vault: Installation, actor: Actor, place: tuple[str, str], wish: tuple[str, Use | Recipient], today: date
) -> Receipt:
    """Seal, for a reader, that a witness allows one use less, or one recipient, of all that they say in a case.

    It refuses and allows nothing, and replaces no other change. A second, identical attempt gives the same receipt.
    Raises Refused, NotFound, Invalid, Conflict. The audit says that something was withdrawn, and not whose.
    """
    (case, record), (token, what) = place, wish
    with vault.store.work() as uow:
        # (1) may this actor read it; (2) what its witness allows of all their interviews, less what is withdrawn
        one, told = testimonies.of_witness(uow, actor, case, record)
        draft = _narrowed(one, without([other.allowed for other in told], what), today)
        # (3) bound, signed and sealed as any change
        file, attempt = cases.find(uow, case), replace(_attempt(case, token), pseudonym=one.witness)
        made = interviews.bound(file, rosters.current(uow), draft, attempt, actor.code)
        if not receipts.is_kept(uow, case, made, _ANOTHER):
            receipts.fill(uow, file, made, actor.keys.signing, {})
            scope = "recipient" if isinstance(what, Recipient) else "use"
            audit.record(uow, actor.code, "testimony withdrawn", {"case": case, "scope": scope}, today)
            uow.commit()
    return made.receipt(one.witness)


def check(vault: Installation, actor: Actor, case: str, token: str, raw: Mapping[str, Any]) -> Consent:
    """What the witness is about to allow. Raises what `deposit` would raise; changes nothing."""
    interviews.check(vault, actor, _attempt(case, token), _change(raw))
    return Consent.parse(raw["consent"])


def _narrowed(one: Testimony, consent: Consent, today: date) -> InterviewDraft:
    held = one.half.body["interview"]
    interview = {"date": today.isoformat(), "language": held["language"], "mode": held["mode"]}
    raw = {"pseudonym": one.witness, "consent": consent.to_json(), "interview": interview, "testimony": ""}
    return InterviewDraft.parse(_change(raw), {})


def _attempt(case: str, token: str) -> Draft:
    """There is no draft of what is said in a minute: the token alone makes a second attempt the same."""
    return Draft(id="", case=case, incident="", day="", token=unb64(token, 32), pseudonym="", form={})


def _change(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {**raw, "kind": Kind.CONSENT.value}
