"""Quotes inside a statement: upheld words, all of whose claims are exact lines of it (docs/FORMATS.md §16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from vault import audit, keyrings, quoted, quotes
from vault.cases import Case
from vault.errors import N_
from vault.installation import Installation
from vault.interviews import vocabularies
from vault.keyrings import Actor
from vault.quotes import Ground
from vault.rules import quotes as rule
from vault.rules.disclosure import Gate, Line, Refusal
from vault.rules.quotes import Proposed, Quote
from vault.sealing.digests import Document
from vault.store.unit_of_work import UnitOfWork

NOT_UPHELD = Refusal(
    Gate.FORM, None, N_("A quote was not upheld for this incident: leave it out, or have it upheld.")
)
NO_LINE = Refusal(
    Gate.FORM,
    None,
    N_(
        "What a quote asserts must be said exactly, as perceived directly, each among those of the one before: "
        "choose these rows and fewer others, or leave the quote out."
    ),
)


def waiting(vault: Installation, uow: UnitOfWork, actor: Actor, case: Case) -> int:
    """How many quotes wait for the actor's decision. Raises Refused without the corroboration key, Tampered."""
    keys = [key for _, key in keyrings.case_keys(uow, actor, case.file, "corroboration")]
    log = quoted.read(uow, case.file, keys, vocabularies(vault, case))
    return sum(one.decision is None and one.author != actor.code for one in log.there)


def offered(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date
) -> tuple[Proposed, ...]:
    """The quotes of a case on an incident that may be said today, oldest first. An audit entry where there are any."""
    case, incident = place
    ground = quotes.ground_of(vault, uow, actor, case)
    upheld = _upheld_on(ground, incident).values()
    if upheld:
        audit.record(uow, actor.code, "quotes read", {"case": case}, today)
    return tuple(one for one in upheld if not quotes.gates(vault, uow, actor, (ground, one.quote), today))


def chosen(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str, Sequence[str]], today: date
) -> tuple[tuple[Quote, ...], tuple[Refusal, ...]]:
    """The upheld quotes of these names, each once, and every gate that is shut for one of them today."""
    case, incident, names = place
    if not names:
        return (), ()
    ground = quotes.ground_of(vault, uow, actor, case)
    known = _upheld_on(ground, incident)
    picked = tuple(known[name].quote for name in dict.fromkeys(names) if name in known)
    shut = [one for quote in picked for one in quotes.gates(vault, uow, actor, (ground, quote), today)]
    if not known.keys() >= set(names):
        shut.append(NOT_UPHELD)
    return picked, tuple(dict.fromkeys(shut))


def named(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, Document], lines: Sequence[Line]
) -> tuple[str, ...]:
    """What a case's ledger calls the quotes of a statement of these lines; "" for what was not upheld like this."""
    case, document = place
    if "quotes" not in document:
        return ()
    ground = quotes.ground_of(vault, uow, actor, case)
    known = _upheld_on(ground, document["incident"])
    as_written = [(name, written([one.quote], lines)) for name, one in known.items()]
    return tuple(
        next((name for name, found in as_written if found == [one]), "") for one in document["quotes"]
    )


def written(picked: Sequence[Quote], lines: Sequence[Line]) -> list[dict[str, object]]:
    """The quotes as a statement of these lines has them; those that it cannot have are left out."""
    found: list[dict[str, object]] = []
    for quote in picked:
        if places := rule.placed(quote, lines):
            found.append({"words": quote.words, "descriptor": quote.descriptor, "claims": list(places)})
    return found


def _upheld_on(ground: Ground, incident: str) -> dict[str, Proposed]:
    return {one.name: one for one in ground.log.there if one.upheld and one.quote.incident == incident}
