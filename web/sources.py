"""The accounts behind an edition's figures: rating sources, disputing links, deciding on what others moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from vault import assessments, cases, sources
from vault.errors import Conflict, Invalid
from vault.interviews import vocabularies
from vault.rules.access import Permission
from vault.rules.assessments import About, Contacts, Decision, Exclusion, Motion, Moved, Pool, contrary
from vault.rules.circumstances import Band
from vault.rules.credibility import Excluded, Information, Rating, Reliability
from vault.rules.dependence import LinkKind, Settlement
from vault.rules.vocabulary import Vocabulary
from vault.sources import Source, Sources
from web import refusals
from web.auth import allow, desk, json_object, today, vault
from web.beside import EXCLUSIONS, LINKS
from web.languages import Languages, languages
from web.sentences import known

bp = Blueprint("sources", __name__)

RELIABILITY = {
    "A": "completely reliable",
    "B": "usually reliable",
    "C": "fairly reliable",
    "D": "not usually reliable",
    "E": "unreliable",
    "F": "cannot be judged",
}
INFORMATION = {
    "2": "probably true",
    "3": "possibly true",
    "4": "doubtful",
    "5": "improbable",
    "6": "cannot be judged",
}
BANDS = {
    "under_20": "fewer than 20 people",
    "20_to_49": "20 to 49 people",
    "50_to_199": "50 to 199 people",
    "200_to_999": "200 to 999 people",
    "1000_or_more": "1,000 people or more",
}
_ELSEWHERE = "an account that does not stand behind these figures"
_CHOOSE = "Choose what is offered, and the accounts by their numbers."


@bp.get("/cases/<case>/editions/<int(max=9999):number>/<incident>/sources")
@allow(Permission.ASSESS)
def show(case: str, number: int, incident: str) -> str:
    return _page(case, number, incident)


@bp.post("/cases/<case>/editions/<int(max=9999):number>/<incident>/sources")
@allow(Permission.ASSESS)
def assess(case: str, number: int, incident: str) -> AnyResponse:
    try:
        _assess((case, number, incident), request.form)
    except Invalid as error:
        return make_response(_page(case, number, incident, error.message), 422)
    except Conflict as conflict:
        refusals.keep(conflict)
        return make_response(_page(case, number, incident, conflict.message), 409)
    kept = languages().kept
    return redirect(url_for("sources.show", case=case, number=number, incident=incident, labels=kept), 303)


@bp.get("/api/cases/<case>/editions/<int(max=9999):number>/<incident>/sources")
@allow(Permission.ASSESS)
def api_show(case: str, number: int, incident: str) -> Response:
    with desk() as (uow, who):
        seen = sources.look(vault(), uow, who, (case, number, incident), today())
        uow.commit()
    return jsonify(seen.to_json())


@bp.post("/api/cases/<case>/editions/<int(max=9999):number>/<incident>/sources")
@allow(Permission.ASSESS)
def api_assess(case: str, number: int, incident: str) -> Response:
    typed = json_object("act")
    _assess((case, number, incident), {name: str(value) for name, value in typed.items()})
    return make_response("", 204)


def _assess(place: tuple[str, int, str], form: Mapping[str, str]) -> None:
    case, number, incident = place
    with desk("testimony") as (uow, who):
        found = cases.show(uow, who, case)
        edition, behind, keys = sources.witnesses(uow, who, found, number, incident)
        moved = assessments.read(uow, found.file, keys).standing.moved
        vocabulary = vocabularies(vault(), found)[incident]
        about = incident, edition.counted_in(incident), vocabulary
        said = _said(form, list(behind), about, moved)
        assessments.assess(uow, who, case, said, today())
        uow.commit()


def _said(
    form: Mapping[str, str], behind: list[str], about: tuple[str, int, Vocabulary], moved: Mapping[str, Moved]
) -> Rating | Motion | Decision:
    """What a form asks for. Raises Invalid."""
    incident = about[0]

    def account(field: str) -> str:
        return dict(enumerate(behind, 1))[int(form[field])]

    reason = form.get("reason", "")
    try:
        match form["act"]:
            case "rating":
                grades = Reliability(form["reliability"]), Information(form["information"])
                return Rating(account("account"), incident, *grades)
            case "exclusion":
                return Motion(Exclusion(account("account"), incident, Excluded(form["excluded"])), reason)
            case "link":
                claim = (incident, form["subject"]) if form.get("subject") else None
                pair = account("one"), account("other")
                holds = form["dependent"] == "yes"
                return Motion(Settlement(LinkKind(form["kind"]), *pair, holds, claim), reason)
            case "pool" | "contacts":
                return Motion(_outside(form, *about), reason)
            case "contrary":
                return contrary(moved[form["motion"]].motion, reason)
            case "decision":
                return Decision(form["motion"], form["upheld"] == "yes", reason)
    except (KeyError, ValueError):
        pass
    raise Invalid(_CHOOSE)


def _outside(form: Mapping[str, str], incident: str, figures: int, vocabulary: Vocabulary) -> Pool | Contacts:
    if form["act"] == "contacts":
        return Contacts(incident, figures, int(form["tally"]), int(form["lately"]))
    return Pool(incident, vocabulary.subject(form["subject"]).code, Band(form["band"]))


def _page(case: str, number: int, incident: str, error: str = "") -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        facts = found.incident(incident)
        seen = sources.look(vault(), uow, who, (case, number, incident), today())
        uow.commit()
    words = languages()
    vocabulary = words.of(vault().vocabularies[facts["vocabulary"]])
    return render_template(
        "sources.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        incident=facts,
        number=number,
        accounts=[_account(source, vocabulary, words) for source in seen.sources],
        links=_links(seen, vocabulary),
        motions=[_motion(moved, seen, who.code, vocabulary) for moved in seen.motions],
        around=_around(seen, vocabulary),
        subjects={one.code: one.label for one in vocabulary.subjects},
        bands=BANDS,
        grades=(RELIABILITY, INFORMATION, EXCLUSIONS),
        kinds={code: words for code, words in LINKS.items() if code != LinkKind.ORIGIN},
        error=error,
    )


def _account(source: Source, vocabulary: Vocabulary, words: Languages) -> dict[str, Any]:
    said = source.said and [
        (words.claim(vocabulary, one.subject, one.value), known(one), grade) for one, grade in source.said
    ]
    return {"rating": source.rating, "grade": source.rating.grade(False), "said": said}


def _links(seen: Sources, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(link.kind),
            "words": LINKS[link.kind],
            "one": seen.labels[link.one],
            "other": seen.labels[link.other],
            "subject": link.about[1] if link.about else "",
            "about": vocabulary.subject(link.about[1]).label if link.about else "",
        }
        for link in seen.links
    ]


def _around(seen: Sources, vocabulary: Vocabulary) -> dict[str, Any]:
    """What two reviewers have said about whom the figures are of: pools in the vocabulary's order, and the tally."""
    found = seen.standing.circumstances(seen.incident, seen.figures)
    pools = [
        (one.label, BANDS[found.pools[one.code]]) for one in vocabulary.subjects if one.code in found.pools
    ]
    return {"pools": pools, "contacts": found.contacts, "lately": found.lately}


