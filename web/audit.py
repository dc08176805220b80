"""The audit chain, for custodians' clients: bodies stay sealed until the custodian's own device opens them."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request

from vault import audit
from vault.errors import Invalid
from vault.rules.access import Permission
from web.auth import actor, allow, desk, json_object, vault

bp = Blueprint("audit", __name__)


@bp.get("/api/audit")
@allow(Permission.READ_AUDIT)
def api_entries() -> Response:
    with vault().store.read() as uow:
        found = audit.entries(uow, actor().role, _after())
    return jsonify(entries=[audit.to_json(entry) for entry in found])


@bp.get("/api/audit/decisions")
@allow(Permission.READ_AUDIT)
def api_decisions() -> Response:
    with vault().store.read() as uow:
        return jsonify(decisions=audit.decisions(uow, actor().role, _after()))


@bp.get("/api/audit/checkpoints")
@allow(Permission.READ_AUDIT)
def api_checkpoints() -> Response:
    with vault().store.read() as uow:
        return jsonify(checkpoints=audit.checkpoints(uow, actor().role))


@bp.post("/api/audit/checkpoints")
@allow(Permission.READ_AUDIT)
def api_sign() -> Response:
    signed = json_object("document", "signatures")
    with desk("testimony") as (uow, who):
        audit.keep_checkpoint(uow, who.code, who.role, signed)
        uow.commit()
    return make_response("", 204)


def _after() -> int:
    after = request.args.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= 9):
        raise Invalid("Ask for what comes after a position.")
    return int(after)
