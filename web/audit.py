"""The audit chain, for custodians' clients: bodies stay sealed until the custodian's own device opens them."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from vault import audit
from vault.errors import Invalid
from vault.rules.access import Permission
from web.auth import actor, allow, vault

bp = Blueprint("audit", __name__)


@bp.get("/api/audit")
@allow(Permission.READ_AUDIT)
def api_entries() -> Response:
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 9):
        raise Invalid("Ask for what comes after a position.")
    with vault().store.read() as uow:
        found = audit.entries(uow, actor().role, int(after))
    return jsonify(entries=[audit.to_json(entry) for entry in found])
