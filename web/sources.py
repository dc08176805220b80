"""The accounts behind an edition's figures: rating sources, disputing links, deciding on what others moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import format_decimal, gettext
from werkzeug.wrappers import Response as AnyResponse

from vault import assessments, cases, sources
from vault.errors import N_, Conflict, Invalid
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
from web.locales import said
from web.sentences import known

bp = Blueprint("sources", __name__)

RELIABILITY = {
    "A": N_("completely reliable"),
    "B": N_("usually reliable"),
    "C": N_("fairly reliable"),
    "D": N_("not usually reliable"),
    "E": N_("unreliable"),
    "F": N_("cannot be judged"),
}
INFORMATION = {
    "2": N_("probably true"),
    "3": N_("possibly true"),
    "4": N_("doubtful"),
    "5": N_("improbable"),
    "6": N_("cannot be judged"),
}
BANDS = {
    "under_20": N_("fewer than 20 people"),
    "20_to_49": N_("20 to 49 people"),
    "50_to_199": N_("50 to 199 people"),
    "200_to_999": N_("200 to 999 people"),
    "1000_or_more": N_("1,000 people or more"),
}
_ELSEWHERE = N_("an account that does not stand behind these figures")
_COUNT_AGAIN = N_("Let count again: %(account)s.")
_SET_ASIDE = N_("Set aside: %(account)s, because: %(why)s.")
_LINK = N_("Link %(one)s and %(other)s: %(link)s.")
_UNLINK = N_("Unlink %(one)s and %(other)s: %(link)s.")
_CHOOSE = N_("Choose what is offered, and the accounts by their numbers.")


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
        return make_response(_page(case, number, incident, said(error)), 422)
    except Conflict as conflict:
        refusals.keep(conflict)
        return make_response(_page(case, number, incident, said(conflict)), 409)
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
        asked = _asked(form, list(behind), about, moved)
        assessments.assess(uow, who, case, asked, today())
        uow.commit()


def _asked(
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
        bands=_words(BANDS),
        grades=tuple(map(_words, (RELIABILITY, INFORMATION, EXCLUSIONS))),
        kinds=_words({code: words for code, words in LINKS.items() if code != LinkKind.ORIGIN}),
        error=error,
    )


def _account(source: Source, vocabulary: Vocabulary, words: Languages) -> dict[str, Any]:
    observed = source.said and [
        (words.claim(vocabulary, one.subject, one.value), known(one), grade) for one, grade in source.said
    ]
    return {"rating": source.rating, "grade": source.rating.grade(False), "said": observed}


def _links(seen: Sources, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(link.kind),
            "words": said(LINKS[link.kind]),
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
        (one.label, said(BANDS[found.pools[one.code]]))
        for one in vocabulary.subjects
        if one.code in found.pools
    ]
    met = [None if many is None else format_decimal(many) for many in (found.contacts, found.lately)]
    return {"pools": pools, "contacts": met[0], "lately": met[1]}


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
        words, parts = (
            N_("%(band)s could have perceived: %(claim)s."),
            {
                "band": said(BANDS[about.band]),
                "claim": vocabulary.subject(about.subject).label,
            },
        )
    elif isinstance(about, Contacts):
        words, parts = (
            N_("The team met %(people)s people, %(lately)s since the edition before."),
            {
                "people": format_decimal(about.tally),
                "lately": format_decimal(about.lately),
            },
        )
    elif isinstance(about, Exclusion):
        words, parts = (
            _SET_ASIDE if about.why else _COUNT_AGAIN,
            {
                "account": _called(about.witness, labels),
                "why": said(EXCLUSIONS[about.why]) if about.why else "",
            },
        )
    else:
        words, parts = (
            _LINK if about.dependent else _UNLINK,
            {
                "one": _called(about.one, labels),
                "other": _called(about.other, labels),
                "link": said(LINKS[about.kind]),
            },
        )
    moved = str(gettext(words, **parts))
    return moved[0].upper() + moved[1:]


def _called(witness: str, labels: Mapping[str, int]) -> str:
    if witness in labels:
        return str(gettext("account %(number)s", number=labels[witness]))
    return said(_ELSEWHERE)


def _words(options: Mapping[str, str]) -> dict[str, str]:
    return {code: said(words) for code, words in options.items()}
