"""Evidence: the list of a case's items, and the form by which one is handed in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import cases, chains, evidence, register, retention, uploads
from vault.cases import Case
from vault.errors import Conflict, Invalid, NotFound
from vault.pictures import FORMATS
from vault.rules.access import Permission
from vault.rules.custody import What
from vault.rules.evidence import Bears, Kind
from vault.rules.register import Page, Row, Said, Wanted
from vault.rules.skeletons import in_question
from vault.rules.vocabulary import Vocabulary
from web import claim_choice, refusals
from web.auth import actor, allow, desk, today, vault
from web.evidence_acts import brought
from web.evidence_form import BEARING, EVENT, TYPED, Errors, Form, errors_of, read_item, rows
from web.evidence_words import BEARS, EVENTS, GRADES, HOWS, KINDS, SAYS, hex_of, in_words
from web.languages import languages
from web.locales import said

bp = Blueprint("evidence", __name__)

_MORE = ("claim", "what")  # the buttons that add a row, and hand nothing in


@bp.get("/cases/<case>/evidence")
@allow(Permission.ADD_EVIDENCE)
def index(case: str) -> str:
    wanted = Wanted.parse({name: text for name, text in request.args.items() if name != "labels"})
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        destroyed = retention.of(uow, found.file).destroyed
        if not chains.may_read(uow, who, found.file):
            return render_template("evidence_only_in.html", case=_case(found), destroyed=destroyed)
        page = register.listing(vault(), uow, who, (case, wanted), today())
        uow.commit()
    known = chains.vocabularies(vault(), found)
    titles = {one["incident"]: one["title"] for one in found.incidents}
    return render_template(
        "evidence.html",
        case=_case(found),
        destroyed=destroyed,
        wanted=wanted,
        page=page,
        rows=[_row(row, titles, known) for row in page.rows],
        incidents=titles,
        kinds=in_words({kind: words[1] for kind, words in KINDS.items()}),
        claims=_claims(page, known),
    )


@bp.get("/cases/<case>/evidence/new")
@allow(Permission.ADD_EVIDENCE)
def form(case: str) -> str:
    return _form(case, MultiDict({"incident": request.args.get("incident", "")}), [])


@bp.post("/cases/<case>/evidence/new")
@allow(Permission.ADD_EVIDENCE)
def form_post(case: str) -> AnyResponse:
    typed: Form = request.form.copy()
    try:
        if (upload := brought(case, typed.get("item") or None)) is not None:
            typed["upload"], typed["item"] = upload.id, upload.facts.item
        if typed.get("act") in _MORE:
            return make_response(_form(case, typed, []))
        facts = _facts(typed.get("upload", ""))
        item = evidence.add(vault(), actor(), (case, read_item(typed)), today())
    except (Invalid, Conflict, NotFound) as error:
        refusals.keep(error)
        page = _form(case, typed, errors_of(error))
        return make_response(page, 422 if isinstance(error, Invalid) else 409)
    with vault().store.read() as uow:
        found = cases.show(uow, actor(), case)
        reads = chains.may_read(uow, actor(), found.file)
    about = {"title": typed["title"], "incident": typed["incident"], "facts": facts, "hex_of": hex_of}
    return make_response(
        render_template("evidence_receipt.html", case=_case(found), item=item, reads=reads, **about)
    )


def _facts(upload: str) -> dict[str, Any] | None:
    """What was said of a file when it was sent; None of a thing, and of what is the case's already."""
    try:
        return uploads.find(vault(), actor(), upload).to_json() if upload else None
    except NotFound:
        return None


def _form(case: str, typed: Form, errors: Errors) -> str:
    with vault().store.read() as uow:
        found = retention.show_kept(uow, actor(), case)
    act = typed.get("act", "")
    return render_template(
        "evidence_new.html",
        case=_case(found),
        form=typed,
        errors=errors,
        new=typed.get("new") or secrets.token_urlsafe(16),
        incidents=[(one["incident"], one["title"]) for one in found.incidents],
        kinds=in_words({kind: words[0] for kind, words in KINDS.items()}),
        hows=in_words(HOWS),
        bears=in_words(BEARS),
        events=[(what, gettext(EVENTS[what])) for what in TYPED],
        claimed=rows(typed, BEARING, act == "claim"),
        happened=rows(typed, EVENT, act == "what"),
        groups=claim_choice.groups(
            chains.vocabularies(vault(), found).values(), in_question(*found.incidents)
        ),
        act=act,
    )


def _row(row: Row, titles: dict[str, str], known: dict[str, Vocabulary]) -> dict[str, Any]:
    here = [known[row.incident]] if row.incident in known else []
    return {
        "row": row,
        "fault": said(row.fault),
        "kind": gettext(KINDS[Kind(row.kind)][0]) if row.kind else "",
        "incident": titles.get(row.incident),
        "says": [{"how": SAYS[Bears(one.how)], "claim": _claim(here, one)} for one in row.says],
        "grades": [words for grade, words in in_words(GRADES).items() if grade in row.grades],
        "last": gettext(EVENTS[What(row.last)]) if row.last else gettext("Handed in"),
        "pictured": row.working is not None and row.media in FORMATS,
    }


def _claims(page: Page, known: dict[str, Vocabulary]) -> list[tuple[str, str]]:
    """The claims that the list can be searched by, in words."""
    found = [(claim, _claim(known.values(), one)) for claim, one in page.claims]
    return sorted(found, key=lambda one: one[1])


def _claim(known: Iterable[Vocabulary], about: Said) -> str:
    """A claim in words; by its code where a vocabulary knows it no more: the list may be older."""
    words = languages()
    for vocabulary in known:
        with suppress(Invalid):
            value = vocabulary.check_value(about.subject, about.value)
            return words.claim(words.of(vocabulary), about.subject, value)
    return about.claim


def _case(found: Case) -> dict[str, str]:
    return {"id": found.id, "code": found.file.code, "title": found.title}
