"""Logging an interview: the draft, the long form, the deposit, the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, drafts, interviews, retention
from vault import roster as rosters
from vault.drafts import Draft
from vault.errors import Conflict, Invalid, NotFound, Refused, SignInNeeded
from vault.receipts import Receipt
from vault.rules.access import Permission, require
from vault.rules.skeletons import in_question
from web import addressees
from web.auth import SESSION, actor, allow, check_csrf, desk, former, json_object, today, vault
from web.claim_sheet import ACT, Sheet
from web.consent_form import require_ahead
from web.consent_words import CHOICES
from web.interview_form import Errors, errors_of, field_of, read_form, refill, status_of
from web.languages import languages
from web.locales import said

bp = Blueprint("interviews", __name__)


@bp.post("/cases/<case>/interviews")
@allow(Permission.LOG_INTERVIEW)
def start(case: str) -> AnyResponse:
    draft = drafts.start(vault(), actor(), case, request.form.get("incident", ""), today())
    return redirect(url_for("interviews.form", draft=draft.id), 303)


@bp.get("/drafts/<draft>")
@allow(Permission.LOG_INTERVIEW)
def form(draft: str) -> str:
    with vault().store.read() as uow:
        found = drafts.find_draft(uow, actor(), draft)
    return _page(found, found.form)


@bp.post("/drafts/<draft>")
@allow(None)
def form_post(draft: str) -> AnyResponse:
    """Open to all, because a session may have ended while somebody typed: then what was typed is added to the draft."""
    if not current_user.is_authenticated:
        act = request.form.get("act", "")
        if act not in ("save", "keep", "deposit") and not ACT.fullmatch(act):  # nothing that could be kept
            raise SignInNeeded("Your session has ended. Sign in again; nothing that you saved is lost.")
        return _keep_after_end(draft)
    require(actor().role, Permission.LOG_INTERVIEW)
    match request.form.get("act"):
        case "deposit":
            return _deposit(_attempt(draft, request.form))
        case "check":
            return _check(_attempt(draft, request.form))
        case "discard":
            return _discard(draft)
        case str(act) if ACT.fullmatch(act):
            return make_response(_page(_attempt(draft, request.form), refill(request.form), act=act))
    with desk("shreds") as (uow, who):
        drafts.save(uow, who, draft, refill(request.form))
        uow.commit()
    asked = request.form.get("act") == "keep"  # by the page's script, between its steps
    return make_response("", 204) if asked else redirect(url_for("desk.home"), 303)


@bp.post("/api/cases/<case>/drafts")
@allow(Permission.LOG_INTERVIEW)
def api_start(case: str) -> Response:
    draft = drafts.start(vault(), actor(), case, str(json_object("incident")["incident"]), today())
    named = {"draft": draft.id, "pseudonym": draft.pseudonym, "token": draft.token_text}
    records = {"identity_record": draft.identity_record, "match_record": draft.match_record}
    return jsonify(**named, **records)


@bp.post("/api/drafts/<draft>/deposit")
@allow(Permission.LOG_INTERVIEW)
def api_deposit(draft: str) -> Response:
    raw = json_object()
    again = raw.pop("attempt", None)
    attempt = _attempt(draft, again if isinstance(again, dict) else {})
    receipt = interviews.deposit(vault(), actor(), attempt, raw)
    return jsonify(
        pseudonym=receipt.pseudonym, digest=receipt.digest, withdrawal_token=receipt.withdrawal_token
    )


def _discard(name: str) -> AnyResponse:
    with desk("shreds") as (uow, who):
        drafts.discard(uow, who, name)
        uow.commit()
    return redirect(url_for("desk.home"), 303)


def _check(attempt: Draft) -> Response:
    """Asked by the page's script before it seals an identity: a fault found now costs nobody what they typed."""
    try:
        interviews.check(vault(), actor(), attempt, _typed(attempt))
    except (Invalid, Refused, NotFound, Conflict) as error:
        return make_response(jsonify(error=said(error), field=field_of(error.about, request.form)), 422)
    return make_response("", 204)


def _deposit(attempt: Draft) -> Response:
    try:
        receipt = interviews.deposit(vault(), actor(), attempt, _typed(attempt))
    except (Invalid, Refused, NotFound, Conflict) as error:
        errors = [*errors_of(error, request.form)]
        if request.form.get("sealed_identity") or request.form.get("sealed_match"):
            errors.append(("identity-name", gettext("Type the identity again: it was not kept.")))
        return make_response(_page(attempt, refill(request.form), errors), status_of(error))
    return make_response(_receipt(attempt, receipt))


def _typed(attempt: Draft) -> dict[str, Any]:
    require_ahead(request.form, today())
    return read_form(request.form, attempt.incident)


def _attempt(name: str, said: Mapping[str, Any]) -> Draft:
    """The draft; or, when an earlier attempt whose answer was lost has used it up, what is said of it."""
    try:
        with vault().store.read() as uow:
            return drafts.find_draft(uow, actor(), name)
    except NotFound:
        fields = {key: str(said.get(key, "")) for key in ("case", "incident", "token", "new_pseudonym")}
        return drafts.from_form(name, fields, today(), refill(request.form))


def _keep_after_end(name: str) -> AnyResponse:
    member = former()
    check_csrf(request.cookies.get(SESSION, ""))
    with vault().store.work("testimony", "shreds") as uow:
        drafts.save_after_end(uow, member, name, refill(request.form))
        uow.commit()
    return make_response(render_template("draft_saved.html"), 401)


def _receipt(attempt: Draft, receipt: Receipt) -> str:
    with vault().store.read() as uow:
        case = cases.show(uow, actor(), attempt.case)
        threshold = rosters.current(uow).threshold
    return render_template(
        "receipt.html",
        case={"id": case.id, "code": case.file.code},
        pseudonym=receipt.pseudonym,
        digest=receipt.digest,
        withdrawal_token=receipt.withdrawal_token,
        identity_sealed=bool(request.form.get("sealed_identity")),
        threshold=threshold,
    )


def _page(draft: Draft, typed: dict[str, Any], errors: Errors = (), act: str = "") -> str:
    with vault().store.read() as uow:
        case = retention.show_kept(uow, actor(), draft.case)
        roster = rosters.current(uow)
    facts = case.incident(draft.incident)
    vocabulary = vault().vocabularies[facts["vocabulary"]]
    spoken = languages(typed.get("labels", ""))
    sheet = Sheet.of(spoken.of(vocabulary), typed, act, in_question(facts))
    return render_template(
        "interview.html",
        draft_id=draft.id,
        case={"id": case.id, "code": case.file.code, "title": case.title},
        incident=facts,
        form=typed,
        sheet=sheet,
        languages=spoken,
        choices=CHOICES,
        errors=[(sheet.now(field), sentence) for field, sentence in errors],
        new_pseudonym=draft.pseudonym,
        identity_record=draft.identity_record,
        match_record=draft.match_record,
        token=draft.token_text,
        vault=roster.vault,
        custodians=addressees.address(),
    )
