"""Editions: cutting one, reading the corroboration table."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from vault import assessments, cases, corroboration, editions, retention
from vault.errors import Refused
from vault.rules.access import Permission
from vault.rules.vocabulary import Vocabulary
from vault.works import State
from web import beside, cutting, refusals
from web.auth import actor, allow, desk, now, today, vault
from web.languages import languages
from web.locales import said
from web.sentences import COLUMNS, picture, sentence

bp = Blueprint("editions", __name__)


@bp.get("/cases/<case>/editions")
@allow(Permission.READ_EDITION)
def index(case: str) -> str:
    with desk("testimony") as (uow, who):
        found = cases.show(uow, who, case)
        shelf = editions.browse(vault(), uow, who, case, today())
        may_cut = editions.may_cut(uow, who, found.file)
        destroyed = retention.of(uow, found.file).destroyed
        uow.commit()
    titles = {incident["incident"]: incident["title"] for incident in found.incidents}
    documents = [edition.document for edition in shelf.editions]
    facts = {"case": _case(found), "editions": documents, "titles": titles, "next_edition": shelf.next_day}
    return render_template("editions.html", **facts, may_cut=may_cut, destroyed=destroyed)


@bp.get("/cases/<case>/editions/cut")
@allow(Permission.CUT_EDITION)
def cut(case: str) -> str:
    return _confirm(case, None)


@bp.post("/cases/<case>/editions/cut")
@allow(Permission.CUT_EDITION)
def cut_post(case: str) -> AnyResponse:
    """Cut a small case at once; a large one while the reviewer looks on."""
    try:
        if (work := cutting.begun(case)) is not None:
            return redirect(url_for("editions.look", case=case, work=work.name), 303)
        _cut(case)
    except Refused as refusal:  # somebody else has just cut, or the day has not come
        refusals.keep(refusal)
        return make_response(_confirm(case, said(refusal)), 409)
    return redirect(url_for("editions.index", case=case), 303)


@bp.get("/cases/<case>/editions/cut/<work>")
@allow(Permission.CUT_EDITION)
def look(case: str, work: str) -> AnyResponse:
    """How far a cut is; where it has ended, what came of it."""
    one = cutting.find(case, work)
    unheard = one.is_unheard(now())
    if one.refusal is not None:
        return make_response(_confirm(case, said(one.refusal)), 409)
    if one.state is State.DONE or (unheard and cutting.is_cut(one)):
        return redirect(url_for("editions.index", case=case), 303)
    with vault().store.read() as uow:
        found = cases.show(uow, actor(), case)
    response = make_response(render_template("cutting.html", case=_case(found), it=one, unheard=unheard))
    if not unheard:
        response.headers["Refresh"] = str(cutting.pause(one))
    return response


@bp.get("/cases/<case>/editions/<int(max=9999):number>/<incident>")
@allow(Permission.READ_EDITION)
def table(case: str, number: int, incident: str) -> str:
    with desk("testimony") as (uow, who):
        found = cases.show(uow, who, case)
        facts = found.incident(incident)
        known = editions.read_up_to(uow, who, case, number, today())
        assesses = assessments.may_assess(uow, who, found.file)
        uow.commit()
    entry = known[-1].incident(incident)
    vocabulary = languages().of(vault().vocabularies[facts["vocabulary"]])
    return render_template(
        "table.html",
        case=_case(found),
        incident=facts,
        edition=known[-1].document,
        **{key: entry[key] for key in ("status", "month", "figures", "same_person")},
        **_beside(entry, vocabulary),
        **_compared(editions.compare(known, incident), vocabulary),
        assesses=assesses,
        columns=COLUMNS,
        set_aside=known[-1].document["set_aside"],
    )


@bp.post("/api/cases/<case>/editions")
@allow(Permission.CUT_EDITION)
def api_cut(case: str) -> Response:
    return jsonify(edition=_cut(case))


@bp.get("/api/cases/<case>/editions")
@allow(Permission.READ_EDITION)
def api_index(case: str) -> Response:
    with vault().store.read() as uow:
        shelf = editions.shelf(vault(), uow, actor(), case, today())
    following = None if shelf.next_day is None else shelf.next_day.isoformat()
    return jsonify(editions=[_entry(one) for one in shelf.editions], next_edition=following)


@bp.get("/api/cases/<case>/editions/<int(max=9999):number>/<incident>")
@allow(Permission.READ_EDITION)
def api_table(case: str, number: int, incident: str) -> Response:
    with desk("testimony") as (uow, who):
        edition = editions.read(uow, who, case, number, today())
        uow.commit()
    return jsonify(edition.table(incident))


def _beside(entry: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """The rows, each with what stands beside it; what has no row; who was set aside."""
    details = {_claim(one): one for one in entry.get("details", ())}
    rows = []
    for claim in entry["claims"] or ():
        detail = details.pop(_claim(claim), {})
        rows.append({**row_of(claim, vocabulary), "beside": beside.beside(detail)})
    rowless = [(_label(one, vocabulary), beside.beside(one)) for one in details.values()]
    return {"rows": rows, "rowless": rowless, "excluded": beside.exclusions(entry.get("excluded", {}))}


def _compared(compared: editions.Comparison | None, vocabulary: Vocabulary) -> dict[str, Any]:
    """What changed since the edition before, in words."""
    if compared is None:
        return {"since": None, "moves": []}
    moves = [
        (_label({"subject": subject, "value": value}, vocabulary), direction)
        for subject, value, direction in beside.moves(compared)
    ]
    return {"since": beside.since_then(compared), "moves": moves}


def _claim(one: dict[str, Any]) -> tuple[str, str]:
    return one["subject"], json.dumps(one["value"], sort_keys=True)


def _label(claim: dict[str, Any], vocabulary: Vocabulary) -> str:
    value = vocabulary.check_value(claim["subject"], claim["value"])
    return languages().claim(vocabulary, claim["subject"], value)


def _entry(edition: editions.Edition) -> dict[str, Any]:
    return {"edition": edition.number, "day": edition.day.isoformat()}


def row_of(claim: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """A row as the table shows it: with labels, its depth under its parents and a sentence."""
    subject = vocabulary.subject(claim["subject"])
    value = vocabulary.check_value(subject.code, claim["value"])
    label = "" if value == "yes" else languages().value(vocabulary, subject.code, value)
    figures = {key: claim[key] for key in claim if key not in ("subject", "value", "direct")}
    return {
        **figures,
        "direct_min": claim["direct"]["min"],
        "direct_max": claim["direct"]["max"],
        "subject_label": subject.label,
        "value_label": label,
        "depth": len(vocabulary.ancestors(subject.code)),
        "sentence": sentence(claim),
        "picture": picture(claim),
    }


def _cut(case: str) -> int:
    with desk() as (uow, who):
        number = corroboration.cut(vault(), uow, who, case, today())
        uow.commit()
    return number


def _confirm(case: str, error: str | None) -> str:
    with vault().store.read() as uow:
        found = retention.show_kept(uow, actor(), case)
        shelf = editions.shelf(vault(), uow, actor(), case, today())
        if not editions.may_cut(uow, actor(), found.file):
            raise Refused(
                "To cut editions you need this case's corroboration key; the case's page says who has it."
            )
    waits, following = shelf.next_day, today() + timedelta(days=vault().cut_every_days)
    number = len(shelf.editions) + 1
    facts = {"case": _case(found), "number": number, "waits_until": waits, "next_day": following}
    return render_template("cut.html", **facts, error=error)


def _case(found: cases.Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