def _motion(moved: Moved, seen: Sources, me: str, vocabulary: Vocabulary) -> dict[str, Any]:
    about = moved.motion.about
    stands = seen.standing.upheld.get(moved.motion.target) is moved.motion
    lifts = isinstance(about, Exclusion) and about.why is None
    outside = isinstance(about, Pool | Contacts)
    words = _moves(about, seen.labels, vocabulary)
    may = {"mine": moved.author == me, "may_undo": stands and not lifts and not outside}
    return {"moved": moved, "words": words, "outside": outside, **may}


def _moves(about: About, labels: Mapping[str, int], vocabulary: Vocabulary) -> str:
    if isinstance(about, Pool):
        return f"{BANDS[about.band]} could have perceived “{vocabulary.subject(about.subject).label}”"
    if isinstance(about, Contacts):
        return f"the team met {about.tally:,} people, {about.lately:,} since the edition before"
    if isinstance(about, Exclusion):
        who = _called(about.witness, labels)
        return f"let {who} count again" if about.why is None else f"set {who} aside: {EXCLUSIONS[about.why]}"
    pair = f"{_called(about.one, labels)} and {_called(about.other, labels)}"
    treat = "link" if about.dependent else "unlink"
    return f"{treat} {pair}: {LINKS[about.kind]}"


def _called(witness: str, labels: Mapping[str, int]) -> str:
    return f"account {labels[witness]}" if witness in labels else _ELSEWHERE
