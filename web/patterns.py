"""Across incidents: how often a thing was perceived, and where."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template

from vault import across
from vault.across import Across
from vault.rules.access import Permission
from vault.rules.patterns import STEPS
from web.auth import allow, desk, today, vault
from web.languages import languages
from web.sentences import number

bp = Blueprint("patterns", __name__)


@bp.get("/patterns")
@allow(Permission.READ_EDITION)
def show() -> str:
    return render_template("patterns.html", kinds=[_kind(found) for found in _look()], steps=STEPS)


@bp.get("/api/patterns")
@allow(Permission.READ_EDITION)
def api_show() -> Response:
    return jsonify(kinds=[found.to_json() for found in _look()])


def _look() -> tuple[Across, ...]:
    with desk("testimony") as (uow, who):
        found = across.look(vault(), uow, who, today())
        uow.commit()
    return found


def _kind(found: Across) -> dict[str, Any]:
    rows, vocabulary = [], languages().of(found.vocabulary)
    for pattern in found.patterns:
        cells = [one.reached.get(pattern.subject) for one in found.incidents]
        rows.append(
            {
                "label": vocabulary.subject(pattern.subject).label,
                "many": pattern.incidents,
                "cells": cells,
                "picture": _picture(cells),
            }
        )
    return {"name": found.vocabulary.name, "incidents": found.incidents, "rows": rows}


def _picture(cells: list[int | None]) -> str:
    """What a row of the picture shows: each incident by its number, under the step that it reaches."""
    parts = []
    for step in sorted({cell for cell in cells if cell is not None}, reverse=True):
        where = [str(place) for place, cell in enumerate(cells, 1) if cell == step]
        incidents = f"incident{'' if len(where) == 1 else 's'} {', '.join(where)}"
        parts.append(f"{f'at least {number(step)}' if step else 'fewer than three'} in {incidents}")
    return "; ".join(parts) or "perceived directly by nobody"
