"""Evidence as data: items handed in, read, and gone on with, one call for each act (docs/FORMATS.md §19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from vault import evidence, register
from vault.errors import Invalid
from vault.evidence import Shown
from vault.rules.access import Permission
from vault.rules.items import Act, Entry, to_json
from vault.rules.register import Row, Wanted
from vault.rules.releases import Release
from web.auth import actor, allow, desk, json_object, today, vault
from web.evidence_acts import record

bp = Blueprint("evidence_api", __name__)


@bp.get("/api/cases/<case>/evidence")
@allow(Permission.READ_EVIDENCE)
def index(case: str) -> Response:
    wanted = Wanted.parse(request.args)
    with desk() as (uow, who):
        page = register.listing(vault(), uow, who, (case, wanted), today())
        uow.commit()
    return jsonify(items=list(map(_row, page.rows)), found=page.found, page=page.page, pages=page.pages)


@bp.post("/api/cases/<case>/evidence")
@allow(Permission.ADD_EVIDENCE)
def add(case: str) -> Response:
    return jsonify(item=evidence.add(vault(), actor(), (case, json_object("item")), today()))


@bp.get("/api/cases/<case>/evidence/<item>")
@allow(Permission.READ_EVIDENCE)
def show(case: str, item: str) -> Response:
    with desk() as (uow, who):
        found = evidence.show(vault(), uow, who, (case, item), today())
        uow.commit()
    return jsonify(_to_json(found))


@bp.post("/api/cases/<case>/evidence/<item>")
@allow(Permission.READ_EVIDENCE)
def go_on(case: str, item: str) -> Response:
    raw = json_object("act")
    act = raw.pop("act")
    if str(act) not in set(Act):
        raise Invalid("An entry of a custody chain says an act that is not known; update the client.")
    return jsonify(name=record((case, item), Act(act), raw))


def _row(row: Row) -> dict[str, Any]:
    return {**row._asdict(), "says": [one._asdict() for one in row.says]}


def _to_json(shown: Shown) -> dict[str, Any]:
    """An item with its whole chain. Of a witness who gave it, their pseudonym for whoever reads testimony."""
    chain = shown.chain
    return {
        "item": chain.id,
        "giver": shown.giver,
        "given_by_witness": chain.item.arrival.giver is not None,
        "files": {str(role): file.to_json() for role, file in chain.item.current.items()},
        "releases": [one.name for one in chain.item.releases],
        "entries": [_entry(*both) for both in zip(chain.item.entries, chain.documents, strict=True)],
    }


def _entry(entry: Entry, document: Mapping[str, Any]) -> dict[str, Any]:
    about = {"name": entry.name, "author": entry.author, "day": entry.day, "act": document["act"]}
    written = to_json(entry.said) if isinstance(entry.said, Release) else document["content"]
    return {**about, "content": {name: value for name, value in written.items() if name != "giver"}}
