"""Taking data out of a case: which tables there are, what each says, and the one that was asked for."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from flask_babel import gettext

from vault import cases, exchange
from vault.errors import Invalid, NotFound
from vault.exchange import Taken
from vault.rules.access import Permission
from vault.rules.dictionary import TABLES, TITLES, TableName
from web.auth import actor, allow, today, vault

bp = Blueprint("exchange", __name__)
_TYPES = {"csv": "text/csv", "json": "application/json"}


@bp.get("/cases/<case>/data")
@allow(Permission.READ_EDITION)
def index(case: str) -> str:
    with vault().store.read() as uow:
        found = cases.show(uow, actor(), case)
        offered = exchange.offered(uow, actor(), case)
    return render_template(
        "data.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        tables={str(name): _told(name) for name in TableName},
        offered=[str(name) for name in offered],
    )


@bp.post("/cases/<case>/data")
@allow(Permission.READ_EDITION)
def take(case: str) -> Response:
    chosen = request.form.get("format", "")
    if chosen not in _TYPES:
        raise Invalid("Choose CSV or JSON.")
    taken = _take(case, request.form.get("table", ""))
    text = taken.to_csv() if chosen == "csv" else json.dumps(taken.to_json(), ensure_ascii=False) + "\n"
    response = make_response(text)
    response.mimetype = _TYPES[chosen]
    name = f"{taken.table}-{taken.day.isoformat()}.{chosen}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.post("/api/cases/<case>/data/<table>")
@allow(Permission.READ_EDITION)
def api_take(case: str, table: str) -> Response:
    return jsonify(_take(case, table).to_json())


def _told(name: TableName) -> dict[str, Any]:
    """A table as its page tells of it."""
    table = TABLES[name]
    return {
        "title": gettext(TITLES[name]),
        "row": gettext(table.row),
        "without": gettext(table.without),
        "columns": [{"name": one.name, "meaning": gettext(one.meaning)} for one in table.columns],
    }


def _take(case: str, table: str) -> Taken:
    if table not in TABLES:
        raise NotFound("There is no such table: choose one of those that are offered.")
    return exchange.take(vault(), actor(), (case, TableName(table)), today())
