"""The same-person ceremony, for the clients of reviewers and custodians."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from vault import matching
from vault.rules.access import Permission
from web.auth import allow, desk, json_object, today, vault

bp = Blueprint("matching", __name__)


@bp.get("/api/cases/<case>/match")
@allow(Permission.CUT_EDITION)
def api_names(case: str) -> Response:
    with desk() as (uow, who):
        found = matching.names(vault(), uow, who, case, today())
        uow.commit()
    return jsonify(found)


@bp.post("/api/match/case")
@allow(Permission.HOLD_SHARES)
def api_case() -> Response:
    typed = json_object("request")
    with desk() as (uow, who):
        return jsonify(case=matching.case_of(uow, who, typed["request"]))


@bp.post("/api/match/records")
@allow(Permission.HOLD_SHARES)
def api_records() -> Response:
    typed = json_object("request", "records")
    with desk() as (uow, who):
        found = matching.records(uow, who, typed["request"], typed["records"], today())
        uow.commit()
    return jsonify(records=found)


@bp.post("/api/cases/<case>/match")
@allow(Permission.HOLD_SHARES)
def api_keep(case: str) -> Response:
    typed = json_object("sealed")
    with desk() as (uow, who):
        matching.keep(uow, who, case, typed["sealed"], today())
        uow.commit()
    return make_response("", 204)
