"""Drafts: an interview in the making, sealed to its researcher, destroyed on deposit. Never the identity.

Nothing in the clear says whose a draft is. What is typed after a session's end is only added to a draft that is
there: the withdrawal token and the pseudonym are always those that were chosen in a living session.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from sqlalchemy import Row, Table, bindparam, delete, insert, select, update

from vault import retention
from vault import roster as rosters
from vault.errors import N_, Invalid, NotFound, Tampered
from vault.installation import Installation
from vault.keyrings import Actor, draft_key
from vault.rules.access import Permission, Role, require
from vault.sealing import boxes, deposits
from vault.sealing.digests import b64, canonical, digest, pad, parse_object, size_class, unb64, unpad
from vault.sealing.locks import lock, unlock
from vault.sealing.signatures import read_by, sign
from vault.sealing.words import check_pseudonym, new_pseudonym
from vault.sessions import Former
from vault.shredding import shred, shreddable, unshredded
from vault.store.shreds import DraftRow
from vault.store.unit_of_work import UnitOfWork, run

_TABLE = cast(Table, DraftRow.__table__)
_BEGUN = insert(_TABLE)
_NAMED = select(_TABLE).where(_TABLE.c.id == bindparam("name"))
_DELETED = delete(_TABLE).where(_TABLE.c.id == bindparam("name"))
_GONE = N_("This draft is no longer here: it was deposited or discarded.")
OPEN_A_NEW_ONE = N_("This draft is no longer here: it was deposited or discarded. Open a new one.")


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

    @property
    def match_record(self) -> str:
        """The id of the match record, which is its handle too: random, and not the pseudonym."""
        return b64(deposits.record_id(self.token, "match"))


def from_form(name: str, fields: Mapping[str, str], today: date, form: dict[str, Any]) -> Draft:
    """What a form carries of its draft. Raises NotFound when it is not a form of ours."""
    try:
        unb64(name, 16), unb64(fields["case"], 16)
        token, pseudonym = unb64(fields["token"], 32), check_pseudonym(fields["new_pseudonym"])
    except Invalid:
        raise NotFound(OPEN_A_NEW_ONE) from None
    return Draft(name, fields["case"], fields["incident"], today.isoformat(), token, pseudonym, form)


def start(vault: Installation, actor: Actor, case: str, incident: str, today: date) -> Draft:
    """A new draft on an incident. Raises Refused, NotFound, Conflict for a case that was destroyed."""
    require(actor.role, Permission.LOG_INTERVIEW)
    with vault.store.read() as uow:
        retention.show_kept(uow, actor, case).incident(incident)
    name, token = b64(secrets.token_bytes(16)), secrets.token_bytes(32)
    draft = Draft(name, case, incident, today.isoformat(), token, new_pseudonym(), {})
    owner = _owner(draft_key(actor.keys), unb64(name))
    with vault.store.work("shreds") as uow:
        row = {"id": unb64(name), "owner": owner, "content": _sealed(uow, actor, draft), "addendum": None}
        run(uow.shreds, _BEGUN, **row)
        uow.commit()
    return draft


def save(uow: UnitOfWork, actor: Actor, name: str, form: dict[str, Any]) -> None:
    """Keep what was typed. Raises NotFound: what was deposited or discarded does not come back."""
    draft = find_draft(uow, actor, name)
    _keep(uow, unb64(name), content=_sealed(uow, actor, replace(draft, form=form)), addendum=None)


def save_after_end(uow: UnitOfWork, former: Former, name: str, form: dict[str, Any]) -> None:
    """Add what was typed in a session that ended meanwhile: sealing to the member needs no key of theirs.

    Raises Refused, and NotFound where there is no draft of this member.
    """
    listed = rosters.current(uow).member(former.code)
    require(Role(listed.role), Permission.LOG_INTERVIEW)
    row = _row(uow, former.draft_key, name)
    if row is None:
        raise NotFound(OPEN_A_NEW_ONE)
    content = canonical(form)
    about = _addendum(former.code, name)
    box = boxes.seal(listed.sealing, about, pad(content, size_class(len(content))))
    # Under the draft key, so that only a session of this member's can have added it.
    _keep(uow, row.id, addendum=shreddable(uow, row.id, lock(former.draft_key, about, box)))


def listing(uow: UnitOfWork, actor: Actor) -> list[Draft]:
    """The actor's drafts, by day; without what somebody else put in a draft's place."""
    require(actor.role, Permission.LOG_INTERVIEW)
    drafts = []
    for row in _own_rows(uow, draft_key(actor.keys)):
        with suppress(Tampered):
            drafts.append(_open_draft(uow, actor, row))
    return sorted(drafts, key=lambda draft: (draft.day, draft.id))


def find_draft(uow: UnitOfWork, actor: Actor, name: str) -> Draft:
    """One of the actor's drafts. Raises NotFound, also once it has been deposited."""
    require(actor.role, Permission.LOG_INTERVIEW)
    row = _row(uow, draft_key(actor.keys), name)
    if row is None:
        raise NotFound(_GONE)
    return _open_draft(uow, actor, row)


