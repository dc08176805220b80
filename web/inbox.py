"""What waits for whoever signed in, for their client."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from vault import inbox
from vault.rules.access import Permission
from web.auth import actor, allow, today, vault

bp = Blueprint("inbox", __name__)


@bp.get("/api/inbox")
@allow(Permission.READ_ROSTER)
def api_show() -> Response:
    with vault().store.read() as uow:
        found = inbox.inbox(uow, actor(), today())
    return jsonify(
        decisions=found.decisions,
        signatures=found.signatures,
        collectable=found.collectable,
        keys=found.keys,
        rotations=found.rotations,
        alarm=found.alarm,
        drill=found.drill and found.drill.isoformat(),
    )
