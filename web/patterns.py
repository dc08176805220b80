"""Across incidents: how often a thing was perceived, and where."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template
from flask_babel import gettext, ngettext

from vault import across
from vault.across import Across
from vault.errors import N_
from vault.rules.access import Permission
from vault.rules.patterns import STEPS
from web.auth import allow, desk, today, vault
from web.languages import languages
from web.locales import language, said
from web.sentences import apart, listed, number

bp = Blueprint("patterns", __name__)

_KINDS = {
    "air-strike": N_("Air strike"),
    "detention": N_("Detention"),
    "shelling": N_("Shelling"),
}


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
    name = found.vocabulary.name
    words = (
        (said(_KINDS[name]), language()) if name in _KINDS else (name.replace("-", " ").capitalize(), "en")
    )
    return {"name": words[0], "language": words[1], "incidents": found.incidents, "rows": rows}


def _picture(cells: list[int | None]) -> str:
    """What a row of the picture shows: each incident by its number, under the step that it reaches."""
    parts = []
    for step in sorted({cell for cell in cells if cell is not None}, reverse=True):
        where = [str(place) for place, cell in enumerate(cells, 1) if cell == step]
        parts.append(_reached(step, where))
    return apart(parts) if parts else str(gettext("perceived directly by nobody"))


def _reached(step: int, where: list[str]) -> str:
    incidents = listed(where)
    if step:
        return str(
            ngettext(
                "at least %(people)s in incident %(incidents)s",
                "at least %(people)s in incidents %(incidents)s",
                len(where),
                people=number(step),
                incidents=incidents,
            )
        )
    return str(
        ngettext(
            "fewer than three in incident %(incidents)s",
            "fewer than three in incidents %(incidents)s",
            len(where),
            incidents=incidents,
        )
    )
