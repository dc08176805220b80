"""Rebuttal sheets: chosen point by point, looked at, proposed, decided on by another, given out."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, printing, rebuttals, rebutting
from vault.errors import Conflict, Invalid, Refused, VaultError
from vault.leaflets import title_of
from vault.rebuttals import Listed
from vault.rebutting import Readable
from vault.rules.access import Permission
from vault.rules.assessments import Decision, reason
from vault.rules.rebuttals import source_to_json
from web import refusals
from web.auth import actor, allow, desk, json_object, today, vault
from web.evidence_words import in_words
from web.locales import language, said
from web.rebuttal_form import LANGUAGES, SPOKEN, printed, read_choice, rows, written

bp = Blueprint("rebuttals", __name__)

_TYPES = {"html": "text/html", "pdf": "application/pdf", "json": "application/json"}


@bp.get("/cases/<case>/rebuttals")
@allow(Permission.READ_EDITION)
def index(case: str) -> str:
    return _index(case)


@bp.get("/cases/<case>/responses/<response>/rebuttal")
@allow(Permission.WEIGH_EVIDENCE)
def form(case: str, response: str) -> str:
    return _form((case, response), MultiDict())


@bp.post("/cases/<case>/responses/<response>/rebuttal")
@allow(Permission.WEIGH_EVIDENCE)
def form_post(case: str, response: str) -> AnyResponse:
    """Show the page that a choice makes; propose it when that is asked for."""
    typed = request.form
    try:
        choice = read_choice(typed, response)
        if typed.get("act") != "propose":
            return _page(rebutting.look(vault(), actor(), (case, choice), today()))
        _propose(case, choice)
    except (Invalid, Refused, Conflict) as error:
        refusals.keep(error)
        page = _form((case, response), typed, error)
        return make_response(page, 422 if isinstance(error, Invalid) else 409)
    return redirect(url_for("rebuttals.index", case=case), 303)


@bp.get("/cases/<case>/rebuttals/<name>")
@allow(Permission.READ_EDITION)
def show(case: str, name: str) -> Response:
    """A sheet as it will be read, marked as a draft."""
    return _page(rebutting.show(vault(), actor(), (case, name), today()))


@bp.post("/cases/<case>/rebuttals/<name>")
@allow(Permission.WEIGH_EVIDENCE)
def decide(case: str, name: str) -> AnyResponse:
    typed = request.form
    try:
        _decide(case, name, typed.get("upheld") == "yes", typed.get("reason", ""))
    except (Invalid, Refused, Conflict) as error:
        refusals.keep(error)
        return make_response(_index(case, said(error)), 422 if isinstance(error, Invalid) else 409)
    return redirect(url_for("rebuttals.index", case=case), 303)


@bp.post("/cases/<case>/rebuttals/<name>/out")
@allow(Permission.WEIGH_EVIDENCE)
def give_out(case: str, name: str) -> AnyResponse:
    """The sheet as a file. It is in the ledger of what left before it leaves."""
    try:
        kind, content = _given(case, name, request.form)
    except (Invalid, Refused) as error:
        refusals.keep(error)
        return make_response(_index(case, said(error)), 422 if isinstance(error, Invalid) else 409)
    response = make_response(content)
    response.mimetype = _TYPES[kind]
    response.headers["Content-Disposition"] = f'attachment; filename="rebuttal.{kind}"'
    return response


@bp.get("/api/cases/<case>/rebuttals")
@allow(Permission.READ_EDITION)
def api_index(case: str) -> Response:
    return jsonify([one.to_json() for one in _listing(case)[1]])


@bp.get("/api/cases/<case>/responses/<response>/answers")
@allow(Permission.WEIGH_EVIDENCE)
def api_offered(case: str, response: str) -> Response:
    """What each point of a response can be answered by, and what it would say."""
    with desk() as (uow, who):
        _, offers = rebuttals.offered(vault(), uow, who, (case, response), today())
        uow.commit()
    points = [
        [{"source": source_to_json(source), "says": said} for source, said in one] for one in offers.points
    ]
    return jsonify(points=points)


@bp.post("/api/cases/<case>/rebuttals")
@allow(Permission.WEIGH_EVIDENCE)
def api_act(case: str) -> Response:
    typed = json_object("act")
    if typed.pop("act") == "rebuttal":
        return jsonify(rebuttal=_propose(case, typed))
    name, why = str(typed.get("rebuttal")), str(typed.get("reason", ""))
    _decide(case, name, typed.get("upheld") is True, why)
    return make_response("", 204)


@bp.post("/api/cases/<case>/rebuttals/<name>/out")
@allow(Permission.WEIGH_EVIDENCE)
def api_give_out(case: str, name: str) -> Response:
    _, content = _given(case, name, json_object("language", "format"))
    return jsonify(content=b64encode(content).decode())


def _given(case: str, name: str, wish: Mapping[str, Any]) -> tuple[str, bytes]:
    kind, language = str(wish.get("format")), str(wish.get("language"))
    if kind not in _TYPES:
        raise Invalid("Choose how it is given out: html, pdf or json.", "format")
    found = rebutting.give_out(vault(), actor(), (case, name), today())
    if kind == "json":
        return kind, json.dumps(found.published, ensure_ascii=False).encode()
    made = printed(vault(), found, language)
    return kind, printing.rebuttal_pdf(made) if kind == "pdf" else printing.rebuttal_html(made).encode()


def _page(found: Readable) -> Response:
    response = make_response(
        printing.rebuttal_html(printed(vault(), found, request.values.get("language", language())))
    )
    response.headers["Content-Security-Policy"] = f"{printing.POLICY_WITH_PICTURES}; frame-ancestors 'none'"
    return response


def _propose(case: str, choice: Mapping[str, Any]) -> str:
    with desk() as (uow, who):
        name = rebuttals.propose(vault(), uow, who, (case, choice), today())
        uow.commit()
    return name


def _decide(case: str, name: str, upheld: bool, why: str) -> None:
    with desk() as (uow, who):
        rebuttals.decide(vault(), uow, who, (case, Decision(name, upheld, reason(why))), today())
        uow.commit()


def _listing(case: str) -> tuple[cases.Case, tuple[Listed, ...]]:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        listed = rebuttals.listing(vault(), uow, who, case, today())
        uow.commit()
    return found, listed


def _index(case: str, error: str = "") -> str:
    found, listed = _listing(case)
    return render_template(
        "rebuttals.html",
        case=_case(found),
        sheets=[_row(one) for one in listed],
        codes=in_words(SPOKEN),
        error=error,
    )


def _row(one: Listed) -> dict[str, Any]:
    proposed, sheet = one.proposed, one.proposed.proposal.sheet
    return {
        "one": proposed,
        "about": title_of(sheet["about"], language()),
        "response": sheet["response"],
        "points": len(sheet["points"]),
        "decision": proposed.verdict and proposed.verdict.decision,
        "mine": proposed.author == actor().code,
        "shut": said(one.shut),
        "left": one.left,
        "written": written(sheet),
    }


def _form(place: tuple[str, str], typed: MultiDict[str, str], error: VaultError | None = None) -> str:
    case, name = place
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        response, offers = rebuttals.offered(vault(), uow, who, place, today())
        uow.commit()
    return render_template(
        "rebuttal_new.html",
        case=_case(found),
        name=name,
        response=response,
        points=rows(vault(), response, offers, typed),
        form=typed,
        languages_of=in_words(LANGUAGES),
        errors=[] if error is None else [(error.about, said(error))],
    )


def _case(found: cases.Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
