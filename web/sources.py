"""The accounts behind an edition's figures: rating sources, disputing links, deciding on what others moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from vault import assessments, cases, sources
from vault.errors import Conflict, Invalid
from vault.rules.access import Permission
from vault.rules.assessments import Decision, Exclusion, Motion, Moved, Standing, contrary
from vault.rules.credibility import Excluded, Information, Rating, Reliability
from vault.rules.dependence import LinkKind, Settlement
from vault.rules.observations import Observation
from vault.rules.vocabulary import Modality, Vocabulary
from vault.sources import Source, Sources
from web import refusals
from web.auth import allow, desk, today, vault
from web.beside import EXCLUSIONS, LINKS

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
        with desk("testimony") as (uow, who):
            found = cases.show(uow, who, case)
            _, behind, keys = sources.witnesses(uow, who, found, number, incident)
            moved = assessments.read(uow, found.file, keys).standing.moved
            said = _said(request.form, list(behind), incident, moved)
            assessments.assess(uow, who, case, said, today())
            uow.commit()
    except Invalid as error:
        return make_response(_page(case, number, incident, error.message), 422)
    except Conflict as conflict:
        refusals.keep(conflict)
        return make_response(_page(case, number, incident, conflict.message), 409)
    return redirect(url_for("sources.show", case=case, number=number, incident=incident), 303)


def _said(
    form: MultiDict[str, str], behind: list[str], incident: str, moved: Mapping[str, Moved]
) -> Rating | Motion | Decision:
    """What a form asks for. Raises Invalid."""

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
                about = (incident, form["subject"]) if form.get("subject") else None
                pair = account("one"), account("other")
                holds = form["dependent"] == "yes"
                return Motion(Settlement(LinkKind(form["kind"]), *pair, holds, about), reason)
            case "contrary":
                return contrary(moved[form["motion"]].motion, reason)
            case "decision":
                return Decision(form["motion"], form["upheld"] == "yes", reason)
    except (KeyError, ValueError):
        pass
    raise Invalid(_CHOOSE)


def _page(case: str, number: int, incident: str, error: str = "") -> str:
    with desk() as (uow, who):
        found = cases.show(uow, who, case)
        facts = found.incident(incident)
        seen = sources.look(vault(), uow, who, (case, number, incident), today())
        uow.commit()
    vocabulary = vault().vocabularies[facts["vocabulary"]]
    labels = {source.witness: place for place, source in enumerate(seen.sources, 1)}
    return render_template(
        "sources.html",
        case={"id": found.id, "code": found.file.code, "title": found.title},
        incident=facts,
        number=number,
        accounts=[_account(source, vocabulary) for source in seen.sources],
        links=_links(seen, labels, vocabulary),
        motions=_motions(seen.standing, incident, labels, who.code),
        grades=(RELIABILITY, INFORMATION, EXCLUSIONS),
        kinds={code: words for code, words in LINKS.items() if code != LinkKind.ORIGIN},
        error=error,
    )


def _account(source: Source, vocabulary: Vocabulary) -> dict[str, Any]:
    said = None if source.said is None else [(_words(one, vocabulary), grade) for one, grade in source.said]
    return {"rating": source.rating, "grade": source.rating.grade(False), "said": said}


def _words(said: Observation, vocabulary: Vocabulary) -> str:
    value = "" if said.value == "yes" else f": {vocabulary.value_label(said.subject, said.value)}"
    how = ", ".join(sorted(str(one).replace("_", " ") for one in said.perception))
    modality = "" if said.modality is Modality.AFFIRMED else f"; {str(said.modality).replace('_', ' ')}"
    return f"{vocabulary.subject(said.subject).label}{value} ({how}{modality})"


def _links(seen: Sources, labels: dict[str, int], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    return [
        {
            "kind": str(link.kind),
            "words": LINKS[link.kind],
            "one": labels[link.one],
            "other": labels[link.other],
            "subject": link.about[1] if link.about else "",
            "about": vocabulary.subject(link.about[1]).label if link.about else "",
        }
        for link in seen.links
    ]


def _motions(standing: Standing, incident: str, labels: dict[str, int], me: str) -> list[dict[str, Any]]:
    """What was moved on this incident or on its accounts, newest first."""
    found = []
    for moved in reversed(standing.moved.values()):
        words = _moved(moved, incident, labels)
        if words is not None:
            stands = standing.upheld.get(moved.motion.target) is moved.motion
            lifts = isinstance(moved.motion.about, Exclusion) and moved.motion.about.why is None
            row = {"moved": moved, "words": words, "mine": moved.author == me}
            found.append({**row, "may_undo": stands and not lifts})
    return found


def _moved(moved: Moved, incident: str, labels: dict[str, int]) -> str | None:
    about = moved.motion.about
    if isinstance(about, Exclusion):
        if about.incident != incident:
            return None
        who = _called(about.witness, labels)
        return f"{who} counts again" if about.why is None else f"{who} is set aside: {EXCLUSIONS[about.why]}"
    elsewhere = about.about is not None and about.about[0] != incident
    if elsewhere or not {about.one, about.other} & labels.keys():
        return None
    holds = "holds" if about.dependent else "does not hold"
    return f"{_called(about.one, labels)} and {_called(about.other, labels)}, {LINKS[about.kind]}: the link {holds}"


def _called(witness: str, labels: dict[str, int]) -> str:
    return f"account {labels[witness]}" if witness in labels else _ELSEWHERE
