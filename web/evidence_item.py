"""An item of evidence: shown with its whole custody chain, gone on with, verified, taken out after a warning."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, chains, custody, evidence, keyrings, retention
from vault.cases import Case
from vault.errors import Conflict, Invalid, NotFound, Refused
from vault.rules.access import Permission, allows
from vault.rules.items import Act
from vault.rules.skeletons import in_question
from web import claim_choice, refusals
from web.auth import actor, allow, desk, today, vault
from web.evidence_acts import brought, record
from web.evidence_form import BEARING, TYPED, Errors, Form, errors_of, read_act, refill, rows
from web.evidence_shown import Sheet
from web.evidence_words import ANSWERS, BEARS, CHECKS, EVENTS, FIELDS, GRADES, hex_of, in_words
from web.languages import languages

bp = Blueprint("evidence_item", __name__)

_MORE = "claim"  # the button that adds a row, and writes nothing
_VERIFY = "verify"


@bp.get("/cases/<case>/evidence/<item>")
@allow(Permission.READ_EVIDENCE)
def show(case: str, item: str) -> str:
    return _page((case, item), MultiDict(), [])


@bp.post("/cases/<case>/evidence/<item>")
@allow(Permission.READ_EVIDENCE)
def go_on(case: str, item: str) -> AnyResponse:
    typed: Form = request.form.copy()
    act = typed.get("act", "")
    try:
        if act == _MORE:
            return make_response(_page((case, item), typed, []))
        if act == _VERIFY:
            custody.verify(vault(), actor(), (case, item, typed.get("file", "")), today())
        else:
            _write((case, item), act, typed)
    except (Invalid, Conflict, Refused, NotFound) as error:
        refusals.keep(error)
        page = _page((case, item), typed, errors_of(error, act))
        return make_response(page, 422 if isinstance(error, Invalid) else 409)
    there = {Act.EVENT: "custody", _VERIFY: "custody", Act.FILE: "files"}.get(act, act)
    return redirect(
        url_for("evidence_item.show", case=case, item=item, labels=languages().kept, _anchor=there), 303
    )


@bp.get("/cases/<case>/evidence/<item>/files/<file>/take")
@allow(Permission.READ_EVIDENCE)
def take(case: str, item: str, file: str) -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        shown = evidence.show(vault(), uow, who, (case, item), today())
        uow.commit()
    about = shown.chain.file(file)
    role = next((role for role, one in shown.chain.item.current.items() if one == about), None)
    return render_template(
        "evidence_take.html",
        case=_case(found),
        item=item,
        title=shown.chain.item.arrival.facts.title,
        file=about,
        role=None if role is None else str(role),
    )


def _write(place: tuple[str, str], act: str, typed: Form) -> None:
    if act not in set(Act) - {Act.ARRIVAL}:
        raise Invalid("This form is not one of this page: reload the page.")
    if act == Act.FILE and (upload := brought(*place)) is not None:
        typed["upload"] = upload.id
    record(place, Act(act), read_act(Act(act), typed))


def _page(place: tuple[str, str], typed: Form, errors: Errors) -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, place[0])
        shown = evidence.show(vault(), uow, who, place, today())
        destroyed = retention.of(uow, found.file).destroyed
        decides = keyrings.holds(uow, who, found.file, "corroboration")
        uow.commit()
    facts = shown.chain.item.arrival.facts
    vocabulary = chains.vocabularies(vault(), found)[facts.incident]
    sheet = Sheet(shown, vocabulary, languages(), who.code, today())
    act = typed.get("act", "")
    claims = typed if act in (_MORE, Act.BEARING) else refill(shown.chain.item.bears)
    return render_template(
        "evidence_item.html",
        case=_case(found),
        incident=found.incident(facts.incident),
        sheet=sheet,
        item=sheet.facts(),
        destroyed=destroyed,
        seen=None if destroyed else sheet.seen("open" in request.args),
        typed=typed,
        act=Act.BEARING if act == _MORE else act,
        errors=errors,
        claimed=rows(claims, BEARING, act == _MORE),
        groups=claim_choice.groups([vocabulary], in_question(found.incident(facts.incident))),
        may_weigh=allows(who.role, Permission.WEIGH_EVIDENCE),
        cannot_ask=sheet.facts()["given"] and not decides,
        hex_of=hex_of,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "bears": in_words(BEARS),
        "events": [(what, gettext(EVENTS[what])) for what in TYPED],
        "grades": in_words(GRADES),
        "checks": in_words(CHECKS),
        "fields": {field: words.capitalize() for field, words in in_words(FIELDS).items()},
        "answers": in_words(ANSWERS),
    }


def _case(found: Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
