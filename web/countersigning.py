"""Statements for custodians' own devices: what waits for a signature, what is published, what is pulled."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from vault import publishing, statements
from vault.rules.access import Permission
from web.auth import allow, desk, json_object, today

bp = Blueprint("countersigning", __name__)


@bp.get("/api/statements")
@allow(Permission.SIGN_STATEMENT)
def api_index() -> Response:
    """The packets that wait for this custodian, and everything that was published."""
    with desk("testimony", "shreds") as (uow, who):
        packets, known = publishing.waiting(uow, who), statements.every(uow)
    return jsonify(
        waiting=[one.to_json() for one in packets],
        published=[{"signed": one.signed, "case": one.case, "pulled_by": one.pulled_by} for one in known],
    )


@bp.post("/api/statements/<name>/publication")
@allow(Permission.SIGN_STATEMENT)
def api_publish(name: str) -> Response:
    typed = json_object("signed")
    with desk("testimony", "shreds") as (uow, who):
        statement = publishing.publish(uow, who, name, typed["signed"], today())
        uow.commit()
    return jsonify(statement=statement.digest)


@bp.post("/api/statements/pulls")
@allow(Permission.PULL_STATEMENT)
def api_pull() -> Response:
    typed = json_object("signed")
    with desk("testimony") as (uow, who):
        publishing.take_pull(uow, who, typed["signed"], today())
        uow.commit()
    return make_response("", 204)
