"""Openings: requests in, sealed packets out, decisions in, sealed shares out; for pinned clients only."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from vault import escrow
from vault.rules.access import Permission
from web.auth import actor, allow, desk, json_object, today, vault

bp = Blueprint("openings", __name__)


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
                "approved": one.tally.given,
                "threshold": one.tally.threshold,
            }
            for one in waiting
        ]
    )


@bp.get("/api/openings/<opening>")
@allow(Permission.REQUEST_OPENING)
def api_progress(opening: str) -> Response:
    with vault().store.read() as uow:
        tally = escrow.progress(uow, actor(), opening)
    return jsonify(given=tally.given, threshold=tally.threshold, met=tally.met)


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
        handed = escrow.redeem(uow, who, json_object("document", "signatures"), today())
        uow.commit()
    return jsonify(handed)
