"""Statements: chosen from an edition's table, tried on every gate, prepared, approved, pulled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from vault import approving, cases, editions, preparing, publishing, quoting, statements
from vault.errors import Conflict, Invalid, Refused
from vault.overtaken import overtaken
from vault.preparing import Choice, Considered
from vault.rules.access import Permission
from vault.statements import Held, State
from web import refusals
from web.auth import actor, allow, desk, json_object, today, vault
from web.languages import languages
from web.locales import said
from web.spoken import cells, choice, offered, quotable, reckoned, spoken, tried

bp = Blueprint("statements", __name__)
Place = tuple[str, int, str]


@bp.get("/cases/<case>/statements")
@allow(Permission.READ_EDITION)
def index(case: str) -> str:
    with desk("testimony", "shreds") as (uow, who):
        found, known = cases.show(uow, who, case), statements.listing(uow, who, case)
        stopped, fewer = statements.stopped(uow, who, case), overtaken(uow, who, found, known)
    return render_template(
        "statements.html",
        case=_case(found),
        stopped=stopped,
        statements=[_summary(one) for one in known],
        fewer=fewer,
        public=vault().public,
    )


@bp.get("/cases/<case>/editions/<int(max=9999):number>/<incident>/statement")
@allow(Permission.PREPARE_STATEMENT)
def choose(case: str, number: int, incident: str) -> str:
    return _form((case, number, incident))


@bp.post("/cases/<case>/editions/<int(max=9999):number>/<incident>/statement")
@allow(Permission.PREPARE_STATEMENT)
def choose_post(case: str, number: int, incident: str) -> AnyResponse:
    """Show what the choice would say and which gates are shut; prepare it when that is asked for."""
    try:
        if request.form.get("act") == "prepare":
            with desk() as (uow, who):
                picked = choice(_vocabulary(uow, who, case, incident), incident, request.form)
                about = {key[6:]: text for key, text in request.form.items() if key.startswith("about-")}
                name = preparing.prepare(vault(), uow, who, (case, picked), about, today())
                uow.commit()
            return redirect(url_for("statements.show", case=case, name=name), 303)
        return make_response(_form((case, number, incident), looked=True))
    except (Invalid, Refused) as error:
        refusals.keep(error)
        return make_response(_form((case, number, incident), True, said(error)), 422)


@bp.get("/cases/<case>/statements/<name>")
@allow(Permission.READ_EDITION)
def show(case: str, name: str) -> str:
    return _page(case, name)


@bp.post("/cases/<case>/statements/<name>/approval")
@allow(Permission.APPROVE_STATEMENT)
def approve(case: str, name: str) -> AnyResponse:
    try:
        _approve(case, name)
    except (Refused, Conflict) as error:
        refusals.keep(error)
        return make_response(_page(case, name, said(error)), 409)
    return redirect(url_for("statements.show", case=case, name=name), 303)


@bp.get("/cases/<case>/statements/<name>/pull")
@allow(Permission.READ_EDITION)  # and to pull, see vault/publishing.py: a custodian pulls on their own device
def pull(case: str, name: str) -> str:
    """Ask first: what was read cannot be unread, and what is pulled does not come back."""
    with desk("testimony", "shreds") as (uow, who):
        found, one = cases.show(uow, who, case), statements.find(uow, who, case, name)
    return render_template("statement_pull.html", case=_case(found), it=_summary(one))


@bp.post("/cases/<case>/statements/<name>/pull")
@allow(Permission.READ_EDITION)  # and to pull, see vault/publishing.py: a custodian pulls on their own device
def pull_post(case: str, name: str) -> AnyResponse:
    _pull(case, name)
    return redirect(url_for("statements.index", case=case), 303)


@bp.get("/api/cases/<case>/statements")
@allow(Permission.READ_EDITION)
def api_index(case: str) -> Response:
    with desk("testimony", "shreds") as (uow, who):
        known, stopped = statements.listing(uow, who, case), statements.stopped(uow, who, case)
    return jsonify(statements=[_listed(one) for one in known], stopped=stopped)


@bp.post("/api/cases/<case>/statements")
@allow(Permission.PREPARE_STATEMENT)
def api_prepare(case: str) -> Response:
    """Try a choice; with `prepare` and every gate open, prepare it."""
    typed = json_object("incident", "lines", "form")
    with desk() as (uow, who):
        known = _vocabulary(uow, who, case, str(typed["incident"]))
        rows = cells(known, typed["lines"], typed["form"])
        picked = Choice(str(typed["incident"]), *rows, quotes=_names(typed.get("quotes", [])))
        found = preparing.consider(vault(), uow, who, (case, picked), today())
        name = None
        if typed.get("prepare") is True and found.document is not None:
            about = typed.get("about")
            if not isinstance(about, dict) or not all(isinstance(text, str) for text in about.values()):
                raise Invalid("Say what the statement is about, by language.", "about")
            name = preparing.prepare(vault(), uow, who, (case, picked), about, today())
        uow.commit()
    return jsonify(statement=name, **_considered(found))


@bp.post("/api/cases/<case>/statements/<name>/approval")
@allow(Permission.APPROVE_STATEMENT)
def api_approve(case: str, name: str) -> Response:
    return jsonify(lacking=_approve(case, name))


@bp.post("/api/cases/<case>/statements/<name>/pull")
@allow(Permission.READ_EDITION)  # and to pull, see vault/publishing.py: a custodian pulls on their own device
def api_pull(case: str, name: str) -> Response:
    _pull(case, name)
    return make_response("", 204)


def _approve(case: str, name: str) -> int:
    with desk() as (uow, who):
        now = approving.approve(vault(), uow, who, (case, name), today())
        uow.commit()
    return now.lacking


def _pull(case: str, name: str) -> None:
    with desk("testimony", "shreds") as (uow, who):
        publishing.pull(uow, who, case, name, today())
        uow.commit()


def _form(place: Place, looked: bool = False, error: str = "") -> str:
    """The rows to choose from; once looked at, what the choice says."""
    case, number, incident = place
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        facts, entry = (
            found.incident(incident),
            editions.read(uow, who, case, number, today()).incident(incident),
        )
        vocabulary = vault().vocabularies[facts["vocabulary"]]
        considered = None
        if looked and not (error and not request.form.getlist("cell")):
            picked = choice(vocabulary, incident, request.form)
            considered = preparing.consider(vault(), uow, who, (case, picked), today())
        known: tuple[Any, ...] = ()
        if preparing.may_prepare(uow, who, found.file):
            known = quoting.offered(vault(), uow, who, (case, incident), today())
        uow.commit()
    words = languages().of(vocabulary)
    return render_template(
        "statement_new.html",
        quotes=quotable(known, words, request.form.getlist("quote")),
        case=_case(found),
        incident=facts,
        number=number,
        rows=offered(entry["claims"] or (), words, request.form.getlist("cell")),
        form=request.form,
        error=error,
        **_tried(considered, vocabulary),
    )


def _page(case: str, name: str, error: str = "") -> str:
    with desk() as (uow, who):
        found, one = cases.show(uow, who, case), statements.find(uow, who, case, name)
        considered = None
        if one.state in (State.PREPARED, State.APPROVED) and preparing.may_prepare(uow, who, found.file):
            considered = approving.review(vault(), uow, who, one, today())
    vocabulary = vault().vocabularies[one.statement.document["vocabulary"]]
    return render_template(
        "statement.html",
        case=_case(found),
        it=_summary(one),
        mine=one.statement.preparer == actor().code,
        public=vault().public,
        error=error,
        **_tried(considered, vocabulary),
    )


def _tried(considered: Considered | None, vocabulary: Any) -> dict[str, Any]:
    if considered is None:
        return {"gates": None, "said": (), "guesses": (), "may": False}
    document = {
        "lines": [preparing.line_to_json(line) for line in considered.lines],
        "policy": vault().policy.to_json(),
        "quotes": (considered.document or {}).get("quotes", ()),
    }
    return {
        "gates": tried(considered, document, vocabulary),
        "said": spoken(document, vocabulary),
        "guesses": reckoned(considered.inferences, languages().of(vocabulary)),
        "may": considered.document is not None,
    }


def _considered(found: Considered) -> dict[str, Any]:
    return {
        "edition": found.edition,
        "lines": [preparing.line_to_json(line) for line in found.lines],
        "shut": [{"gate": str(one.gate), "line": one.line, "cure": one.cure} for one in found.refusals],
    }


def _names(raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list) or not all(isinstance(name, str) for name in raw):
        raise Invalid("Name the quotes as their list does.", "quotes")
    return tuple(raw)


def _vocabulary(uow: Any, who: Any, case: str, incident: str) -> Any:
    return vault().vocabularies[cases.show(uow, who, case).incident(incident)["vocabulary"]]


def _summary(one: Held) -> dict[str, Any]:
    document = one.statement.document
    vocabulary = vault().vocabularies[document["vocabulary"]]
    approved = one.approved
    return {
        **_listed(one),
        "said": spoken(document, vocabulary),
        "texts": document["about"],
        "month": document["month"],
        "wanted": len(approved.approvals) + approved.lacking,
    }


def _listed(one: Held) -> dict[str, Any]:
    document: Mapping[str, Any] = one.statement.document
    pulled = one.published.pulled_by if one.published else None
    return {
        "statement": one.name,
        "digest": one.statement.digest,
        "state": str(one.state),
        "day": one.day.isoformat(),
        "incident": one.statement.incident,
        "preparer": one.statement.preparer,
        "approved": [approval.by for approval in one.approved.approvals],
        "lacking": one.approved.lacking,
        "pulled_by": pulled,
        "about": document["about"],
        "lines": list(one.statement.lines),
    }


def _case(found: cases.Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
