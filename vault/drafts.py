"""Drafts: an interview in the making, sealed to its researcher, destroyed on deposit. Never the identity."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import delete, select

from vault import cases
from vault import roster as rosters
from vault.errors import Invalid, NotFound
from vault.keyrings import Actor
from vault.rules.access import Permission, Role, require
from vault.sealing import boxes, deposits
from vault.sealing.digests import b64, canonical, pad, parse_object, size_class, unb64, unpad
from vault.sealing.words import check_pseudonym, new_pseudonym
from vault.shredding import shred, shreddable, unshredded
from vault.store.shreds import DraftRow
from vault.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Draft:
    """An interview in the making; what was typed is `form`. The withdrawal token is chosen at the start."""

    id: str
    case: str
    incident: str
    day: str
    token: bytes
    pseudonym: str
    form: dict[str, Any]

    @property
    def token_text(self) -> str:
        """The withdrawal token as it is written."""
        return b64(self.token)

    @property
    def identity_record(self) -> str:
        """The id to which the browser binds the sealed identity."""
        return b64(deposits.record_id(self.token, "identity"))


def from_form(name: str, fields: Mapping[str, str], today: date, form: dict[str, Any]) -> Draft:
    """What a form carries of its draft. Raises NotFound when it is not a form of ours."""
    try:
        unb64(name, 16), unb64(fields["case"], 16)
        token, pseudonym = unb64(fields["token"], 32), check_pseudonym(fields["new_pseudonym"])
    except Invalid:
        raise NotFound(
            "This draft is no longer here: it was deposited or discarded. Open a new one."
        ) from None
    return Draft(name, fields["case"], fields["incident"], today.isoformat(), token, pseudonym, form)


def start(uow: UnitOfWork, actor: Actor, case: str, incident: str, today: date) -> Draft:
    """A new draft on an incident."""
    require(actor.role, Permission.LOG_INTERVIEW)
    cases.show(uow, actor, case).incident(incident)
    name, token = b64(secrets.token_bytes(16)), secrets.token_bytes(32)
    draft = Draft(name, case, incident, today.isoformat(), token, new_pseudonym(), {})
    _keep_draft(uow, draft, actor.code, actor.keys.sealing.public)
    return draft


def save(uow: UnitOfWork, actor: Actor, draft: Draft, form: dict[str, Any]) -> None:
    """Keep what was typed."""
    _keep_draft(uow, replace(draft, form=form), actor.code, actor.keys.sealing.public)


def save_after_end(uow: UnitOfWork, member: str, draft: Draft) -> None:
    """Keep what was typed in a session that ended meanwhile: sealing to the member needs no key of theirs."""
    listed = rosters.current(uow).member(member)
    require(Role(listed.role), Permission.LOG_INTERVIEW)
    _keep_draft(uow, draft, member, listed.sealing)


def listing(uow: UnitOfWork, actor: Actor) -> list[Draft]:
    """The actor's drafts, by day."""
    require(actor.role, Permission.LOG_INTERVIEW)
    rows = uow.shreds.scalars(select(DraftRow).where(DraftRow.member == actor.code)).all()
    return sorted((_open_draft(uow, actor, row) for row in rows), key=lambda draft: (draft.day, draft.id))


def find_draft(uow: UnitOfWork, actor: Actor, name: str) -> Draft:
    """One of the actor's drafts. Raises NotFound, also once it has been deposited."""
    require(actor.role, Permission.LOG_INTERVIEW)
    try:
        row = uow.shreds.get(DraftRow, unb64(name, 16))
    except Invalid:
        row = None
    if row is None or row.member != actor.code:
        raise NotFound("This draft is no longer here: it was deposited or discarded.")
    return _open_draft(uow, actor, row)


def discard(uow: UnitOfWork, actor: Actor, name: str) -> None:
    """Destroy a draft and its key."""
    find_draft(uow, actor, name)
    _destroy_draft(uow, name)


def forget(uow: UnitOfWork, actor: Actor, name: str) -> None:
    """Destroy a draft of the actor's, if it is still there."""
    row = uow.shreds.get(DraftRow, unb64(name, 16))
    if row is not None and row.member == actor.code:
        _destroy_draft(uow, name)


def _keep_draft(uow: UnitOfWork, draft: Draft, member: str, public: bytes) -> None:
    name = unb64(draft.id, 16)
    row = uow.shreds.get(DraftRow, name)
    if row is not None and row.member != member:  # whoever learns a draft's address may not write over it
        raise NotFound("There is no such draft.")
    content = canonical(
        {
            "case": draft.case,
            "incident": draft.incident,
            "day": draft.day,
            "token": b64(draft.token),
            "pseudonym": draft.pseudonym,
            "form": draft.form,
        }
    )
    box = boxes.seal(public, _draft(member, draft.id), pad(content, size_class(len(content))))
    uow.shreds.merge(DraftRow(id=name, member=member, content=shreddable(uow, name, box)))
    uow.shreds.flush()


def _open_draft(uow: UnitOfWork, actor: Actor, row: DraftRow) -> Draft:
    box = unshredded(uow, row.id, row.content)
    typed = parse_object(unpad(boxes.unseal(actor.keys.sealing, _draft(actor.code, b64(row.id)), box)))
    return Draft(id=b64(row.id), **{**typed, "token": unb64(typed["token"], 32)})


def _destroy_draft(uow: UnitOfWork, name: str) -> None:
    shred(uow, unb64(name, 16))
    uow.shreds.execute(delete(DraftRow).where(DraftRow.id == unb64(name, 16)))


def _draft(member: str, name: str) -> tuple[str, dict[str, str]]:
    return "draft", {"member": member, "draft": name}
