"""What the accused says: the timeline, what it contradicts, the right of reply, and the forms to write both down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, responses
from vault.cases import Case
from vault.errors import Conflict, Invalid, NotFound
from vault.interviews import vocabularies
from vault.responses import Log
from vault.rules.access import Permission
from vault.rules.points import MOST_POINTS
from web import claim_choice, refusals
from web.auth import allow, desk, json_object, today, vault
from web.evidence_words import in_words
from web.languages import languages
from web.locales import said
from web.responded import CAME, FINDINGS, HOWS, KINDS, Timeline
from web.response_form import ACT, Errors, Form, errors_of, images, points, read_response, refill

bp = Blueprint("responses", __name__)

_RECORD = {"response": responses.record, "approach": responses.approach, "return": responses.returned}


@bp.get("/cases/<case>/responses")
@allow(Permission.READ_EDITION)
def index(case: str) -> str:
    return _index(case, {}, [])


@bp.post("/cases/<case>/responses")
@allow(Permission.ASSESS)
def ask(case: str) -> AnyResponse:
    form = request.form
    act = "return" if form.get("act") == "return" else "approach"
    try:
        _record(case, act, _read_return(form) if act == "return" else _read_approach(form))
    except (Invalid, Conflict) as error:
        refusals.keep(error)
        at = f"return-{form.get('approach', '')}" if act == "return" else "approach"
        errors = [(f"{at}-{error.about}" if error.about else None, said(error))]
        return make_response(_index(case, form, errors), 422 if isinstance(error, Invalid) else 409)
    return redirect(url_for("responses.index", case=case, labels=languages().kept), 303)


@bp.get("/cases/<case>/responses/new")
@allow(Permission.ASSESS)
def form(case: str) -> str:
    replaces = request.args.get("replaces")
    found, log = _listing(case)
    if replaces is None:
        return _form(found, MultiDict(), [])
    if replaces not in log.standing.responses:
        raise NotFound("There is no such response that stands: look at what they said.")
    return _form(found, refill(log.standing.responses[replaces]), [])


@bp.post("/cases/<case>/responses/new")
@allow(Permission.ASSESS)
def form_post(case: str) -> AnyResponse:
    typed = request.form
    with desk("testimony") as (uow, who):
        found = cases.show(uow, who, case)
    if ACT.fullmatch(typed.get("act", "")):
        return make_response(_form(found, typed, []))
    try:
        _record(case, "response", read_response(typed, request.args.get("replaces")))
    except (Invalid, Conflict) as error:
        refusals.keep(error)
        status = 422 if isinstance(error, Invalid) else 409
        return make_response(_form(found, typed, errors_of(error, typed)), status)
    return redirect(url_for("responses.index", case=case, labels=languages().kept), 303)


@bp.get("/api/cases/<case>/responses")
@allow(Permission.READ_EDITION)
def api_index(case: str) -> Response:
    return jsonify(_listing(case)[1].to_json())


@bp.post("/api/cases/<case>/responses")
@allow(Permission.ASSESS)
def api_record(case: str) -> Response:
    raw = json_object("act")
    act = str(raw.pop("act"))
    if act not in _RECORD:
        raise Invalid("An entry is a response, an approach or a return.")
    return jsonify(name=_record(case, act, raw))


def _record(case: str, act: str, raw: Mapping[str, Any]) -> str:
    with desk() as (uow, who):
        name = _RECORD[act](vault(), uow, who, (case, raw), today())
        uow.commit()
    return name


def _listing(case: str) -> tuple[Case, Log]:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        log = responses.listing(vault(), uow, who, case, today())
        uow.commit()
    return found, log


def _index(case: str, form: Mapping[str, str], errors: Errors) -> str:
    found, log = _listing(case)
    timeline = Timeline(log, found, vocabularies(vault(), found), languages())
    standing = log.standing.responses
    return render_template(
        "responses.html",
        case=_case(found),
        rows=timeline.rows(),
        incidents=found.incidents,
        hows=in_words(HOWS),
        came_kinds=in_words(CAME),
        responses=[(name, timeline.titled(one)) for name, one in standing.items()],
        form=form,
        chosen=form.getlist("incidents") if isinstance(form, MultiDict) else [],
        errors=errors,
    )


def _form(found: Case, typed: Form, errors: Errors) -> str:
    act = request.form.get("act", "")
    known = vocabularies(vault(), found)
    return render_template(
        "response_new.html",
        case=_case(found),
        form=typed,
        errors=errors,
        replaces=request.args.get("replaces"),
        points=points(typed, act),
        images=images(typed, act),
        act=act,
        most=MOST_POINTS,
        kinds=in_words(KINDS),
        findings=in_words(FINDINGS),
        incidents=[(one["incident"], one["title"]) for one in found.incidents],
        groups=claim_choice.groups(known.values()),
    )


def _read_approach(form: Form) -> dict[str, Any]:
    facts = {name: form.get(name, "").strip() for name in ("day", "how")}
    written = {"to": " ".join(form.get("to", "").split()), "asked": form.get("asked", "").strip()}
    return {**facts, **written, "incidents": form.getlist("incidents")}


def _read_return(form: Form) -> dict[str, Any]:
    facts = {name: form.get(name, "").strip() for name in ("approach", "day", "kind", "summary")}
    return {**facts, "response": form.get("response") or None}


def _case(found: Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
