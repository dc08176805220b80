"""Openings: requests in, sealed packets out, decisions in, sealed shares out.

What is asked for and what opens it never meet here: terms are signed, and shares combined, with pinned clients only.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from vault import escrow, redemption
from vault import roster as rosters
from vault.errors import N_, Invalid
from vault.redemption import Request
from vault.rules.access import Permission
from web.auth import actor, allow, desk, json_object, today, vault
from web.locales import said
from web.papers import brought, handed_out

bp = Blueprint("openings", __name__)

_PURPOSES = {"identity": N_("One identity"), "case-key": N_("A key of a case")}


@bp.get("/openings")
@allow(Permission.REQUEST_OPENING)
def index() -> str:
    return _page(None)


@bp.post("/openings")
@allow(Permission.REQUEST_OPENING)
def ask() -> AnyResponse:
    try:
        signed = escrow.read_request(brought())
        with desk() as (uow, who):
            escrow.ask(uow, who, signed, today())
            uow.commit()
    except Invalid as error:
        return make_response(_page(said(error)), 422)
    return redirect(url_for("openings.index"), 303)


@bp.post("/openings/<opening>/collect")
@allow(Permission.REQUEST_OPENING)
def collect(opening: str) -> Response:
    """A file that only the device which asked can open. The audit entry is committed before anything is sent."""
    with desk() as (uow, who):
        handed = redemption.collect(uow, who, opening, today())
        uow.commit()
    return handed_out(handed, f"handed-over-{opening[:6]}")


@bp.get("/rosters.json")
@allow(Permission.READ_ROSTER)
def roster_file() -> Response:
    with vault().store.read() as uow:
        content = {"format": "witness-vault/v1/roster-file", "rosters": rosters.chain(uow)}
    return handed_out(content, "rosters")


@bp.post("/api/openings")
@allow(Permission.REQUEST_OPENING)
def api_ask() -> Response:
    with desk() as (uow, who):
        opening = escrow.ask(uow, who, json_object("document", "signatures"), today())
        uow.commit()
    return jsonify(opening=opening)


@bp.get("/api/openings")
@allow(Permission.DECIDE_OPENING)
def api_waiting() -> Response:
    with vault().store.read() as uow:
        waiting = escrow.waiting(uow, actor(), today())
    return jsonify(
        openings=[
            {
                "opening": one.opening,
                "packet": one.packet,
                "expires": one.expires,
                "decided": one.decided,
                "refused": sorted(one.tally.refused),
                "approved": one.tally.given,
                "threshold": one.tally.threshold,
                "state": one.state,
            }
            for one in waiting
        ]
    )


@bp.get("/api/openings/<opening>")
@allow(Permission.REQUEST_OPENING)
def api_progress(opening: str) -> Response:
    with vault().store.read() as uow:
        one = redemption.show(uow, actor(), opening, today())
    return jsonify(
        opening=opening,
        given=one.tally.given,
        threshold=one.tally.threshold,
        met=one.tally.met,
        approved=sorted(one.tally.approved),
        refused=sorted(one.tally.refused),
        refusals=one.refusals,
        state=one.state,
        **_days(one),
    )


@bp.post("/api/decisions")
@allow(Permission.DECIDE_OPENING)
def api_decide() -> Response:
    with desk() as (uow, who):
        tally = escrow.decide(uow, who, json_object("document", "signatures"), today())
        uow.commit()
    return jsonify(given=tally.given, threshold=tally.threshold, met=tally.met)


@bp.post("/api/redemptions")
@allow(Permission.REQUEST_OPENING)
def api_redeem() -> Response:
    """The audit entry is committed before anything is sent."""
    with desk() as (uow, who):
        handed = redemption.redeem(uow, who, json_object("document", "signatures"), today())
        uow.commit()
    return jsonify(handed)


def _page(error: str | None) -> str:
    with vault().store.read() as uow:
        requests = redemption.own(uow, actor(), today())
        custodians = rosters.current(uow).codes
    return render_template(
        "openings.html",
        requests=[_request(one) for one in requests],
        custodians=custodians,
        error=error,
    )


def _request(one: Request) -> dict[str, Any]:
    terms, tally = one.terms, one.tally
    return {
        "opening": terms["opening"],
        "what": gettext(_PURPOSES[terms["purpose"]]),
        **{part: terms[part] for part in ("record", "reason", "day")},
        "given": tally.given,
        "threshold": tally.threshold,
        "approved": sorted(tally.approved),
        "refused": sorted(tally.refused),
        "state": str(one.state),
        **_days(one),
    }


def _days(one: Request) -> dict[str, str | None]:
    """The last day for decisions, and between which days it can be collected."""
    first, last = (None if day is None else day.isoformat() for day in (one.life.first, one.life.last))
    return {"expires": one.life.expires.isoformat(), "from": first, "until": last}
