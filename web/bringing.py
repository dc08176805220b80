"""Incidents brought in from a table: read, looked at once more, added."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, retention
from vault.errors import Invalid
from vault.rules import skeletons
from vault.rules.access import Permission
from vault.rules.vocabulary import Vocabulary
from web.auth import actor, allow, desk, json_object, today, vault
from web.case_form import questions
from web.languages import languages
from web.locales import said

bp = Blueprint("bringing", __name__)


@bp.get("/cases/<case>/incidents/table")
@allow(Permission.EDIT_INCIDENTS)
def form(case: str) -> str:
    return _page(case, "", [])


@bp.post("/cases/<case>/incidents/table")
@allow(Permission.EDIT_INCIDENTS)
def form_post(case: str) -> AnyResponse:
    try:
        text = _brought()
        found = skeletons.read(text, vault().vocabularies)
    except Invalid as error:
        return make_response(_page(case, request.form.get("text", ""), [said(error)]), 422)
    if found.faults:
        return make_response(_page(case, text, list(map(said, found.faults))), 422)
    match request.form.get("act"):
        case "add":
            _add(case, found)
            return redirect(url_for("cases.show", case=case), 303)
        case "change":
            return make_response(_page(case, text, []))
    return make_response(_look(case, text, found))


@bp.post("/api/cases/<case>/incidents/table")
@allow(Permission.EDIT_INCIDENTS)
def api_add(case: str) -> Response:
    text = json_object("table")["table"]
    return jsonify(incidents=_add(case, skeletons.read(str(text), vault().vocabularies)))


def _add(case: str, found: skeletons.Skeleton) -> list[str]:
    with desk("testimony") as (uow, who):
        added = cases.add_incidents(uow, who, case, found.sound(), today())
        uow.commit()
    return added


def _brought() -> str:
    """The table that was pasted, or the file that was chosen. Raises Invalid."""
    chosen, pasted = request.files.get("file"), request.form.get("text", "")
    text = pasted if pasted.strip() or chosen is None else skeletons.decode(chosen.read())
    if not text.strip():
        raise Invalid("Choose a file, or paste the table.")
    return text


def _case(name: str) -> cases.Case:
    with vault().store.read() as uow:
        return retention.show_kept(uow, actor(), name)


def _page(case: str, text: str, faults: Collection[str]) -> str:
    found = _case(case)
    return render_template(
        "incidents_table.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        text=text,
        errors=[("text", fault) for fault in faults],
        most=skeletons.MOST_INCIDENTS,
        vocabularies=list(vault().vocabularies),
    )


def _look(case: str, text: str, found: skeletons.Skeleton) -> str:
    into = _case(case)
    fresh = cases.fresh_incidents(into, found.incidents)
    return render_template(
        "incidents_look.html",
        case={"id": into.id, "code": into.file.code, "title": into.title},
        text=text,
        fresh=[_row(one) for one in fresh],
        known=len(found.incidents) - len(fresh),
    )


def _row(incident: Mapping[str, Any]) -> dict[str, Any]:
    vocabulary = vault().vocabularies[incident["vocabulary"]]
    return {
        **incident,
        "kind": questions([incident["vocabulary"]])[0][1],
        "claims": [_claim(vocabulary, one) for one in incident.get("claims", ())],
    }


def _claim(vocabulary: Vocabulary, claim: Mapping[str, Any]) -> str:
    words = languages()
    subject, raw = claim["subject"], claim["value"]
    value = "yes" if raw is None else vocabulary.check_value(subject, raw)
    return words.claim(words.of(vocabulary), subject, value)
