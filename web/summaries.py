"""What several pages say of a case."""

from __future__ import annotations

from typing import Any

from vault import cases, editions, keyrings
from vault.keyrings import Actor
from vault.rules.access import Permission, allows
from web.auth import today, vault


def summary(who: Actor, case: cases.Case) -> dict[str, Any]:
    """A case with what this member can do in it."""
    with vault().store.read() as uow:
        can_read = keyrings.holds(uow, who, case.file, "testimony")
        can_cut = allows(who.role, Permission.CUT_EDITION) and keyrings.holds(uow, who, case.file, "editions")
        next_edition = editions.shelf(vault(), uow, who, case.id, today()).next_day if can_cut else None
    return {
        "id": case.id,
        "code": case.file.code,
        "title": case.title,
        "can_log": allows(who.role, Permission.LOG_INTERVIEW),
        "can_edit": allows(who.role, Permission.EDIT_INCIDENTS),
        "can_read": can_read,
        "can_cut": can_cut,
        "next_edition": next_edition,
    }
