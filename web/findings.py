"""Findings: the list by incident, one with its versions and factors, the form of a version, a decision by another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, findings
from vault.cases import Case
from vault.errors import Conflict, Invalid, Refused
from vault.findings import Shown
from vault.interviews import vocabularies
from vault.rules.access import Permission
from vault.rules.assessments import Decision, reason
from vault.rules.findings import MOST_FACTORS
from web import refusals
from web.auth import allow, desk, json_object, today, vault
from web.finding_form import MORE, Errors, Form, errors_of, read_version, refill, rows, worded
from web.languages import languages
from web.locales import said
from web.weighed import Words, likelihoods

bp = Blueprint("findings", __name__)


@bp.get("/cases/<case>/findings")
@allow(Permission.READ_EDITION)
def index(case: str) -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        listed = findings.listing(vault(), uow, who, case, today())
        may_weigh = findings.may_weigh(uow, who, found.file)
        uow.commit()
    words = _words(found)
    by_incident = [
        (one, [words.row(row) for row in listed if row.finding.shown.version.incident == one["incident"]])
        for one in found.incidents
    ]
    facts = {"case": _case(found), "incidents": by_incident, "likelihoods": likelihoods()}
    return render_template("findings.html", **facts, may_weigh=may_weigh)


@bp.get("/cases/<case>/findings/<finding>")
@allow(Permission.READ_EDITION)
def show(case: str, finding: str) -> str:
    return _show(case, finding, [])


@bp.post("/cases/<case>/findings/<finding>")
@allow(Permission.WEIGH_EVIDENCE)
def decide(case: str, finding: str) -> AnyResponse:
    form = request.form
    try:
        _decide(case, form.get("motion", ""), form.get("upheld") == "yes", form.get("reason", ""))
    except (Invalid, Conflict, Refused) as error:
        refusals.keep(error)
        about = "reason" if isinstance(error, Invalid) else None
        page = _show(case, finding, [(about, said(error))])
        return make_response(page, 422 if isinstance(error, Invalid) else 409)
    return redirect(url_for("findings.show", case=case, finding=finding, labels=languages().kept), 303)


@bp.get("/cases/<case>/incidents/<incident>/finding")
@allow(Permission.WEIGH_EVIDENCE)
def form(case: str, incident: str) -> str:
    return _form((case, incident), None, [])


@bp.post("/cases/<case>/incidents/<incident>/finding")
@allow(Permission.WEIGH_EVIDENCE)
def form_post(case: str, incident: str) -> AnyResponse:
    typed, finding = request.form, request.args.get("finding")
    if typed.get("act") == MORE:
        return make_response(_form((case, incident), typed, []))
    try:
        number = int(typed.get("version", "")) if typed.get("version", "").isdecimal() else 0
        about = {"finding": finding, "version": number, "incident": incident}
        kept = _propose(case, read_version(typed, about))
    except (Invalid, Conflict, Refused) as error:
        refusals.keep(error)
        page = _form((case, incident), typed, errors_of(error, typed))
        return make_response(page, 422 if isinstance(error, Invalid) else 409)
    return redirect(url_for("findings.show", case=case, finding=kept, labels=languages().kept), 303)


@bp.get("/api/cases/<case>/findings")
@allow(Permission.READ_EDITION)
def api_index(case: str) -> Response:
    with desk() as (uow, who):
        listed = findings.listing(vault(), uow, who, case, today())
        uow.commit()
    return jsonify([one.to_json() for one in listed])


@bp.get("/api/cases/<case>/findings/<finding>")
@allow(Permission.READ_EDITION)
def api_show(case: str, finding: str) -> Response:
    return jsonify([one.to_json() for one in _versions(case, finding)[2]])


@bp.post("/api/cases/<case>/findings")
@allow(Permission.WEIGH_EVIDENCE)
def api_act(case: str) -> Response:
    typed = json_object("act")
    if typed.pop("act") == "finding":
        return jsonify(finding=_propose(case, typed))
    _decide(case, str(typed.get("motion")), typed.get("upheld") is True, str(typed.get("reason", "")))
    return make_response("", 204)


def _propose(case: str, raw: Mapping[str, Any]) -> str:
    with desk() as (uow, who):
        name = findings.propose(vault(), uow, who, (case, raw), today())
        uow.commit()
    return name


def _decide(case: str, motion: str, upheld: bool, why: str) -> None:
    with desk() as (uow, who):
        findings.decide(vault(), uow, who, (case, Decision(motion, upheld, reason(why))), today())
        uow.commit()


def _versions(case: str, finding: str) -> tuple[Case, tuple[str, bool], tuple[Shown, ...]]:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        versions = findings.show(vault(), uow, who, (case, finding), today())
        may_weigh = findings.may_weigh(uow, who, found.file)
        uow.commit()
    return found, (who.code, may_weigh), versions


def _show(case: str, finding: str, errors: Errors) -> str:
    found, (me, may_weigh), versions = _versions(case, finding)
    words, newest = _words(found), versions[0]
    main = next((one for one in versions if one.proposed.upheld), newest)
    return render_template(
        "finding.html",
        case=_case(found),
        finding=finding,
        incident=found.incident(newest.proposed.version.incident),
        proposition=words.proposition(main.proposed.version.proposition),
        main=words.version(main),
        others=[words.version(one) for one in versions if one is not main],
        waits=next((one.proposed for one in versions if one.proposed.decision is None), None),
        likelihoods=likelihoods(),
        me=me,
        may_weigh=may_weigh,
        form=request.form,
        errors=errors,
    )


def _form(place: tuple[str, str], typed: Form | None, errors: Errors) -> str:
    case, incident = place
    finding = request.args.get("finding")
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        offered = findings.offered(vault(), uow, who, place, today())
        before = findings.show(vault(), uow, who, (case, finding), today()) if finding else ()
        uow.commit()
    if typed is None:
        typed = refill(before[0].proposed.version, offered) if before else MultiDict()
    words, more = _words(found), typed.get("act") == MORE
    return render_template(
        "finding_new.html",
        case=_case(found),
        incident=found.incident(incident),
        finding=finding,
        version=typed.get("version") or (before[0].proposed.version.number + 1 if before else 1),
        form=typed,
        errors=errors,
        worded=worded(typed),
        rows=rows(typed, more),
        more=more,
        most=MOST_FACTORS,
        groups=words.choices([*offered, *(before[0].seen if before else ())], incident),
        likelihoods=likelihoods(),
    )


def _words(found: Case) -> Words:
    return Words(found, vocabularies(vault(), found), languages())


def _case(found: Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
