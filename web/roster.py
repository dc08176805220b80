"""The signed rosters, and the cards that wait for one; for clients."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response

from vault import enrolment
from vault import roster as rosters
from vault.errors import NotFound
from vault.rules.access import Permission
from web import addressees
from web.auth import actor, allow, vault

bp = Blueprint("roster", __name__)


@bp.get("/api/founding")
@allow(None)
def api_founding() -> Response:
    """The founding roster, by which a client knows the vault before it says who asks. It lists no member."""
    with vault().store.read() as uow:
        rosters.current(uow)
        return jsonify(roster=rosters.chain(uow)[0])


@bp.get("/api/roster")
@allow(Permission.READ_ROSTER)
def api_chain() -> Response:
    with vault().store.read() as uow:
        return jsonify(rosters=rosters.chain(uow))


@bp.get("/api/cards")
@allow(Permission.PROPOSE_ROSTER)
def api_cards() -> Response:
    with vault().store.read() as uow:
        return jsonify(cards=enrolment.pending(uow, actor().role))


@bp.get("/custodians/<digest>")
@allow(Permission.LOG_INTERVIEW)
def custodians(digest: str) -> Response:
    """What a browser needs in order to seal to the custodians. It may be kept: its address names its content."""
    content, named = addressees.keys()
    if digest != named:
        raise NotFound("The custodians have changed. Reload the page.")
    response = make_response(content)
    response.mimetype = "application/json"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
