"""What several pages say of a case."""

from __future__ import annotations

from typing import Any

from vault import cases, editions, keyrings, retention
from vault.keyrings import Actor
from vault.rules.access import Permission, allows
from vault.rules.retention import Stage
from web.auth import today, vault


def summary(who: Actor, case: cases.Case) -> dict[str, Any]:
    """A case with what this member can do in it."""
    with vault().store.read() as uow:
        can_read = keyrings.holds(uow, who, case.file, "testimony")
        sees = allows(who.role, Permission.READ_EDITION) and keyrings.holds(uow, who, case.file, "editions")
        shelf = editions.shelf(vault(), uow, who, case.id, today()) if sees else editions.Shelf((), None)
        can_cut = editions.may_cut(uow, who, case.file)
        lasting = retention.of(uow, case.file)
    stage = lasting.stage(today())
    over = stage is Stage.DESTROYED
    return {
        "id": case.id,
        "code": case.file.code,
        "title": case.title,
        "can_log": not over and allows(who.role, Permission.LOG_INTERVIEW),
        "can_add_evidence": allows(who.role, Permission.ADD_EVIDENCE),
        "can_edit": not over and allows(who.role, Permission.EDIT_INCIDENTS),
        "can_read": can_read,
        "sees_editions": sees,
        "can_cut": can_cut and not over,
        "next_edition": None if over else shelf.next_day,
        "lasting": {
            "stage": str(stage),
            "until": lasting.until,
            "first": lasting.waits.first if lasting.waits else None,
            "ready": lasting.waits is not None and today() >= lasting.waits.first,
        },
        "last_edition": shelf.editions[0].day if shelf.editions else None,
    }
