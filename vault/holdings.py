"""Every escrow record of the vault, whatever it protects: page by page, and put back in its place (docs/FORMATS.md §3).

Pages go by record id, which is random: the order says nothing of when something was deposited.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import case, select, update

from vault.errors import Invalid, Tampered, VaultError
from vault.sealing.deposits import IDENTITY_CONTENT
from vault.sealing.digests import DAMAGED, b64, canonical, pad, parse_object, stored, unb64, unpad
from vault.sealing.escrows import Escrow, check_form, fingerprint
from vault.shredding import Layer, layers
from vault.store.identities import IdentitySlotRow
from vault.store.testimony import CaseEscrowRow
from vault.store.unit_of_work import UnitOfWork

PAGE = 100
PURPOSES = ("case-key", "identity", "match")
Found = dict[str, Escrow | None]  # by record id; None: damaged, or its shred key was destroyed


def page(uow: UnitOfWork, purpose: str, after: str) -> Found:
    """The next records after an id, in ascending order of it: 100, or fewer at the end."""
    start = unb64(after, 16) if after else b""
    if purpose == "case-key":
        found = sorted((unb64(name), record) for name, record in _case_keys(uow).items())
        return {b64(name): record for name, record in found if name > start}
    of_purpose: Found = {}
    while len(of_purpose) < PAGE:  # match records lie among the identities
        chosen = select(IdentitySlotRow.record).where(IdentitySlotRow.taken, IdentitySlotRow.record > start)
        rows = uow.identities.scalars(chosen.order_by(IdentitySlotRow.record).limit(PAGE)).all()
        if not rows:
            break
        of_purpose |= find(uow, purpose, [b64(record) for record in rows])
        start = rows[-1]
    return dict(list(of_purpose.items())[:PAGE])


def find(uow: UnitOfWork, purpose: str, names: list[str]) -> Found:
    """The records of these ids and this purpose that are there, in the order of the names.

    Of what is damaged nobody knows what it was: it counts as an identity.
    """
    if purpose == "case-key":
        known = _case_keys(uow)
        return {name: known[name] for name in names if name in known}
    wanted = [unb64(name, 16) for name in names]
    slots = select(IdentitySlotRow.record, IdentitySlotRow.content)
    rows = uow.identities.execute(slots.where(IdentitySlotRow.taken, IdentitySlotRow.record.in_(wanted)))
    contents = {row.record: row.content for row in rows}
    keys = layers(uow, contents)
    present = [record for record in wanted if record in contents]
    records = {b64(record): _identity(keys.get(record), contents[record]) for record in present}
    return {name: one for name, one in records.items() if _purpose(one) == purpose}


def withdrawn(uow: UnitOfWork, after: str) -> tuple[list[str], str | None]:
    """The next identities and match records whose keys were destroyed: of 100 after an id; and after which to go on."""
    start = unb64(after, 16) if after else b""
    chosen = select(IdentitySlotRow.record).where(IdentitySlotRow.taken, IdentitySlotRow.record > start)
    rows = uow.identities.scalars(chosen.order_by(IdentitySlotRow.record).limit(PAGE)).all()
    there = layers(uow, rows)
    gone = [b64(record) for record in rows if record not in there]
    return gone, b64(rows[-1]) if len(rows) == PAGE else None


def case_key(text: str) -> Escrow:
    """The escrow record of a case's key, out of its row. Raises Tampered."""
    try:
        return check_form(stored(text))
    except Invalid:
        raise Tampered(DAMAGED) from None


def replace(uow: UnitOfWork, purpose: str, records: Mapping[str, Escrow]) -> None:
    """Put records back in their places; an identity or match record under the shred key that its slot has already."""
    if purpose == "case-key":
        for row in uow.testimony.scalars(select(CaseEscrowRow)):
            kept = case_key(row.record)
            made = records.get(kept["record"])
            # by the fingerprint too: a record under the id of another must not take its place
            if made is not None and fingerprint(made) == fingerprint(kept):
                row.record = json.dumps(made)
    elif records:
        padded = {unb64(name, 16): pad(canonical(one), IDENTITY_CONTENT) for name, one in records.items()}
        keys = layers(uow, padded)
        contents = {record: keys[record].lock(content) for record, content in padded.items()}
        slot = IdentitySlotRow  # one statement: no slot is indexed by its record
        chosen = update(slot).where(slot.record.in_(contents))
        uow.identities.execute(
            chosen.values(content=case(contents, value=slot.record)),
            execution_options={"synchronize_session": False},
        )


def _purpose(record: Escrow | None) -> str:
    return "match" if record is not None and record.get("purpose") == "match" else "identity"


def _case_keys(uow: UnitOfWork) -> Found:
    records = [case_key(text) for text in uow.testimony.scalars(select(CaseEscrowRow.record))]
    return {record["record"]: record for record in records}


def _identity(layer: Layer | None, content: bytes) -> Escrow | None:
    try:
        return None if layer is None else parse_object(unpad(layer.unlock(content)))
    except VaultError:
        return None
