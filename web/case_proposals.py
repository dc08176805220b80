"""Proposing a case in a browser: the form, a last look, and what the browser asks for while it makes the keys."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, proposals
from vault import roster as rosters
from vault.errors import Invalid
from vault.rules.access import Permission
from web.auth import actor, allow, desk, today, vault
from web.case_form import (
    KEYS_OF,
    MOST_INCIDENTS,
    Errors,
    Fields,
    Plan,
    incident_rows,
    questions,
    read_plan,
    typed,
)

bp = Blueprint("case_proposals", __name__)


@bp.get("/cases/new")
@allow(Permission.PROPOSE_CASE)
def form() -> str:
    own = f"team-{actor().code}"
    return _form(MultiDict([(own, "corroboration"), (own, "editions")]), [])


@bp.post("/cases/new")
@allow(Permission.PROPOSE_CASE)
def form_post() -> AnyResponse:
    fields = typed(request.form)
    match request.form.get("act"):
        case "more":
            return make_response(_form(fields, [], more=True))
        case "change":
            return make_response(_form(fields, []))
    plan, errors = _plan()
    if errors:
        return make_response(_form(fields, errors), 422)
    return make_response(_look(plan, fields))


@bp.post("/api/cases/new/brief")
@allow(Permission.PROPOSE_CASE)
def api_brief() -> Response:
    """The brief of the case that was typed, signed; the browser seals it to a key of its own making."""
    plan, errors = _plan()
    if errors:
        raise Invalid(errors[0][1])
    with vault().store.read() as uow:
        return jsonify(cases.sign_first_brief(uow, actor(), plan.title, plan.incidents))


@bp.post("/api/cases/new/proposal")
@allow(Permission.PROPOSE_CASE)
def api_propose() -> Response:
    """The same as clients propose, in the fields of a form: a browser's session acts by nothing else."""
    document, attachments = (_json(request.form.get(name, "")) for name in ("document", "attachments"))
    with desk("testimony") as (uow, who):
        digest = proposals.propose(uow, who, document, attachments, today())
        uow.commit()
    return jsonify(digest=digest)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Invalid("The proposed case is not whole: prepare it again.") from None


def _plan() -> tuple[Plan, Errors]:
    return read_plan(typed(request.form), _roles(), actor().code, vault().vocabularies)


def _holders(plan: Plan, key: str) -> list[str]:
    return [code for code, keys in plan.team.items() if key in keys]


def _roles() -> dict[str, str]:
    """Who may be on a team: every member but custodians' desks."""
    with vault().store.read() as uow:
        members = rosters.current(uow).members.values()
    return {member.code: member.role for member in members if member.role in KEYS_OF}


def _form(fields: Fields, errors: Errors, more: bool = False) -> str:
    rows = incident_rows(fields)
    return render_template(
        "case_new.html",
        form=fields,
        errors=errors,
        rows=min(rows + more, MOST_INCIDENTS),
        new_row=rows + 1 if more else None,
        most=MOST_INCIDENTS,
        members=[(code, role, KEYS_OF[role]) for code, role in _roles().items()],
        vocabularies=questions(vault().vocabularies),
    )


def _look(plan: Plan, fields: Fields) -> str:
    roles = _roles()
    with vault().store.read() as uow:
        roster = rosters.current(uow)
        waiting = [one for one in proposals.waiting(uow, actor().role) if one.kind == "case"]
    readers, viewers = _holders(plan, "testimony"), _holders(plan, "evidence")
    return render_template(
        "case_look.html",
        plan=plan,
        fields=list(fields.items(multi=True)),
        roles=roles,
        readers=readers,
        viewers=viewers,
        depositors=[code for code in readers if roles[code] == "researcher"],
        waiting=waiting,
        custodians=len(roster.codes),
        threshold=roster.threshold,
        birth={"plan": _to_found(plan), "roster": _public(roster.document, plan)},
        plan_file=json.dumps(vars(plan), ensure_ascii=False, indent=1),
    )


def _to_found(plan: Plan) -> dict[str, Any]:
    return {"code": plan.code, "team": [{"member": code, "keys": keys} for code, keys in plan.team.items()]}


def _public(document: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """As much of the roster as the browser needs to seal to the team and the custodians."""
    named = {name: document[name] for name in ("vault", "version", "epoch", "threshold")}
    custodians = [_sealing(entry) for entry in document["custodians"]]
    members = [_sealing(entry) for entry in document["members"] if entry["code"] in plan.team]
    return {**named, "custodians": custodians, "members": members}


def _sealing(entry: dict[str, str]) -> dict[str, str]:
    return {name: entry[name] for name in ("code", "sealing")}
