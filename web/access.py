"""Access: who holds which key of a case, what must be exchanged, taking keys, taking them away."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from vault import access, handing, unwrapping
from vault.access import Glance, Standing
from vault.errors import N_, Invalid, NotFound, Refused, SignInNeeded, Tampered
from vault.rules.access import Permission
from vault.rules.rotation import State, Why
from web.auth import DEVICE, actor, allow, desk, json_object, now, today, vault
from web.locales import said

bp = Blueprint("access", __name__)

KEYS = {
    N_("brief"): N_("what the case is about"),
    N_("testimony"): N_("what witnesses said"),
    N_("corroboration"): N_("what is counted"),
    N_("editions"): N_("the figures"),
    N_("evidence"): N_("footage and documents"),
}
_STATES = {
    State.NONE: N_("no"),
    State.PROMISED: N_("promised"),
    State.HELD: N_("holds it"),
    State.WAITING: N_("promised, not handed over"),
    State.REVOKED: N_("revoked"),
    State.LEFT: N_("left the roster"),
    State.REMOVED: N_("not any more; may have a copy"),
}
_PROMISED = {State.PROMISED, State.HELD, State.WAITING}
_WHY = {
    Why.REVOKED: N_("their keys were revoked"),
    Why.LEFT: N_("the roster does not list them any more"),
    Why.REMOVED: N_("the case does not promise it to them any more"),
}


@bp.get("/access")
@allow(Permission.SEE_ACCESS)
def index() -> str:
    with vault().store.read() as uow:
        found = access.listing(uow, actor())
    return render_template("access_index.html", cases=[_in_words(one) for one in found])


@bp.get("/cases/<case>/access")
@allow(Permission.SEE_ACCESS)
def show(case: str) -> str:
    return _page(case, [])


@bp.post("/cases/<case>/access/grants")
@allow(Permission.HAND_GRANTS)
def take(case: str) -> AnyResponse:
    """A key that came out of escrow in the pinned page, pasted."""
    try:
        given = json.loads(request.form.get("grant", ""))
        with desk("testimony") as (uow, who):
            handing.take_grants(uow, who, case, [given], today())
            uow.commit()
    except (ValueError, RecursionError):
        return _again(case, gettext("Paste the whole content of the file, from { to }."))
    except (Invalid, Refused, Tampered) as error:
        return _again(case, said(error))
    return redirect(url_for("access.show", case=case), 303)


@bp.get("/cases/<case>/access/revoke/<member>")
@allow(Permission.REVOKE_KEYS)
def revoke(case: str, member: str) -> str:
    return _confirmation(case, member, [])


@bp.post("/cases/<case>/access/revoke/<member>")
@allow(Permission.REVOKE_KEYS)
def revoke_post(case: str, member: str) -> AnyResponse:
    who = actor()
    device_key = request.form.get("device_key", "").strip() or request.cookies.get(DEVICE + who.code, "")
    scope = {"case": case, "everywhere": None}
    try:
        if request.form.get("scope") not in scope:
            raise Invalid("Say whether it is for this case or for everything.")
        unwrapping.confirm(vault(), who.code, request.form.get("passphrase", ""), device_key, now())
    except Invalid as error:
        return make_response(_confirmation(case, member, [("case", said(error))]), 422)
    except SignInNeeded as error:
        return make_response(_confirmation(case, member, [("passphrase", said(error))]), 401)
    with desk("testimony") as (uow, who):
        handing.revoke_here(uow, who, member, scope[request.form["scope"]], today())
        uow.commit()
    return redirect(url_for("access.show", case=case), 303)


@bp.get("/api/access")
@allow(Permission.SEE_ACCESS)
def api_index() -> Response:
    """For clients: which cases there are for them, and which of their keys are due for rotation."""
    with vault().store.read() as uow:
        found = access.listing(uow, actor())
    return jsonify(
        cases=[
            {
                "case": one.file.id,
                "code": one.file.code,
                "version": one.file.version,
                "due": sorted(one.due),
                "waiting": [{"key": key, "version": version} for key, version in one.waiting],
            }
            for one in found
        ]
    )


@bp.get("/api/cases/<case>/access")
@allow(Permission.SEE_ACCESS)
def api_show(case: str) -> Response:
    with vault().store.read() as uow:
        return jsonify(access.evidence(uow, actor(), case))


@bp.get("/api/cases/<case>/briefs")
@allow(Permission.SEE_CASES)
def api_briefs(case: str) -> Response:
    with vault().store.read() as uow:
        return jsonify(briefs=access.briefs(uow, actor(), case))


@bp.post("/api/cases/<case>/grants")
@allow(Permission.HAND_GRANTS)
def api_take(case: str) -> Response:
    with desk("testimony") as (uow, who):
        taken = handing.take_grants(uow, who, case, json_object("grants")["grants"], today())
        uow.commit()
    return jsonify(taken=taken)


@bp.get("/api/revocations")
@allow(Permission.SEE_ACCESS)
def api_revocations() -> Response:
    """For clients: the signed revocations that stand everywhere."""
    with vault().store.read() as uow:
        return jsonify(revocations=handing.in_force(uow, actor()))


@bp.post("/api/revocations")
@allow(Permission.REVOKE_KEYS)
def api_revoke() -> Response:
    with desk("testimony") as (uow, who):
        found = handing.revoke(uow, who, json_object("document", "signatures"), today())
        uow.commit()
    return jsonify(member=found.member, case=found.case)


def _again(case: str, sentence: str) -> AnyResponse:
    return make_response(_page(case, [("grant", sentence)]), 422)


def _page(case: str, errors: list[tuple[str, str]]) -> str:
    with vault().store.read() as uow:
        found = access.show(uow, actor(), case)
    return render_template("access.html", case=_in_words(found), keys=KEYS, errors=errors)


def _confirmation(case: str, member: str, errors: list[tuple[str, str]]) -> str:
    who = actor()
    with vault().store.read() as uow:
        found = access.show(uow, who, case)
    standing = next((one for one in found.team if one.member == member), None)
    if standing is None:
        raise NotFound("There is no such member there.")
    return render_template(
        "revoke.html",
        case=_in_words(found),
        member=_member(standing),
        self_revoked=member == who.code,
        may_everywhere=handing.may_revoke_everywhere(who, member),
        scope=request.form.get("scope"),
        ask_device_key=DEVICE + who.code not in request.cookies or bool(errors),
        errors=errors,
    )


def _in_words(found: Glance) -> dict[str, Any]:
    others = [
        (one.member, key)
        for one in found.team
        for key, state in one.states.items()
        if state is State.WAITING and one.member != actor().code
    ]
    return {
        "id": found.file.id,
        "code": found.file.code,
        "version": found.file.version,
        "versions": found.file.key_versions,
        "team": [_member(one) for one in found.team],
        "due": [
            {"key": key, "people": [{"code": code, "why": gettext(_WHY[why])} for code, why in who.items()]}
            for key, who in found.due.items()
        ],
        "waiting": found.waiting,
        "others": others,
    }


def _member(one: Standing) -> dict[str, Any]:
    return {
        "code": one.member,
        "role": one.role,
        "reads": one.has_ended_deposit_only,
        "cells": [(key, state.value, gettext(_STATES[state])) for key, state in one.states.items()],
        "on_team": not _PROMISED.isdisjoint(one.states.values()),
        "revoked": one.revoked,
    }
