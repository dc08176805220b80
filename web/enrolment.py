"""Enrolment by invitation: keys, device key, the printable kit."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from vault import enrolment
from vault import roster as rosters
from vault.errors import Invalid, Tampered
from vault.rules.access import Permission
from web.auth import actor, allow, json_object, remember_device, today, vault
from web.locales import said

bp = Blueprint("enrolment", __name__)


@bp.get("/enrol/<token>")
@allow(None)
def enrol(token: str) -> str:
    return _page(token, None)


@bp.post("/enrol/<token>")
@allow(None)
def enrol_post(token: str) -> Response:
    typed = request.form.get("passphrase", ""), request.form.get("passphrase_again", "")
    try:
        kit = enrolment.enrol(vault(), token, typed, request.form.get("request_card", ""), today())
    except (Invalid, Tampered) as error:
        return make_response(_page(token, said(error)), 422)
    groups = kit.device_key.split("-")
    page = render_template(
        "kit.html", code=kit.code, device_key=groups, card_fingerprint=kit.card_fingerprint
    )
    response = make_response(page)
    remember_device(response, kit.code, kit.device_key)
    return response


@bp.get("/api/enrolments/<token>")
@allow(None)
def api_invitation(token: str) -> Response:
    with vault().store.read() as uow:
        invited = enrolment.invitation(uow, token, today())
        return jsonify(code=invited.code, role=invited.role, rosters=rosters.chain(uow))


@bp.post("/api/enrolments/<token>")
@allow(None)
def api_enrol(token: str) -> Response:
    typed = json_object("card", "wrapped")
    with vault().store.work("testimony") as uow:
        invited = enrolment.invitation(uow, token, today())
        enrolment.accept(uow, invited, typed["card"], typed["wrapped"], vault().cost)
        uow.commit()
    return make_response("", 204)


@bp.get("/api/keys")
@allow(Permission.SIGN_OUT)
def api_keys() -> Response:
    """A member's own wrapped keys, for what their client must do without the server."""
    with vault().store.read() as uow:
        return jsonify(wrapped=enrolment.wrapped_keys(uow, actor().code))


def _page(token: str, error: str | None) -> str:
    with vault().store.read() as uow:
        invited = enrolment.invitation(uow, token, today())
    return render_template(
        "enrol.html",
        code=invited.code,
        role=invited.role,
        suggested=enrolment.suggest_passphrase(),
        error=error,
        form=request.form,
    )
