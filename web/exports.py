"""What leaves a case: a testimony on paper, a table as data, and the ledger of both."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import gettext

from vault import cases, exports
from vault.exports import Export
from vault.rules.access import Permission
from vault.rules.dictionary import TITLES
from vault.rules.exports import Figures, Sheet, Words
from web.auth import allow, desk, today
from web.consent_words import FORMS, RECIPIENTS, USES
from web.evidence_words import in_words

bp = Blueprint("exports", __name__)


@bp.get("/cases/<case>/exports")
@allow(Permission.SEE_CASES)
def index(case: str) -> str:
    with desk("testimony", "shreds") as (uow, who):
        found = cases.show(uow, who, case)
        left = exports.listing(uow, who, case, today())
        uow.commit()
    titles = {incident["incident"]: incident["title"] for incident in found.incidents}
    about = {"id": found.id, "code": found.file.code, "title": found.title}
    return render_template("exports.html", case=about, left=[_row(one, titles) for one in left])


@bp.post("/cases/<case>/testimony/<record>/out")
@allow(Permission.READ_TESTIMONY)
def hand_over(case: str, record: str) -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        terms = {name: request.form.get(name) for name in ("recipient", "use", "identity")}
        one, agreed = exports.hand_over(uow, who, (case, record), terms, today())
        uow.commit()
    body = one.half.body
    return render_template(
        "testimony_out.html",
        case={"id": found.id},
        record=record,
        pseudonym=body["pseudonym"] if agreed.identity == "coded" else "",
        testimony=body["testimony"],
        recipient=gettext(RECIPIENTS[agreed.recipient]),
        use=gettext(USES[agreed.use]),
        restrictions=body["consent"].get("asking", {}).get("restrictions", ""),
    )


@bp.get("/api/cases/<case>/exports")
@allow(Permission.SEE_CASES)
def api_index(case: str) -> Response:
    with desk("testimony", "shreds") as (uow, who):
        left = exports.listing(uow, who, case, today())
        uow.commit()
    return jsonify(exports=[one.to_json() for one in left])


@bp.post("/api/cases/<case>/editions/<int(max=9999):number>/<incident>/export")
@allow(Permission.READ_EDITION)
def api_take_table(case: str, number: int, incident: str) -> Response:
    with desk("testimony") as (uow, who):
        edition = exports.take_table(uow, who, case, (number, incident), today())
        uow.commit()
    return jsonify(edition.table(incident))


def _row(one: Export, titles: dict[str, str]) -> dict[str, Any]:
    what = one.what
    if isinstance(what, Words):
        terms = what.terms
        about = {"use": USES[terms.use], "to": RECIPIENTS[terms.recipient], "identity": FORMS[terms.identity]}
        about = in_words(about)
        named = {"testimony": what.testimony, "withdrawn": one.withdrawn}
        return {"day": one.day, "author": one.author, **named, **about}
    if isinstance(what, Figures):
        cut = {"edition": what.edition, "title": titles.get(what.incident)}
        return {"day": one.day, "author": one.author, **cut}
    if isinstance(what, Sheet):
        return {"day": one.day, "author": one.author, "sheet": what.sheet}
    return {"day": one.day, "author": one.author, "table": gettext(TITLES[what.table])}
