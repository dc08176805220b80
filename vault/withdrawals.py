"""Withdrawal: what was deposited is destroyed, by its receipt or by a reader (docs/FORMATS.md §24).

Every record lies under a shred key of its own. These are destroyed, in one transaction, and what all other keys are
wrapped under is renewed: afterwards no copy of the databases opens any of it. Files that a witness gave go with it,
where whoever withdraws holds the key of the evidence. What was cut, published or handed over before is not reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain as joined

from sqlalchemy import select

from vault import audit, cases, chains, exports, given, index, journal, shredding, testimonies
from vault.errors import N_, Conflict, Invalid, NotFound, Refused
from vault.exports import Export
from vault.given import Given
from vault.installation import Installation
from vault.keyrings import Actor, draft_key
from vault.rules import withdrawals as rule
from vault.rules.access import Permission, require
from vault.rules.consent import Consent, anywhere
from vault.rules.exports import Words
from vault.rules.fields import Fields
from vault.rules.withdrawals import BY_RECEIPT, MOST_A_DAY, Reason, Scope
from vault.sealing.deposits import MOST_CODINGS, Root
from vault.sealing.digests import b64, digest, unb64
from vault.store import daily
from vault.store.testimony import SlotRow
from vault.store.unit_of_work import UnitOfWork
from vault.testimonies import Testimony

# The same for a token that was used and for one that never was: whoever tries some must not learn which.
_NOTHING = N_("Nothing is kept here under this receipt: it was withdrawn already, or the code is mistyped.")
_OLDER = N_(
    "A part of it was deposited by an earlier version: withdraw each interview by the code on its receipt."
)
_PLACES = 16  # of a half, that are looked for at once
_COUNTED = 16  # characters


@dataclass(frozen=True)
class Outlook:
    """What a reader's withdrawal would take and what it would not: how many interviews by scope, what the witness
    allows today in any of them, and what has left."""

    testimony: Testimony
    allowed: Consent
    interviews: Mapping[Scope, int]
    left: tuple[Export, ...]
    items: int | None  # of evidence that the witness gave; None to whoever holds no key of the evidence


def look(vault: Installation, token: str) -> tuple[Scope, ...]:
    """How much can be withdrawn by the token of a receipt. Raises NotFound where nothing can."""
    root = _root(token)
    with vault.store.read() as uow:
        found = tuple(scope for scope in BY_RECEIPT if _records(uow, root, scope))
    if not found:
        if shredding.is_due(vault.store):  # a withdrawal was interrupted: perhaps the one that is tried again
            shredding.renew(vault.store)
        raise NotFound(_NOTHING)
    return found


def by_receipt(vault: Installation, token: str, scope: Scope) -> None:
    """Destroy an interview, or who its witness is. Interrupted, it may be done again. Raises NotFound, Busy.

    There is no audit entry: neither a member nor a day is tied to a deposit, nor to its end.
    """
    root = _root(token)
    if scope not in look(vault, token):
        raise NotFound(_NOTHING)
    with shredding.renewing(vault.store), vault.store.work() as uow:
        _destroy(vault, uow, _records(uow, root, scope))
        uow.commit()


def outlook(
    vault: Installation, uow: UnitOfWork, actor: Actor, place: tuple[str, str], today: date
) -> Outlook:
    """What withdrawing a testimony of a case would mean. Raises NotFound, Refused without the testimony key."""
    case, record = place
    one, interviews = testimonies.of_witness(uow, actor, case, record)
    _require_interview(one)
    digests = {other.half.digest for other in interviews}
    entries = exports.listing(uow, actor, case, today)
    left = [entry for entry in entries if isinstance(entry.what, Words) and entry.what.testimony in digests]
    taken = {scope: len(_taken(one, interviews, scope)) for scope in Scope}
    allowed, gave = anywhere([other.allowed for other in interviews]), _given(vault, uow, actor, case, one)
    return Outlook(one, allowed, taken, tuple(left), None if gave is None else len(gave.items))


def by_reader(
    vault: Installation, actor: Actor, place: tuple[str, str], wish: Mapping[str, object], today: date
) -> None:
    """Destroy what a witness wants destroyed, or who they are; with what they said also the files that they gave,
    unless these are to be kept. Raises Refused, NotFound, Invalid, Busy.

    The audit says that a testimony of the case was withdrawn, and not which.
    """
    # (1) may this actor; how much, and why
    require(actor.role, Permission.READ_TESTIMONY)
    fields, (case, record) = Fields(wish, "A withdrawal", ("scope", "reason", "keep_files")), place
    scope, reason = fields.choice("scope", Scope), fields.choice("reason", Reason)
    keeps = scope is Scope.IDENTITY or (fields.value("keep_files") is not None and fields.flag("keep_files"))
    with shredding.renewing(vault.store):
        with vault.store.work() as uow:
            # (2) of which interviews; (3) not too many in one day
            one, interviews = testimonies.of_witness(uow, actor, case, record)
            _require_interview(one)
            roots = [root_of(other) for other in _taken(one, interviews, scope)]
            _count(uow, actor, today)
            # (4) who withdraws, for the custodians and in the chains of what goes with it: first, because what is gone
            # could not be withdrawn once more
            about = {"case": cases.find(uow, case).id, "scope": str(scope), "reason": str(reason)}
            audit.record(uow, actor.code, "testimony withdrawn", about, today)
            gave = None if keeps else _given(vault, uow, actor, case, one)
            files = _let_go(uow, gave, reason, today) if gave and gave.items else set()
            uow.commit()
        with vault.store.work() as uow:
            # (5) every key at once
            _destroy(vault, uow, files.union(*(_records(uow, root, scope) for root in roots)))
            uow.commit()
    # (6) the pieces of files, which nothing opens any more
    given.take_away(vault, files)


def of_item(
    vault: Installation, actor: Actor, place: tuple[str, str], wish: Mapping[str, object], today: date
) -> None:
    """Destroy the files of an item of evidence that a witness gave: where what the witness said is gone already, or was
    withdrawn by somebody without the evidence key. Raises Refused, NotFound, Conflict, Invalid, Tampered, Busy.
    """
    reason = Fields(wish, "A withdrawal", ("reason",)).choice("reason", Reason)
    with shredding.renewing(vault.store):
        with vault.store.work() as uow:
            gave = given.one(vault, uow, actor, *place)
            _count(uow, actor, today)
            files = _let_go(uow, gave, reason, today)
            uow.commit()
        with vault.store.work() as uow:
            destroy(vault, uow, files)
            uow.commit()
    given.take_away(vault, files)


def root_of(one: Testimony) -> Root:
    """By what a testimony is withdrawn. Raises Refused for what an earlier version took in, Tampered."""
    if one.root is None:
        raise Refused(_OLDER)
    return one.root


def is_kept(uow: UnitOfWork, name: str) -> bool:
    """Whether an identity, as a testimony names it, is still there."""
    try:
        return bool(shredding.layers(uow, [unb64(name.partition(".")[0])]))
    except Invalid:  # a researcher's program may have written anything there
        return False


def destroy(vault: Installation, uow: UnitOfWork, records: Iterable[bytes]) -> None:
    """Destroy the keys of records, noted for whoever restores a backup. The caller commits within a renewal."""
    names = {digest("shred", record) for record in records}
    journal.note(vault, uow, names)
    shredding.destroy_all(uow, names)


def destroy_interviews(vault: Installation, uow: UnitOfWork, told: Iterable[Testimony]) -> None:
    """The same for all of these, with second codings, identities and the index. Raises Refused for an older one."""
    _destroy(vault, uow, set().union(*(_records(uow, root_of(one), Scope.INTERVIEW) for one in told)))


def _given(vault: Installation, uow: UnitOfWork, actor: Actor, case: str, one: Testimony) -> Given | None:
    """What the witness of a testimony gave as evidence, for whoever holds the key of that, too."""
    may = chains.may_read(uow, actor, cases.find(uow, case))
    return given.by(vault, uow, actor, case, one.witness) if may else None


def _let_go(uow: UnitOfWork, gave: Given, reason: Reason, today: date) -> set[bytes]:
    about = {"case": gave.found.case.id, "reason": str(reason)}
    audit.record(uow, gave.found.actor.code, "evidence withdrawn", about, today)
    return gave.let_go(today)


def _destroy(vault: Installation, uow: UnitOfWork, records: set[bytes]) -> None:
    """With them the index of their case, which says what they say, and is made again without them."""
    of_cases = select(SlotRow.case).where(SlotRow.record.in_(records)).distinct()
    destroy(vault, uow, records | {index.record(case) for case in uow.testimony.scalars(of_cases)})


def _taken(one: Testimony, interviews: list[Testimony], scope: Scope) -> list[Testimony]:
    """Of the interviews of a witness those that a reader withdraws with one of them."""
    if scope is not Scope.INTERVIEW:
        return interviews
    replaces = {other.half.digest: other.half.statement["supersedes"] for other in interviews}
    with_it = rule.chain(one.half.digest, replaces)
    return [other for other in interviews if other.half.digest in with_it]


def _records(uow: UnitOfWork, root: Root, scope: Scope) -> set[bytes]:
    """The records of an interview that are there: of who the witness is, or with both halves and its second codings."""
    found = set(shredding.layers(uow, (root.record("identity"), root.record("match"))))
    if scope is Scope.IDENTITY:
        return found
    branches = (root, *(root.again(number) for number in range(MOST_CODINGS)))
    parts, first = [(branch, half) for branch in branches for half in cases.HALVES], 0
    while parts:
        places = range(first, first + _PLACES)
        ids = {part: {part[0].record(part[1], place) for place in places} for part in parts}
        there = set(shredding.layers(uow, joined.from_iterable(ids.values())))
        found |= there
        parts, first = [part for part in parts if ids[part] & there], first + _PLACES
    return found


def _count(uow: UnitOfWork, actor: Actor, today: date) -> None:
    """Raises Refused after so many a day. Whose count it is, the count does not say."""
    name = b64(digest("withdrawals", draft_key(actor.keys)))[:_COUNTED]
    if daily.again(uow.shreds, name, today.isoformat()) > MOST_A_DAY:
        raise Refused(
            "You have withdrawn %(most)d times today: another reader can, or you tomorrow.", most=MOST_A_DAY
        )


def _require_interview(one: Testimony) -> None:
    if not one.is_interview:
        raise Conflict("A change of consent is not withdrawn: without it, the witness would count again.")


def _root(token: str) -> Root:
    try:
        return Root(unb64("".join(token.split()), 32))
    except Invalid:
        raise NotFound(_NOTHING) from None
