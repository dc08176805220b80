"""Coding a testimony a second time: its words above the claims, the first coding unseen."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from vault import cases, recoding
from vault.errors import Conflict, Invalid, NotFound
from vault.receipts import Receipt
from vault.rules.access import Permission
from web.auth import actor, allow, desk, json_object, today, vault
from web.claim_sheet import Sheet
from web.interview_form import Errors, errors_of, read_observations, refill, status_of
from web.languages import languages
from web.sentences import observed

bp = Blueprint("recoding", __name__)
_AT = "/cases/<case>/testimony/<record>/coding/<incident>"


@bp.get(_AT)
@allow(Permission.READ_TESTIMONY)
def form(case: str, record: str, incident: str) -> str:
    return _page(case, record, incident, {})


@bp.post(_AT)
@allow(Permission.READ_TESTIMONY)
def form_post(case: str, record: str, incident: str) -> Response:
    """Nothing is kept before the coder has seen once more what they are about to seal."""
    typed, act = _typed(), request.form.get("act", "")
    if act not in ("look", "seal"):  # a button that changes what the page shows
        return make_response(_page(case, record, incident, typed, act=act))
    try:
        if act == "seal":
            receipt = recoding.deposit(vault(), actor(), case, _coding(incident))
            return make_response(_receipt(case, receipt))
        return make_response(_look(case, record, incident, typed))
    except (Invalid, NotFound, Conflict) as error:
        errors = errors_of(error, request.form)
        return make_response(_page(case, record, incident, typed, errors), status_of(error))


@bp.post("/api/cases/<case>/codings")
@allow(Permission.READ_TESTIMONY)
def api_deposit(case: str) -> Response:
    receipt = recoding.deposit(vault(), actor(), case, json_object("codes"))
    return jsonify(pseudonym=receipt.pseudonym, digest=receipt.digest, withdrawal_token=None)


def _typed() -> dict[str, Any]:
    return refill(request.form)


def _coding(incident: str) -> dict[str, Any]:
    """The coding as JSON (docs/FORMATS.md §5.2)."""
    return {
        "codes": request.form.get("codes", ""),
        "supersedes": request.form.get("supersedes") or None,
        "incidents": [incident],
        "note": request.form.get("note", "").replace("\r\n", "\n"),
        "observations": read_observations(request.form, incident),
    }


def _look(case: str, record: str, incident: str, typed: dict[str, Any]) -> str:
    """What is about to be sealed, and what that means. It shows nothing of the testimony."""
    coding = recoding.check(vault(), actor(), case, _coding(incident))
    with desk() as (uow, who):
        facts = cases.show(uow, who, case).incident(incident)
    vocabulary = languages().of(vault().vocabularies[facts["vocabulary"]])
    carried = [(name, value) for name, said in typed.items() for value in _each(said)]
    return render_template(
        "recoding_look.html",
        case={"id": case},
        record=record,
        incident=facts,
        said=[observed(said, vocabulary) for said in coding.observations],
        note=coding.note,
        carried=carried,
    )


def _each(said: str | list[str]) -> list[str]:
    return [said] if isinstance(said, str) else said


def _page(  # noqa: PLR0913, PLR0917 - where, what was typed, what is wrong with it, what was pressed
    case: str, record: str, incident: str, typed: dict[str, Any], errors: Errors = (), act: str = ""
) -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        facts = found.incident(incident)
        coded = recoding.begin(uow, who, case, record, today())
        uow.commit()
    spoken = languages(typed.get("labels", ""))
    sheet = Sheet.of(spoken.of(vault().vocabularies[facts["vocabulary"]]), typed, act)
    return render_template(
        "recoding.html",
        case={"id": found.id, "code": found.file.code},
        record=record,
        incident=facts,
        pseudonym=coded.half.body["pseudonym"],
        testimony=coded.half.body["testimony"],
        interview=coded.half.body["interview"],
        codes=coded.half.digest,
        mine=[one for one in coded.again if one.coder == who.code and incident in one.incidents],
        form=typed,
        sheet=sheet,
        languages=spoken,
        errors=[(sheet.now(field), sentence) for field, sentence in errors],
    )


def _receipt(case: str, receipt: Receipt) -> str:
    return render_template("recoding_receipt.html", case={"id": case}, receipt=receipt)
