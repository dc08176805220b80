"""Sharing anew with a new epoch's custodians, and their drills; for their clients."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request

from vault import drills, resharing
from vault.errors import Invalid
from vault.rules.access import Permission
from web.auth import actor, allow, desk, json_object, today, vault

bp = Blueprint("resharing", __name__)


@bp.get("/api/resharing/<kind>")
@allow(Permission.HOLD_SHARES)
def api_page(kind: str) -> Response:
    with vault().store.read() as uow:
        found = resharing.page(uow, actor(), kind, _after())
    return jsonify(lines=found.lines, damaged=found.damaged, next=found.next)


@bp.get("/api/resharing")
@allow(Permission.HOLD_SHARES)
def api_statements() -> Response:
    with vault().store.read() as uow:
        return jsonify(statements=resharing.statements(uow, actor()))


@bp.post("/api/resharing")
@allow(Permission.HOLD_SHARES)
def api_begin() -> Response:
    typed = json_object("statement")
    with desk("testimony") as (uow, who):
        digest = resharing.begin(uow, who, typed["statement"], today())
        uow.commit()
    return jsonify(digest=digest)


@bp.post("/api/resharing/<digest>/batches")
@allow(Permission.HOLD_SHARES)
def api_take(digest: str) -> Response:
    typed = json_object("lines")
    with desk() as (uow, who):
        changed = resharing.take(uow, who, digest, typed["lines"])
        uow.commit()
    return jsonify(changed=changed)


@bp.post("/api/resharing/<digest>/end")
@allow(Permission.HOLD_SHARES)
def api_finish(digest: str) -> Response:
    return jsonify(left=resharing.finish(vault(), actor(), digest, today()))


@bp.get("/api/drills/withdrawn")
@allow(Permission.HOLD_SHARES)
def api_withdrawn() -> Response:
    with vault().store.read() as uow:
        return jsonify(drills.withdrawn(uow, actor(), _after()))


@bp.get("/api/drills/<purpose>")
@allow(Permission.HOLD_SHARES)
def api_shares(purpose: str) -> Response:
    with vault().store.read() as uow:
        return jsonify(drills.page(uow, actor(), purpose, _after()))


@bp.get("/api/drills")
@allow(Permission.HOLD_SHARES)
def api_reports() -> Response:
    with vault().store.read() as uow:
        return jsonify(drills.reports(uow, actor()))


@bp.post("/api/drills")
@allow(Permission.HOLD_SHARES)
def api_report() -> Response:
    typed = json_object("report")
    with desk("testimony") as (uow, who):
        drills.hand_in(uow, who, typed["report"], today())
        uow.commit()
    return make_response("", 204)


def _after() -> str:
    after = request.args.get("after", "")
    if not after.isascii() or len(after) > 22:
        raise Invalid("Ask for what comes after a record.")
    return after
