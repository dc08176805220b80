"""Withdrawal: by whoever has a receipt, without signing in, and in the name of a witness, of testimony or evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request, url_for
from flask_babel import gettext

from vault import cases, consents, evidence, given, receipts, testimonies, unwrapping, withdrawals
from vault.errors import N_, Conflict, Invalid, NotFound, Refused, SignInNeeded
from vault.rules.access import Permission
from vault.rules.consent import Recipient, Use
from vault.rules.withdrawals import Reason, Scope
from vault.withdrawals import Outlook
from web import refusals
from web.auth import DEVICE, actor, allow, desk, json_object, now, today, vault
from web.consent_words import FORMS, RECIPIENTS, USES
from web.locales import said
from web.statuses import STATUSES

bp = Blueprint("withdrawals", __name__)
_AT = "/cases/<case>/testimony/<record>/withdraw"
_OF_ITEM = "/cases/<case>/evidence/<item>/withdraw"
REASONS = {
    Reason.WITNESS_ASKS: N_("The witness asks for it"),
    Reason.WITNESS_IN_DANGER: N_("The witness is in danger"),
    Reason.RECORDED_BY_MISTAKE: N_("It was recorded by mistake"),
    Reason.TIME_IS_OVER: N_("The time that was agreed on is over"),
}
_WISH = ("scope", "reason", "keep_files")
_LEFT = ("day", "recipient", "use", "identity")
_NARROWS: dict[str, type[Use] | type[Recipient]] = {"use": Use, "recipient": Recipient}


@bp.get("/withdraw")
@allow(None)
def form() -> str:
    return render_template("withdraw.html", error="")


@bp.post("/withdraw")
@allow(None)
def form_post() -> Response:
    """The token travels in forms alone: never in an address, which browsers and proxies remember."""
    token, act = request.form.get("token", ""), request.form.get("act", "")
    try:
        if act != "withdraw":
            scopes = withdrawals.look(vault(), token)
            return make_response(render_template("withdraw_look.html", token=token, scopes=scopes))
        withdrawals.by_receipt(vault(), token, _scope(request.form.get("scope")))
    except (NotFound, Invalid) as error:
        page = render_template("withdraw.html", error=said(error))
        return make_response(page, STATUSES[type(error)][0])
    return make_response(render_template("withdraw_done.html", back=None))


@bp.post("/api/withdraw")
@allow(None)
def api_withdraw() -> Response:
    """Without a scope it is only said how much can be withdrawn."""
    typed = json_object("token")
    if typed.get("scope") is None:
        return jsonify(scopes=[str(scope) for scope in withdrawals.look(vault(), str(typed["token"]))])
    withdrawals.by_receipt(vault(), str(typed["token"]), _scope(typed["scope"]))
    return make_response("", 204)


@bp.get(_AT)
@allow(Permission.READ_TESTIMONY)
def reader(case: str, record: str) -> str:
    return _page(case, record, receipts.new_token())


@bp.post(_AT)
@allow(Permission.READ_TESTIMONY)
def reader_post(case: str, record: str) -> Response:
    try:
        _confirm(request.form)
        _withdraw((case, record), request.form.get("what", ""))
    except (SignInNeeded, Invalid, Refused) as error:
        refusals.keep(error)
        page = _page(case, record, request.form.get("token", ""), said(error))
        return make_response(page, STATUSES[type(error)][0])
    back = url_for("testimony.index", case=case)
    return make_response(render_template("withdraw_done.html", back=(back, gettext("Back to the testimony"))))


@bp.get(_OF_ITEM)
@allow(Permission.READ_EVIDENCE)
def of_item(case: str, item: str) -> str:
    return _item_page(case, item)


@bp.post(_OF_ITEM)
@allow(Permission.READ_EVIDENCE)
def of_item_post(case: str, item: str) -> Response:
    try:
        _confirm(request.form)
        wish = {"reason": request.form.get("reason", "")}
        withdrawals.of_item(vault(), actor(), (case, item), wish, today())
    except (SignInNeeded, Invalid, Refused, Conflict) as error:
        refusals.keep(error)
        return make_response(_item_page(case, item, said(error)), STATUSES[type(error)][0])
    back = url_for("evidence_item.show", case=case, item=item)
    return make_response(
        render_template("withdraw_done.html", back=(back, gettext("Back to the item of evidence")))
    )


@bp.post("/api/cases/<case>/withdraw")
@allow(Permission.READ_TESTIMONY)
def api_reader(case: str) -> Response:
    """Of a testimony by its receipt's digest. Without a scope it is only said what would be destroyed."""
    typed = json_object("testimony")
    with desk() as (uow, who):
        record = testimonies.by_receipt(uow, who, case, str(typed["testimony"])).record
        ahead = withdrawals.outlook(vault(), uow, who, (case, record), today())
        uow.commit()
    if typed.get("scope") is None:
        left = [{name: entry.to_json()[name] for name in _LEFT} for entry in ahead.left]
        return jsonify(interviews=_counted(ahead), left=left, items=ahead.items)
    _confirm(typed)
    wish = {name: typed.get(name) for name in _WISH}
    withdrawals.by_reader(vault(), actor(), (case, record), wish, today())
    return make_response("", 204)


