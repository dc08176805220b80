"""Quotes: a reader proposes a witness's own words, another reviewer decides; the ledger of both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, quotes
from vault.cases import Case
from vault.errors import N_, Conflict, Invalid, Refused
from vault.quotes import Listed
from vault.rules.access import Permission
from vault.rules.assessments import Decision, reason
from vault.rules.circumstances import Band
from vault.rules.vocabulary import Vocabulary, value_to_json
from web import refusals
from web.auth import allow, desk, json_object, today, vault
from web.languages import Languages, languages
from web.locales import said

bp = Blueprint("quotes", __name__)

BANDS = {
    Band.UNDER_20: N_("fewer than 20"),
    Band.FROM_20: N_("20 to 49"),
    Band.FROM_50: N_("50 to 199"),
    Band.FROM_200: N_("200 to 999"),
    Band.FROM_1000: N_("1,000 or more"),
}


@bp.get("/cases/<case>/quotes")
@allow(Permission.ASSESS)
def index(case: str) -> str:
    return _index(case)


@bp.post("/cases/<case>/quotes")
@allow(Permission.ASSESS)
def decide(case: str) -> AnyResponse:
    form = request.form
    try:
        _decide(case, form.get("quote", ""), form.get("upheld") == "yes", form.get("reason", ""))
    except (Invalid, Conflict, Refused) as error:
        refusals.keep(error)
        return make_response(_index(case, said(error)), 422 if isinstance(error, Invalid) else 409)
    return redirect(url_for("quotes.index", case=case, labels=languages().kept), 303)


@bp.get("/cases/<case>/testimony/<record>/quote/<incident>")
@allow(Permission.ASSESS)
def form(case: str, record: str, incident: str) -> str:
    return _form((case, record, incident))


@bp.post("/cases/<case>/testimony/<record>/quote/<incident>")
@allow(Permission.ASSESS)
def propose(case: str, record: str, incident: str) -> AnyResponse:
    typed = request.form
    try:
        called = _propose(case, _wish(typed, incident))
    except (Invalid, Refused) as error:
        refusals.keep(error)
        return make_response(
            _form((case, record, incident), said(error), typed), 422 if isinstance(error, Invalid) else 409
        )
    return make_response(_form((case, record, incident), typed=typed, called=called))


@bp.get("/api/cases/<case>/quotes")
@allow(Permission.ASSESS)
def api_index(case: str) -> Response:
    return jsonify([one.to_json() for one in _listing(case)[1]])


@bp.post("/api/cases/<case>/quotes")
@allow(Permission.ASSESS)
def api_act(case: str) -> Response:
    typed = json_object("act")
    if typed.pop("act") == "quote":
        return jsonify({"descriptor": _propose(case, typed)})
    _decide(case, str(typed.get("quote")), typed.get("upheld") is True, str(typed.get("reason", "")))
    return make_response("", 204)


def _propose(case: str, wish: Mapping[str, Any]) -> str:
    with desk() as (uow, who):
        called = quotes.propose(vault(), uow, who, (case, wish), today())
        uow.commit()
    return called


def _decide(case: str, quote: str, upheld: bool, why: str) -> None:
    with desk() as (uow, who):
        quotes.decide(vault(), uow, who, (case, Decision(quote, upheld, reason(why))), today())
        uow.commit()


def _wish(typed: MultiDict[str, str], incident: str) -> dict[str, Any]:
    try:
        claims = [
            dict(zip(("subject", "value"), json.loads(one), strict=True)) for one in typed.getlist("claim")
        ]
    except (TypeError, ValueError):
        raise Invalid("Choose what the words assert from the list.", "claims") from None
    bands = {
        name.removeprefix("band-"): band for name, band in typed.items() if name.startswith("band-") and band
    }
    texts = {name: typed.get(name, "") for name in ("receipt", "words", "descriptor")}
    return {"incident": incident, "claims": claims, "bands": bands, **texts}


def _listing(case: str) -> tuple[tuple[Case, str], tuple[Listed, ...]]:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        listed = quotes.listing(vault(), uow, who, case, today())
        uow.commit()
    return (found, who.code), listed


def _index(case: str, error: str = "") -> str:
    (found, me), listed = _listing(case)
    words = languages()
    rows = [_row(one, found, words) | {"mine": one.proposed.author == me} for one in listed]
    return render_template("quotes.html", case=_case(found), quotes=rows, error=error)


def _row(one: Listed, case: Case, words: Languages) -> dict[str, Any]:
    quote, facts = one.proposed.quote, case.incident(one.proposed.quote.incident)
    vocabulary = words.of(vault().vocabularies[facts["vocabulary"]])
    return {
        "one": one.proposed,
        "incident": facts["title"],
        "claims": [words.claim(vocabulary, *claim) for claim in quote.claims],
        "called": vocabulary.descriptors[quote.descriptor].label,
        "band": said(BANDS[quote.band]),
        "refusals": [said(refusal.cure) for refusal in one.refusals],
    }


def _form(
    place: tuple[str, str, str], error: str = "", typed: Mapping[str, str] | None = None, called: str = ""
) -> str:
    case, record, incident = place
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        one, claims = quotes.quotable(vault(), uow, who, place, today())
        uow.commit()
    facts, words = found.incident(incident), languages()
    vocabulary = words.of(vault().vocabularies[facts["vocabulary"]])
    return render_template(
        "quote.html",
        case=_case(found),
        record=record,
        receipt=one.half.digest,
        incident=facts,
        testimony=one.half.body["testimony"],
        claims=[(_key(claim), words.claim(vocabulary, *claim)) for claim in claims],
        descriptors=vocabulary.descriptors,
        bands={band: said(words) for band, words in BANDS.items()},
        error=error,
        typed=typed or {},
        chosen=request.form.getlist("claim"),
        called=_called(vocabulary, called),
    )


def _called(vocabulary: Vocabulary, code: str) -> str:
    return vocabulary.descriptors[code].label if code else ""


def _key(claim: tuple[str, Any]) -> str:
    return json.dumps([claim[0], value_to_json(claim[1])])


def _case(found: Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
