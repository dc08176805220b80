"""Files on their way into a case, for the pages' script and clients: begun, sent in whole pieces, given up."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request

from vault import sweeping, uploads
from vault.errors import Conflict
from vault.rules.access import Permission
from vault.uploads import Facts
from web.auth import actor, allow, json_object, today, vault
from web.locales import said

bp = Blueprint("uploads", __name__)


@bp.get("/api/cases/<case>/uploads")
@allow(Permission.ADD_EVIDENCE)
def api_index(case: str) -> Response:
    return jsonify([one.to_json() for one in uploads.waiting(vault(), actor(), case)])


@bp.post("/api/cases/<case>/uploads")
@allow(Permission.ADD_EVIDENCE)
def api_start(case: str) -> Response:
    facts = Facts.parse(json_object("size", "head"))
    sweeping.sweep(vault(), today())
    return jsonify(uploads.start(vault(), actor(), case, facts, today()).to_json())


@bp.get("/api/uploads/<upload>")
@allow(Permission.ADD_EVIDENCE)
def api_show(upload: str) -> Response:
    return jsonify(uploads.find(vault(), actor(), upload).to_json())


@bp.put("/api/uploads/<upload>/<int:place>")
@allow(Permission.ADD_EVIDENCE)
def api_receive(upload: str, place: int) -> Response:
    data = request.get_data(cache=False)
    try:
        return jsonify(uploads.receive(vault(), actor(), upload, (place, data), today()).to_json())
    except Conflict as conflict:  # where to go on is in the answer
        state = uploads.find(vault(), actor(), upload).to_json()
        return make_response(jsonify(error=said(conflict), **state), 409)


@bp.delete("/api/uploads/<upload>")
@allow(Permission.ADD_EVIDENCE)
def api_forget(upload: str) -> Response:
    uploads.forget(vault(), actor(), upload)
    return make_response("", 204)