@bp.post("/api/cases/<case>/evidence/<item>/withdraw")
@allow(Permission.READ_EVIDENCE)
def api_of_item(case: str, item: str) -> Response:
    typed = json_object("reason")
    _confirm(typed)
    withdrawals.of_item(vault(), actor(), (case, item), {"reason": typed["reason"]}, today())
    return make_response("", 204)


def _confirm(typed: Mapping[str, Any]) -> None:
    """Whoever has sat down at a reader's desk has the session, and not the passphrase."""
    device_key = str(typed.get("device_key") or request.cookies.get(DEVICE + actor().code, ""))
    unwrapping.confirm(vault(), actor().code, str(typed.get("passphrase", "")), device_key, now())


def _withdraw(place: tuple[str, str], what: str) -> None:
    kind, _, code = what.partition(":")
    if kind not in _NARROWS:
        reason, keeps = request.form.get("reason", ""), "keep_files" in request.form
        wish = {"scope": kind, "reason": reason, "keep_files": keeps}
        withdrawals.by_reader(vault(), actor(), place, wish, today())
        return
    try:
        narrowed = _NARROWS[kind](code)
    except ValueError:
        raise Invalid("Choose what is withdrawn from the list.") from None
    consents.narrow(vault(), actor(), place, (request.form.get("token", ""), narrowed), today())


def _item_page(case: str, item: str, error: str = "") -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        shown = evidence.show(vault(), uow, who, (case, item), today())
        given.require_given(shown.chain)
        uow.commit()
    return render_template(
        "withdraw_item.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        item=item,
        title=shown.chain.item.arrival.facts.title,
        reasons=_reasons(),
        chosen=request.form,
        error=error,
    )


def _page(case: str, record: str, token: str, error: str = "") -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        ahead = withdrawals.outlook(vault(), uow, who, (case, record), today())
        uow.commit()
    over = ahead.testimony.allowed.is_over(today())
    return render_template(
        "withdraw_reader.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        record=record,
        pseudonym=ahead.testimony.witness,
        interviews=_counted(ahead),
        narrows=list(_narrows(ahead)),
        left=[_left(entry.to_json()) for entry in ahead.left],
        items=ahead.items,
        reasons=_reasons(),
        token=token,
        chosen=request.form or ({"reason": Reason.TIME_IS_OVER} if over else {}),
        error=error,
    )


def _counted(ahead: Outlook) -> dict[str, int]:
    return {str(scope): many for scope, many in ahead.interviews.items()}


def _reasons() -> list[tuple[str, str]]:
    return [(str(code), said(words)) for code, words in REASONS.items()]


def _narrows(ahead: Outlook) -> Iterator[tuple[str, str]]:
    """The uses and recipients that the witness allows today, one of which can be taken away by itself."""
    for use, words in USES.items():
        if use in {one.partition(":")[0] for one in ahead.allowed.uses}:
            yield f"use:{use}", said(words)
    for recipient, words in RECIPIENTS.items():
        if recipient in dict(ahead.allowed.recipients) and recipient is not Recipient.TEAM:
            yield f"recipient:{recipient}", said(words)


def _left(entry: dict[str, Any]) -> dict[str, str]:
    named = {
        "to": RECIPIENTS[entry["recipient"]],
        "use": USES[entry["use"]],
        "form": FORMS[entry["identity"]],
    }
    return {"day": entry["day"], **{name: said(words) for name, words in named.items()}}


def _scope(raw: object) -> Scope:
    try:
        return Scope(str(raw))
    except ValueError:
        raise Invalid("Say how much is withdrawn.") from None
