"""The desk: what to do next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from vault import cases, drafts, enrolment, proposals
from vault.rules.access import Permission, Role, allows
from web.auth import actor, allow, vault
from web.summaries import summary

bp = Blueprint("desk", __name__)


@bp.get("/")
@allow(Permission.SIGN_OUT)
def home() -> str:
    who = actor()
    with vault().store.read() as uow:
        if who.role is Role.PENDING:
            return render_template("pending.html", card_fingerprint=enrolment.own_fingerprint(uow, who.code))
        seen = cases.listing(uow, who) if allows(who.role, Permission.SEE_CASES) else []
        titles = {case.id: case.title for case in seen}
        waiting = drafts.listing(uow, who) if allows(who.role, Permission.LOG_INTERVIEW) else []
        proposed = proposals.waiting(uow, who.role) if allows(who.role, Permission.SEE_PROPOSALS) else []
        return render_template(
            "desk.html",
            cases=[summary(who, case) for case in seen],
            drafts=[{"id": d.id, "case": titles.get(d.case, ""), "day": d.day} for d in waiting],
            proposals=[_proposal(proposal) for proposal in proposed],
        )


@bp.get("/about")
@allow(None)
def about() -> str:
    return render_template("about.html")


def _proposal(proposal: proposals.Proposal) -> dict[str, Any]:
    what = {"roster": "A new roster", "invitations": "Invitations", "case": "A case"}[proposal.kind]
    code = proposal.document.get("code", "")
    return {"code": code, "what": what, "signed": len(proposal.signed_by), "threshold": proposal.threshold}
