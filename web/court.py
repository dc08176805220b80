"""Openings of a signed statement's line, for a court, by whoever holds the corroboration key."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from vault import court
from vault.errors import Invalid
from vault.rules.access import Permission
from web.auth import allow, desk, json_object, today, vault

bp = Blueprint("court", __name__)


@bp.post("/api/cases/<case>/openings-for-court")
@allow(Permission.APPROVE_STATEMENT)
def api_open(case: str) -> Response:
    typed = json_object("statement", "line")
    line = typed["line"]
    if not isinstance(line, int) or isinstance(line, bool):
        raise Invalid("A line is named by its number, counted from 0.", "line")
    with desk() as (uow, who):
        found = court.open_line(vault(), uow, who, (case, typed["statement"], line), today())
        uow.commit()
    return jsonify(found.to_json())
