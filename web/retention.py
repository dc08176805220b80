"""How long cases last: for custodians, and for the reader who carries out that one is destroyed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from vault import destruction, retention, unwrapping
from vault.errors import Invalid, Refused, SignInNeeded
from vault.rules.access import Permission
from vault.rules.retention import Agreed, Of
from web import refusals
from web.auth import DEVICE, actor, allow, now, today, vault
from web.locales import said
from web.statuses import STATUSES

bp = Blueprint("retention", __name__)
_AT = "/cases/<case>/destruction"


@bp.get("/api/retention")
@allow(Permission.SET_RETENTION)
def api_index() -> Response:
    with vault().store.read() as uow:
        found = retention.every(uow, actor())
    return jsonify(cases=[_shown(one) for one in found])


@bp.get(_AT)
@allow(Permission.READ_TESTIMONY)
def form(case: str) -> str:
    return _page(case)


@bp.post(_AT)
@allow(Permission.READ_TESTIMONY)
def form_post(case: str) -> Response:
    """Whoever has sat down at a reader's desk has the session, and not the passphrase."""
    try:
        device_key = request.cookies.get(DEVICE + actor().code, "")
        unwrapping.confirm(vault(), actor().code, request.form.get("passphrase", ""), device_key, now())
        destruction.carry_out(vault(), actor(), case, today())
    except (SignInNeeded, Invalid, Refused) as error:
        refusals.keep(error)
        return make_response(_page(case, said(error)), STATUSES[type(error)][0])
    return make_response(render_template("case_destroyed.html", case={"id": case}))


def _page(case: str, error: str = "") -> str:
    with vault().store.read() as uow:
        ahead = destruction.outlook(uow, actor(), case)
    found, lasting, waits = ahead.case, ahead.lasting, ahead.lasting.waits
    return render_template(
        "case_destroy.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        stage=str(lasting.stage(today())),
        records=waits.destruction.until if waits and waits.destruction.of is Of.RECORDS else None,
        ready=waits is not None and today() >= waits.first,
        until=lasting.until,
        first=waits.first if waits else None,
        interviews=ahead.interviews,
        unsound=ahead.unsound,
        error=error,
    )


def _shown(one: retention.Kept) -> dict[str, Any]:
    lasting = one.lasting
    return {
        "case": one.case,
        "code": one.code,
        "version": lasting.version,
        "until": None if lasting.until is None else lasting.until.isoformat(),
        "stage": str(lasting.stage(today())),
        "waits": None if lasting.waits is None else _waits(lasting.waits, one.proposal),
    }


def _waits(agreed: Agreed, proposal: str | None) -> dict[str, Any]:
    asked, first = agreed.destruction, agreed.first.isoformat()
    return {"of": str(asked.of), "until": asked.until.isoformat(), "first": first, "proposal": proposal}
