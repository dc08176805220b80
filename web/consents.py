"""What a witness allows has changed: the form, what will happen, the receipt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from vault import consents, receipts, retention
from vault.errors import Conflict, Invalid, NotFound
from vault.receipts import Receipt
from vault.rules.access import Permission
from vault.rules.consent import Consent, Use, permits
from web import consent_form, consent_words
from web.auth import actor, allow, today, vault
from web.interview_form import Errors, errors_of, status_of

bp = Blueprint("consents", __name__)
_AT = "/cases/<case>/consent"
_TYPED = ("pseudonym", "supersedes", "date", "language", "mode", "testimony", "token")


@bp.get(_AT)
@allow(Permission.LOG_INTERVIEW)
def form(case: str) -> str:
    return _page(case, {"token": receipts.new_token(), "date": today().isoformat()})


@bp.post(_AT)
@allow(Permission.LOG_INTERVIEW)
def form_post(case: str) -> Response:
    """Nothing is kept before whoever typed it has read what will happen."""
    typed, act = _typed(), request.form.get("act", "")
    if act not in ("look", "seal"):
        return make_response(_page(case, typed))
    raw = _change(typed)
    try:
        consent_form.require_ahead(request.form, today())
        if act == "seal":
            receipt = consents.deposit(vault(), actor(), case, typed["token"], raw)
            return make_response(_receipt(case, receipt))
        consent = consents.check(vault(), actor(), case, typed["token"], raw)
    except (Invalid, NotFound, Conflict) as error:
        errors = errors_of(error, request.form)
        return make_response(_page(case, typed, errors), status_of(error))
    return make_response(_look(case, typed, consent))


def _typed() -> dict[str, Any]:
    fields = {name: request.form.get(name, "") for name in _TYPED}
    return {**fields, **consent_form.typed(request.form)}


def _change(typed: dict[str, Any]) -> dict[str, Any]:
    """The change as JSON (docs/FORMATS.md §5.1)."""
    return {
        "pseudonym": "-".join(typed["pseudonym"].lower().replace("-", " ").split()) or None,
        "supersedes": "".join(typed["supersedes"].split()) or None,
        "consent": consent_form.read_consent(request.form),
        "interview": {
            "date": typed["date"],
            "language": typed["language"].strip(),
            "mode": typed["mode"],
        },
        "testimony": typed["testimony"].replace("\r\n", "\n"),
    }


def _look(case: str, typed: dict[str, Any], consent: Consent) -> str:
    carried = [(name, typed[name]) for name in _TYPED if typed[name]]
    return render_template(
        "consent_look.html",
        case={"id": case},
        asked=consent_words.allowed(consent),
        recipients=consent_words.recipients(consent),
        embargo=consent.embargo,
        until=consent.until,
        counts=permits(consent, Use.CORROBORATION),
        replaces=bool(typed["supersedes"].strip()),
        carried=[*carried, *consent_form.carried(request.form)],
    )


def _page(case: str, typed: dict[str, Any], errors: Errors = ()) -> str:
    with vault().store.read() as uow:
        found = retention.show_kept(uow, actor(), case)
    return render_template(
        "consent.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        form=typed,
        choices=consent_words.CHOICES,
        errors=errors,
    )


def _receipt(case: str, receipt: Receipt) -> str:
    return render_template("consent_receipt.html", case={"id": case}, receipt=receipt)