def require_open(uow: UnitOfWork, actor: Actor, name: str) -> None:
    """Raises NotFound unless this draft of the actor's is there."""
    if _row(uow, draft_key(actor.keys), name) is None:
        raise NotFound(OPEN_A_NEW_ONE)


def discard(uow: UnitOfWork, actor: Actor, name: str) -> None:
    """Destroy a draft and its key. Raises NotFound."""
    require(actor.role, Permission.LOG_INTERVIEW)
    row = _row(uow, draft_key(actor.keys), name)
    if row is None:
        raise NotFound(_GONE)
    _destroy(uow, row)


def forget(uow: UnitOfWork, actor: Actor, name: str) -> None:
    """Destroy a draft of the actor's, if it is still there."""
    row = _row(uow, draft_key(actor.keys), name)
    if row is not None:
        _destroy(uow, row)


def forget_all(uow: UnitOfWork, key: bytes) -> None:
    """Destroy every draft of the member whose draft key this is: what a device at a checkpoint must not lead to."""
    for row in _own_rows(uow, key):
        _destroy(uow, row)


def _row(uow: UnitOfWork, key: bytes, name: str) -> Row[Any] | None:
    try:
        row = run(uow.shreds, _NAMED, name=unb64(name, 16)).first()
    except Invalid:
        return None
    return row if row is not None and row.owner == _owner(key, row.id) else None


def _own_rows(uow: UnitOfWork, key: bytes) -> list[Row[Any]]:
    return [row for row in run(uow.shreds, select(_TABLE)) if row.owner == _owner(key, row.id)]


def _keep(uow: UnitOfWork, name: bytes, **values: bytes | None) -> None:
    run(uow.shreds, update(_TABLE).where(_TABLE.c.id == name).values(**values))


def _owner(key: bytes, name: bytes) -> bytes:
    return digest("draft-owner", key + name)


def _sealed(uow: UnitOfWork, actor: Actor, draft: Draft) -> bytes:
    document = {
        "format": "witness-vault/v1/draft",
        "draft": draft.id,
        "case": draft.case,
        "incident": draft.incident,
        "day": draft.day,
        "token": b64(draft.token),
        "pseudonym": draft.pseudonym,
        "form": draft.form,
    }
    # Signed: a box proves no author, and whoever chose the token could later find the deposit's records by it.
    content = canonical(sign(document, actor.code, actor.keys.signing))
    padded = pad(content, size_class(len(content)))
    box = boxes.seal(actor.keys.sealing.public, _draft(actor.code, draft.id), padded)
    return shreddable(uow, unb64(draft.id), box)


def _open_draft(uow: UnitOfWork, actor: Actor, row: Row[Any]) -> Draft:
    box = unshredded(uow, row.id, row.content)
    signed = parse_object(unpad(boxes.unseal(actor.keys.sealing, _draft(actor.code, b64(row.id)), box)))
    typed = read_by(signed, "draft", actor.code, actor.keys.signing.public)
    if typed["draft"] != b64(row.id):
        raise Tampered("A draft is not the one that you saved. Tell a custodian.")
    named = {part: typed[part] for part in ("case", "incident", "day", "pseudonym", "form")}
    draft = Draft(id=b64(row.id), token=unb64(typed["token"], 32), **named)
    return draft if row.addendum is None else replace(draft, form=_added(uow, actor, row, draft.form))


def _added(uow: UnitOfWork, actor: Actor, row: Row[Any], form: dict[str, Any]) -> dict[str, Any]:
    """The form as it was sent after the session's end; what does not open was not sent for this member."""
    try:
        about = _addendum(actor.code, b64(row.id))
        box = unlock(draft_key(actor.keys), about, unshredded(uow, row.id, row.addendum or b""))
        return parse_object(unpad(boxes.unseal(actor.keys.sealing, about, box)))
    except (Tampered, Invalid):
        return form


def _destroy(uow: UnitOfWork, row: Row[Any]) -> None:
    shred(uow, row.id)
    run(uow.shreds, _DELETED, name=row.id)


def _draft(member: str, name: str) -> tuple[str, dict[str, str]]:
    return "draft", {"member": member, "draft": name}


def _addendum(member: str, name: str) -> tuple[str, dict[str, str]]:
    return "draft-addendum", {"member": member, "draft": name}
