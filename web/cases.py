"""A case: its incidents and team."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, editions, preparing
from vault.errors import N_, Invalid, Refused
from vault.rules.access import Permission
from web import waiting
from web.auth import actor, allow, desk, json_object, today, vault
from web.case_form import questions
from web.locales import said
from web.summaries import summary

bp = Blueprint("cases", __name__)

_KEYS = {
    "brief": N_("brief"),
    "testimony": N_("testimony"),
    "corroboration": N_("corroboration"),
    "editions": N_("editions"),
    "evidence": N_("evidence"),
}


@bp.get("/cases/<case>")
@allow(Permission.SEE_CASES)
def show(case: str) -> str:
    return _page(case, {}, [])


@bp.post("/cases/<case>/incidents")
@allow(Permission.EDIT_INCIDENTS)
def add_incident(case: str) -> AnyResponse:
    try:
        _add(case, request.form.to_dict())
    except Invalid as error:
        return make_response(_page(case, request.form.to_dict(), [("title", said(error))]), 422)
    return redirect(url_for("cases.show", case=case), 303)


@bp.get("/api/cases")
@allow(Permission.SEE_CASES)
def api_index() -> Response:
    with vault().store.read() as uow:
        found = cases.listing(uow, actor())
    return jsonify(cases=[{"case": case.id, "code": case.file.code, "title": case.title} for case in found])


@bp.get("/api/cases/<case>")
@allow(Permission.SEE_CASES)
def api_show(case: str) -> Response:
    with vault().store.read() as uow:
        found = cases.show(uow, actor(), case)
    return jsonify(case=found.id, code=found.file.code, title=found.title, incidents=list(found.incidents))


@bp.post("/api/cases/<case>/incidents")
@allow(Permission.EDIT_INCIDENTS)
def api_add_incident(case: str) -> Response:
    typed = json_object("title")
    return jsonify(incident=_add(case, {key: str(value) for key, value in typed.items()}))


def _add(case: str, facts: dict[str, str]) -> str:
    if facts.get("vocabulary", "air-strike") not in vault().vocabularies:
        raise Invalid("Choose one of the question lists that are offered.")
    with desk("testimony") as (uow, who):
        incident = cases.add_incident(uow, who, case, facts, today())
        uow.commit()
    return incident


def _page(case: str, form: dict[str, str], errors: list[tuple[str, str]]) -> str:
    who = actor()
    with vault().store.read() as uow:
        found = cases.show(uow, who, case)
        waits, facts = waiting.of_case(found), summary(who, found)
        facts["can_prepare"] = preparing.may_prepare(uow, who, found.file)
        try:
            known = editions.shelf(vault(), uow, who, case, today()).editions
        except Refused:  # a researcher, or somebody without the key
            known = ()
    return render_template(
        "case.html",
        case=facts,
        waits=waits,
        incidents=found.incidents,
        team=[(code, [gettext(_KEYS[key]) for key in keys]) for code, keys in cases.team(found.file)],
        edition=known[0].document if known else None,
        vocabularies=questions(vault().vocabularies),
        form=form,
        errors=errors,
    )
