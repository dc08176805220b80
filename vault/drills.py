"""A custodian's drill: the shares sealed to them, to be opened on their device; and their signed reports."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from sqlalchemy import select

from vault import audit, holdings, resharing
from vault import roster as rosters
from vault.errors import Invalid, Tampered
from vault.keyrings import Actor
from vault.rules.access import Permission, require
from vault.sealing.digests import Json, stored
from vault.sealing.drills import read_report
from vault.sealing.escrows import for_custodian
from vault.store.testimony import AttendanceRow
from vault.store.unit_of_work import UnitOfWork


def page(uow: UnitOfWork, actor: Actor, purpose: str, after: str) -> dict[str, Any]:
    """The next records of the present epoch with this custodian's own share, and the hashes of everybody's."""
    require(actor.role, Permission.HOLD_SHARES)
    if purpose not in holdings.PURPOSES:
        raise Invalid("Ask for records of a kind that there is.")
    epoch = rosters.current(uow).epoch
    found = holdings.page(uow, purpose, after)
    present = [record for record in found.values() if record and record["epoch"] == epoch]
    return {
        "records": [
            {
                "extract": for_custodian(record, actor.code),
                "hashes": {share["custodian"]: share["hash"] for share in record["shares"]},
                "anew": record["origin"] is not None,
            }
            for record in present
        ],
        "next": list(found)[-1] if len(found) == holdings.PAGE else None,
    }


def withdrawn(uow: UnitOfWork, actor: Actor, after: str) -> dict[str, Any]:
    """The next records that no share opens any more, because they were withdrawn: by id alone."""
    require(actor.role, Permission.HOLD_SHARES)
    gone, following = holdings.withdrawn(uow, after)
    return {"withdrawn": gone, "next": following}


def hand_in(uow: UnitOfWork, actor: Actor, signed: Json, today: date) -> None:
    """Keep a custodian's newest report. Raises Tampered."""
    require(actor.role, Permission.HOLD_SHARES)
    document = read_report(signed, actor.code, rosters.current(uow))
    row = uow.testimony.get(AttendanceRow, actor.code)
    if row is None:
        row = AttendanceRow(custodian=actor.code)
        uow.testimony.add(row)
    row.drill = json.dumps(signed)
    audit.record(uow, actor.code, "drill reported", {"records": document["records"]}, today, signed)


def reports(uow: UnitOfWork, actor: Actor) -> dict[str, Any]:
    """The custodians' reports of the present epoch, and whether the re-sharing to it is finished."""
    require(actor.role, Permission.HOLD_SHARES)
    roster, found = rosters.current(uow), {}
    for row in uow.testimony.scalars(select(AttendanceRow).order_by(AttendanceRow.custodian)):
        if row.drill is not None and row.custodian in roster.custodians:
            try:
                signed = stored(row.drill)
                read_report(signed, row.custodian, roster)
            except Tampered:
                continue
            found[row.custodian] = signed
    return {"reports": found, "finished": resharing.is_finished(uow)}
