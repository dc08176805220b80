"""The desk: what to do next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from vault import access, cases, drafts, enrolment, handing, proposals
from vault.rules.access import Permission, Role, allows
from web.auth import actor, allow, vault
from web.summaries import summary
from web.waiting import releases

bp = Blueprint("desk", __name__)


@bp.get("/")
@allow(Permission.SIGN_OUT)
def home() -> str:
    who = actor()
    with vault().store.read() as uow:
        if who.role is Role.PENDING:
            words, revoked = (
                enrolment.own_fingerprint(uow, who.code),
                handing.revoked_everywhere(uow, who.code),
            )
            return render_template("pending.html", card_fingerprint=words, revoked=revoked)
        seen = cases.listing(uow, who) if allows(who.role, Permission.SEE_CASES) else []
        waiting = drafts.listing(uow, who) if allows(who.role, Permission.LOG_INTERVIEW) else []
        locked = access.without_brief(uow, who) if allows(who.role, Permission.SEE_CASES) else []
        proposed = proposals.waiting(uow, who.role) if allows(who.role, Permission.SEE_PROPOSALS) else []
        return render_template(
            "desk.html",
            cases=[{**summary(who, case), "waits": releases(case)} for case in seen],
            locked=[{"id": file.id, "code": file.code} for file in locked],
            drafts=[_draft(draft, seen) for draft in waiting],
            proposals=[_proposal(proposal) for proposal in proposed],
        )


@bp.get("/about")
@allow(None)
def about() -> str:
    return render_template("about.html")


def _draft(draft: drafts.Draft, seen: list[cases.Case]) -> dict[str, str]:
    code, title = "", "Interview"  # of a case that the member has left
    for case in seen:
        if case.id == draft.case:
            code, title = case.file.code, case.incident(draft.incident)["title"]
    return {"id": draft.id, "case": code, "title": title, "day": draft.day}


def _proposal(proposal: proposals.Proposal) -> dict[str, Any]:
    what = {
        "roster": "A new roster",
        "invitations": "Invitations",
        "case": "A case",
        "recut": "New figures of an incident",
    }[proposal.kind]
    code = proposal.document.get("code", "")
    given = {"signed": len(proposal.signed_by), "by": proposal.signed_by, "threshold": proposal.threshold}
    return {"code": code, "what": what, "words": proposal.words, **given}
